"""Documents of addresses and crawls over HTTP, from a web server that stands beside the service."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from integration.api.client import Client
from integration.api.service import Service, serving
from standins.web_server import WebServer, answer, html, redirect, slowly, zipped
from support.postgres import PostgresServer

TEXT = "The harbour opens at seven in the morning."


@pytest.fixture(scope="module")
async def _web() -> AsyncIterator[WebServer]:
    async with WebServer() as server:
        yield server


@pytest.fixture
def web(_web: WebServer) -> WebServer:
    """The site, empty."""
    _web.pages.clear()
    _web.requests.clear()
    return _web


@pytest.fixture(scope="module")
async def service(
    postgres_server: PostgresServer, _web: WebServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Service]:
    """The application; its operator trusts the site, and nothing else on this machine."""
    folder = tmp_path_factory.mktemp("sources")
    options = {"fetch_allowed_hosts": f"127.0.0.1:{_web.port}", "crawl_delay_seconds": 0.0}
    with postgres_server.database() as url:
        async with serving(url, folder, **options) as service:
            yield service


async def _added(ada: Client, bot: str, url: str, **more: Any) -> Any:
    reply = await ada.post(f"/bots/{bot}/documents", {"url": url, **more})
    assert reply.status == 202, reply
    assert reply.headers["Location"] == f"/api/v1/documents/{reply.json['id']}"
    return await ada.settled(reply.json["id"])


async def _ended(ada: Client, crawl_id: str) -> Any:
    async with asyncio.timeout(30):
        while True:
            crawl = (await ada.get(f"/crawls/{crawl_id}")).json
            if crawl["status"] != "running":
                return crawl
            await asyncio.sleep(0.05)


async def _documents(ada: Client, bot: str) -> dict[str, Any]:
    listed = (await ada.get(f"/bots/{bot}/documents?limit=100")).json["data"]
    return {document["source_url"]: document for document in listed}


async def test_an_address_is_fetched_and_can_be_searched(ada: Client, web: WebServer) -> None:
    bot = await ada.bot()
    web.pages["/hours"] = redirect("/hours.html")
    web.pages["/hours.html"] = zipped(f"<title>Hours</title><p>{TEXT}".encode())
    url = web.url("/hours")
    document = await _added(ada, bot, url, metadata={"kind": "page"})
    assert (document["status"], document["source_url"]) == ("ready", url)
    assert (document["title"], document["metadata"]) == ("Hours", {"kind": "page"})
    assert document["media_type"] == "text/html"
    hits = (await ada.post(f"/bots/{bot}/search", {"query": "When does the harbour open?"})).json
    assert hits["data"][0]["document_id"] == document["id"]
    again = await ada.post(f"/bots/{bot}/documents", {"url": url + "#hours"})
    assert (again.status, again.json["id"]) == (200, document["id"])


async def test_reprocessing_fetches_again(ada: Client, web: WebServer) -> None:
    bot = await ada.bot()
    web.pages["/page"] = html(f"<p>{TEXT}")
    document = await _added(ada, bot, web.url("/page"))
    web.pages["/page"] = html("<p>The harbour is closed for the winter.")
    assert (await ada.post(f"/documents/{document['id']}/reprocess")).status == 202
    renewed = await ada.settled(document["id"])
    assert (renewed["status"], renewed["revision"]) == ("ready", 2)
    assert b"winter" in (await ada.get(f"/documents/{document['id']}/text")).body


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://localhost/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/",
        "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest/meta-data", "http://10.0.0.1/",
        "http://user:pw@example.org/",  # pragma: allowlist secret
        "http://example.org:22/", "file:///etc/passwd", "gopher://example.org/", "not a url",
    ],
)  # fmt: skip
async def test_an_address_that_may_not_be_fetched_is_refused_at_once(
    ada: Client, web: WebServer, url: str
) -> None:
    bot = await ada.bot()
    for path in ("documents", "crawls"):
        reply = await ada.post(f"/bots/{bot}/{path}", {"url": url})
        assert reply.problem == (422, "url_not_allowed")
        assert reply.json["errors"][0]["pointer"] == "/url"
    assert await _documents(ada, bot) == {}


async def test_what_shows_only_on_the_way_fails_the_document(ada: Client, web: WebServer) -> None:
    bot, secret = await ada.bot(), f"{ada.service.url}/healthz"
    web.pages |= {
        "/inside": redirect(secret),
        "/gone": answer(status=404),
        "/program": answer(b"MZ", media_type="application/x-msdownload"),
        "/large": answer(b"x" * (1024 * 1024 + 1), media_type="text/plain"),
        "/bomb": zipped(b"\0" * 50_000_000, media_type="text/plain"),
        "/loop": redirect("/loop"),
    }
    codes = {
        "/inside": "url_not_allowed",
        "/gone": "fetch_refused",
        "/program": "unsupported_media_type",
        "/large": "fetch_too_large",
        "/bomb": "fetch_too_large",
        "/loop": "fetch_refused",
    }
    for path, code in codes.items():
        document = await _added(ada, bot, web.url(path))
        assert (document["status"], document["error"]["code"]) == ("failed", code)
        assert "127.0.0.1" not in document["error"]["detail"]


async def test_two_addresses_with_one_content_are_told_apart(ada: Client, web: WebServer) -> None:
    bot = await ada.bot()
    web.pages |= {"/one": html(TEXT), "/two": html(TEXT)}
    assert (await _added(ada, bot, web.url("/one")))["status"] == "ready"
    assert (await _added(ada, bot, web.url("/two")))["error"]["code"] == "duplicate_content"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"url": 1}, "/url"),
        ({"url": ""}, "/url"),
        ({"url": "x" * 3000}, "/url"),
        ({"url": "https://example.org/", "text": "both"}, "/text"),
        ({"url": "https://example.org/", "status": "ready"}, "/status"),
        ({"url": "https://example.org/", "metadata": {"a": 1}}, "/metadata/a"),
    ],
)
async def test_a_body_that_does_not_fit_is_refused(
    ada: Client, body: dict[str, Any], pointer: str
) -> None:
    reply = await ada.post(f"/bots/{await ada.bot()}/documents", body)
    assert reply.problem == (422, "invalid_request")
    assert reply.json["errors"][0]["pointer"] == pointer


async def test_a_site_is_crawled_into_documents(ada: Client, web: WebServer) -> None:
    bot = await ada.bot()
    web.pages |= {
        "/robots.txt": answer(b"User-agent: *\nDisallow: /private", media_type="text/plain"),
        "/": html(f"<title>Harbour</title><p>{TEXT}<a href=/a>a</a><a href=/private/x>x</a>"),
        "/a": html("<title>Ferry</title><p>The ferry leaves at noon.<a href=/gone>gone</a>"),
        "/private/x": html("<p>secret"),
    }
    reply = await ada.post(f"/bots/{bot}/crawls", {"url": web.url("/"), "max_pages": 10})
    assert reply.status == 202
    started = reply.json
    assert reply.headers["Location"] == f"/api/v1/crawls/{started['id']}"
    assert (started["status"], started["max_depth"]) == ("running", 2)
    crawl = await _ended(ada, started["id"])
    told = {key: crawl[key] for key in ("status", "found", "added", "skipped", "failed", "error")}
    assert told == {
        "status": "completed", "found": 4, "added": 2, "skipped": 1, "failed": 1, "error": None
    }  # fmt: skip
    found = await _documents(ada, bot)
    assert set(found) == {web.url("/"), web.url("/a")}
    titles = {(await ada.settled(d["id"]))["title"] for d in found.values()}
    assert titles == {"Harbour", "Ferry"}
    assert "/private/x" not in web.asked
    assert web.asked.count("/a") == 1
    assert (await ada.get(f"/bots/{bot}/crawls")).json["data"] == [crawl]


async def test_a_crawl_can_be_stopped_and_only_one_runs_for_a_bot(
    ada: Client, web: WebServer
) -> None:
    bot = await ada.bot()
    web.pages["/robots.txt"] = slowly(b"", b"", pause=20)
    crawl = (await ada.post(f"/bots/{bot}/crawls", {"url": web.url("/")})).json
    busy = await ada.post(f"/bots/{bot}/crawls", {"url": web.url("/")})
    assert busy.problem == (409, "conflict")
    stopped = await ada.post(f"/crawls/{crawl['id']}/stop")
    assert (stopped.status, stopped.json["status"]) == (200, "stopped")
    assert (await ada.post(f"/crawls/{crawl['id']}/stop")).json == stopped.json


async def test_crawls_of_others_are_not_found(ada: Client, eve: Client, web: WebServer) -> None:
    bot = await ada.bot()
    web.pages["/"] = html("<p>hello")
    crawl = (await ada.post(f"/bots/{bot}/crawls", {"url": web.url("/")})).json
    await _ended(ada, crawl["id"])
    for method, path in (
        ("GET", f"/crawls/{crawl['id']}"),
        ("POST", f"/crawls/{crawl['id']}/stop"),
        ("GET", f"/bots/{bot}/crawls"),
    ):
        assert (await eve.request(method, path)).problem == (404, "not_found")
    body = {"url": web.url("/")}
    assert (await eve.post(f"/bots/{bot}/crawls", body)).problem == (404, "not_found")
    assert (await eve.post(f"/bots/{bot}/documents", body)).problem == (404, "not_found")


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        ({"max_pages": 0}, "/max_pages"),
        ({"max_pages": 501}, "/max_pages"),
        ({"max_depth": 6}, "/max_depth"),
        ({"include": ["docs"]}, "/include/0"),
        ({"exclude": "x"}, "/exclude"),
        ({"id": "crawl_1"}, "/id"),
        ({"status": "completed"}, "/status"),
    ],
)
async def test_a_crawl_out_of_bounds_is_refused(
    ada: Client, more: dict[str, Any], pointer: str
) -> None:
    body = {"url": "https://example.org/", **more}
    reply = await ada.post(f"/bots/{await ada.bot()}/crawls", body)
    assert reply.problem == (422, "invalid_request")
    assert reply.json["errors"][0]["pointer"] == pointer
