"""Over TLS the name stays the name, though the connection goes to a checked address."""

import ssl
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from adapters.web.web_fetcher import AioHttpWebFetcher
from application.ports.web_fetcher import FetchRefused
from domain.urls import UrlRules
from standins.web_server import WebServer, html, redirect
from support.certificates import make_certificate


@pytest.fixture
async def secure(tmp_path: Path) -> AsyncIterator[tuple[WebServer, AioHttpWebFetcher, list[str]]]:
    """A server for `site.test`, a fetcher that trusts its certificate, and the names it was asked by."""
    pem = make_certificate(tmp_path, "site.test")
    names: list[str] = []
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pem)
    context.sni_callback = lambda _, name, __: names.append(name)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    async with WebServer(tls=context) as server:
        rules = UrlRules(ports=frozenset({server.port, 80}), is_public="127.0.0.1".__eq__)
        client = ssl.create_default_context(cafile=str(pem))
        yield server, AioHttpWebFetcher(rules, resolve=resolve, tls=client), names


Secure = tuple[WebServer, AioHttpWebFetcher, list[str]]


async def _fetch(fetcher: AioHttpWebFetcher, url: str) -> bytes:
    async with fetcher.fetch(fetcher.check(url), accept=["*/*"], max_bytes=1000) as page:
        return await page.read()


async def test_the_server_is_asked_by_its_name(secure: Secure) -> None:
    server, fetcher, names = secure
    server.pages["/"] = html("hello")
    assert await _fetch(fetcher, server.url("/", "site.test")) == b"hello"
    assert names == ["site.test"]
    assert server.requests[0].headers["host"] == f"site.test:{server.port}"


async def test_a_certificate_for_another_name_is_refused(secure: Secure) -> None:
    server, fetcher, _ = secure
    server.pages["/"] = html("hello")
    with pytest.raises(FetchRefused, match="certificate"):
        await _fetch(fetcher, server.url("/", "other.test"))
    assert server.requests == []


async def test_a_certificate_that_nobody_vouches_for_is_refused(secure: Secure) -> None:
    server, _, _ = secure
    rules = UrlRules(trusted=frozenset({f"127.0.0.1:{server.port}"}))
    with pytest.raises(FetchRefused, match="certificate"):
        await _fetch(AioHttpWebFetcher(rules), server.url("/"))


async def test_a_redirect_from_https_to_http_is_refused(secure: Secure) -> None:
    server, fetcher, _ = secure
    server.pages["/"] = redirect("http://site.test/plain")
    with pytest.raises(FetchRefused, match="from https to http") as raised:
        await _fetch(fetcher, server.url("/", "site.test"))
    assert raised.value.code == "url_not_allowed"
