"""Give a bot documents, change and delete them."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace

from application.ports.blob_store import BlobStore, StoredBlob
from application.ports.clock import Clock
from application.ports.unit_of_work import UnitsOfWork
from application.services.audit import audit
from application.services.etag import require_version
from application.services.idempotency import IdempotencyKey, made_before, remember
from application.services.ingestion import (
    enqueue_fetch,
    enqueue_ingestion,
    removed_if_refused,
    source_of,
)
from application.services.quotas import release_documents, room_for_bytes, take
from domain.accounts import Actor
from domain.documents import Document, checked_metadata, checked_title
from domain.erasures import Erasure
from domain.errors import Conflict
from domain.events import DOCUMENT_DELETED, NewEvent
from domain.jobs import Job, JobKind
from domain.plans import Footprint, Quota


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
        """Raises NotFound, InvalidInput, PayloadTooLarge, QuotaExceeded.

        The same bytes again give the old document.
        """
        title, metadata = checked_title(content.title), checked_metadata(content.metadata or {})
        async with self._units.open(actor.tenant_id) as uow:
            await uow.bots.get(bot_id)
            room = await room_for_bytes(uow, self._max_bytes, self._clock.now(), bot_id)
        with room.guard():
            blob = await self._blobs.put(actor.tenant_id, content.data, max_bytes=room.most)
        document = self._document(actor, bot_id, content, blob)
        document.title, document.metadata = title or document.source.filename, metadata
        if key is not None:  # the same key with other bytes is another request
            key = replace(key, fingerprint=f"{key.fingerprint} {blob.sha256}")
        async with removed_if_refused(self._blobs, blob.key):
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
            subject = ("document", document.id)
            await audit(uow, self._clock, actor, "document.added", subject)
            made = {Quota.DOCUMENTS: 1, Quota.BYTES: document.source.size}
            await take(uow, made, self._clock.now())
        return Added(document, existed=False)

    def _document(
        self, actor: Actor, bot_id: str, content: NewContent, blob: StoredBlob
    ) -> Document:
        now = self._clock.now()
        source = source_of(content.filename, content.media_type, blob)
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
        """Raises NotFound, PreconditionFailed, PayloadTooLarge, QuotaExceeded and Conflict (bytes of
        another document)."""
        async with self._units.open(actor.tenant_id) as uow:
            require_version((await uow.documents.get(document_id)).version, expected_version)
            room = await room_for_bytes(uow, self._max_bytes, self._clock.now())
        with room.guard():
            blob = await self._blobs.put(actor.tenant_id, content.data, max_bytes=room.most)
        async with (
            removed_if_refused(self._blobs, blob.key),
            self._units.open(actor.tenant_id) as uow,
        ):
            document = await uow.documents.get(document_id, lock=True)
            require_version(document.version, expected_version)
            source = source_of(content.filename, content.media_type, blob)
            document.replace(source, self._clock.now())
            await uow.documents.save(document)
            await enqueue_ingestion(uow, document, self._clock)
            subject = ("document", document_id)
            await audit(uow, self._clock, actor, "document.replaced", subject)
            await take(uow, {Quota.BYTES: blob.size}, self._clock.now())
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
            subject = ("document", document_id)
            await audit(uow, self._clock, actor, "document.updated", subject)
        return document


class ReprocessDocument:
    """Take a document in again, for instance after a failure."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(self, actor: Actor, document_id: str) -> Document:
        """Start over with the newest content, or with what stands at its address now. Raises NotFound."""
        async with self._units.open(actor.tenant_id) as uow:
            document = await uow.documents.get(document_id, lock=True)
            if document.source_url is None:
                document.replace(document.source, self._clock.now())
            else:
                document.requeue(self._clock.now())
            enqueue = enqueue_ingestion if document.source_url is None else enqueue_fetch
            await uow.documents.save(document)
            await enqueue(uow, document, self._clock)
            subject = ("document", document_id)
            await audit(uow, self._clock, actor, "document.reprocessed", subject)
        return document


class DeleteDocument:
    """Make a document unanswerable at once, and erase it in the background."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(
        self, actor: Actor, document_id: str, expected_version: int | None = None
    ) -> Erasure:
        """Return the receipt of the erasure. Raises NotFound and PreconditionFailed."""
        receipt = Erasure(
            self._clock.new_id("era"), "document", document_id, actor.user_id, self._clock.now()
        )
        async with self._units.open(actor.tenant_id) as uow:
            document = await uow.documents.get(document_id, lock=True)
            require_version(document.version, expected_version)
            stored = await uow.documents.stored_bytes(document_id)
            counts = await uow.upkeep.count_document(document_id)
            await uow.erasures.add(replace(receipt, counts=counts))
            await uow.documents.delete(document_id)
            await uow.postings.remove(document_id)
            for kind in (JobKind.FETCH, JobKind.INGEST):
                await uow.jobs.cancel(kind, document_id)
            await uow.events.append(document_id, [NewEvent(DOCUMENT_DELETED, {"id": document_id})])
            await uow.jobs.enqueue(
                Job(
                    id=self._clock.new_id("job"),
                    tenant_id=actor.tenant_id,
                    kind=JobKind.PURGE_DOCUMENT,
                    subject_id=document_id,
                    run_at=self._clock.now(),
                ),
                at_once=True,
            )
            subject = ("document", document_id)
            await audit(uow, self._clock, actor, "document.deleted", subject)
            await release_documents(uow, Footprint(1, stored), self._clock.now())
        return receipt
