"""Bots, versions and index generations in PostgreSQL."""

from datetime import datetime

from sqlalchemy import Executable, and_, bindparam, func, insert, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from adapters._psycopg import Connection, Row
from adapters.postgres.bot_versions import NOTE_PUBLICATION, SELECT_VERSIONS, to_version
from adapters.postgres.keyword_postings import ERASE_BOT
from adapters.postgres.schema import bot_versions, bots, index_generations
from application.ports.bots import BotRepository, GenerationRepository
from domain.bots import Bot, BotVersion, GenerationState, IndexGeneration
from domain.configuration import Configuration
from domain.errors import Conflict, NotFound
from domain.plans import Footprint

SELECT_BOT = select(bots).where(
    bots.c.tenant_id == bindparam("tenant_id"),
    bots.c.id == bindparam("id"),
    bots.c.deleted_at.is_(None),
)
_LOCK = SELECT_BOT.with_for_update()
_HOLD = SELECT_BOT.with_for_update(read=True)
SELECT_LIVE_GENERATION = (
    select(index_generations)
    .join(
        bots,
        and_(
            bots.c.tenant_id == index_generations.c.tenant_id,
            bots.c.id == index_generations.c.bot_id,
            bots.c.deleted_at.is_(None),
        ),
    )
    .where(
        index_generations.c.tenant_id == bindparam("tenant_id"),
        index_generations.c.bot_id == bindparam("bot_id"),
        index_generations.c.state == GenerationState.LIVE.value,
    )
)
_TOMBSTONES = [
    text(
        f"UPDATE {table} SET deleted_at = now() "  # noqa: S608  # the names stand here, nothing is given
        f"WHERE tenant_id = :tenant_id AND {key} = :id AND deleted_at IS NULL"
    )
    for table, key in (("bots", "id"), ("documents", "bot_id"), ("conversations", "bot_id"))
]
# Measured after they are locked, in a statement of its own: that sees what was committed meanwhile.
_LOCK_DOCUMENTS = text("""
SELECT count(*) FROM (
  SELECT FROM documents
  WHERE tenant_id = :tenant_id AND bot_id = :id AND deleted_at IS NULL FOR UPDATE
) standing
""")
_STORED_BYTES = text("""
SELECT coalesce(cast(sum(size) AS bigint), 0) FROM (
  SELECT DISTINCT r.document_id, r.blob_key, r.size FROM documents d
  JOIN document_revisions r ON r.tenant_id = d.tenant_id AND r.document_id = d.id
    AND r.revision >= d.revision
  WHERE d.tenant_id = :tenant_id AND d.bot_id = :id AND d.deleted_at IS NULL
) stored
""")
_FORGET_EVENTS = text("""
DELETE FROM events WHERE tenant_id = :tenant_id AND stream_id IN (
  SELECT m.id FROM messages m JOIN conversations c
    ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
  WHERE c.tenant_id = :tenant_id AND c.bot_id = :id)
""")
_ERASE_CONVERSATIONS = text("""
WITH doomed AS (
  SELECT c.id FROM conversations c
  JOIN bots b ON b.tenant_id = c.tenant_id AND b.id = c.bot_id AND b.deleted_at IS NOT NULL
  WHERE c.tenant_id = :tenant_id AND c.bot_id = :id AND c.deleted_at IS NOT NULL LIMIT :most
), forgotten AS (
  DELETE FROM events WHERE tenant_id = :tenant_id AND stream_id IN (
    SELECT m.id FROM messages m JOIN doomed ON m.conversation_id = doomed.id
    WHERE m.tenant_id = :tenant_id)
)
DELETE FROM conversations WHERE tenant_id = :tenant_id AND id IN (SELECT id FROM doomed)
""")
_IS_TOMBSTONED = text(
    "SELECT true FROM bots WHERE tenant_id = :tenant_id AND id = :id AND deleted_at IS NOT NULL"
)
_ERASE_ROW = text("DELETE FROM bots WHERE tenant_id = :tenant_id AND id = :id")
_ERASE = (_FORGET_EVENTS, *ERASE_BOT)


def to_bot(row: Row) -> Bot:
    """Make the entity from its row."""
    return Bot(
        id=row.id,
        tenant_id=row.tenant_id,
        name=row.name,
        description=row.description,
        configuration=Configuration.stored(row.configuration),
        public_id=row.public_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        published_version=row.published_version,
        version=row.version,
    )


def to_generation(row: Row) -> IndexGeneration:
    """Make the value from its row."""
    return IndexGeneration(
        id=row.id,
        bot_id=row.bot_id,
        state=GenerationState(row.state),
        space=row.space,
        dimensions=row.dimensions,
        chunker=row.chunker,
        store=row.store,
        created_at=row.created_at,
    )


class PostgresBotRepository(BotRepository):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, bot: Bot) -> None:
        await self._connection.execute(
            insert(bots),
            {
                "tenant_id": self._tenant_id,
                "id": bot.id,
                "name": bot.name,
                "description": bot.description,
                "configuration": bot.configuration.as_dict(),
                "public_id": bot.public_id,
                "published_version": bot.published_version,
                "version": bot.version,
                "created_at": bot.created_at,
                "updated_at": bot.updated_at,
            },
        )

    async def get(self, bot_id: str, *, lock: bool = False) -> Bot:
        return await self._get(_LOCK if lock else SELECT_BOT, bot_id)

    async def hold(self, bot_id: str) -> Bot:
        return await self._get(_HOLD, bot_id)

    async def _get(self, statement: Executable, bot_id: str) -> Bot:
        values = {"tenant_id": self._tenant_id, "id": bot_id}
        row = (await self._connection.execute(statement, values)).one_or_none()
        if row is None:
            raise NotFound("There is no such bot.")
        return to_bot(row)

    async def save(self, bot: Bot) -> None:
        bot.version += 1
        await self._connection.execute(
            update(bots)
            .where(bots.c.tenant_id == self._tenant_id, bots.c.id == bot.id)
            .values(
                name=bot.name,
                description=bot.description,
                configuration=bot.configuration.as_dict(),
                published_version=bot.published_version,
                version=bot.version,
                updated_at=bot.updated_at,
            )
        )

    async def delete(self, bot_id: str) -> Footprint:
        values = {"tenant_id": self._tenant_id, "id": bot_id}
        documents = await self._connection.scalar(_LOCK_DOCUMENTS, values)
        gone = Footprint(documents, await self._connection.scalar(_STORED_BYTES, values))
        for statement in _TOMBSTONES:
            await self._connection.execute(statement, values)
        return gone

    async def erase_conversations(self, bot_id: str, most: int) -> bool:
        values = {"tenant_id": self._tenant_id, "id": bot_id, "most": most}
        return (await self._connection.execute(_ERASE_CONVERSATIONS, values)).rowcount > 0

    async def erase(self, bot_id: str) -> None:
        values = {"tenant_id": self._tenant_id, "id": bot_id}
        gone = await self._connection.scalar(_IS_TOMBSTONED, values)
        if gone:
            for statement in _ERASE:
                await self._connection.execute(statement, values)
            await self._connection.execute(_ERASE_ROW, values)

    async def add_version(self, version: BotVersion) -> None:
        added = await self._connection.scalar(
            upsert(bot_versions)
            .values(
                tenant_id=self._tenant_id,
                bot_id=version.bot_id,
                number=version.number,
                configuration=version.configuration.as_dict(),
                created_at=version.created_at,
                created_by=version.created_by,
                note=version.note,
                published_at=version.published_at,
            )
            .on_conflict_do_nothing()
            .returning(bot_versions.c.number)
        )
        if added is None:
            raise Conflict("This version number is taken.")

    async def version(self, bot_id: str, number: int) -> BotVersion:
        found = await self._connection.execute(
            SELECT_VERSIONS.where(bot_versions.c.number == number),
            {"tenant_id": self._tenant_id, "bot_id": bot_id},
        )
        row = found.one_or_none()
        if row is None:
            raise NotFound("There is no such version.")
        return to_version(row)

    async def note_publication(self, bot_id: str, number: int, moment: datetime) -> None:
        await self._connection.execute(
            NOTE_PUBLICATION,
            {"tenant_id": self._tenant_id, "id": bot_id, "number": number, "moment": moment},
        )

    async def last_version(self, bot_id: str) -> int:
        number = await self._connection.scalar(
            select(func.max(bot_versions.c.number)).where(
                bot_versions.c.tenant_id == self._tenant_id, bot_versions.c.bot_id == bot_id
            )
        )
        return number or 0


class PostgresGenerationRepository(GenerationRepository):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, generation: IndexGeneration) -> None:
        await self._connection.execute(
            insert(index_generations),
            {
                "tenant_id": self._tenant_id,
                "bot_id": generation.bot_id,
                "id": generation.id,
                "state": generation.state.value,
                "space": generation.space,
                "dimensions": generation.dimensions,
                "chunker": generation.chunker,
                "store": generation.store,
                "created_at": generation.created_at,
            },
        )

    async def live(self, bot_id: str) -> IndexGeneration:
        found = await self._connection.execute(
            SELECT_LIVE_GENERATION, {"tenant_id": self._tenant_id, "bot_id": bot_id}
        )
        row = found.one_or_none()
        if row is None:
            raise NotFound("There is no such bot.")
        return to_generation(row)

    async def all(self, bot_id: str) -> list[IndexGeneration]:
        found = await self._connection.execute(
            select(index_generations)
            .where(
                index_generations.c.tenant_id == self._tenant_id,
                index_generations.c.bot_id == bot_id,
            )
            .order_by(index_generations.c.id)
        )
        return [to_generation(row) for row in found]
