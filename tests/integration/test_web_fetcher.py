"""The fetcher against a web that wants to lead it astray or wear it out.

127.0.0.2 plays the public internet, 127.0.0.1 what stands behind the firewall.
"""

import asyncio
import gc
import gzip
import os
import sys
import tracemalloc
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import pytest

from adapters.web.web_fetcher import AioHttpWebFetcher, Patience
from application.ports.web_fetcher import Fetched, FetchRefused, FetchUnavailable
from domain.urls import UrlNotAllowed, UrlRules
from standins.web_server import (
    Page,
    WebServer,
    answer,
    endlessly,
    html,
    redirect,
    slowly,
    zipped,
)

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux answers on all of 127.0.0.0/8 by itself"
)
PUBLIC, PRIVATE = "127.0.0.2", "127.0.0.1"
LIMIT = 100_000


@dataclass
class Web:
    """Two servers, the names that lead to them, and a fetcher that must keep to the first."""

    public: WebServer
    private: WebServer
    names: dict[str, list[list[str]]] = field(default_factory=dict)
    looked_up: list[str] = field(default_factory=list)
    patience: Patience = field(default_factory=lambda: Patience(connect=1.0, total=5.0))
    trusted: frozenset[str] = frozenset()

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        self.looked_up.append(host)
        if host[0].isdigit():
            return [host]
        answers = self.names.get(host, [[PUBLIC]])
        return answers.pop(0) if len(answers) > 1 else answers[0]

    async def fetch(
        self,
        path: str,
        host: str = "site.test",
        *,
        accept: Sequence[str] = ("text/html",),
        limit: int = LIMIT,
    ) -> tuple[Fetched, bytes]:
        rules = UrlRules(
            trusted=self.trusted,
            ports=frozenset({self.public.port, self.private.port}),
            is_public=PUBLIC.__eq__,
        )
        fetcher = AioHttpWebFetcher(rules, resolve=self.resolve, patience=self.patience)
        url = fetcher.check(self.public.url(path, host))
        async with fetcher.fetch(url, accept=accept, max_bytes=limit) as page:
            return page, await page.read()

    async def refused(
        self, page: Page | None, host: str = "site.test", limit: int = LIMIT
    ) -> tuple[str, str]:
        """Return class name and code of the error that the page leads to."""
        if page is not None:
            self.public.pages["/"] = page
        with pytest.raises((FetchRefused, FetchUnavailable)) as raised:
            await self.fetch("/", host, limit=limit)
        assert "127.0.0" not in raised.value.detail
        return type(raised.value).__name__, raised.value.code


@pytest.fixture
async def web() -> AsyncIterator[Web]:
    async with WebServer(PUBLIC) as public, WebServer(PRIVATE) as private:
        private.pages["/"] = html("secret")
        made = Web(public, private)
        yield made
        assert private.requests == [] or made.trusted


NOT_ALLOWED = ("FetchRefused", "url_not_allowed")
REFUSED = ("FetchRefused", "fetch_refused")
FAILED = ("FetchUnavailable", "fetch_failed")
TIMED_OUT = ("FetchUnavailable", "fetch_timeout")
TOO_LARGE = ("FetchRefused", "fetch_too_large")


async def test_a_page_is_fetched_by_its_name_and_without_telling_about_us(web: Web) -> None:
    web.public.pages["/page?q=%2F"] = html("<p>hello", ETag='"1"', Set_Cookie="a=b")
    page, content = await web.fetch("/page?q=%2F")
    assert (content, page.etag, page.charset) == (b"<p>hello", '"1"', "utf-8")
    assert web.public.requests[0].headers == {
        "host": f"site.test:{web.public.port}",
        "accept": "text/html",
        "accept-encoding": "gzip",
        "user-agent": "ChatSphere",
        "connection": "close",
    }


@pytest.mark.parametrize(
    "addresses",
    [[PRIVATE], [PUBLIC, PRIVATE], [PRIVATE, PUBLIC], ["::1"], ["::ffff:127.0.0.2"], ["rubbish"]],
    ids=" ".join,
)
async def test_a_name_with_any_address_that_is_not_public_is_refused(
    web: Web, addresses: list[str]
) -> None:
    web.names["evil.test"] = [addresses]
    assert await web.refused(html("public"), "evil.test") == NOT_ALLOWED
    assert web.public.requests == []


async def test_a_name_is_looked_up_once_and_connected_to_as_it_was_checked(web: Web) -> None:
    web.names["rebind.test"] = [[PUBLIC], [PRIVATE], [PRIVATE]]
    web.public.pages["/"] = html("public")
    _, content = await web.fetch("/", "rebind.test")
    assert content == b"public"
    assert web.looked_up == ["rebind.test"]


async def test_a_name_that_changes_between_redirects_is_checked_each_time(web: Web) -> None:
    web.names["rebind.test"] = [[PUBLIC], [PRIVATE]]
    assert await web.refused(redirect("/again"), "rebind.test") == NOT_ALLOWED
    assert web.looked_up == ["rebind.test", "rebind.test"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_to_a_private_address_is_refused(web: Web, status: int) -> None:
    page = redirect(web.private.url("/"), status)
    assert await web.refused(page) == NOT_ALLOWED


@pytest.mark.parametrize(
    "to",
    [
        "http://2130706433:{port}/", "http://0x7f.1:{port}/", "http://[::1]:{port}/", "//127.0.0.1:{port}/",
        "http://localhost:{port}/", "http://localhost.:{port}/", "http://inner.test:{port}/", "file:///etc/passwd",
        "http://site.test:22/", "http://a:b@site.test/", "ftp://site.test/", "http://[::1",
    ],
)  # fmt: skip
async def test_a_redirect_is_checked_as_the_first_address_is(web: Web, to: str) -> None:
    web.names["inner.test"] = [[PRIVATE]]
    assert await web.refused(redirect(to.format(port=web.private.port))) == NOT_ALLOWED


async def test_three_redirects_are_followed_and_four_are_not(web: Web) -> None:
    for number in range(1, 5):
        web.public.pages[f"/{number}"] = redirect(f"/{number - 1}")
    web.public.pages["/0"] = html("there")
    assert (await web.fetch("/3"))[1] == b"there"
    assert await web.refused(redirect("/3")) == REFUSED


async def test_a_redirect_to_nowhere_is_refused(web: Web) -> None:
    assert await web.refused(answer(status=302)) == REFUSED


async def test_what_the_operator_trusts_may_be_private(web: Web) -> None:
    web.trusted = frozenset({f"127.0.0.1:{web.private.port}"})
    web.public.pages["/"] = redirect(web.private.url("/"))
    assert (await web.fetch("/"))[1] == b"secret"
    web.trusted = frozenset({f"127.0.0.1:{web.private.port + 1}"})
    assert await web.refused(None) == NOT_ALLOWED


async def test_proxies_of_the_environment_are_not_used(
    web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, web.private.url("/"))
    monkeypatch.setenv("no_proxy", "")
    web.public.pages["/"] = html("direct")
    assert (await web.fetch("/"))[1] == b"direct"


@pytest.mark.parametrize("size", [LIMIT, 10 * LIMIT])
async def test_gzip_is_unpacked_within_the_limit(web: Web, size: int) -> None:
    body = b"\0" * size
    web.public.pages["/"] = zipped(body)
    if size <= LIMIT:
        assert (await web.fetch("/"))[1] == body
    else:
        assert await web.refused(None) == TOO_LARGE


async def test_a_gzip_bomb_is_not_unpacked_beyond_the_limit(web: Web) -> None:
    web.public.pages["/"] = zipped(b"\0" * 200_000_000)
    gc.collect()
    tracemalloc.start()
    try:
        assert await web.refused(None, limit=1_000_000) == TOO_LARGE
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


async def test_a_gzip_body_of_several_members_is_one(web: Web) -> None:
    body = gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two")
    web.public.pages["/"] = answer(body, Content_Encoding="x-gzip")
    assert (await web.fetch("/"))[1] == b"one two"


@pytest.mark.parametrize(
    ("page", "error"),
    [
        (answer(b"not gzip", Content_Encoding="gzip"), REFUSED),
        (answer(gzip.compress(os.urandom(900))[:-20], Content_Encoding="gzip"), FAILED),
        (answer(gzip.compress(b"x") + b"rest", Content_Encoding="gzip"), REFUSED),
        (answer(b"x", Content_Encoding="br"), REFUSED),
        (answer(b"x", Content_Encoding="deflate"), REFUSED),
        (answer(gzip.compress(gzip.compress(b"x")), Content_Encoding="gzip, gzip"), REFUSED),
        (answer(b"x" * (LIMIT + 1)), TOO_LARGE),
        (answer(b"x", length=10**12), TOO_LARGE),
        (answer(b"x" * 10, length=1000), FAILED),
        (answer(b"x", X_Large="y" * 9000), REFUSED),
        (answer(b"x", **{f"X_{number}": "y" for number in range(200)}), REFUSED),
        (b"SSH-2.0-OpenSSH_9.6\r\n", REFUSED),
        (b"", FAILED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", REFUSED),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", REFUSED),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", REFUSED),
        (answer(b"x", status=204, media_type=None), REFUSED),
        (answer(b"x", status=206), REFUSED),
        (answer(b"x", status=401), REFUSED),
        (answer(b"x", status=429), FAILED),
        (answer(b"x", status=500), FAILED),
        (answer(b"x", status=999), FAILED),
    ],
)
async def test_an_answer_that_is_no_good_becomes_a_clear_error(
    web: Web, page: bytes, error: tuple[str, str]
) -> None:
    assert await web.refused(page) == error


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-Endless: ",
    ],
    ids=["body", "header"],
)
async def test_what_never_ends_is_cut_off(web: Web, head: bytes) -> None:
    kind, code = await web.refused(endlessly(head, b"x" * 4096))
    assert (kind, code) in (TOO_LARGE, REFUSED)
    await asyncio.sleep(0)
    assert web.public.sent < 50 * LIMIT


@pytest.mark.parametrize(
    "page",
    [
        slowly(*[b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 90], pause=0.02),
        slowly(answer(b"x" * 10, length=1000), *[b"x"] * 100, pause=0.02),
        slowly(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 100, pause=0.02),
        slowly(b"", b"", pause=1),
    ],
    ids=["headers", "body", "continue", "silence"],
)
async def test_what_drips_is_given_up(web: Web, page: Page) -> None:
    web.patience = Patience(connect=0.2, total=0.3)
    start = asyncio.get_running_loop().time()
    assert await web.refused(page) == TIMED_OUT
    assert asyncio.get_running_loop().time() - start < 2


async def test_the_time_for_all_redirects_together_is_bounded(web: Web) -> None:
    web.patience = Patience(connect=0.2, total=0.3)
    assert await web.refused(slowly(b"", redirect("/"), pause=0.15)) == TIMED_OUT


async def test_a_name_server_that_does_not_answer_is_given_up(web: Web) -> None:
    web.patience = Patience(total=0.1)

    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    web.resolve = never  # type: ignore[method-assign]
    assert await web.refused(None) == TIMED_OUT


async def test_a_name_that_is_not_known_may_be_known_later(web: Web) -> None:
    web.names["gone.test"] = [[]]
    assert await web.refused(None, "gone.test") == FAILED


async def test_a_site_that_is_down_may_be_up_later(web: Web) -> None:
    await web.public.__aexit__()
    assert await web.refused(None) == FAILED


async def test_another_media_type_than_those_asked_for_is_refused(web: Web) -> None:
    web.public.pages["/"] = answer(b"x", media_type="application/x-executable")
    with pytest.raises(FetchRefused) as raised:
        await web.fetch("/")
    assert raised.value.code == "unsupported_media_type"


@pytest.mark.parametrize(
    ("path", "headers", "name"),
    [
        ("/a/report.pdf", {}, "report.pdf"),
        ("/a/", {"media_type": "text/html"}, "a.html"),
        ("/", {"media_type": "text/html"}, "site.test.html"),
        ("/x", {"Content_Disposition": 'attachment; filename="the plan.pdf"'}, "the plan.pdf"),
        ("/x", {"Content_Disposition": "attachment; filename*=UTF-8''%C3%BC.pdf"}, "ü.pdf"),
        ("/%C3%BC.txt", {}, "ü.txt"),
    ],
)
async def test_a_file_is_named_by_the_site_or_by_its_address(
    web: Web, path: str, headers: dict[str, str], name: str
) -> None:
    web.public.pages[path] = answer(b"x", **{"media_type": "text/plain", **headers})
    page, _ = await web.fetch(path, accept=["*/*"])
    assert page.filename == name


@pytest.mark.parametrize("odd", [f"*{'9' * 5000}=x", "*=idna''%ff", "*=undefined''x"])
async def test_headers_that_make_no_sense_are_the_sites_fault(web: Web, odd: str) -> None:
    web.public.pages["/a"] = html("x", Content_Disposition=f"attachment; filename{odd}")
    page, _ = await web.fetch("/a")
    assert page.filename == "a.html"
    assert await web.refused(answer(b"x", media_type=f"text/html; charset{odd}")) == REFUSED


async def test_an_address_that_was_not_fit_to_be_asked_for_is_refused_unasked(web: Web) -> None:
    rules = UrlRules(is_public=PUBLIC.__eq__)
    with pytest.raises(UrlNotAllowed):
        AioHttpWebFetcher(rules).check(web.private.url("/"))
