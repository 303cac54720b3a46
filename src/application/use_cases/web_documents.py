"""Documents of addresses: they are named now and fetched in the background."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.blob_store import BlobStore
from application.ports.clock import Clock
from application.ports.unit_of_work import UnitsOfWork
from application.ports.web_fetcher import FetchRefused, FetchUnavailable, WebFetcher
from application.services.audit import audit
from application.services.idempotency import IdempotencyKey, made_before, remember
from application.services.ingestion import (
    end_failed,
    enqueue_fetch,
    enqueue_ingestion,
    removed_if_refused,
    source_of,
    tell_progress,
)
from application.services.quotas import take
from application.services.website import READABLE
from domain.accounts import Actor
from domain.documents import (
    Document,
    Failure,
    Progress,
    Source,
    Stage,
    checked_metadata,
    checked_title,
    safe_filename,
)
from domain.errors import Conflict, QuotaExceeded
from domain.jobs import Lease
from domain.plans import Quota
from domain.urls import UrlNotAllowed, WebUrl

TRIES = 3
DUPLICATE = Failure(
    "duplicate_content", "What stands at this address is another document of this bot already."
)


@dataclass(frozen=True, slots=True)
class NewAddress:
    """An address as the client named it."""

    url: str
    title: str = ""
    metadata: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class AddedAddress:
    """A document, and whether it was there before (same address, or same request)."""

    document: Document
    existed: bool
    replayed: bool = False


class AddUrl:
    """Take an address for a bot; fetching and ingestion follow in the background."""

    def __init__(self, units: UnitsOfWork, fetcher: WebFetcher, clock: Clock) -> None:
        self._units = units
        self._fetcher = fetcher
        self._clock = clock

    async def __call__(
        self, actor: Actor, bot_id: str, new: NewAddress, key: IdempotencyKey | None = None
    ) -> AddedAddress:
        """Raises NotFound, InvalidInput, UrlNotAllowed, QuotaExceeded.

        The same address gives the old document.
        """
        document = self._document(actor, bot_id, self._fetcher.check(new.url), new)
        async with self._units.open(actor.tenant_id) as uow:
            await uow.bots.hold(bot_id)
            before = await made_before(uow, actor, key)
            if before:
                return AddedAddress(await uow.documents.get(before[0]), True, replayed=True)
            url = str(document.source_url)
            same = await uow.documents.find_by_url(bot_id, url)
            if same is None:
                try:
                    await uow.documents.add(document)
                except Conflict:  # added by another request since we looked
                    same = await uow.documents.find_by_url(bot_id, url)
                    if same is None:
                        raise
            if same is None:
                await enqueue_fetch(uow, document, self._clock)
            await remember(uow, actor, key, [(same or document).id])
            if same is None:
                await audit(uow, self._clock, actor, "document.added", ("document", document.id))
                await take(uow, {Quota.DOCUMENTS: 1}, self._clock.now())
        return AddedAddress(same or document, existed=same is not None)

    def _document(self, actor: Actor, bot_id: str, url: WebUrl, new: NewAddress) -> Document:
        now = self._clock.now()
        name = safe_filename(url.path.rpartition("/")[2] or url.host)
        return Document(
            id=self._clock.new_id("doc"),
            tenant_id=actor.tenant_id,
            bot_id=bot_id,
            title=checked_title(new.title) or name,
            source=Source(filename=name, media_type="", size=0, sha256="", blob_key=""),
            created_at=now,
            updated_at=now,
            target=0,
            source_url=str(url),
            metadata=checked_metadata(new.metadata or {}),
        )


class FetchDocument:
    """Store what stands at a document's address as its new revision, and queue its ingestion.

    It works under a lease: the last transaction makes sure that nobody else has taken the job over. A
    crash before it leaves the document as it was, and the next worker fetches again.
    """

    def __init__(
        self,
        units: UnitsOfWork,
        blobs: BlobStore,
        fetcher: WebFetcher,
        clock: Clock,
        max_bytes: int,
    ) -> None:
        self._units = units
        self._blobs = blobs
        self._fetcher = fetcher
        self._clock = clock
        self._max_bytes = max_bytes

    async def __call__(self, lease: Lease) -> None:
        """Raises LeaseLost, DependencyUnavailable and, as long as it is worth it, FetchUnavailable."""
        document = await self._begin(lease)
        try:
            source = await self._fetched(document)
            await self._take(lease, source)
        except (UrlNotAllowed, FetchRefused, QuotaExceeded) as refused:
            await self._fail(lease, Failure(refused.code, refused.detail))
        except FetchUnavailable as error:
            if lease.errors + 1 < TRIES:
                raise
            await self._fail(lease, Failure(error.code, error.detail))
        except Conflict:
            await self._fail(lease, DUPLICATE)

    async def _begin(self, lease: Lease) -> Document:
        async with self._units.open(lease.job.tenant_id) as uow:
            document = await uow.documents.get(lease.job.subject_id, lock=True)
            await uow.jobs.fence(lease)
            document.advance(Progress(Stage.FETCHING), self._clock.now())
            await uow.documents.save(document)
            await tell_progress(uow, document)
        return document

    async def _fetched(self, document: Document) -> Source:
        url = self._fetcher.check(document.source_url or "")
        async with self._fetcher.fetch(url, accept=READABLE, max_bytes=self._max_bytes) as page:
            blob = await self._blobs.put(document.tenant_id, page.body, max_bytes=self._max_bytes)
            return source_of(page.filename, page.media_type, blob)

    async def _take(self, lease: Lease, source: Source) -> None:
        async with (
            removed_if_refused(self._blobs, source.blob_key),
            self._units.open(lease.job.tenant_id) as uow,
        ):
            document = await uow.documents.get(lease.job.subject_id, lock=True)
            await uow.jobs.complete(lease)
            document.take_fetched(source, self._clock.now())
            await uow.documents.save(document)
            await enqueue_ingestion(uow, document, self._clock)
            await take(uow, {Quota.BYTES: source.size}, self._clock.now())

    async def _fail(self, lease: Lease, failure: Failure) -> None:
        await end_failed(self._units, self._clock, lease, failure)
