"""The read side of bots and documents in PostgreSQL: single statements, no transaction."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Text, any_, bindparam, select, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql import cast

from adapters._psycopg import Pool
from adapters.postgres.bot_versions import SELECT_VERSIONS, to_version
from adapters.postgres.bots import (
    SELECT_BOT,
    SELECT_LIVE_GENERATION,
    to_bot,
    to_generation,
)
from adapters.postgres.chunks import to_chunk
from adapters.postgres.database import Reader
from adapters.postgres.document_rows import SELECT, SELECT_ONE, to_document
from adapters.postgres.schema import bot_versions, bots, chunks, documents
from application.queries.bots import BotQueries
from application.queries.documents import DocumentFilter, DocumentQueries
from application.queries.page import Page, PageRequest
from domain.bots import Bot, BotVersion, IndexGeneration
from domain.chunks import Chunk, Passage
from domain.documents import Document
from domain.errors import NotFound
from domain.ids import chunk_id, split_chunk_id

_FIRST_BOTS = (
    select(bots)
    .where(bots.c.tenant_id == bindparam("tenant_id"), bots.c.deleted_at.is_(None))
    .order_by(bots.c.id.desc())
    .limit(bindparam("limit"))
)
_NEXT_BOTS = _FIRST_BOTS.where(bots.c.id < bindparam("after"))
_PASSAGES = text("""
SELECT c.*, d.title, d.source_url, r.language FROM unnest(
  cast(:documents AS text[]), cast(:revisions AS int[]), cast(:ordinals AS int[])
) AS hit(document_id, revision, ordinal)
JOIN chunks c ON c.tenant_id = :tenant_id AND c.document_id = hit.document_id
  AND c.revision = hit.revision AND c.ordinal = hit.ordinal AND c.enabled AND c.bot_id = :bot_id
JOIN documents d ON d.tenant_id = c.tenant_id AND d.id = c.document_id
  AND d.revision = c.revision AND d.deleted_at IS NULL
JOIN document_revisions r ON r.tenant_id = c.tenant_id AND r.document_id = c.document_id
  AND r.revision = c.revision
""")


class PostgresBotQueries(BotQueries):
    """Reads of bots."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def get(self, tenant_id: str, bot_id: str) -> Bot:
        async with self._reader.connect(tenant_id) as connection:
            found = await connection.execute(SELECT_BOT, {"tenant_id": tenant_id, "id": bot_id})
            row = found.one_or_none()
        if row is None:
            raise NotFound("There is no such bot.")
        return to_bot(row)

    async def list(self, tenant_id: str, page: PageRequest) -> Page[Bot]:
        values = {"tenant_id": tenant_id, "limit": page.limit + 1}
        if page.after:
            values["after"] = page.after
        async with self._reader.connect(tenant_id) as connection:
            rows = await connection.execute(_NEXT_BOTS if page.after else _FIRST_BOTS, values)
            found = [to_bot(row) for row in rows]
        return Page.cut(found, page.limit, lambda bot: bot.id)

    async def versions(self, tenant_id: str, bot_id: str, page: PageRequest) -> Page[BotVersion]:
        statement = SELECT_VERSIONS.order_by(bot_versions.c.number.desc()).limit(page.limit + 1)
        if page.after:
            statement = statement.where(bot_versions.c.number < int(page.after))
        async with self._reader.connect(tenant_id) as connection:
            rows = await connection.execute(statement, {"tenant_id": tenant_id, "bot_id": bot_id})
            found = [to_version(row) for row in rows]
        return Page.cut(found, page.limit, lambda version: str(version.number))

    async def generation(self, tenant_id: str, bot_id: str) -> IndexGeneration:
        async with self._reader.connect(tenant_id) as connection:
            row = (
                await connection.execute(
                    SELECT_LIVE_GENERATION, {"tenant_id": tenant_id, "bot_id": bot_id}
                )
            ).one_or_none()
        if row is None:
            raise NotFound("There is no such bot.")
        return to_generation(row)


class PostgresDocumentQueries(DocumentQueries):
    """Reads of documents."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def get(self, tenant_id: str, document_id: str) -> Document:
        async with self._reader.connect(tenant_id) as connection:
            found = await connection.execute(
                SELECT_ONE, {"tenant_id": tenant_id, "id": document_id}
            )
            row = found.one_or_none()
        if row is None:
            raise NotFound("There is no such document.")
        return to_document(row)

    async def chunks(self, tenant_id: str, document_id: str, page: PageRequest) -> Page[Chunk]:
        statement = (
            select(chunks)
            .join(
                documents,
                (documents.c.tenant_id == chunks.c.tenant_id)
                & (documents.c.id == chunks.c.document_id)
                & (documents.c.revision == chunks.c.revision)
                & documents.c.deleted_at.is_(None),
            )
            .where(chunks.c.tenant_id == tenant_id, chunks.c.document_id == document_id)
            .order_by(chunks.c.ordinal)
            .limit(page.limit + 1)
        )
        if page.after:
            statement = statement.where(chunks.c.ordinal > int(page.after))
        async with self._reader.connect(tenant_id) as connection:
            found = [to_chunk(row) for row in await connection.execute(statement)]
        return Page.cut(found, page.limit, lambda chunk: str(chunk.ordinal))

    async def matching(
        self,
        tenant_id: str,
        bot_id: str,
        document_ids: Sequence[str] | None,
        metadata: Mapping[str, str],
    ) -> list[str]:
        statement = select(documents.c.id).where(
            documents.c.tenant_id == tenant_id,
            documents.c.bot_id == bot_id,
            documents.c.deleted_at.is_(None),
            documents.c.revision > 0,
        )
        if document_ids is not None:
            statement = statement.where(
                documents.c.id == any_(cast(list(document_ids), ARRAY(Text)))
            )
        if metadata:
            statement = statement.where(documents.c.metadata.contains(cast(dict(metadata), JSONB)))
        async with self._reader.connect(tenant_id) as connection:
            return list((await connection.execute(statement)).scalars())

    async def passages(
        self, tenant_id: str, bot_id: str, chunk_ids: Sequence[str]
    ) -> dict[str, Passage]:
        keys = [key for value in chunk_ids if (key := split_chunk_id(value))]
        values = {
            "tenant_id": tenant_id,
            "bot_id": bot_id,
            "documents": [key[0] for key in keys],
            "revisions": [key[1] for key in keys],
            "ordinals": [key[2] for key in keys],
        }
        async with self._reader.connect(tenant_id) as connection:
            rows = (await connection.execute(_PASSAGES, values)).all()
        found = {}
        for row in rows:
            name = chunk_id(row.document_id, row.revision, row.ordinal)
            found[name] = Passage(
                chunk_id=name,
                document_id=row.document_id,
                title=row.title,
                revision=row.revision,
                text=row.text,
                start=row.start_offset,
                end=row.end_offset,
                page=row.page,
                heading_path=tuple(row.heading_path),
                language=row.language,
                source_url=row.source_url,
            )
        return found

    async def list(
        self, tenant_id: str, bot_id: str, where: DocumentFilter, page: PageRequest
    ) -> Page[Document]:
        statement = SELECT.where(documents.c.bot_id == bot_id)
        if where.status:
            statement = statement.where(documents.c.status == where.status.value)
        if where.q:
            statement = statement.where(
                documents.c.title.icontains(where.q, autoescape=True)
                | SELECT.selected_columns["filename"].icontains(where.q, autoescape=True)
            )
        if page.after:
            statement = statement.where(documents.c.id < page.after)
        statement = statement.order_by(documents.c.id.desc()).limit(page.limit + 1)
        async with self._reader.connect(tenant_id) as connection:
            rows = await connection.execute(statement, {"tenant_id": tenant_id})
            found = [to_document(row) for row in rows]
        return Page.cut(found, page.limit, lambda document: document.id)
