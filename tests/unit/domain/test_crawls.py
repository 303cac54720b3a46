"""A crawl reads each address once, within its bounds."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.crawls import Crawl, CrawlRules, CrawlStatus, Frontier, Outcome
from domain.documents import Failure
from domain.errors import InvalidInput
from domain.urls import WebUrl, parse_url

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _url(path: str) -> WebUrl:
    return parse_url(f"https://example.org{path}")


def _crawl(rules: CrawlRules | None = None) -> Crawl:
    return Crawl("crawl_1", "ws_1", "bot_1", _url("/"), rules or CrawlRules(), "usr_1", NOW, NOW)


@pytest.mark.parametrize(
    ("values", "pointer"),
    [
        ((0, 2, [], []), "/max_pages"),
        ((501, 2, [], []), "/max_pages"),
        ((1, -1, [], []), "/max_depth"),
        ((1, 6, [], []), "/max_depth"),
        ((1, 1, ["docs"], []), "/include"),
        ((1, 1, [], ["/" + "x" * 500]), "/exclude"),
        ((1, 1, ["/"] * 51, []), "/include"),
    ],
)
def test_rules_out_of_bounds_are_refused(
    values: tuple[int, int, list[str], list[str]], pointer: str
) -> None:
    with pytest.raises(InvalidInput) as raised:
        CrawlRules.of(*values)
    assert raised.value.pointer == pointer


def test_pages_are_read_in_the_order_they_were_found_each_once() -> None:
    crawl = _crawl()
    crawl.begin([], NOW)
    assert crawl.next() == ("https://example.org/", 0)
    crawl.record(Outcome.ADDED, NOW)
    crawl.discover([_url("/b"), _url("/a"), _url("/b"), _url("/")], 1)
    assert crawl.found == 3
    assert crawl.next() == ("https://example.org/b", 1)
    crawl.record(Outcome.SKIPPED, NOW)
    crawl.record(Outcome.FAILED, NOW)
    assert crawl.next() is None
    assert (crawl.added, crawl.skipped, crawl.failed) == (1, 1, 1)


def test_other_sites_and_other_parts_are_left_out_but_not_the_start() -> None:
    crawl = _crawl(CrawlRules(include=("/docs/",), exclude=("/docs/old",)))
    others = [parse_url("https://other.org/docs/"), _url("/blog"), _url("/docs/old/1")]
    crawl.begin([*others, _url("/docs/new")], NOW)
    assert [a for a, _ in crawl.frontier.addresses] == [
        "https://example.org/",
        "https://example.org/docs/new",
    ]


def test_links_count_only_where_sitemaps_name_nothing() -> None:
    by_links, by_sitemap = _crawl(), _crawl()
    by_links.begin([], NOW)
    by_sitemap.begin([_url("/a")], NOW)
    assert (by_links.frontier.follows_links, by_sitemap.frontier.follows_links) == (True, False)


def test_the_bounds_of_pages_depth_and_memory_hold() -> None:
    crawl = _crawl(CrawlRules(max_pages=2, max_depth=1))
    crawl.begin([], NOW)
    crawl.record(Outcome.ADDED, NOW)
    crawl.discover([_url(f"/{number}") for number in range(1000)], 1)
    crawl.discover([_url("/deep")], 2)
    assert crawl.found == 110
    crawl.record(Outcome.SKIPPED, NOW, fetched=False)
    assert crawl.next() is not None
    crawl.record(Outcome.ADDED, NOW)
    assert crawl.next() is None


def test_a_crawl_is_late_after_ten_minutes_of_work() -> None:
    crawl = _crawl()
    assert not crawl.is_late(NOW + timedelta(days=1))
    crawl.begin([], NOW)
    assert not crawl.is_late(NOW + timedelta(minutes=10))
    assert crawl.is_late(NOW + timedelta(minutes=10, seconds=1))


def test_what_has_ended_stays_as_it_ended_and_forgets_its_addresses() -> None:
    crawl = _crawl()
    crawl.begin([], NOW)
    crawl.stop(NOW)
    crawl.fail(Failure("x", "y"), NOW)
    crawl.complete(NOW)
    assert (crawl.status, crawl.error, crawl.frontier) == (CrawlStatus.STOPPED, None, Frontier())
    assert crawl.found == 1
