"""Headers, queries, methods and paths that do not fit."""

import asyncio

import pytest

from integration.api.client import Client, Contract

TOKENS = [
    "", "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Basic YTpi", "bearer\txyz", "Bearer " + "x" * 9000,
    "Bearer é",
    "Bearer eyJhbGciOiJub25lIn0.e30.",  # pragma: allowlist secret
    "Negotiate", "Bearer null", ",", "Bearer a, Bearer b",
]  # fmt: skip


@pytest.mark.parametrize("value", TOKENS)
async def test_a_token_that_is_none_is_refused(anyone: Client, value: str) -> None:
    reply = await anyone.get("/me", headers={"Authorization": value})
    assert reply.problem == (401, "unauthenticated")


@pytest.mark.parametrize(
    "value", ["", '"', "v1", '"v1', '"v99999999999"', "*x", "W/", '"v1", "v2"', "é"]
)
async def test_an_if_match_that_names_no_version_fails_the_precondition(
    ada: Client, value: str
) -> None:
    path = f"/bots/{await ada.bot()}"
    for method, options in (("PATCH", {"json": {"name": "N"}}), ("DELETE", {})):
        reply = await ada.request(method, path, headers={"If-Match": value}, **options)
        assert reply.problem == (412, "precondition_failed"), method
    assert (await ada.get(path)).json["name"] == "A bot"
    assert (await ada.patch(path, {"name": "N"}, headers={"If-Match": "*"})).status == 200


@pytest.mark.parametrize("value", ["", "x" * 256, "a b", "é"])
async def test_an_idempotency_key_that_is_none_is_refused(ada: Client, value: str) -> None:
    reply = await ada.post("/bots", {"name": "N"}, headers={"Idempotency-Key": value})
    assert reply.problem == (422, "invalid_request")
    assert reply.json["errors"][0]["pointer"] == "/header/Idempotency-Key"
    assert (await ada.get("/bots")).json["data"] == []


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=101", "limit=x", "limit=1e3", "limit=-1", "limit=" + "9" * 400, "limit=",
        "limit=1.5", "cursor=", "cursor=x", "cursor=%00", "cursor=====", "cursor=%F0%9F%9A%A2",
        "cursor=" + "A" * 201, "cursor=Li4vLi4v", "cursor=Jw", "cursor=%FF",
    ],
)  # fmt: skip
async def test_a_page_that_cannot_be_is_refused(ada: Client, query: str) -> None:
    bot = await ada.bot()
    for path in ("/bots", f"/bots/{bot}/documents", f"/bots/{bot}/conversations"):
        reply = await ada.get(f"{path}?{query}")
        assert reply.problem == (422, "invalid_request"), path
        name = query.partition("=")[0]
        assert reply.json["errors"][0]["pointer"] == f"/query/{name}"


async def test_a_cursor_of_another_list_is_refused_where_it_is_a_number(ada: Client) -> None:
    bots = [await ada.bot() for _ in range(2)]
    cursor = (await ada.get("/bots?limit=1")).json["next_cursor"]
    reply = await ada.get(f"/bots/{bots[0]}/versions?cursor={cursor}")
    assert reply.problem == (422, "invalid_request")


@pytest.mark.parametrize(
    "q", ["%00", "%", "%25", "_", "'", "%F0%9F%9A%A2", "%ED%A0%80", "%FF", "x" * 200]
)
async def test_any_words_can_be_looked_for(ada: Client, q: str) -> None:
    bot = await ada.bot()
    for path in (f"/bots/{bot}/documents", f"/bots/{bot}/conversations"):
        reply = await ada.get(f"{path}?q={q}")
        if q == "%00":
            assert reply.problem == (422, "invalid_request")
        else:
            assert reply.json["data"] == []
        too_long = await ada.get(f"{path}?q={'x' * 201}")
        assert too_long.problem == (422, "invalid_request")


async def test_a_revision_that_cannot_be_is_refused(ada: Client) -> None:
    document = await ada.text(await ada.bot(), "Words.")
    for value in ("0", "-1", "x", "9" * 30, "1.5", ""):
        reply = await ada.get(f"/documents/{document}/text?revision={value}")
        assert reply.problem == (422, "invalid_request"), value
    assert (await ada.get(f"/documents/{document}/text?revision=7")).problem == (404, "not_found")


async def test_a_method_that_a_path_does_not_take_is_told_all_that_it_takes(
    ada: Client, contract: Contract
) -> None:
    every = {"GET", "POST", "PUT", "PATCH", "DELETE"}
    for path, methods in contract.document["paths"].items():
        takes = {method.upper() for method in methods}
        for method in sorted(every - takes):
            url = ada.service.url + path
            reply = await ada.request(method, url)
            if path.endswith("/config_schema") and reply.status != 405:
                continue  # the same address by its shape is a bot's
            assert reply.problem == (405, "method_not_allowed"), (method, path)
            allowed = set(reply.headers["Allow"].split(", "))
            assert takes <= allowed
            assert method not in allowed
    strange = await ada.request("PROPFIND", "/bots")
    assert strange.problem == (405, "method_not_allowed")
    assert set(strange.headers["Allow"].split(", ")) == {"GET", "POST"}


@pytest.mark.parametrize(
    "path",
    ["/api/v1", "/api/v1/", "/api/v2/bots", "/api/v1/bots/", "/api/v1/nowhere", "/.env", "/x" * 2000,
     "/api/v1/bots%2F", "//", "/api/v1/../me", "/page/..%2Fapp.py", "/%00", "/%FF", "/page/nothing.js"],
)  # fmt: skip
async def test_an_unknown_path_is_a_problem_too(ada: Client, path: str) -> None:
    reply = await ada.request("GET", ada.service.url + path)
    assert reply.problem == (404, "not_found")


@pytest.mark.parametrize("accept", ["", "*/*", "text/html", "x", "application/xml;q=0.1", "é"])
async def test_any_accept_gets_json_where_no_stream_is_asked_for(ada: Client, accept: str) -> None:
    reply = await ada.get("/bots", headers={"Accept": accept})
    assert reply.status == 200
    assert reply.headers["Content-Type"] == "application/json"


async def raw(client: Client, head: bytes) -> bytes:
    """Send bytes as they are and return what comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", client.service.port)
    try:
        writer.write(head)
        await writer.drain()
        async with asyncio.timeout(5):
            return await reader.read(65536)
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x00\x01\x02\r\n\r\n",
        b"GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a\x00b\r\n\r\n",
        b"GET /api/v1/me HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /api/v1/bots HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
        b"POST /api/v1/bots HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_what_is_no_http_gets_400_and_the_server_lives_on(
    anyone: Client, head: bytes
) -> None:
    answer = await raw(anyone, head)
    assert answer.startswith(b"HTTP/1.1 4") or answer == b""
    assert b"Traceback" not in answer
    assert (await anyone.get(f"{anyone.service.url}/healthz")).status == 200


async def test_a_client_that_hangs_up_in_its_body_makes_nothing(ada: Client) -> None:
    bearer = ada.headers["Authorization"].encode()
    for kind in (b"application/json", b"multipart/form-data; boundary=B"):
        _reader, writer = await asyncio.open_connection("127.0.0.1", ada.service.port)
        bot = await ada.bot()
        writer.write(
            b"POST /api/v1/bots/%s/documents HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\n"
            b"Content-Type: %s\r\nContent-Length: 9999\r\n\r\n"
            b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nHel'
            % (bot.encode(), bearer, kind)
        )
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.close()
        await writer.wait_closed()
        assert (await ada.get(f"/bots/{bot}/documents")).json["data"] == []
