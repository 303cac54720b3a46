"""Crawls in dictionaries."""

from copy import deepcopy
from dataclasses import replace

from adapters.memory.state import MemoryState, TenantTables
from application.ports.crawls import CrawlRepository
from application.queries.crawls import CrawlQueries
from application.queries.page import Page, PageRequest
from domain.crawls import Crawl, Frontier
from domain.errors import NotFound


def _found(tables: TenantTables, crawl_id: str) -> Crawl:
    crawl = tables.crawls.get(crawl_id)
    if crawl is None or tables.bot(crawl.bot_id) is None:
        raise NotFound
    return deepcopy(crawl)


class InMemoryCrawlRepository(CrawlRepository):
    """The crawls of the tenant whose tables it gets."""

    def __init__(self, tables: TenantTables) -> None:
        self._tables = tables

    async def add(self, crawl: Crawl) -> None:
        """Write a new crawl."""
        await self.save(crawl)

    async def get(self, crawl_id: str, *, lock: bool = False) -> Crawl:  # noqa: ARG002
        """Return a copy of the crawl; units take turns, so nothing needs a lock."""
        return _found(self._tables, crawl_id)

    async def running(self, bot_id: str) -> str | None:
        """Return the id of the bot's running crawl."""
        crawls = self._tables.crawls.values()
        return next((c.id for c in crawls if c.bot_id == bot_id and c.is_running), None)

    async def save(self, crawl: Crawl) -> None:
        """Write the crawl."""
        self._tables.crawls[crawl.id] = deepcopy(crawl)


class InMemoryCrawlQueries(CrawlQueries):
    """Reads over the committed dictionaries."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def get(self, tenant_id: str, crawl_id: str) -> Crawl:
        """Return a copy of the crawl."""
        return replace(_found(self._state.tenant(tenant_id), crawl_id), frontier=Frontier())

    async def list(self, tenant_id: str, bot_id: str, page: PageRequest) -> Page[Crawl]:
        """Return crawls, newest first."""
        tables = self._state.tenant(tenant_id)
        own = [c.id for c in tables.crawls.values() if c.bot_id == bot_id and tables.bot(bot_id)]
        ids = [i for i in sorted(own, reverse=True) if page.after is None or i < page.after]
        crawls = [await self.get(tenant_id, i) for i in ids[: page.limit + 1]]
        return Page.cut(crawls, page.limit, lambda crawl: crawl.id)
