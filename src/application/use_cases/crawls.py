"""Start and stop crawls."""

from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.unit_of_work import UnitsOfWork
from application.ports.web_fetcher import WebFetcher
from application.services.audit import audit
from application.services.idempotency import IdempotencyKey, made_before, remember
from application.services.ingestion import crawl_job
from domain.accounts import Actor
from domain.crawls import Crawl, CrawlRules
from domain.errors import Conflict
from domain.jobs import JobKind


@dataclass(frozen=True, slots=True)
class NewCrawl:
    """A crawl as the client asks for it."""

    url: str
    max_pages: int
    max_depth: int
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()


class StartCrawl:
    """Begin to read a site for a bot; it goes on in the background."""

    def __init__(self, units: UnitsOfWork, fetcher: WebFetcher, clock: Clock) -> None:
        self._units = units
        self._fetcher = fetcher
        self._clock = clock

    async def __call__(
        self, actor: Actor, bot_id: str, new: NewCrawl, key: IdempotencyKey | None = None
    ) -> tuple[Crawl, bool]:
        """Return the crawl, and whether an earlier request with the key made it.

        Raises NotFound, InvalidInput, UrlNotAllowed and Conflict where the bot has a running crawl.
        """
        crawl = self._crawl(actor, bot_id, new)
        async with self._units.open(actor.tenant_id) as uow:
            await uow.bots.get(bot_id, lock=True)  # so that no other crawl begins meanwhile
            before = await made_before(uow, actor, key)
            if before:
                return await uow.crawls.get(before[0]), True
            running = await uow.crawls.running(bot_id)
            if running is not None:
                raise Conflict(f"The crawl {running} of this bot is running: wait, or stop it.")
            await uow.crawls.add(crawl)
            await uow.jobs.enqueue(crawl_job(crawl, self._clock), at_once=True)
            await remember(uow, actor, key, [crawl.id])
            await audit(uow, self._clock, actor, "crawl.started", ("crawl", crawl.id))
        return crawl, False

    def _crawl(self, actor: Actor, bot_id: str, new: NewCrawl) -> Crawl:
        now = self._clock.now()
        return Crawl(
            id=self._clock.new_id("crawl"),
            tenant_id=actor.tenant_id,
            bot_id=bot_id,
            url=self._fetcher.check(new.url),
            rules=CrawlRules.of(new.max_pages, new.max_depth, new.include, new.exclude),
            created_by=actor.id,
            created_at=now,
            updated_at=now,
        )


class StopCrawl:
    """End a crawl early; the documents that it made stay."""

    def __init__(self, units: UnitsOfWork, clock: Clock) -> None:
        self._units = units
        self._clock = clock

    async def __call__(self, actor: Actor, crawl_id: str) -> Crawl:
        """Return the crawl as it is then; one that has ended stays as it ended. Raises NotFound."""
        async with self._units.open(actor.tenant_id) as uow:
            crawl = await uow.crawls.get(crawl_id, lock=True)
            if crawl.is_running:
                crawl.stop(self._clock.now())
                await uow.crawls.save(crawl)
                await uow.jobs.cancel(JobKind.CRAWL, crawl_id)
                await audit(uow, self._clock, actor, "crawl.stopped", ("crawl", crawl_id))
        return crawl
