"""Traces of answers in PostgreSQL, with what stands now where their sources stood."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text

from adapters._psycopg import Connection, Pool
from adapters.postgres.database import Reader
from application.queries.traces import KeptTrace, TracedSource, TraceQueries
from domain.chunks import Scores
from domain.errors import NotFound
from domain.ids import split_chunk_id
from domain.traces import Source, Step

_TRACE = text("""
SELECT t.trace FROM message_traces t
JOIN messages m ON m.tenant_id = t.tenant_id AND m.id = t.message_id
JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
  AND c.deleted_at IS NULL
WHERE t.tenant_id = :tenant_id AND t.message_id = :id
""")
# Of a revision before the live one there are no chunks any more, but its text is kept.
_TEXTS = text("""
SELECT d.title,
  coalesce(c.text, substr(r.text, source.first + 1, source.last - source.first)) AS text
FROM unnest(
  cast(:documents AS text[]), cast(:revisions AS int[]), cast(:ordinals AS int[]),
  cast(:starts AS int[]), cast(:ends AS int[])
) WITH ORDINALITY AS source(document_id, revision, ordinal, first, last, place)
LEFT JOIN documents d ON d.tenant_id = :tenant_id AND d.id = source.document_id
  AND d.deleted_at IS NULL
LEFT JOIN chunks c ON c.tenant_id = d.tenant_id AND c.document_id = d.id
  AND c.revision = source.revision AND c.ordinal = source.ordinal
LEFT JOIN document_revisions r ON r.tenant_id = d.tenant_id AND r.document_id = d.id
  AND r.revision = source.revision
ORDER BY source.place
""")


class PostgresTraceQueries(TraceQueries):
    """Two statements: what was kept, and what it points to."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def of(self, tenant_id: str, message_id: str) -> KeptTrace:
        async with self._reader.connect(tenant_id) as connection:
            values = {"tenant_id": tenant_id, "id": message_id}
            kept = await connection.scalar(_TRACE, values)
            if kept is None:
                raise NotFound("No trace was kept of this answer.")
            sources = [_source(each) for each in kept["sources"]]
            return KeptTrace(
                kept["version"],
                kept["settings"],
                kept["query"],
                [Step(**step) for step in kept["steps"]],
                await _resolved(connection, tenant_id, sources),
            )


async def _resolved(
    connection: Connection, tenant_id: str, sources: Sequence[Source]
) -> list[TracedSource]:
    if not sources:
        return []
    keys = [split_chunk_id(source.chunk_id) for source in sources]
    values = {
        "tenant_id": tenant_id,
        "documents": [source.document_id for source in sources],
        "revisions": [source.revision for source in sources],
        "ordinals": [key[2] if key else None for key in keys],
        "starts": [source.start for source in sources],
        "ends": [source.end for source in sources],
    }
    rows = await connection.execute(_TEXTS, values)
    return [
        TracedSource(source, row.title, row.text) for source, row in zip(sources, rows, strict=True)
    ]


def _source(values: Mapping[str, Any]) -> Source:
    return Source(**{**values, "scores": Scores(**values["scores"])})
