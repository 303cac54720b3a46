"""The rows of bots' versions."""

from sqlalchemy import and_, bindparam, select, text

from adapters._psycopg import Row
from adapters.postgres.schema import bot_versions, bots
from domain.bots import BotVersion
from domain.configuration import Configuration

SELECT_VERSIONS = (
    select(bot_versions)
    .join(
        bots, and_(bots.c.tenant_id == bot_versions.c.tenant_id, bots.c.id == bot_versions.c.bot_id)
    )
    .where(
        bots.c.deleted_at.is_(None),
        bot_versions.c.tenant_id == bindparam("tenant_id"),
        bot_versions.c.bot_id == bindparam("bot_id"),
    )
)
NOTE_PUBLICATION = text(
    "UPDATE bot_versions SET published_at = :moment "
    "WHERE tenant_id = :tenant_id AND bot_id = :id AND number = :number"
)


def to_version(row: Row) -> BotVersion:
    """Make the value from its row."""
    return BotVersion(
        bot_id=row.bot_id,
        number=row.number,
        configuration=Configuration.stored(row.configuration),
        created_at=row.created_at,
        created_by=row.created_by,
        note=row.note,
        published_at=row.published_at,
    )
