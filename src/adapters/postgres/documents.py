"""Documents and their revisions in PostgreSQL."""

from collections.abc import Sequence

from psycopg import IntegrityError
from sqlalchemy import bindparam, delete, insert, select, text, update

from adapters._psycopg import Connection, Row
from adapters.postgres.document_rows import SELECT, SELECT_ONE, state, to_document
from adapters.postgres.schema import document_revisions, documents
from application.ports.documents import DocumentRepository
from domain.documents import Document, ExtractedText, Section, Source
from domain.errors import Conflict, NotFound

_revisions = document_revisions
_LOCK = SELECT_ONE.with_for_update(of=documents)
_SELECT_SAME = SELECT.where(
    documents.c.bot_id == bindparam("bot_id"),
    documents.c.sha256 == bindparam("sha256"),
    documents.c.sha256 != "",  # as the index has it
)
_SELECT_BY_URL = SELECT.where(
    documents.c.bot_id == bindparam("bot_id"), documents.c.source_url == bindparam("url")
)
_OLD_BLOBS = """
WITH gone AS (
  DELETE FROM chunks WHERE tenant_id = :tenant_id AND document_id = :id AND revision < :before
)
SELECT DISTINCT blob_key FROM document_revisions old
WHERE tenant_id = :tenant_id AND document_id = :id AND revision < :before AND NOT EXISTS (
  SELECT FROM document_revisions kept
  WHERE kept.blob_key = old.blob_key AND NOT (kept.tenant_id = :tenant_id
    AND kept.document_id = :id AND kept.revision < :before))
"""
_CITABLE = text("""
SELECT d.id FROM documents d
JOIN unnest(cast(:ids AS text[]), cast(:revisions AS int[])) AS cited(id, revision)
  ON d.id = cited.id AND d.revision >= cited.revision
WHERE d.tenant_id = :tenant_id AND d.deleted_at IS NULL FOR SHARE OF d
""")
_RETIRE = text(_OLD_BLOBS)
_STORED_BYTES = text("""
SELECT coalesce(cast(sum(size) AS bigint), 0) FROM (
  SELECT DISTINCT r.blob_key, r.size FROM document_revisions r JOIN documents d
    ON d.tenant_id = r.tenant_id AND d.id = r.document_id AND d.deleted_at IS NULL
  WHERE r.tenant_id = :tenant_id AND r.document_id = :id AND r.revision >= d.revision
) stored
""")
_LARGEST = text("""
SELECT coalesce(max(r.size), 0) FROM documents d JOIN document_revisions r
  ON r.tenant_id = d.tenant_id AND r.document_id = d.id AND r.revision = d.target
WHERE d.tenant_id = :tenant_id AND d.bot_id = :bot_id AND d.deleted_at IS NULL
""")


class PostgresDocumentRepository(DocumentRepository):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, document: Document) -> None:
        values = {
            **state(document),
            "tenant_id": self._tenant_id,
            "bot_id": document.bot_id,
            "id": document.id,
            "source_url": document.source_url,
            "created_at": document.created_at,
        }
        try:
            async with self._connection.begin_nested():
                await self._connection.execute(insert(documents), values)
        except IntegrityError as error:
            raise Conflict("This bot has a document with the same content or address.") from error
        await self._add_revision(document)

    async def get(self, document_id: str, *, lock: bool = False) -> Document:
        found = await self._connection.execute(
            _LOCK if lock else SELECT_ONE, {"tenant_id": self._tenant_id, "id": document_id}
        )
        row = found.one_or_none()
        if row is None:
            raise NotFound("There is no such document.")
        return to_document(row)

    async def find_same(self, bot_id: str, sha256: str) -> Document | None:
        found = await self._connection.execute(
            _SELECT_SAME, {"tenant_id": self._tenant_id, "bot_id": bot_id, "sha256": sha256}
        )
        row = found.one_or_none()
        return None if row is None else to_document(row)

    async def find_by_url(self, bot_id: str, url: str) -> Document | None:
        found = await self._connection.execute(
            _SELECT_BY_URL, {"tenant_id": self._tenant_id, "bot_id": bot_id, "url": url}
        )
        row = found.one_or_none()
        return None if row is None else to_document(row)

    async def save(self, document: Document) -> None:
        document.version += 1
        try:
            async with self._connection.begin_nested():
                saved = await self._connection.execute(
                    update(documents)
                    .where(documents.c.tenant_id == self._tenant_id, documents.c.id == document.id)
                    .values(state(document))
                )
        except IntegrityError as error:
            raise Conflict("This bot has a document with the same content or address.") from error
        if saved.rowcount == 0:
            return  # there is no such document here, so there is nothing to write
        known = await self._connection.scalar(
            select(_revisions.c.revision).where(
                _revisions.c.tenant_id == self._tenant_id,
                _revisions.c.document_id == document.id,
                _revisions.c.revision == document.target,
            )
        )
        if known is None:
            await self._add_revision(document)

    async def _add_revision(self, document: Document) -> None:
        source = document.source
        await self._connection.execute(
            insert(_revisions),
            {
                "tenant_id": self._tenant_id,
                "document_id": document.id,
                "revision": document.target,
                "filename": source.filename,
                "media_type": source.media_type,
                "size": source.size,
                "sha256": source.sha256,
                "blob_key": source.blob_key,
                "language": "",
                "text_title": "",
            },
        )

    async def save_text(self, document_id: str, revision: int, text: ExtractedText) -> None:
        await self._connection.execute(
            update(_revisions)
            .where(
                _revisions.c.tenant_id == self._tenant_id,
                _revisions.c.document_id == document_id,
                _revisions.c.revision == revision,
            )
            .values(
                text=text.text,
                sections=[[s.start, s.page, list(s.heading_path)] for s in text.sections],
                language=text.language,
                text_title=text.title,
            )
        )

    async def text(self, document_id: str, revision: int) -> ExtractedText | None:
        row = await self._revision(document_id, revision)
        if row is None or row.text is None:
            return None
        sections = tuple(Section(start, page, tuple(path)) for start, page, path in row.sections)
        return ExtractedText(row.text, sections, row.language, row.text_title)

    async def source(self, document_id: str, revision: int) -> Source:
        row = await self._revision(document_id, revision)
        if row is None:
            raise NotFound("There is no such revision.")
        return Source(row.filename, row.media_type, row.size, row.sha256, row.blob_key)

    async def _revision(self, document_id: str, revision: int) -> Row | None:
        found = await self._connection.execute(
            select(_revisions)
            .join(
                documents,
                (documents.c.tenant_id == _revisions.c.tenant_id)
                & (documents.c.id == _revisions.c.document_id)
                & documents.c.deleted_at.is_(None),
            )
            .where(
                _revisions.c.tenant_id == self._tenant_id,
                _revisions.c.document_id == document_id,
                _revisions.c.revision == revision,
            )
        )
        return found.one_or_none()

    async def citable(self, revisions: Sequence[tuple[str, int]]) -> set[str]:
        found = await self._connection.execute(
            _CITABLE,
            {
                "tenant_id": self._tenant_id,
                "ids": [document_id for document_id, _ in revisions],
                "revisions": [revision for _, revision in revisions],
            },
        )
        return set(found.scalars())

    async def bot_of(self, document_id: str) -> str | None:
        bot_id: str | None = await self._connection.scalar(
            select(documents.c.bot_id).where(
                documents.c.tenant_id == self._tenant_id, documents.c.id == document_id
            )
        )
        return bot_id

    async def deleted_of(self, bot_id: str) -> list[str]:
        found = await self._connection.execute(
            select(documents.c.id).where(
                documents.c.tenant_id == self._tenant_id,
                documents.c.bot_id == bot_id,
                documents.c.deleted_at.is_not(None),
            )
        )
        return list(found.scalars())

    async def delete(self, document_id: str) -> None:
        await self._connection.execute(
            text(
                "UPDATE documents SET deleted_at = now() "
                "WHERE tenant_id = :tenant_id AND id = :id AND deleted_at IS NULL"
            ),
            {"tenant_id": self._tenant_id, "id": document_id},
        )

    async def stored_bytes(self, document_id: str) -> int:
        stored: int = await self._connection.scalar(
            _STORED_BYTES, {"tenant_id": self._tenant_id, "id": document_id}
        )
        return stored

    async def largest(self, bot_id: str) -> int:
        size: int = await self._connection.scalar(
            _LARGEST, {"tenant_id": self._tenant_id, "bot_id": bot_id}
        )
        return size

    async def blob_keys(self, document_id: str) -> list[str]:
        found = await self._connection.execute(
            select(_revisions.c.blob_key)
            .where(
                _revisions.c.tenant_id == self._tenant_id,
                _revisions.c.document_id == document_id,
            )
            .distinct()
        )
        return list(found.scalars())

    async def erase(self, document_id: str) -> None:
        await self._connection.execute(
            text("DELETE FROM events WHERE tenant_id = :tenant_id AND stream_id = :id"),
            {"tenant_id": self._tenant_id, "id": document_id},
        )
        await self._connection.execute(
            delete(documents).where(
                documents.c.tenant_id == self._tenant_id,
                documents.c.id == document_id,
                documents.c.deleted_at.is_not(None),
            )
        )

    async def retire(self, document_id: str, before: int) -> list[str]:
        found = await self._connection.execute(
            _RETIRE, {"tenant_id": self._tenant_id, "id": document_id, "before": before}
        )
        return list(found.scalars())
