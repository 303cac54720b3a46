"""The steps that bring documents to their worker, shared by uploads, addresses and crawls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from application.ports.blob_store import BlobStore, StoredBlob
from application.ports.clock import Clock
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.services.views import document_view
from domain.crawls import Crawl
from domain.documents import Document, Failure, Source, safe_filename, safe_media_type
from domain.errors import ChatSphereError, DependencyUnavailable
from domain.events import DOCUMENT_FAILED, DOCUMENT_PROGRESS, NewEvent
from domain.jobs import Job, JobKind, Lease

_SMALL_BYTES = 256 * 1024
_SMALL_FIRST, _LARGE_LATER, _CRAWLS_LAST = 50, 100, 200


def source_of(filename: str, media_type: str, blob: StoredBlob) -> Source:
    """Describe stored bytes; the names are those that a client or site gave."""
    return Source(
        filename=safe_filename(filename),
        media_type=safe_media_type(media_type),
        size=blob.size,
        sha256=blob.sha256,
        blob_key=blob.key,
    )


def document_job(document: Document, kind: JobKind, clock: Clock) -> Job:
    """Return the job that fetches a document or takes its target revision in; small files go first."""
    small = document.source.size <= _SMALL_BYTES
    return Job(
        id=clock.new_id("job"),
        tenant_id=document.tenant_id,
        kind=kind,
        subject_id=document.id,
        run_at=clock.now(),
        priority=_SMALL_FIRST if small else _LARGE_LATER,
        revision=document.target,
    )


def crawl_job(crawl: Crawl, clock: Clock) -> Job:
    """Return the job for the next stretch of a crawl."""
    return Job(
        id=clock.new_id("job"),
        tenant_id=crawl.tenant_id,
        kind=JobKind.CRAWL,
        subject_id=crawl.id,
        run_at=clock.now(),
        priority=_CRAWLS_LAST,
    )


async def enqueue_ingestion(uow: UnitOfWork, document: Document, clock: Clock) -> None:
    """Queue the target revision, and tell followers; a fetch under way is called off."""
    if document.source_url is not None:
        await uow.jobs.cancel(JobKind.FETCH, document.id)
    await uow.jobs.enqueue(document_job(document, JobKind.INGEST, clock), at_once=True)
    await tell_progress(uow, document)


async def enqueue_fetch(uow: UnitOfWork, document: Document, clock: Clock) -> None:
    """Queue the fetching of a document's address, and tell followers; an ingestion under way is
    called off."""
    await uow.jobs.cancel(JobKind.INGEST, document.id)
    await uow.jobs.enqueue(document_job(document, JobKind.FETCH, clock), at_once=True)
    await tell_progress(uow, document)


async def tell_progress(uow: UnitOfWork, document: Document) -> None:
    """Tell followers where the document stands."""
    view = document_view(document)
    event = NewEvent(DOCUMENT_PROGRESS, {"status": view["status"], "progress": view["progress"]})
    await uow.events.append(document.id, [event])


async def end_failed(units: UnitsOfWork, clock: Clock, lease: Lease, failure: Failure) -> None:
    """End a document's job with the reason why it cannot be taken. Raises LeaseLost."""
    async with units.open(lease.job.tenant_id) as uow:
        document = await uow.documents.get(lease.job.subject_id, lock=True)
        await uow.jobs.complete(lease)
        await fail_document(uow, document, failure, clock)


async def fail_document(
    uow: UnitOfWork, document: Document, failure: Failure, clock: Clock
) -> None:
    """Record why the newest content could not be taken, and tell followers."""
    document.fail(failure, clock.now())
    await uow.documents.save(document)
    event = NewEvent(DOCUMENT_FAILED, {"document": document_view(document)})
    await uow.events.append(document.id, [event])


@asynccontextmanager
async def removed_if_refused(blobs: BlobStore, key: str) -> AsyncIterator[None]:
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
