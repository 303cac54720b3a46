"""Cursors, ETags, event ids and keys: what a request may say, and what is refused."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from application.queries.page import Page, PageRequest
from domain.errors import InvalidInput
from domain.events import Event
from entrypoints.api import problems
from entrypoints.api.deps import (
    IdempotencyDep,
    IfMatchDep,
    PageDep,
    etag,
    numbered,
    page_response,
)
from entrypoints.api.streams import frame, last_event_id_of


def _app() -> FastAPI:
    app = FastAPI()
    problems.install(app)

    @app.get("/page")
    async def page(page: PageDep) -> dict[str, object]:
        return {"limit": page.limit, "after": page.after}

    @app.post("/change")
    async def change(version: IfMatchDep, key: IdempotencyDep) -> dict[str, object]:
        return {"version": version, "key": key and [key.key, key.fingerprint]}

    return app


@contextmanager
def _client() -> Iterator[TestClient]:
    with TestClient(_app()) as client:
        yield client


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    """A client of routes that say what they understood."""
    with _client() as client:
        yield client


def _cursor(position: str) -> str:
    body = page_response([], Page([], position)).body
    return str(orjson.loads(bytes(body))["next_cursor"])


@given(st.from_regex(r"[a-z0-9_]{1,64}", fullmatch=True))
def test_a_cursor_is_read_as_it_was_given_out(position: str) -> None:
    cursor = _cursor(position)
    assert cursor.isascii()
    assert "=" not in cursor


def test_a_page_goes_on_from_its_cursor(client: TestClient) -> None:
    for position in (
        "bot_01jtnq3x5k7z9v2b4d6f8h0jkm",  # pragma: allowlist secret
        "7",
        "a",
        "ab",
        "abc",
    ):
        got = client.get("/page", params={"cursor": _cursor(position), "limit": 3}).json()
        assert got == {"limit": 3, "after": position}
    assert client.get("/page").json() == {"limit": 20, "after": None}


@pytest.mark.parametrize("cursor", ["", "!", "é", "====", "Zg", "Z", "QUJD", "x" * 201, "JycgT1I"])
def test_a_cursor_of_somebody_else_is_refused(client: TestClient, cursor: str) -> None:
    if cursor == "Zg":  # "f": well formed
        assert client.get("/page", params={"cursor": cursor}).json()["after"] == "f"
        return
    refused = client.get("/page", params={"cursor": cursor})
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("after", ["x", "1x", "1234567890", "-1", "bot_1"])
def test_a_numbered_list_takes_numbers_only(after: str) -> None:
    with pytest.raises(InvalidInput):
        numbered(PageRequest(20, after))
    assert numbered(PageRequest(20, "12")).after == "12"
    assert numbered(PageRequest()).after is None


def test_the_last_page_has_no_cursor() -> None:
    body = orjson.loads(bytes(page_response([{"a": 1}], Page([1], None)).body))
    assert body == {"data": [{"a": 1}], "next_cursor": None, "has_more": False}


@pytest.mark.parametrize(
    ("given_tag", "version"), [('"v7"', 7), ('W/"v7"', 7), (' "v7" ', 7), ("*", None)]
)
def test_an_etag_names_a_version(client: TestClient, given_tag: str, version: int | None) -> None:
    got = client.post("/change", headers={"If-Match": given_tag}).json()
    assert got["version"] == version
    assert etag(7) == {"ETag": '"v7"'}


@pytest.mark.parametrize("given_tag", ["7", "v7", '"7"', '"v"', '"v-1"', '"v1", "v2"', '"vx"', ""])
def test_another_etag_matches_nothing(client: TestClient, given_tag: str) -> None:
    assert client.post("/change", headers={"If-Match": given_tag}).status_code == 412


def test_a_key_stands_for_method_path_and_body(client: TestClient) -> None:
    def fingerprint(body: bytes) -> str:
        sent = client.post("/change", content=body, headers={"Idempotency-Key": "k-1"})
        key, digest = sent.json()["key"]
        assert key == "k-1"
        return str(digest)

    assert fingerprint(b"{}") == fingerprint(b"{}") != fingerprint(b'{"a":1}')
    assert client.post("/change").json()["key"] is None


@pytest.mark.parametrize("key", ["", "with space", "x" * 256, "caf\xe9"])
def test_a_key_is_printable_and_short(client: TestClient, key: str) -> None:
    sent = client.post("/change", headers={b"Idempotency-Key": key.encode("latin-1")})
    assert sent.status_code == 422
    assert sent.json()["errors"][0]["pointer"] == "/header/Idempotency-Key"


@given(st.none() | st.text() | st.integers().map(str))
def test_an_event_id_is_a_small_number_or_refused(value: str | None) -> None:
    text = value or "0"
    if re.fullmatch(r"[0-9]{1,9}", text):
        assert asyncio.run(last_event_id_of(value)) == int(text)
        return
    with pytest.raises(InvalidInput):
        asyncio.run(last_event_id_of(value))


def test_an_event_is_one_block_whatever_it_says() -> None:
    block = frame(Event(3, "message.delta", {"text": "one\n\ndata: two\r\nid: 9"}))
    assert block.count(b"\n\n") == 1
    assert block.endswith(b"\n\n")
    lines = block.decode().splitlines()
    assert lines[:2] == ["id: 3", "event: message.delta"]
    sent = orjson.loads(lines[2].removeprefix("data: "))
    assert sent == {"text": "one\n\ndata: two\r\nid: 9", "seq": 3}
