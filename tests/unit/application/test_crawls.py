"""Crawls: a site is read within bounds and by its rules, and a crash costs one page at most."""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from adapters.memory.site_reader import InMemorySiteReader
from adapters.memory.web_fetcher import InMemoryWebFetcher, Page
from application.ports.blob_store import StoredBlob
from application.ports.job_queue import LeaseLost
from application.ports.web_fetcher import Fetched, FetchRefused, FetchUnavailable
from application.services.idempotency import IdempotencyKey
from application.services.website import Website
from application.testing.site_reader import sitemap_of
from application.use_cases.bots import DeleteBot
from application.use_cases.crawls import NewCrawl, StartCrawl, StopCrawl
from application.use_cases.run_crawl import TRIES
from domain.bots import Bot
from domain.crawls import Crawl, CrawlStatus
from domain.documents import DocumentStatus
from domain.errors import Conflict, InvalidInput, NotFound
from domain.jobs import JobKind, Lease
from domain.plans import Quota
from domain.robots import Robots
from domain.urls import UrlNotAllowed, WebUrl, parse_url
from unit.installation import Installation

SITE = "https://example.org"


def _publish(on: Installation, pages: Mapping[str, str]) -> None:
    """Put pages on the web, by path; what is not HTML says so by its name."""
    for path, content in pages.items():
        kind = {"txt": "text/plain", "xml": "application/xml", "png": "image/png"}
        on.web.pages[SITE + path] = Page(
            content.encode(), kind.get(path.rpartition(".")[2], "text/html")
        )


def _links(*paths: str) -> str:
    """Return a page that links to paths, and is like no other."""
    return f"<p>{len(paths)} {paths}</p>" + "".join(f"<a href='{p}'>x</a>" for p in paths)


async def _start(
    on: Installation,
    bot: Bot,
    url: str = SITE,
    *,
    max_pages: int = 50,
    max_depth: int = 2,
    key: IdempotencyKey | None = None,
    **rules: list[str],
) -> Crawl:
    start = StartCrawl(on.units, on.web, on.clock)
    new = NewCrawl(url, max_pages, max_depth, **rules)
    return (await start(on.actor, bot.id, new, key))[0]


async def _now(on: Installation, crawl: Crawl) -> Crawl:
    async with on.units.open(on.actor.tenant_id) as uow:
        return await uow.crawls.get(crawl.id)


async def _crawled(on: Installation, bot: Bot, url: str = SITE, **rules: object) -> Crawl:
    crawl = await _start(on, bot, url, **rules)  # type: ignore[arg-type]
    await on.work()
    return await _now(on, crawl)


def _taken(on: Installation) -> list[str]:
    return sorted(str(document.source_url) for document in on.tables.documents.values())


def _counts(crawl: Crawl) -> tuple[CrawlStatus, int, int, int, int]:
    return crawl.status, crawl.found, crawl.added, crawl.skipped, crawl.failed


DONE = CrawlStatus.COMPLETED


async def test_links_are_followed_breadth_first_and_each_page_becomes_a_document(
    installation: Installation,
) -> None:
    on, bot = installation, await installation.add_bot()
    _publish(on, {
        "/": _links("/a", "/b", "https://other.org/", "mailto:x@y.org", "#top"),
        "/a": _links("/deep", "/"), "/b": _links("/a"), "/deep": _links("/deeper"),
        "/deeper": _links(),
    })  # fmt: skip
    crawl = await _crawled(on, bot)
    assert _counts(crawl) == (DONE, 4, 4, 0, 0)
    assert _taken(on) == [f"{SITE}/", f"{SITE}/a", f"{SITE}/b", f"{SITE}/deep"]
    assert {d.status for d in on.tables.documents.values()} == {DocumentStatus.READY}
    assert len(on.blobs.blobs) == 4
    pages = [url for url in on.web.fetched if not url.endswith((".txt", ".xml"))]
    assert pages == [f"{SITE}{path}" for path in ("/", "/a", "/b", "/deep")]


async def test_a_sitemap_comes_before_links(installation: Installation) -> None:
    on, bot = installation, await installation.add_bot()
    locations = "".join(
        f"<url><loc>{url}</loc></url>"
        for url in (f"{SITE}/listed", "https://other.org/x", "http://10.0.0.1/", "nonsense")
    )
    index = f"<sitemapindex><sitemap><loc>{SITE}/s.xml</loc></sitemap></sitemapindex>"
    _publish(on, {
        "/": _links("/unlisted"), "/listed": _links("/unlisted", "/"), "/unlisted": _links(),
        "/sitemap.xml": index, "/s.xml": f"<urlset>{locations}</urlset>",
    })  # fmt: skip
    assert _counts(await _crawled(on, bot)) == (DONE, 2, 2, 0, 0)
    assert _taken(on) == [f"{SITE}/", f"{SITE}/listed"]


async def test_a_site_that_drips_its_sitemaps_is_given_up_and_what_came_counts() -> None:
    web = InMemoryWebFetcher()
    ask_robots = Robots(sitemaps=[f"{SITE}/1.xml", f"{SITE}/2.xml"])
    web.pages[f"{SITE}/1.xml"] = Page(sitemap_of(f"{SITE}/a"), "application/xml")

    class Dripping(InMemoryWebFetcher):
        @asynccontextmanager
        async def fetch(
            self, url: WebUrl, *, accept: Collection[str], max_bytes: int
        ) -> AsyncIterator[Fetched]:
            if url.path == "/2.xml":
                await asyncio.Event().wait()
            async with web.fetch(url, accept=accept, max_bytes=max_bytes) as page:
                yield page

    site = Website(parse_url(SITE), Dripping(), InMemorySiteReader())
    pages = await site.sitemap_pages(ask_robots, seconds=0.2)
    assert [str(page) for page in pages] == [f"{SITE}/a"]


async def test_robots_txt_is_obeyed_and_its_sitemap_used(installation: Installation) -> None:
    on, bot = installation, await installation.add_bot()
    robots = f"User-agent: *\nDisallow: /private\nSitemap: {SITE}/own.xml"
    listed = "".join(f"<url><loc>{SITE}{p}</loc></url>" for p in ("/private/1", "/open"))
    _publish(on, {
        "/": _links(), "/private/1": "secret", "/open": "open", "/robots.txt": robots,
        "/own.xml": f"<urlset>{listed}</urlset>", "/sitemap.xml": "unread",
    })  # fmt: skip
    assert _counts(await _crawled(on, bot)) == (DONE, 3, 2, 1, 0)
    assert f"{SITE}/private/1" not in on.web.fetched
    assert f"{SITE}/sitemap.xml" not in on.web.fetched


async def test_a_start_that_robots_txt_forbids_fails_the_crawl(installation: Installation) -> None:
    on, bot = installation, await installation.add_bot()
    _publish(on, {"/": _links(), "/robots.txt": "User-agent: *\nDisallow: /"})
    crawl = await _crawled(on, bot)
    assert crawl.error is not None
    assert (crawl.status, crawl.error.code) == (CrawlStatus.FAILED, "robots_disallowed")
    assert on.web.fetched == [f"{SITE}/robots.txt"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (FetchRefused("No.", code="url_not_allowed"), "robots_disallowed"),
        (FetchUnavailable("Down."), "fetch_failed"),
    ],
)
async def test_a_robots_txt_that_cannot_be_read_forbids_everything(
    installation: Installation, error: FetchRefused | FetchUnavailable, code: str
) -> None:
    on, bot = installation, await installation.add_bot()
    _publish(on, {"/": _links()})
    on.web.pages[f"{SITE}/robots.txt"] = Page(error=error)
    crawl = await _start(on, bot)
    await on.do(replace(await on.claim(), errors=TRIES - 1))
    ended = await _now(on, crawl)
    assert ended.error is not None
    assert (ended.status, ended.error.code) == (CrawlStatus.FAILED, code)
    assert f"{SITE}/" not in on.web.fetched


async def test_a_site_whose_robots_txt_does_not_come_is_tried_again(
    installation: Installation,
) -> None:
    on, bot = installation, await installation.add_bot()
    _publish(on, {"/": _links()})
    on.web.pages[f"{SITE}/robots.txt"] = Page(error=FetchUnavailable("Down."))
    crawl = await _start(on, bot)
    lease = await on.claim()
    with pytest.raises(FetchUnavailable):
        await on.do(lease)
    del on.web.pages[f"{SITE}/robots.txt"]
    await on.do(lease)
    assert (await _now(on, crawl)).status is DONE


@pytest.mark.parametrize(
    ("page", "code"),
    [
        (Page(error=FetchRefused("No.", code="url_not_allowed")), "url_not_allowed"),
        (Page(error=FetchUnavailable("Down.", code="fetch_timeout")), "fetch_timeout"),
        (Page(to="https://other.org/"), "left_site"),
        (Page(b"png", "image/png"), "unsupported_media_type"),
    ],
)
async def test_without_its_start_a_crawl_fails(
    installation: Installation, page: Page, code: str
) -> None:
    on, bot = installation, await installation.add_bot()
    on.web.pages |= {f"{SITE}/": page, "https://other.org/": Page(b"other")}
    crawl = await _crawled(on, bot)
    assert crawl.error is not None
    assert (crawl.status, crawl.error.code) == (CrawlStatus.FAILED, code)
    assert (on.tables.documents, on.blobs.blobs, on.state.jobs) == ({}, {}, {})


async def test_pages_that_are_gone_or_known_or_alike_are_counted(
    installation: Installation,
) -> None:
    on, bot = installation, await installation.add_bot()
    _publish(on, {
        "/": _links("/gone", "/same", "/away", "/moved", "/x.png", "/new"),
        "/same": _links("/gone", "/same", "/away", "/moved", "/x.png", "/new"),
        "/x.png": "png", "/new": "new",
    })  # fmt: skip
    on.web.pages[f"{SITE}/away"] = Page(to="https://other.org/")
    on.web.pages["https://other.org/"] = Page(b"other")
    on.web.pages[f"{SITE}/moved"] = Page(to="/new")
    crawl = await _crawled(on, bot)
    assert _counts(crawl) == (DONE, 7, 2, 4, 1)
    assert _taken(on) == [f"{SITE}/", f"{SITE}/new"]
    assert len(on.blobs.blobs) == 2
    assert _counts(await _crawled(on, bot)) == (DONE, 7, 0, 6, 1)
    assert len(on.blobs.blobs) == 2


async def test_pages_depth_and_parts_are_bounded(installation: Installation) -> None:
    on, bot = installation, await installation.add_bot()
    _publish(on, {f"/{n}": _links(f"/{n + 1}") for n in range(9)})
    _publish(on, {"/": _links("/0", "/a", "/b"), "/a": "a", "/b": "b"})
    assert (await _crawled(on, await on.add_bot(), max_depth=0)).added == 1
    assert (await _crawled(on, await on.add_bot(), max_pages=2)).added == 2
    assert (await _crawled(on, await on.add_bot(), max_depth=5)).added == 8
    assert (await _crawled(on, bot, include=["/0", "/1"], exclude=["/1"])).added == 2


async def test_a_crash_costs_no_page_and_doubles_none(installation: Installation) -> None:
    on, bot = installation, await installation.add_bot()
    _publish(on, {"/": _links("/a", "/b", "/c"), "/a": "a", "/b": "b", "/c": "c"})
    crawl = await _start(on, bot)
    first = await on.claim()
    opened = on.units.opened

    async def crash(number: int) -> None:
        if number == opened + 5:  # two pages are recorded by then
            raise RuntimeError("the machine is gone")

    on.units.before = crash
    with pytest.raises(RuntimeError):
        await on.do(first)
    assert (await _now(on, crawl)).added == 2
    on.clock.advance(61)
    await on.work()
    assert _counts(await _now(on, crawl)) == (DONE, 4, 4, 0, 0)
    assert len(_taken(on)) == 4


async def test_who_lost_the_lease_while_reading_a_page_records_nothing(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    on, bot = installation, await installation.add_bot()
    _publish(on, {"/": _links()})
    crawl = await _start(on, bot)
    put = on.blobs.put

    async def put_slowly(
        tenant_id: str, data: AsyncIterator[bytes], *, max_bytes: int
    ) -> StoredBlob:
        blob = await put(tenant_id, data, max_bytes=max_bytes)
        on.clock.advance(61)
        return blob

    monkeypatch.setattr(on.blobs, "put", put_slowly)
    lease = await on.claim()
    with pytest.raises(LeaseLost):
        await on.do(lease)
    assert ((await _now(on, crawl)).added, on.tables.documents, on.blobs.blobs) == (0, {}, {})
    monkeypatch.undo()
    await on.work()
    assert _counts(await _now(on, crawl)) == (DONE, 1, 1, 0, 0)


async def test_a_crawl_works_in_stretches_and_lets_others_go_first(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    on, bot = installation, await installation.add_bot()
    _publish(on, {"/": _links("/a"), "/a": "a"})
    monkeypatch.setattr("application.use_cases.run_crawl.STRETCH_SECONDS", -1.0)
    crawl = await _start(on, bot)
    await on.do(await on.claim())
    assert (await _now(on, crawl)).found == 1
    await on.upload(bot, "An upload.")
    assert (await on.claim()).job.kind is JobKind.INGEST
    monkeypatch.undo()
    await on.work()
    assert _counts(await _now(on, crawl)) == (DONE, 2, 2, 0, 0)


async def test_a_crawl_that_takes_too_long_is_stopped(installation: Installation) -> None:
    on, bot = installation, await installation.add_bot()
    _publish(on, {"/": _links("/a"), "/a": "a"})
    crawl = await _start(on, bot)
    lease = await on.claim()
    recorded: list[int] = []

    async def later(number: int) -> None:
        if on.tables.documents and not recorded:
            recorded.append(number)
            on.clock.advance(601)

    on.units.after = later
    renewed = Lease(lease.job, lease.fence)
    on.state.jobs[on.actor.tenant_id, JobKind.CRAWL, crawl.id] = replace(
        on.state.jobs[on.actor.tenant_id, JobKind.CRAWL, crawl.id],
        lease_until=on.clock.now().replace(year=9999),
    )
    await on.do(renewed)
    ended = await _now(on, crawl)
    assert ended.error is not None
    assert (ended.status, ended.error.code, ended.added) == (CrawlStatus.STOPPED, "time_limit", 1)


async def test_a_crawl_can_be_stopped_while_it_runs(installation: Installation) -> None:
    on, bot = installation, await installation.add_bot()
    _publish(on, {"/": _links("/a"), "/a": "a"})
    crawl = await _start(on, bot)
    stop = StopCrawl(on.units, on.clock)
    with pytest.raises(NotFound):
        await stop(on.stranger, crawl.id)
    assert (await stop(on.actor, crawl.id)).status is CrawlStatus.STOPPED
    await on.work()
    assert on.web.fetched == []
    assert (await stop(on.actor, crawl.id)).status is CrawlStatus.STOPPED


async def test_a_crawl_of_a_deleted_bot_leaves_nothing(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    on, bot = installation, await installation.add_bot()
    _publish(on, {"/": _links("/a"), "/a": "a"})
    await _start(on, bot)
    put = on.blobs.put

    async def put_and_delete(
        tenant_id: str, data: AsyncIterator[bytes], *, max_bytes: int
    ) -> StoredBlob:
        await DeleteBot(on.units, on.clock)(on.actor, bot.id)
        return await put(tenant_id, data, max_bytes=max_bytes)

    monkeypatch.setattr(on.blobs, "put", put_and_delete)
    with pytest.raises(NotFound):
        await on.do(await on.claim())
    await on.work()
    assert (on.blobs.blobs, on.tables.documents, on.tables.crawls) == ({}, {}, {})


async def test_a_bot_has_one_running_crawl(installation: Installation) -> None:
    on, bot, key = installation, await installation.add_bot(), IdempotencyKey("k", "f")
    first = await _start(on, bot, key=key)
    assert (await _start(on, bot, key=key)).id == first.id
    with pytest.raises(Conflict):
        await _start(on, bot)
    await _start(on, await on.add_bot())
    await on.work()
    assert (await _start(on, bot)).id != first.id


async def test_what_cannot_be_crawled_is_refused_at_once(installation: Installation) -> None:
    on, bot = installation, await installation.add_bot()
    with pytest.raises(UrlNotAllowed):
        await _start(on, bot, "http://169.254.169.254/latest/meta-data")
    with pytest.raises(InvalidInput):
        await _start(on, bot, max_pages=501)
    assert on.tables.crawls == {}


async def test_a_plan_without_room_ends_the_crawl_and_what_was_read_stays(
    installation: Installation,
) -> None:
    on, bot = installation, await installation.add_bot()
    _publish(on, {"/": _links("/a", "/b"), "/a": "a", "/b": "b"})
    plan = on.state.accounts.plans["free"]
    limits = {**plan.limits, Quota.DOCUMENTS: 2}
    on.state.accounts.plans["free"] = replace(plan, limits=limits)
    crawl = await _crawled(on, bot)
    assert crawl.error is not None
    assert (crawl.status, crawl.error.code) == (CrawlStatus.FAILED, "quota_exceeded")
    assert (crawl.added, len(_taken(on)), len(on.blobs.blobs)) == (2, 2, 2)
