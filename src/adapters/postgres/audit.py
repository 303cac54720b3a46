"""The audit log in PostgreSQL. Requests may add to it; no role of theirs may change or remove."""

from collections.abc import AsyncIterator, Iterator

from sqlalchemy import ColumnElement, bindparam, column, func, select, table, text

from adapters._psycopg import Connection, Pool, Row
from adapters.postgres.database import Reader
from application.ports.audit import AuditTrail
from application.queries.audit import EVERYTHING, AuditFilter, AuditQueries
from application.queries.page import Page, PageRequest
from domain.audit import AuditEntry, AuditLink, written_time

_RECORD = text("SELECT append_audit(:scope, :id, :action, :body)")
_EVENTS = table(
    "audit_events",
    *map(column, ("tenant_id", "seq", "action", "body", "previous_hash", "hash")),
    *map(column, ("actor_id", "subject_id", "at")),  # made of the body
).c
_SELECT = select(_EVENTS.seq, _EVENTS.body, _EVENTS.previous_hash, _EVENTS.hash).where(
    _EVENTS.tenant_id == bindparam("scope")
)
_CHAIN = _SELECT.where(_EVENTS.seq > bindparam("after")).order_by(_EVENTS.seq)
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
        self, scope: str, page: PageRequest, where: AuditFilter = EVERYTHING
    ) -> Page[AuditLink]:
        statement = _SELECT.order_by(_EVENTS.seq.desc()).limit(page.limit + 1)
        if page.after:
            statement = statement.where(_EVENTS.seq < int(page.after))
        statement = statement.where(*_conditions(where))
        async with self._reader.connect(scope) as connection:
            found = [_link(row) for row in await connection.execute(statement, {"scope": scope})]
        return Page.cut(found, page.limit, lambda link: str(link.seq))

    async def chain(self, scope: str) -> AsyncIterator[AuditLink]:
        after = 0
        while True:
            values = {"scope": scope, "after": after}
            async with self._reader.connect(scope) as connection:
                rows = await connection.execute(_CHAIN.limit(_AT_ONCE), values)
                found = [_link(row) for row in rows]
            for link in found:
                yield link
            if len(found) < _AT_ONCE:
                return
            after = found[-1].seq


def _conditions(where: AuditFilter) -> Iterator[ColumnElement[bool]]:
    if where.action:
        yield func.starts_with(_EVENTS.action, where.action)
    if where.actor_id is not None:
        yield _EVENTS.actor_id == where.actor_id
    if where.subject_id is not None:
        yield _EVENTS.subject_id == where.subject_id
    if where.since is not None:
        yield _EVENTS.at >= written_time(where.since)
    if where.until is not None:
        yield _EVENTS.at < written_time(where.until)


def _link(row: Row) -> AuditLink:
    return AuditLink(row.seq, row.body, row.previous_hash, row.hash)
