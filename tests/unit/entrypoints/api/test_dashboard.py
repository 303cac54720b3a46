"""The built dashboard as it is served: fallback, caching, encodings, policy, and nothing besides."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from entrypoints.api import built_dashboard, problems
from entrypoints.api.built_dashboard import Dashboard
from entrypoints.api.routes import dashboard

PAGE = b"<!doctype html><title>ChatSphere</title>"
SCRIPT = b"export const answer = 42;" * 40
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


class Answer:
    """What was sent."""

    def __init__(self, messages: list[Any]) -> None:
        start, *rest = messages
        self.status: int = start["status"]
        self.headers = {n.decode(): v.decode() for n, v in start["headers"]}
        self.body: bytes = b"".join(message.get("body", b"") for message in rest)


class Site:
    """An application that serves one build."""

    def __init__(self, folder: Path | None) -> None:
        self._app = FastAPI(openapi_url=None, redirect_slashes=False)
        self._app.state.dashboard = Dashboard.read(folder)
        problems.install(self._app)
        self._app.include_router(dashboard.router)

    async def ask(self, path: str, method: str = "GET", **headers: str) -> Answer:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http", "method": method, "path": path, "query_string": b"", "scheme": "http",
            "headers": [(k.replace("_", "-").encode(), v.encode()) for k, v in headers.items()],
        }  # fmt: skip
        await self._app(scope, receive, send)
        return Answer(sent)


@pytest.fixture
def build(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_bytes(PAGE)
    (folder / "robots.txt").write_bytes(b"User-agent: *\n")
    (folder / "theme.js").write_bytes(b"(() => {})();")
    (folder / "favicon.svg").write_bytes(b"<svg/>")
    (folder / "assets" / "app-1a2b3c.js").write_bytes(SCRIPT)
    (folder / "assets" / "app-1a2b3c.js.gz").write_bytes(gzip.compress(SCRIPT))
    (folder / "assets" / "app-1a2b3c.js.br").write_bytes(b"as brotli has it")
    (folder / ".built-from").write_bytes(b"a note of the build")
    (tmp_path / "secret.txt").write_text("a secret beside the build", encoding="utf-8")
    return folder


@pytest.fixture
def site(build: Path) -> Site:
    return Site(build)


@pytest.mark.parametrize("path", ["/", "/bots", "/bots/bot_1/documents/doc_2", "/index.html"])
async def test_a_browser_gets_the_first_page_at_every_screen(site: Site, path: str) -> None:
    answer = await site.ask(path, **BROWSER)
    assert (answer.status, answer.body) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


async def test_the_first_page_is_asked_for_again_by_its_tag(site: Site, build: Path) -> None:
    tag = (await site.ask("/")).headers["etag"]
    for given in (tag, f'"other", W/{tag}', "*"):
        again = await site.ask("/", if_none_match=given)
        assert (again.status, again.body) == (304, b"")
        assert again.headers["etag"] == tag
        assert again.headers["cache-control"] == "no-cache"
    (build / "index.html").write_bytes(PAGE + b"new")
    assert (await Site(build).ask("/", if_none_match=tag)).status == 200


async def test_a_file_with_its_hash_in_its_name_is_kept_for_good(site: Site) -> None:
    answer = await site.ask("/assets/app-1a2b3c.js")
    assert (answer.status, answer.body) == (200, SCRIPT)
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("path", ["/theme.js", "/favicon.svg", "/index.html", "/robots.txt"])
async def test_a_file_under_a_name_that_stays_is_asked_for_again(site: Site, path: str) -> None:
    answer = await site.ask(path)
    assert answer.headers["cache-control"] == "no-cache"
    assert (await site.ask(path, if_none_match=answer.headers["etag"])).status == 304


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip;q=1.0, br;q=0", "gzip"),
        ("GZIP", "gzip"),
        ("*", "br"),
        ("br;q=x", None),
        ("deflate", None),
        ("", None),
    ],
)
async def test_a_file_comes_in_the_best_encoding_that_the_client_takes(
    site: Site, accepted: str, encoding: str | None
) -> None:
    answer = await site.ask("/assets/app-1a2b3c.js", accept_encoding=accepted)
    assert answer.headers.get("content-encoding") == encoding
    assert "Accept-Encoding" in answer.headers["vary"]
    plain = await site.ask("/assets/app-1a2b3c.js")
    assert (answer.headers["etag"] == plain.headers["etag"]) is (encoding is None)
    if encoding == "gzip":
        assert gzip.decompress(answer.body) == SCRIPT


async def test_every_file_is_under_a_policy_without_inline_code(site: Site) -> None:
    for path in ("/", "/bots", "/assets/app-1a2b3c.js", "/robots.txt"):
        policy = (await site.ask(path, **BROWSER)).headers["content-security-policy"]
        assert "unsafe" not in policy
        for part in (
            "default-src 'none'", "script-src 'self';", "style-src 'self';", "base-uri 'none'",
            "frame-ancestors 'none'", "form-action 'self'", "require-trusted-types-for 'script'",
        ):  # fmt: skip
            assert part in policy


@pytest.mark.parametrize(
    "path",
    ["/../secret.txt", "/..%2fsecret.txt", "/assets/../../secret.txt", "/assets/..\\..\\secret.txt",
     "/assets//etc/passwd", "//etc/passwd", "/assets/app-1a2b3c.js.br", "/robots.txt\x00.js", "/.built-from"],
)  # fmt: skip
async def test_nothing_but_the_files_of_the_build_is_served(site: Site, path: str) -> None:
    answer = await site.ask(path)
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    shown = (await site.ask(path, **BROWSER)).body
    assert b"secret beside" not in shown
    assert b"a note" not in shown


@pytest.mark.parametrize("path", ["/api/v1/nowhere", "/api", "/assets/gone.js", "/mcp", "/page/x"])
async def test_what_the_api_does_not_know_stays_a_problem_for_a_browser_too(
    site: Site, path: str
) -> None:
    answer = await site.ask(path, **BROWSER)
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_program_gets_no_page_for_an_address_that_is_unknown(site: Site) -> None:
    answer = await site.ask("/bots", accept="*/*")
    assert answer.status == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert (await site.ask("/apis", **BROWSER)).body == PAGE


async def test_the_head_of_a_file_can_be_asked_for(site: Site) -> None:
    assert (await site.ask("/", "HEAD")).headers["content-length"] == str(len(PAGE))


@pytest.mark.parametrize("path", ["/", "/bots"])
async def test_without_a_build_it_says_how_to_make_one(path: str) -> None:
    answer = await Site(None).ask(path, **BROWSER)
    assert answer.status == 404
    assert answer.headers["content-type"].startswith("text/plain")
    assert b"make run" in answer.body


def test_a_folder_counts_as_a_build_once_its_first_page_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = tmp_path / "src" / "entrypoints" / "api" / "built_dashboard.py"
    monkeypatch.setattr(built_dashboard, "__file__", str(module))
    checkout, package = tmp_path / "frontend" / "dist", module.parent / "dashboard"
    for folder in (checkout, package):
        folder.mkdir(parents=True)
    assert built_dashboard.built_folder() is None
    for folder in (checkout, package):  # what was packed goes first
        (folder / "index.html").write_bytes(PAGE)
        assert built_dashboard.built_folder() == folder
