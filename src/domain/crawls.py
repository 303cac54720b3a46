"""Crawls: a site is read page by page, within bounds, and each page becomes a document."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.documents import Failure
from domain.errors import InvalidInput
from domain.urls import WebUrl, same_site

PAGES_MAX, DEPTH_MAX, PREFIXES_MAX = 500, 5, 50
PREFIX_LENGTH_MAX = 500
TIME_LIMIT = timedelta(minutes=10)
_ADDRESSES_A_PAGE = 5  # how many addresses are kept for each page that may be read
_ADDRESSES_MORE = 100


class CrawlStatus(StrEnum):
    """Where a crawl stands."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    STOPPED = "stopped"


class Outcome(StrEnum):
    """What became of an address: a new document, nothing (for a good reason), or an error."""

    ADDED = "added"
    SKIPPED = "skipped"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class CrawlRules:
    """How much of a site is read. `include` and `exclude` are prefixes of paths: a page must have one
    of the first, if there are any, and none of the second."""

    max_pages: int = 50
    max_depth: int = 2
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()

    @classmethod
    def of(
        cls, max_pages: int, max_depth: int, include: Sequence[str], exclude: Sequence[str]
    ) -> "CrawlRules":
        """Return rules within bounds. Raises InvalidInput."""
        if not 1 <= max_pages <= PAGES_MAX:
            raise InvalidInput(f"A crawl reads 1 to {PAGES_MAX} pages.", pointer="/max_pages")
        if not 0 <= max_depth <= DEPTH_MAX:
            raise InvalidInput(f"A crawl goes 0 to {DEPTH_MAX} links deep.", pointer="/max_depth")
        for name, prefixes in (("include", include), ("exclude", exclude)):
            fit = all(p.startswith("/") and len(p) <= PREFIX_LENGTH_MAX for p in prefixes)
            if not fit or len(prefixes) > PREFIXES_MAX:
                raise InvalidInput(
                    f"At most {PREFIXES_MAX} prefixes of paths, each with a / first and at most "
                    f"{PREFIX_LENGTH_MAX} characters.",
                    pointer=f"/{name}",
                )
        return cls(max_pages, max_depth, tuple(include), tuple(exclude))

    def covers(self, url: WebUrl) -> bool:
        """Tell whether a page's path is one of those wanted."""
        included = not self.include or url.path.startswith(tuple(self.include))
        return included and not url.path.startswith(tuple(self.exclude))


@dataclass(slots=True)
class Frontier:
    """The addresses found, in the order they are read, each with its distance in links from the start.

    `place` tells how many are done, `fetched` how many of these were asked for. Before the first run
    there is no `begun_at`.
    """

    addresses: list[tuple[str, int]] = field(default_factory=list)
    place: int = 0
    fetched: int = 0
    follows_links: bool = True
    begun_at: datetime | None = None


@dataclass(slots=True)
class Crawl:
    """One reading of a site for a bot."""

    id: str
    tenant_id: str
    bot_id: str
    url: WebUrl
    rules: CrawlRules
    created_by: str
    created_at: datetime
    updated_at: datetime
    status: CrawlStatus = CrawlStatus.RUNNING
    found: int = 0
    added: int = 0
    skipped: int = 0
    failed: int = 0
    error: Failure | None = None
    frontier: Frontier = field(default_factory=Frontier)

    @property
    def is_running(self) -> bool:
        """Tell whether there is more to come."""
        return self.status is CrawlStatus.RUNNING

    def begin(self, from_sitemap: Iterable[WebUrl], now: datetime) -> None:
        """Set out: the start comes first, then what sitemaps name; links count where they name nothing."""
        self.frontier = Frontier([(str(self.url), 0)], begun_at=now)
        self.found = 1
        self.discover(from_sitemap, depth=1)
        self.frontier.follows_links = self.found == 1
        self.updated_at = now

    def wants(self, url: WebUrl) -> bool:
        """Tell whether a page belongs to what is crawled; the start always does."""
        return url == self.url or (same_site(self.url, url) and self.rules.covers(url))

    def discover(self, urls: Iterable[WebUrl], depth: int) -> None:
        """Take addresses that were found this many links from the start; each is read once."""
        addresses = self.frontier.addresses
        if depth > max(self.rules.max_depth, 0):
            return
        room = self.rules.max_pages * _ADDRESSES_A_PAGE + _ADDRESSES_MORE - len(addresses)
        known = {address for address, _ in addresses}
        for url in urls:
            if room <= 0:
                break
            if str(url) not in known and self.wants(url):
                known.add(str(url))
                addresses.append((str(url), depth))
                room -= 1
        self.found = len(addresses)

    def next(self) -> tuple[str, int] | None:
        """Return the next address with its depth, or None where the crawl is at its end."""
        frontier = self.frontier
        if frontier.fetched >= self.rules.max_pages or frontier.place >= len(frontier.addresses):
            return None
        return frontier.addresses[frontier.place]

    def record(self, outcome: Outcome, now: datetime, *, fetched: bool = True) -> None:
        """Count what became of the next address, and go on to the one after."""
        self.frontier.place += 1
        self.frontier.fetched += fetched
        self.added += outcome is Outcome.ADDED
        self.skipped += outcome is Outcome.SKIPPED
        self.failed += outcome is Outcome.FAILED
        self.updated_at = now

    def is_late(self, now: datetime) -> bool:
        """Tell whether the time for it is over."""
        begun = self.frontier.begun_at
        return begun is not None and now - begun > TIME_LIMIT

    def complete(self, now: datetime) -> None:
        """End it: everything within bounds is read."""
        self._end(CrawlStatus.COMPLETED, None, now)

    def fail(self, failure: Failure, now: datetime) -> None:
        """End it with the reason why it cannot go on; the documents that it made stay."""
        self._end(CrawlStatus.FAILED, failure, now)

    def stop(self, now: datetime, reason: Failure | None = None) -> None:
        """End it early; the documents that it made stay."""
        self._end(CrawlStatus.STOPPED, reason, now)

    def _end(self, status: CrawlStatus, error: Failure | None, now: datetime) -> None:
        if self.is_running:
            self.status, self.error, self.updated_at = status, error, now
            self.frontier = Frontier()
