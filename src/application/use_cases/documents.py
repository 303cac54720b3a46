"""Give a bot documents, change and delete them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from application.ports.blob_store import BlobStore, StoredBlob
from application.ports.clock import Clock
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.services.etag import require_version
from application.services.idempotency import IdempotencyKey, made_before, remember
from application.services.views import document_view
from domain.accounts import Actor
from domain.documents import (
    Document,
    Source,
    checked_metadata,
    checked_title,
    safe_filename,
    safe_media_type,
)
from domain.errors import ChatSphereError, Conflict, DependencyUnavailable
from domain.events import DOCUMENT_DELETED, DOCUMENT_PROGRESS, NewEvent
from domain.jobs import Job, JobKind

_SMALL_BYTES = 256 * 1024
_SMALL_FIRST, _LARGE_LATER = 50, 100


@dataclass(frozen=True, slots=True)
class NewContent:
    """A file or text as it comes in: names as the client gave them, bytes as a stream."""

    filename: str
    media_type: str
    data: AsyncIterator[bytes]
    title: str = ""
    metadata: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """A document, and whether it was there before (same bytes, or same request)."""

    document: Document
    existed: bool
    replayed: bool = False


def ingestion_job(document: Document, clock: Clock) -> Job:
    """Return the job that takes the target revision in; small files go first."""
    small = document.source.size <= _SMALL_BYTES
    return Job(
        id=clock.new_id("job"),
        tenant_id=document.tenant_id,
        kind=JobKind.INGEST,
        subject_id=document.id,
        run_at=clock.now(),
        priority=_SMALL_FIRST if small else _LARGE_LATER,
        revision=document.target,
    )


async def enqueue_ingestion(uow: UnitOfWork, document: Document, clock: Clock) -> None:
    """Queue the target revision, and tell followers."""
    await uow.jobs.enqueue(ingestion_job(document, clock))
    view = document_view(document)
    event = NewEvent(DOCUMENT_PROGRESS, {"status": view["status"], "progress": view["progress"]})
    await uow.events.append(document.id, [event])


def _source(content: NewContent, blob: StoredBlob) -> Source:
    return Source(
        filename=safe_filename(content.filename),
        media_type=safe_media_type(content.media_type),
        size=blob.size,
        sha256=blob.sha256,
        blob_key=blob.key,
    )


@asynccontextmanager
async def _removed_if_refused(blobs: BlobStore, key: str) -> AsyncIterator[None]:
    """Remove the bytes when what is done with them is refused.

    After an outage or a cancellation they stay: the commit may have taken place, and then a document
    names them.
    """
    try:
        yield
    except DependencyUnavailable:
        raise
    except ChatSphereError:
        await blobs.delete(key)
        raise


class AddDocument:
    """Take a file or text for a bot; ingestion follows in the background."""

    def __init__(self, units: UnitsOfWork, blobs: BlobStore, clock: Clock, max_bytes: int) -> None:
        self._units = units
        self._blobs = blobs
        self._clock = clock
        self._max_bytes = max_bytes

    async def __call__(
        self, actor: Actor, bot_id: str, content: NewContent, key: IdempotencyKey | None = None
    ) -> Added:
        """Raises NotFound, InvalidInput, PayloadTooLarge; the same bytes again give the old document."""
        title, metadata = checked_title(content.title), checked_metadata(content.metadata or {})
        async with self._units.open(actor.tenant_id) as uow:
            await uow.bots.get(bot_id)
        blob = await self._blobs.put(actor.tenant_id, content.data, max_bytes=self._max_bytes)
        document = self._document(actor, bot_id, content, blob)
        document.title, document.metadata = title or document.source.filename, metadata
        if key is not None:  # the same key with other bytes is another request
            key = replace(key, fingerprint=f"{key.fingerprint} {blob.sha256}")
        async with _removed_if_refused(self._blobs, blob.key):
            added = await self._record(actor, document, key)
        if added.existed:
            await self._blobs.delete(blob.key)
        return added

    async def _record(self, actor: Actor, document: Document, key: IdempotencyKey | None) -> Added:
        async with self._units.open(actor.tenant_id) as uow:
            await uow.bots.hold(document.bot_id)
            before = await made_before(uow, actor, key)
            if before:
                return Added(await uow.documents.get(before[0]), existed=True, replayed=True)
            same = await uow.documents.find_same(document.bot_id, document.source.sha256)
            if same is None:
                try:
                    await uow.documents.add(document)
                except Conflict:  # added by another request since we looked
                    same = await uow.documents.find_same(document.bot_id, document.source.sha256)
                    if same is None:
                        raise
            if same is not None:
                await remember(uow, actor, key, [same.id])
                return Added(same, existed=True)
            await enqueue_ingestion(uow, document, self._clock)
            await remember(uow, actor, key, [document.id])
        return Added(document, existed=False)

    def _document(
        self, actor: Actor, bot_id: str, content: NewContent, blob: StoredBlob
    ) -> Document:
        now = self._clock.now()
        source = _source(content, blob)
        return Document(
            id=self._clock.new_id("doc"),
            tenant_id=actor.tenant_id,
            bot_id=bot_id,
            title=source.filename,
            source=source,
            created_at=now,
            updated_at=now,
        )


class ReplaceContent:
    """Give a document new content; the old one answers until the new one is ready."""

    def __init__(self, units: UnitsOfWork, blobs: BlobStore, clock: Clock, max_bytes: int) -> None:
        self._units = units
        self._blobs = blobs
        self._clock = clock
        self._max_bytes = max_bytes

    async def __call__(
        self,
        actor: Actor,
        document_id: str,
        content: NewContent,
        expected_version: int | None = None,
    ) -> Document:
        """Raises NotFound, PreconditionFailed, PayloadTooLarge and Conflict (bytes of another document)."""
        async with self._units.open(actor.tenant_id) as uow:
            require_version((await uow.documents.get(document_id)).version, expected_version)
        blob = await self._blobs.put(actor.tenant_id, content.data, max_bytes=self._max_bytes)
        async with (
            _removed_if_refused(self._blobs, blob.key),
            self._units.open(actor.tenant_id) as uow,
        ):
            document = await uow.documents.get(document_id, lock=True)
            require_version(document.version, expected_version)
            document.replace(_source(content, blob), self._clock.now())
            await uow.documents.save(document)
            await enqueue_ingestion(uow, document, self._clock)
        return document


class UpdateDocument:
    """Change a document's title or metadata."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(
        self,
        actor: Actor,
        document_id: str,
        *,
        title: str | None = None,
        metadata: Mapping[str, str | None] | None = None,
        expected_version: int | None = None,
    ) -> Document:
        """Merge `metadata` (null removes a key). Raises NotFound, InvalidInput, PreconditionFailed."""
        async with self._units.open(actor.tenant_id) as uow:
            document = await uow.documents.get(document_id, lock=True)
            require_version(document.version, expected_version)
            if title is not None:
                document.title = checked_title(title) or document.source.filename
            if metadata is not None:
                merged = {**document.metadata, **metadata}
                document.metadata = checked_metadata(
                    {k: v for k, v in merged.items() if v is not None}
                )
            document.updated_at = self._clock.now()
            await uow.documents.save(document)
        return document


class ReprocessDocument:
    """Take a document in again, for instance after a failure."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(self, actor: Actor, document_id: str) -> Document:
        """Start over with the newest content. Raises NotFound."""
        async with self._units.open(actor.tenant_id) as uow:
            document = await uow.documents.get(document_id, lock=True)
            document.replace(document.source, self._clock.now())
            await uow.documents.save(document)
            await enqueue_ingestion(uow, document, self._clock)
        return document


class DeleteDocument:
    """Make a document unanswerable at once, and erase it in the background."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(
        self, actor: Actor, document_id: str, expected_version: int | None = None
    ) -> None:
        """Raises NotFound and PreconditionFailed."""
        async with self._units.open(actor.tenant_id) as uow:
            document = await uow.documents.get(document_id, lock=True)
            require_version(document.version, expected_version)
            await uow.documents.delete(document_id)
            await uow.postings.remove(document_id)
            await uow.jobs.cancel(JobKind.INGEST, document_id)
            await uow.events.append(document_id, [NewEvent(DOCUMENT_DELETED, {"id": document_id})])
            await uow.jobs.enqueue(
                Job(
                    id=self._clock.new_id("job"),
                    tenant_id=actor.tenant_id,
                    kind=JobKind.PURGE_DOCUMENT,
                    subject_id=document_id,
                    run_at=self._clock.now(),
                )
            )
