"""The chunks of revisions in PostgreSQL."""

from collections.abc import Sequence

from sqlalchemy import delete, select

from adapters._psycopg import Connection, Row
from adapters.postgres._copy import copy_rows
from adapters.postgres.schema import chunks
from application.ports.documents import ChunkRepository
from domain.chunks import Chunk

_CHUNK_COLUMNS = (
    "tenant_id", "bot_id", "document_id", "revision", "ordinal", "start_offset", "end_offset",
    "page", "heading_path", "content_hash", "text",
)  # fmt: skip
_NO_HEADINGS = "{}"  # as PostgreSQL writes an empty array: the driver takes long over empty lists


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
        rows = (
            (
                self._tenant_id, bot_id, document_id, revision, c.ordinal, c.start, c.end,
                c.page, list(c.heading_path) or _NO_HEADINGS, c.content_hash, c.text,
            )
            for c in new
        )  # fmt: skip
        await copy_rows(self._connection, "chunks", _CHUNK_COLUMNS, rows)

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
