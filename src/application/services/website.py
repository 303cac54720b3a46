"""A site as a crawler sees it: what it asks of crawlers, and what it names."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress

from application.ports.site_reader import (
    ADDRESSES_MAX,
    PAGE_MAX_BYTES,
    SITEMAP_MAX_BYTES,
    SiteReader,
)
from application.ports.web_fetcher import USER_AGENT, Fetched, FetchRefused, WebFetcher
from domain.errors import ChatSphereError
from domain.robots import ALL_ALLOWED, NOTHING_ALLOWED, ROBOTS_MAX_BYTES, Robots, parse_robots
from domain.urls import UrlNotAllowed, WebUrl, same_site

_OFFICE = "application/vnd.openxmlformats-officedocument"
# What is asked for and taken as a document; the parser looks at the bytes themselves later on.
READABLE = (
    "text/html", "application/xhtml+xml", "application/pdf", "text/*", "application/json",
    "application/ld+json", "application/x-ndjson", "application/rtf", "application/epub+zip",
    "application/msword", f"{_OFFICE}.wordprocessingml.document",
    f"{_OFFICE}.presentationml.presentation", f"{_OFFICE}.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation", "application/vnd.ms-excel",
    "message/rfc822", "application/octet-stream",
)  # fmt: skip
_PAGES = ("text/html", "application/xhtml+xml")
_SITEMAPS_MAX, _SITEMAP_DEPTH = 20, 2
_ERRORS = 400


class Website:
    """Reads robots.txt, sitemaps and links of one site; what it read of robots.txt it keeps."""

    def __init__(self, start: WebUrl, fetcher: WebFetcher, reader: SiteReader) -> None:
        self._start = start
        self._fetcher = fetcher
        self._reader = reader
        self._robots: dict[str, Robots] = {}

    async def robots(self, url: WebUrl) -> Robots:
        """Return what the host of `url` asks of us (RFC 9309): a file that is not there asks nothing,
        one that cannot be read forbids everything.

        Raises FetchUnavailable where the host does not answer at the moment.
        """
        if url.origin not in self._robots:
            self._robots[url.origin] = await self._read_robots(url.origin)
        return self._robots[url.origin]

    async def _read_robots(self, origin: str) -> Robots:
        blocks: list[bytes] = []
        try:
            url = self._fetcher.check(f"{origin}/robots.txt")
            async with self._fetcher.fetch(
                url, accept=("text/plain", "*/*"), max_bytes=ROBOTS_MAX_BYTES
            ) as page:
                async for block in page.body:
                    blocks.append(block)  # what came counts, though it be cut off
        except UrlNotAllowed:
            return NOTHING_ALLOWED
        except FetchRefused as refused:
            if refused.status is not None and refused.status >= _ERRORS:
                return ALL_ALLOWED
            if refused.code != "fetch_too_large":
                return NOTHING_ALLOWED
        return parse_robots(b"".join(blocks).decode("utf-8", "replace"), USER_AGENT)

    async def sitemap_pages(self, robots: Robots, *, seconds: float = 30.0) -> list[WebUrl]:
        """Return the pages of this site that its sitemaps name: those of robots.txt, or /sitemap.xml.

        A slow site gets no more than `seconds`; what was named until then counts.
        """
        pages: dict[WebUrl, None] = {}
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._collect(robots, pages)
        return list(pages)

    async def _collect(self, robots: Robots, pages: dict[WebUrl, None]) -> None:
        waiting = [(url, 1) for url in self._own(robots.sitemaps)]
        waiting = waiting or [(url, 1) for url in self._own([f"{self._start.origin}/sitemap.xml"])]
        seen = {url for url, _ in waiting}
        for read, (url, depth) in enumerate(waiting):  # it grows while it is gone through
            if read >= _SITEMAPS_MAX or len(pages) >= ADDRESSES_MAX:
                break
            named, sitemaps = await self._sitemap(url)
            pages |= dict.fromkeys(named)
            if depth < _SITEMAP_DEPTH:
                further = [one for one in sitemaps if one not in seen]
                seen.update(further)
                waiting += [(one, depth + 1) for one in further]

    async def _sitemap(self, url: WebUrl) -> tuple[list[WebUrl], list[WebUrl]]:
        try:
            async with self._fetcher.fetch(
                url, accept=("*/*",), max_bytes=SITEMAP_MAX_BYTES
            ) as page:
                data = await page.read()
        except ChatSphereError:  # a site without a sitemap is read by its links
            return [], []
        return await asyncio.to_thread(self._named, data)

    def _named(self, data: bytes) -> tuple[list[WebUrl], list[WebUrl]]:
        found = self._reader.sitemap(data)
        return self._own(found.pages), self._own(found.sitemaps)

    async def links(self, page: Fetched, head: bytes) -> list[WebUrl]:
        """Return the pages of this site that a page, of which `head` is the beginning, links to."""
        if page.media_type not in _PAGES:
            return []
        return await asyncio.to_thread(
            lambda: self._own(self._reader.links(head, page.charset, page.url))
        )

    def _own(self, addresses: Iterable[str]) -> list[WebUrl]:
        """Return those of this site that may be fetched; for thousands, call it in a thread."""
        found: dict[WebUrl, None] = {}
        for address in addresses:
            try:
                url = self._fetcher.check(address)
            except UrlNotAllowed:
                continue
            if same_site(self._start, url):
                found[url] = None
        return list(found)


class Tee:
    """Passes a body on, and keeps its beginning, as much of it as links are read from."""

    def __init__(self, body: AsyncIterator[bytes]) -> None:
        self._body = body
        self._kept = bytearray()

    @property
    def head(self) -> bytes:
        """What was kept."""
        return bytes(self._kept)

    async def blocks(self) -> AsyncIterator[bytes]:
        """Yield the body."""
        async for block in self._body:
            self._kept += block[: PAGE_MAX_BYTES - len(self._kept)]
            yield block
