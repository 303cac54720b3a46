"""The audit log in PostgreSQL. Requests may add to it; no role of theirs may change or remove."""

from collections.abc import AsyncIterator

from sqlalchemy import text

from adapters._psycopg import Connection, Pool, Row
from adapters.postgres.database import Reader
from application.ports.audit import AuditTrail
from application.queries.audit import AuditQueries
from application.queries.page import Page, PageRequest
from domain.audit import AuditEntry, AuditLink

_RECORD = text("SELECT append_audit(:scope, :id, :action, :body)")
_COLUMNS = "seq, body, previous_hash, hash"
_LIST = text(f"""
SELECT {_COLUMNS} FROM audit_events
WHERE tenant_id = :scope AND seq < :before AND starts_with(action, :action)
ORDER BY seq DESC LIMIT :limit
""")  # noqa: S608  # a constant
_CHAIN = text(f"""
SELECT {_COLUMNS} FROM audit_events
WHERE tenant_id = :scope AND seq > :after ORDER BY seq LIMIT :limit
""")  # noqa: S608  # a constant
_LAST = 2**62
_AT_ONCE = 1_000


class PostgresAuditTrail(AuditTrail):
    """Works in the connection's transaction."""

    def __init__(self, connection: Connection, scope: str | None = None) -> None:
        self._connection = connection
        self._scope = scope

    async def record(self, entry: AuditEntry, *, scope: str | None = None) -> None:
        place = scope or self._scope
        if place is None:
            raise ValueError("an entry belongs to a workspace or an account")
        values = {"scope": place, "id": entry.id, "action": entry.action, "body": entry.body}
        await self._connection.execute(_RECORD, values)


class PostgresAuditQueries(AuditQueries):
    """Single statements, each in the scope of the chain."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def list(
        self, scope: str, page: PageRequest, *, action: str | None = None
    ) -> Page[AuditLink]:
        values = {
            "scope": scope,
            "before": int(page.after) if page.after else _LAST,
            "action": action or "",
            "limit": page.limit + 1,
        }
        async with self._reader.connect(scope) as connection:
            found = [_link(row) for row in await connection.execute(_LIST, values)]
        return Page.cut(found, page.limit, lambda link: str(link.seq))

    async def chain(self, scope: str) -> AsyncIterator[AuditLink]:
        after = 0
        while True:
            values = {"scope": scope, "after": after, "limit": _AT_ONCE}
            async with self._reader.connect(scope) as connection:
                found = [_link(row) for row in await connection.execute(_CHAIN, values)]
            for link in found:
                yield link
            if len(found) < _AT_ONCE:
                return
            after = found[-1].seq


def _link(row: Row) -> AuditLink:
    return AuditLink(row.seq, row.body, row.previous_hash, row.hash)
