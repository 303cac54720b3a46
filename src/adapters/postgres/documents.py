"""Documents and their revisions in PostgreSQL."""

from collections.abc import Sequence

from psycopg import IntegrityError
from sqlalchemy import bindparam, delete, insert, select, text, update

from adapters._psycopg import Connection, Row
from adapters.postgres.schema import document_revisions, documents
from application.ports.documents import DocumentRepository
from domain.documents import (
    Document,
    DocumentStatus,
    ExtractedText,
    Failure,
    Progress,
    Section,
    Source,
    Stage,
)
from domain.errors import Conflict, NotFound

_revisions = document_revisions
SELECT = (
    select(
        documents,
        _revisions.c.filename,
        _revisions.c.media_type,
        _revisions.c.size,
        _revisions.c.blob_key,
    )
    .join(
        _revisions,
        (_revisions.c.tenant_id == documents.c.tenant_id)
        & (_revisions.c.document_id == documents.c.id)
        & (_revisions.c.revision == documents.c.target),
    )
    .where(documents.c.tenant_id == bindparam("tenant_id"), documents.c.deleted_at.is_(None))
)
SELECT_ONE = SELECT.where(documents.c.id == bindparam("id"))
_LOCK = SELECT_ONE.with_for_update(of=documents)
_SELECT_SAME = SELECT.where(
    documents.c.bot_id == bindparam("bot_id"), documents.c.sha256 == bindparam("sha256")
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


def to_document(row: Row) -> Document:
    """Make the entity from its row."""
    failure = Failure(row.error_code, row.error_detail) if row.error_code else None
    return Document(
        id=row.id,
        tenant_id=row.tenant_id,
        bot_id=row.bot_id,
        title=row.title,
        source=Source(row.filename, row.media_type, row.size, row.sha256, row.blob_key),
        created_at=row.created_at,
        updated_at=row.updated_at,
        status=DocumentStatus(row.status),
        progress=Progress(Stage(row.stage), row.done, row.total),
        error=failure,
        chunk_count=row.chunk_count,
        revision=row.revision,
        target=row.target,
        source_url=row.source_url,
        metadata=row.metadata,
        version=row.version,
    )


def _state(document: Document) -> dict[str, object]:
    return {
        "title": document.title,
        "status": document.status.value,
        "stage": document.progress.stage.value,
        "done": document.progress.done,
        "total": document.progress.total,
        "error_code": document.error.code if document.error else None,
        "error_detail": document.error.detail if document.error else None,
        "chunk_count": document.chunk_count,
        "revision": document.revision,
        "target": document.target,
        "sha256": document.source.sha256,
        "metadata": document.metadata,
        "version": document.version,
        "updated_at": document.updated_at,
    }


class PostgresDocumentRepository(DocumentRepository):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, document: Document) -> None:
        values = {
            **_state(document),
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
            raise Conflict("This bot has a document with the same content.") from error
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

    async def save(self, document: Document) -> None:
        document.version += 1
        try:
            async with self._connection.begin_nested():
                saved = await self._connection.execute(
                    update(documents)
                    .where(documents.c.tenant_id == self._tenant_id, documents.c.id == document.id)
                    .values(_state(document))
                )
        except IntegrityError as error:
            raise Conflict("This bot has a document with the same content.") from error
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
