"""What every store of crawls, and of documents that come from addresses, promises."""

import asyncio
from datetime import timedelta

from application.queries.page import PageRequest
from application.testing.backend import Backend, add_tenant, in_unit, outcome
from application.testing.contract import Contract
from application.testing.samples import add_bot, add_document, make_document, make_source
from domain.bots import Bot
from domain.crawls import Crawl, CrawlRules, Frontier, Outcome
from domain.documents import Document, Failure, Source
from domain.errors import Conflict, NotFound
from domain.urls import parse_url

URL = "https://example.org/rules"


def make_crawl(backend: Backend, bot: Bot) -> Crawl:
    """Return a crawl that is not stored yet."""
    now = backend.clock.now()
    return Crawl(
        id=backend.clock.new_id("crawl"),
        tenant_id=bot.tenant_id,
        bot_id=bot.id,
        url=parse_url("https://example.org/docs/?lang=en"),
        rules=CrawlRules(7, 3, ("/docs/", "/help"), ("/docs/old",)),
        created_by="usr_1",
        created_at=now,
        updated_at=now,
    )


async def add_crawl(backend: Backend, bot: Bot) -> Crawl:
    """Store a crawl."""
    crawl = make_crawl(backend, bot)
    await in_unit(backend, bot.tenant_id, lambda unit: unit.crawls.add(crawl))
    return crawl


def _address(backend: Backend, bot: Bot, url: str = URL) -> Document:
    document = make_document(backend, bot, source=Source("rules", "", 0, "", ""))
    document.source_url, document.target = url, 0
    return document


class CrawlsContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_a_crawl_is_read_as_it_was_written_and_changed(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        crawl = await add_crawl(backend, await add_bot(backend, tenant))
        now = backend.clock.now() + timedelta(seconds=1)
        pages = [parse_url(f"https://example.org/docs/{name}") for name in ("a", "b?ü")]
        crawl.begin(pages, now)
        crawl.record(Outcome.ADDED, now)
        crawl.record(Outcome.FAILED, now, fetched=False)
        await in_unit(backend, tenant, lambda unit: unit.crawls.save(crawl))
        async with backend.units.open(tenant) as unit:
            assert await unit.crawls.get(crawl.id) == crawl
            assert await unit.crawls.get(crawl.id, lock=True) == crawl
            assert await unit.crawls.running(crawl.bot_id) == crawl.id
        shown = await backend.crawl_queries.get(tenant, crawl.id)
        assert shown.frontier == Frontier()
        assert (shown.found, shown.added, shown.failed) == (3, 1, 1)
        crawl.fail(Failure("fetch_failed", "The site cannot be reached."), now)
        await in_unit(backend, tenant, lambda unit: unit.crawls.save(crawl))
        assert await backend.crawl_queries.get(tenant, crawl.id) == crawl
        async with backend.units.open(tenant) as unit:
            assert await unit.crawls.running(crawl.bot_id) is None

    async def test_the_crawls_of_a_bot_are_listed_newest_first(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot, other = await add_bot(backend, tenant), await add_bot(backend, tenant)
        made = sorted([(await add_crawl(backend, bot)).id for _ in range(3)], reverse=True)
        await add_crawl(backend, other)
        first = await backend.crawl_queries.list(tenant, bot.id, PageRequest(2))
        rest = await backend.crawl_queries.list(tenant, bot.id, PageRequest(2, first.next_after))
        assert [crawl.id for crawl in [*first.items, *rest.items]] == made
        assert rest.next_after is None

    async def test_crawls_of_other_tenants_and_of_deleted_bots_are_not_found(
        self, backend: Backend
    ) -> None:
        tenant, stranger = await add_tenant(backend), await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        crawl = await add_crawl(backend, bot)
        assert await self._found_by(backend, stranger, crawl) == [NotFound] * 2
        assert (await backend.crawl_queries.list(stranger, bot.id, PageRequest())).items == []
        await in_unit(backend, tenant, lambda unit: unit.bots.delete(bot.id))
        assert await self._found_by(backend, tenant, crawl) == [NotFound] * 2
        assert (await backend.crawl_queries.list(tenant, bot.id, PageRequest())).items == []
        await in_unit(backend, tenant, lambda unit: unit.bots.erase(bot.id))
        assert await self._found_by(backend, tenant, crawl) == [NotFound] * 2

    async def _found_by(self, backend: Backend, tenant: str, crawl: Crawl) -> list[object]:
        return [
            await outcome(backend.crawl_queries.get(tenant, crawl.id)),
            await outcome(in_unit(backend, tenant, lambda unit: unit.crawls.get(crawl.id))),
        ]

    async def test_addresses_without_bytes_do_not_count_as_the_same(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        first = await add_document(backend, bot, _address(backend, bot))
        await add_document(backend, bot, _address(backend, bot, URL + "/2"))
        async with backend.units.open(tenant) as unit:
            assert await unit.documents.get(first.id) == first
            assert await unit.documents.find_same(bot.id, "") is None

    async def test_an_address_is_one_document_of_a_bot(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot, other = await add_bot(backend, tenant), await add_bot(backend, tenant)
        attempts = (_address(backend, bot) for _ in range(3))
        results = await asyncio.gather(*(outcome(add_document(backend, bot, a)) for a in attempts))
        assert results.count(Conflict) == 2
        await add_document(backend, other, _address(backend, other))
        async with backend.units.open(tenant) as unit:
            found = await unit.documents.find_by_url(bot.id, URL)
            assert found is not None
            assert found.bot_id == bot.id
            assert await unit.documents.find_by_url(bot.id, URL + "/2") is None
            await unit.documents.delete(found.id)
        async with backend.units.open(tenant) as unit:
            assert await unit.documents.find_by_url(bot.id, URL) is None
        await add_document(backend, bot, _address(backend, bot))

    async def test_what_was_fetched_becomes_the_first_revision(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        document = await add_document(backend, bot, _address(backend, bot))
        document.title = document.source.filename
        source = make_source(backend, "page.html")
        document.take_fetched(source, backend.clock.now())
        await in_unit(backend, tenant, lambda unit: unit.documents.save(document))
        async with backend.units.open(tenant) as unit:
            stored = await unit.documents.get(document.id)
            assert await unit.documents.source(document.id, 1) == source
        assert (stored.target, stored.title, stored.source) == (1, "page.html", source)
