"""Web fetchers keep their contract."""

from collections.abc import AsyncIterator

import pytest

from adapters.memory.web_fetcher import InMemoryWebFetcher
from adapters.memory.web_fetcher import Page as InMemoryPage
from adapters.web.web_fetcher import AioHttpWebFetcher
from application.testing.web_fetcher import Publish, Redirect, WebFetcherContract
from domain.urls import UrlRules
from standins.web_server import WebServer, answer
from standins.web_server import redirect as redirect_to


class TestInMemoryWebFetcher(WebFetcherContract):
    @pytest.fixture
    def fetcher(self) -> InMemoryWebFetcher:
        return InMemoryWebFetcher()

    @pytest.fixture
    def publish(self, fetcher: InMemoryWebFetcher) -> Publish:
        def put(path: str, content: bytes, media_type: str) -> str:
            url = f"https://example.org{path}"
            fetcher.pages[url] = InMemoryPage(content, media_type)
            return url

        return put

    @pytest.fixture
    def redirect(self, fetcher: InMemoryWebFetcher) -> Redirect:
        def put(path: str, to: str) -> str:
            url = f"https://example.org{path}"
            fetcher.pages[url] = InMemoryPage(to=to)
            return url

        return put


class TestAioHttpWebFetcher(WebFetcherContract):
    @pytest.fixture
    async def server(self) -> AsyncIterator[WebServer]:
        async with WebServer() as server:
            yield server

    @pytest.fixture
    async def fetcher(self, server: WebServer) -> AsyncIterator[AioHttpWebFetcher]:
        trusted = frozenset({f"127.0.0.1:{server.port}"})
        fetcher = AioHttpWebFetcher(UrlRules(trusted=trusted))
        yield fetcher
        await fetcher.aclose()

    @pytest.fixture
    def publish(self, server: WebServer) -> Publish:
        def put(path: str, content: bytes, media_type: str) -> str:
            server.pages[path] = answer(content, media_type=media_type)
            return server.url(path)

        return put

    @pytest.fixture
    def redirect(self, server: WebServer) -> Redirect:
        def put(path: str, to: str) -> str:
            server.pages[path] = redirect_to(to)
            return server.url(path)

        return put
