"""The chunks of revisions in PostgreSQL."""

from collections.abc import Sequence

import orjson
from sqlalchemy import delete, select, text

from adapters._psycopg import Connection, Row
from adapters.postgres.schema import chunks
from application.ports.documents import ChunkRepository
from domain.chunks import Chunk

# In one statement for many rows; COPY does not go with row-level security.
_ADD = text("""
INSERT INTO chunks (tenant_id, bot_id, document_id, revision,
  ordinal, start_offset, end_offset, page, heading_path, content_hash, text)
SELECT :tenant_id, :bot_id, :document_id, :revision, added.*
FROM json_to_recordset(cast(:rows AS json)) AS added(
  ordinal int, start_offset int, end_offset int, page int, heading_path text[],
  content_hash text, text text)
""")
_ADDED_AT_ONCE = 2_000  # rows; a few MB


def to_chunk(row: Row) -> Chunk:
    """Make the value from its row."""
    return Chunk(
        ordinal=row.ordinal,
        text=row.text,
        start=row.start_offset,
        end=row.end_offset,
        page=row.page,
        heading_path=tuple(row.heading_path),
        content_hash=row.content_hash,
    )


def _row(chunk: Chunk) -> dict[str, object]:
    return {
        "ordinal": chunk.ordinal,
        "start_offset": chunk.start,
        "end_offset": chunk.end,
        "page": chunk.page,
        "heading_path": chunk.heading_path,
        "content_hash": chunk.content_hash,
        "text": chunk.text,
    }


class PostgresChunkRepository(ChunkRepository):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def replace(
        self, bot_id: str, document_id: str, revision: int, new: Sequence[Chunk]
    ) -> None:
        await self._connection.execute(
            delete(chunks).where(
                chunks.c.tenant_id == self._tenant_id,
                chunks.c.document_id == document_id,
                chunks.c.revision == revision,
            )
        )
        place = {
            "tenant_id": self._tenant_id,
            "bot_id": bot_id,
            "document_id": document_id,
            "revision": revision,
        }
        for start in range(0, len(new), _ADDED_AT_ONCE):
            rows = [_row(chunk) for chunk in new[start : start + _ADDED_AT_ONCE]]
            await self._connection.execute(_ADD, place | {"rows": orjson.dumps(rows).decode()})

    async def of(self, document_id: str, revision: int) -> list[Chunk]:
        found = await self._connection.execute(
            select(chunks)
            .where(
                chunks.c.tenant_id == self._tenant_id,
                chunks.c.document_id == document_id,
                chunks.c.revision == revision,
            )
            .order_by(chunks.c.ordinal)
        )
        return [to_chunk(row) for row in found]

    async def hashes(self, document_id: str) -> list[str]:
        found = await self._connection.execute(
            select(chunks.c.content_hash)
            .where(chunks.c.tenant_id == self._tenant_id, chunks.c.document_id == document_id)
            .distinct()
        )
        return list(found.scalars())
