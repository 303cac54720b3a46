"""What every fetcher promises of a web that behaves; the hostile one is told to the adapter's tests."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

import pytest

from application.ports.web_fetcher import FetchRefused, WebFetcher
from application.testing.contract import Contract
from domain.urls import UrlNotAllowed

HTML = ("text/html",)
Publish = Callable[[str, bytes, str], str]
Redirect = Callable[[str, str], str]


class WebFetcherContract(Contract):
    """A subclass gives the fixtures `fetcher`; `publish`, which takes a path, a content and its media
    type, and `redirect`, which takes two paths; both return the URL of the (first) path."""

    async def test_a_page_comes_as_it_is(self, fetcher: WebFetcher, publish: Publish) -> None:
        content = "<p>Grüße".encode() * 5000
        url = fetcher.check(publish("/folder/page.html", content, "text/html"))
        async with fetcher.fetch(url, accept=HTML, max_bytes=len(content)) as page:
            assert (page.url, page.media_type, page.filename) == (url, "text/html", "page.html")
            assert await page.read() == content

    async def test_a_redirect_is_followed_and_the_last_address_told(
        self, fetcher: WebFetcher, publish: Publish, redirect: Redirect
    ) -> None:
        last = publish("/new", b"here", "text/html")
        url = fetcher.check(redirect("/old", "/new"))
        async with fetcher.fetch(url, accept=HTML, max_bytes=100) as page:
            assert str(page.url) == last
            assert await page.read() == b"here"

    async def test_redirects_in_a_circle_are_refused(
        self, fetcher: WebFetcher, redirect: Redirect
    ) -> None:
        url = fetcher.check(redirect("/round", "/round"))
        with pytest.raises(FetchRefused) as raised:
            async with fetcher.fetch(url, accept=HTML, max_bytes=100):
                pass
        assert raised.value.code == "fetch_refused"

    async def test_what_is_not_there_is_refused_with_its_status(
        self, fetcher: WebFetcher, publish: Publish
    ) -> None:
        url = fetcher.check(publish("/there", b"x", "text/html") + "-not")
        with pytest.raises(FetchRefused) as raised:
            async with fetcher.fetch(url, accept=HTML, max_bytes=100):
                pass
        assert (raised.value.code, raised.value.status) == ("fetch_refused", 404)

    async def test_one_byte_too_many_is_refused(
        self, fetcher: WebFetcher, publish: Publish
    ) -> None:
        url = fetcher.check(publish("/large", b"x" * 1001, "text/html"))
        with pytest.raises(FetchRefused) as raised:
            async with fetcher.fetch(url, accept=HTML, max_bytes=1000) as page:
                await page.read()
        assert raised.value.code == "fetch_too_large"

    @pytest.mark.parametrize(
        ("accept", "taken"),
        [(("image/*",), True), (("*/*",), True), (("image/png",), True), (HTML, False)],
    )
    async def test_only_the_media_types_asked_for_are_taken(
        self, fetcher: WebFetcher, publish: Publish, accept: tuple[str, ...], taken: bool
    ) -> None:
        url = fetcher.check(publish("/image", b"png", "image/png"))
        told: AbstractContextManager[object]
        told = nullcontext() if taken else pytest.raises(FetchRefused, match="kind")
        with told:
            async with fetcher.fetch(url, accept=accept, max_bytes=100) as page:
                assert await page.read() == b"png"

    @pytest.mark.parametrize("url", ["ftp://example.org/", "http://localhost/", "http://10.0.0.1/"])
    async def test_what_is_not_of_the_public_web_is_refused_at_sight(
        self, fetcher: WebFetcher, url: str
    ) -> None:
        with pytest.raises(UrlNotAllowed):
            fetcher.check(url)
