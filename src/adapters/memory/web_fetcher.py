"""A web of pages in a dictionary."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass

from application.ports.web_fetcher import Fetched, FetchRefused, FetchUnavailable, WebFetcher
from domain.urls import UrlRules, WebUrl, parse_url

_REDIRECTS_MAX = 3
_BLOCK = 4096


@dataclass(slots=True)
class Page:
    """What stands at an address; `to` makes it a redirect, `error` is raised in its place."""

    content: bytes = b""
    media_type: str = "text/html"
    to: str = ""
    error: FetchRefused | FetchUnavailable | None = None


class InMemoryWebFetcher(WebFetcher):
    """Fetches from `pages`, by normalised URL; `fetched` lists what was asked for."""

    def __init__(self, rules: UrlRules | None = None) -> None:
        self._rules = rules or UrlRules()
        self.pages: dict[str, Page] = {}
        self.fetched: list[str] = []

    def check(self, url: str) -> WebUrl:
        """Return the URL normalised."""
        return parse_url(url, self._rules)

    @asynccontextmanager
    async def fetch(
        self, url: WebUrl, *, accept: Collection[str], max_bytes: int
    ) -> AsyncIterator[Fetched]:
        """Give the page, after redirects."""
        for _ in range(_REDIRECTS_MAX + 1):
            self.fetched.append(str(url))
            page = self.pages.get(str(url))
            if page is None:
                raise FetchRefused("The site answered with the status 404.", status=404)
            if page.error is not None:
                raise page.error
            if not page.to:
                yield self._given(url, page, accept, max_bytes)
                return
            url = self.check(url.joined(page.to))
        raise FetchRefused("The address redirects too often.")

    def _given(self, url: WebUrl, page: Page, accept: Collection[str], max_bytes: int) -> Fetched:
        kinds = {page.media_type, page.media_type.partition("/")[0] + "/*", "*/*"}
        if not kinds & set(accept):
            raise FetchRefused("Another kind of content.", code="unsupported_media_type")
        name = url.path.rpartition("/")[2] or url.host
        return Fetched(url, page.media_type, "utf-8", name, _blocks(page.content, max_bytes))


async def _blocks(content: bytes, max_bytes: int) -> AsyncIterator[bytes]:
    if len(content) > max_bytes:
        raise FetchRefused("The content is too large.", code="fetch_too_large")
    for start in range(0, len(content), _BLOCK):
        yield content[start : start + _BLOCK]
