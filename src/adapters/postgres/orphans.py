"""What waits in PostgreSQL for a job that there is not."""

from sqlalchemy import text

from adapters._psycopg import Connection
from application.ports.orphans import Orphans
from domain.jobs import JobKind


def _no_job(table: str, *kinds: JobKind) -> str:
    names = ", ".join(f"'{kind.value}'" for kind in kinds)
    return (
        "NOT EXISTS (SELECT FROM jobs j WHERE j.tenant_id = :tenant_id "
        f"AND j.subject_id = {table}.id AND j.kind IN ({names}))"
    )


_DOCUMENTS = text(f"""
SELECT d.id FROM documents d
WHERE d.tenant_id = :tenant_id AND d.deleted_at IS NULL AND d.status IN ('pending', 'processing')
  AND {_no_job("d", JobKind.FETCH, JobKind.INGEST)}
ORDER BY d.id LIMIT :limit FOR UPDATE OF d SKIP LOCKED
""")  # noqa: S608  # constants only
_CRAWLS = text(f"""
SELECT c.id FROM crawls c
JOIN bots b ON b.tenant_id = c.tenant_id AND b.id = c.bot_id AND b.deleted_at IS NULL
WHERE c.tenant_id = :tenant_id AND c.status = 'running' AND {_no_job("c", JobKind.CRAWL)}
ORDER BY c.id LIMIT :limit FOR UPDATE OF c SKIP LOCKED
""")  # noqa: S608  # constants only
_TOMBSTONES = text(f"""
SELECT '{JobKind.PURGE_BOT.value}' AS kind, b.id FROM bots b
WHERE b.tenant_id = :tenant_id AND b.deleted_at IS NOT NULL AND {_no_job("b", JobKind.PURGE_BOT)}
UNION ALL
SELECT '{JobKind.PURGE_DOCUMENT.value}', d.id FROM documents d
JOIN bots ON bots.tenant_id = d.tenant_id AND bots.id = d.bot_id AND bots.deleted_at IS NULL
WHERE d.tenant_id = :tenant_id AND d.deleted_at IS NOT NULL
  AND {_no_job("d", JobKind.PURGE_DOCUMENT)}
LIMIT :limit
""")  # noqa: S608  # constants only


class PostgresOrphans(Orphans):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def documents(self, limit: int) -> list[str]:
        values = {"tenant_id": self._tenant_id, "limit": limit}
        return (await self._connection.execute(_DOCUMENTS, values)).scalars()

    async def crawls(self, limit: int) -> list[str]:
        values = {"tenant_id": self._tenant_id, "limit": limit}
        return (await self._connection.execute(_CRAWLS, values)).scalars()

    async def tombstones(self, limit: int) -> list[tuple[JobKind, str]]:
        values = {"tenant_id": self._tenant_id, "limit": limit}
        found = await self._connection.execute(_TOMBSTONES, values)
        return [(JobKind(row.kind), row.id) for row in found]
