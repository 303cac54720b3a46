"""The audit log in dictionaries."""

from collections.abc import AsyncIterator

from adapters.memory.state import MemoryState
from application.ports.audit import AuditTrail
from application.queries.audit import EVERYTHING, AuditFilter, AuditQueries
from application.queries.page import Page, PageRequest
from domain.audit import GENESIS, AuditEntry, AuditLink, link_hash


class InMemoryAuditTrail(AuditTrail):
    """Keeps what was recorded until the commit."""

    def __init__(self, state: MemoryState, scope: str | None = None) -> None:
        self._state = state
        self._scope = scope
        self._recorded: list[tuple[str, str]] = []

    async def record(self, entry: AuditEntry, *, scope: str | None = None) -> None:
        """Add the entry to a chain."""
        place = scope or self._scope
        if place is None:
            raise ValueError("an entry belongs to a workspace or an account")
        self._recorded.append((place, entry.body))

    def commit(self) -> None:
        """Put what was recorded in its place."""
        for scope, body in self._recorded:
            chain = self._state.audit.setdefault(scope, [])
            before = chain[-1].hash if chain else GENESIS
            seq = len(chain) + 1
            chain.append(AuditLink(seq, body, before, link_hash(before, seq, body)))


class InMemoryAuditQueries(AuditQueries):
    """Reads the committed chains."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def list(
        self, scope: str, page: PageRequest, where: AuditFilter = EVERYTHING
    ) -> Page[AuditLink]:
        """Return entries, newest first."""
        found = [
            link
            for link in reversed(self._state.audit.get(scope, []))
            if _is_wanted(link.entry, where) and (page.after is None or link.seq < int(page.after))
        ]
        return Page.cut(found[: page.limit + 1], page.limit, lambda link: str(link.seq))

    async def chain(self, scope: str) -> AsyncIterator[AuditLink]:
        """Yield the whole chain."""
        for link in list(self._state.audit.get(scope, [])):
            yield link


def _is_wanted(entry: AuditEntry, where: AuditFilter) -> bool:
    return (
        entry.action.startswith(where.action or "")
        and where.actor_id in {None, entry.actor_id}
        and where.subject_id in {None, entry.subject_id}
        and (where.since is None or entry.at >= where.since)
        and (where.until is None or entry.at < where.until)
    )
