"""Traces of answers in dictionaries."""

from copy import deepcopy

from adapters.memory.state import MemoryState, TenantTables
from application.queries.traces import KeptTrace, TracedSource, TraceQueries
from domain.errors import NotFound
from domain.traces import Source


class InMemoryTraceQueries(TraceQueries):
    """Reads what is committed."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def of(self, tenant_id: str, message_id: str) -> KeptTrace:
        """Return the trace of an answer."""
        tables = self._state.tenant(tenant_id)
        row = tables.message(message_id)
        if row is None or row.trace is None:
            raise NotFound("No trace was kept of this answer.")
        trace = deepcopy(row.trace)
        return KeptTrace(
            trace.version,
            trace.settings,
            trace.query,
            trace.steps,
            [_resolved(tables, source) for source in trace.sources],
        )


def _resolved(tables: TenantTables, source: Source) -> TracedSource:
    document = tables.document(source.document_id)
    if document is None:
        return TracedSource(source, None, None)
    revision = tables.revisions.get((source.document_id, source.revision))
    if revision is None or revision.text is None:
        return TracedSource(source, document.title, None)
    return TracedSource(source, document.title, revision.text.text[source.start : source.end])
