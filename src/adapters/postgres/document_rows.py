"""Rows of documents: how they are read, and what becomes of them."""

from sqlalchemy import bindparam, select

from adapters._psycopg import Row
from adapters.postgres.schema import document_revisions, documents
from domain.documents import Document, DocumentStatus, Failure, Progress, Source, Stage

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


def state(document: Document) -> dict[str, object]:
    """Return the columns that change."""
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
