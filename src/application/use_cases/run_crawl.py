"""Read a site for a bot, a stretch at a time."""

import asyncio
from dataclasses import dataclass, field

from application.ports.blob_store import BlobStore
from application.ports.clock import Clock
from application.ports.site_reader import SiteReader
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.ports.web_fetcher import Fetched, FetchRefused, FetchUnavailable, WebFetcher
from application.services.ingestion import (
    crawl_job,
    enqueue_ingestion,
    removed_if_refused,
    source_of,
)
from application.services.quotas import take
from application.services.website import READABLE, Tee, Website
from domain.crawls import Crawl, Outcome
from domain.documents import Document, Failure, Source
from domain.errors import Conflict, QuotaExceeded
from domain.jobs import Lease
from domain.plans import Quota
from domain.urls import UrlNotAllowed, WebUrl, same_site

TRIES = 3
STRETCH_SECONDS = 10.0  # then the next job of the queue has its turn
_DELAY_MAX = 10.0
_TOO_LONG = Failure("time_limit", "The crawl took longer than 10 minutes; what was read stays.")
_FORBIDDEN = Failure("robots_disallowed", "The site's robots.txt asks not to read this address.")
_ELSEWHERE = Failure("left_site", "The address leads to another site: crawl that one.")


@dataclass(frozen=True, slots=True)
class _Visit:
    """What was found at an address: bytes that were stored, or why there are none."""

    outcome: Outcome
    url: str = ""
    source: Source | None = None
    links: list[WebUrl] = field(default_factory=list)
    why: Failure | None = None
    fetched: bool = True


class RunCrawl:
    """Works a stretch under a lease and then queues the next one, so that uploads are not kept waiting.

    Each page is recorded in one transaction: its document, what became of its address and the addresses
    it led to. A crash costs the page that was being read, which the next worker reads again.
    """

    def __init__(
        self,
        units: UnitsOfWork,
        blobs: BlobStore,
        fetcher: WebFetcher,
        reader: SiteReader,
        clock: Clock,
        max_bytes: int,
        delay_seconds: float,
    ) -> None:
        self._units = units
        self._blobs = blobs
        self._fetcher = fetcher
        self._reader = reader
        self._clock = clock
        self._max_bytes = max_bytes
        self._delay = delay_seconds

    async def __call__(self, lease: Lease) -> None:
        """Raises LeaseLost, NotFound, DependencyUnavailable and, where the site may answer later,
        FetchUnavailable."""
        try:
            await self._stretch(lease)
        except FetchUnavailable as error:  # robots.txt cannot be had, and unasked nothing is read
            if lease.errors + 1 < TRIES:
                raise
            await self.fail(lease, Failure(error.code, error.detail))
        except QuotaExceeded as error:  # what was read before stays
            await self.fail(lease, Failure(error.code, error.detail))

    async def fail(self, lease: Lease, failure: Failure) -> None:
        """End the crawl with the reason why it cannot go on. Raises LeaseLost."""
        async with self._units.open(lease.job.tenant_id) as uow:
            crawl = await uow.crawls.get(lease.job.subject_id, lock=True)
            await uow.jobs.complete(lease)
            crawl.fail(failure, self._clock.now())
            await uow.crawls.save(crawl)

    async def _stretch(self, lease: Lease) -> None:
        async with self._units.open(lease.job.tenant_id) as uow:
            crawl = await uow.crawls.get(lease.job.subject_id)
        site = Website(crawl.url, self._fetcher, self._reader)
        if crawl.is_running and crawl.frontier.begun_at is None:
            crawl = await self._begin(lease, crawl, site)
        end = self._clock.monotonic() + STRETCH_SECONDS
        while crawl.is_running and not crawl.is_late(self._clock.now()):
            address = crawl.next()
            if address is None or self._clock.monotonic() > end:
                break
            visit = await self._visit(crawl, site, *address)
            crawl = await self._record(lease, crawl, visit, depth=address[1])
            if crawl.next() is not None and visit.fetched:
                robots = await site.robots(crawl.url)
                await asyncio.sleep(max(self._delay, min(robots.delay, _DELAY_MAX)))
        await self._end_stretch(lease)

    async def _begin(self, lease: Lease, crawl: Crawl, site: Website) -> Crawl:
        robots = await site.robots(crawl.url)
        allowed = robots.allows(crawl.url.target)
        pages = await site.sitemap_pages(robots) if allowed else []
        async with self._units.open(crawl.tenant_id) as uow:
            crawl = await uow.crawls.get(crawl.id, lock=True)
            await uow.jobs.fence(lease)
            if allowed:
                crawl.begin(pages, self._clock.now())
            else:
                crawl.fail(_FORBIDDEN, self._clock.now())
            await uow.crawls.save(crawl)
        return crawl

    async def _visit(self, crawl: Crawl, site: Website, address: str, depth: int) -> _Visit:
        try:
            url = self._fetcher.check(address)
            if not (await site.robots(url)).allows(url.target):
                return _Visit(Outcome.SKIPPED, why=_FORBIDDEN, fetched=False)
            async with self._fetcher.fetch(url, accept=READABLE, max_bytes=self._max_bytes) as page:
                return await self._read(crawl, site, page, depth)
        except (UrlNotAllowed, FetchRefused) as refused:
            other_kind = refused.code == "unsupported_media_type"
            outcome = Outcome.SKIPPED if other_kind else Outcome.FAILED
            return _Visit(outcome, why=Failure(refused.code, refused.detail))
        except FetchUnavailable as error:
            return _Visit(Outcome.FAILED, why=Failure(error.code, error.detail))

    async def _read(self, crawl: Crawl, site: Website, page: Fetched, depth: int) -> _Visit:
        """Store a page that belongs to the crawl, redirected or not."""
        if not same_site(crawl.url, page.url):
            return _Visit(Outcome.SKIPPED, why=_ELSEWHERE)
        robots = await site.robots(page.url)
        if not robots.allows(page.url.target) or (depth > 0 and not crawl.wants(page.url)):
            return _Visit(Outcome.SKIPPED, why=_FORBIDDEN)
        tee = Tee(page.body)
        blob = await self._blobs.put(crawl.tenant_id, tee.blocks(), max_bytes=self._max_bytes)
        source = source_of(page.filename, page.media_type, blob)
        follows = crawl.frontier.follows_links and depth < crawl.rules.max_depth
        links = await site.links(page, tee.head) if follows else []
        return _Visit(Outcome.ADDED, str(page.url), source, links)

    async def _record(self, lease: Lease, crawl: Crawl, visit: _Visit, depth: int) -> Crawl:
        key = visit.source.blob_key if visit.source else ""
        async with (
            removed_if_refused(self._blobs, key),
            self._units.open(lease.job.tenant_id) as uow,
        ):
            await uow.bots.hold(crawl.bot_id)  # first, as whoever erases the bot takes it first
            crawl = await uow.crawls.get(crawl.id, lock=True)
            await uow.jobs.fence(lease)
            outcome = await self._outcome(uow, crawl, visit)
            crawl.record(outcome, self._clock.now(), fetched=visit.fetched)
            crawl.discover(visit.links, depth + 1)
            if depth == 0 and visit.source is None and visit.why is not None:
                crawl.fail(visit.why, self._clock.now())  # without its start there is no crawl
            await uow.crawls.save(crawl)
            if outcome is Outcome.ADDED and visit.source is not None:
                made = {Quota.DOCUMENTS: 1, Quota.BYTES: visit.source.size}
                await take(uow, made, self._clock.now())
        if outcome is not Outcome.ADDED and key:
            await self._blobs.delete(key)
        return crawl

    async def _outcome(self, uow: UnitOfWork, crawl: Crawl, visit: _Visit) -> Outcome:
        """Make the document, unless the bot has one of this address or with these bytes."""
        if visit.source is None:
            return visit.outcome
        now = self._clock.now()
        document = Document(
            id=self._clock.new_id("doc"),
            tenant_id=crawl.tenant_id,
            bot_id=crawl.bot_id,
            title=visit.source.filename,
            source=visit.source,
            created_at=now,
            updated_at=now,
            source_url=visit.url,
        )
        try:
            await uow.documents.add(document)
        except Conflict:
            return Outcome.SKIPPED
        await enqueue_ingestion(uow, document, self._clock)
        return Outcome.ADDED

    async def _end_stretch(self, lease: Lease) -> None:
        async with self._units.open(lease.job.tenant_id) as uow:
            crawl = await uow.crawls.get(lease.job.subject_id, lock=True)
            await uow.jobs.complete(lease)
            now = self._clock.now()
            if crawl.is_running and crawl.next() is None:
                crawl.complete(now)
            elif crawl.is_late(now):
                crawl.stop(now, _TOO_LONG)
            if crawl.is_running:
                await uow.jobs.enqueue(crawl_job(crawl, self._clock), at_once=True)
            await uow.crawls.save(crawl)
