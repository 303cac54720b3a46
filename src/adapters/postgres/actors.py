"""The names of who acts in a workspace, in PostgreSQL."""

from collections.abc import Iterable, Mapping

from sqlalchemy import text

from adapters._psycopg import Pool
from adapters.postgres.database import Reader
from application.queries.actors import ActorNames

# People are of no tenant: a name is given out only where its bearer is a member.
_NAMES = text("""
SELECT u.id, u.full_name AS name FROM memberships m JOIN users u ON u.id = m.user_id
WHERE m.tenant_id = :tenant_id AND m.user_id = ANY (cast(:ids AS text[]))
UNION ALL
SELECT k.id, k.name FROM api_keys k
WHERE k.tenant_id = :tenant_id AND k.id = ANY (cast(:ids AS text[]))
""")


class PostgresActorNames(ActorNames):
    """Needs a pool of the system role: tenants' requests have no right to people."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def of(self, tenant_id: str, actor_ids: Iterable[str | None]) -> Mapping[str, str]:
        ids = sorted({actor_id for actor_id in actor_ids if actor_id is not None})
        if not ids:
            return {}
        async with self._reader.connect(None) as connection:
            rows = await connection.execute(_NAMES, {"tenant_id": tenant_id, "ids": ids})
            return {row.id: row.name for row in rows}
