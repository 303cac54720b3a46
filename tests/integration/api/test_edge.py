"""The edge over a real server: what is slow, too long or no HTTP, and limits that hold together."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import aiohttp
import pytest

from entrypoints.api import bodies, protocol
from integration.api.client import API, Client, Contract
from integration.api.service import Service, serving
from support.postgres import PostgresServer
from support.redis import running_redis

HOST = b"Host: localhost\r\n"


@asynccontextmanager
async def connection(
    service: Service,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", service.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def told(service: Service, *parts: bytes) -> tuple[int, dict[str, str], bytes]:
    """Send bytes; return status, headers and body of the answer, which closes the connection."""
    async with asyncio.timeout(10), connection(service) as (reader, writer):
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0.01)
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return int(status.split()[1]), headers, body


async def code_of(service: Service, *parts: bytes) -> tuple[int, str]:
    """Return status and code of the problem that is told."""
    status, headers, body = await told(service, *parts)
    assert headers["content-type"] == "application/problem+json"
    assert headers["connection"] == "close"
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers
    assert "uvicorn" not in str(headers)
    problem = json.loads(body)
    assert problem["status"] == status
    return status, problem["code"]


async def test_what_is_no_http_is_told_so_as_a_problem(service: Service) -> None:
    for words in (b"\x00\x01\r\n\r\n", b"HELO there\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"):
        assert await code_of(service, words) == (400, "invalid_request")


async def test_a_head_is_bounded(service: Service) -> None:
    url = b"GET /" + b"x" * protocol.URL_MAX_BYTES + b" HTTP/1.1\r\n" + HOST + b"\r\n"
    assert await code_of(service, url) == (414, "uri_too_long")
    line = b"X-A: " + b"x" * 1000 + b"\r\n"
    request = b"GET /healthz HTTP/1.1\r\n" + HOST
    assert await code_of(service, request + line * 70 + b"\r\n") == (431, "headers_too_large")
    endless = [request, *[line * 20] * 5]  # a head without an end, in pieces
    assert await code_of(service, *endless) == (431, "headers_too_large")
    status, _, _ = await told(service, request + line * 50 + b"Connection: close\r\n\r\n")
    assert status == 200


async def test_a_head_that_drips_is_given_up(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.2)
    assert await code_of(service, b"GET / HTTP/1.1\r\nX-A: ") == (408, "request_timeout")
    async with asyncio.timeout(5), connection(service) as (reader, _):
        assert await reader.read() == b""  # says nothing, is told nothing


async def test_a_connection_that_is_used_again_has_its_time_again(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "HEAD_SECONDS", 0.3)
    request = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
    async with asyncio.timeout(10), connection(service) as (reader, writer):
        for _ in range(3):
            writer.write(request)
            await reader.readuntil(b"}")
            await asyncio.sleep(0.4)  # idle, not slow
        writer.write(request[:20])
        answer = await reader.read()
    assert answer.startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    ("kind", "path"),
    [
        (b"application/json", "/bots"),
        (b"application/json", "/bots/{bot}/documents"),
        (b"multipart/form-data; boundary=B", "/bots/{bot}/documents"),
    ],
)
async def test_a_body_that_stops_coming_is_given_up(
    ada: Client, monkeypatch: pytest.MonkeyPatch, kind: bytes, path: str
) -> None:
    monkeypatch.setattr(bodies, "IDLE_SECONDS", 0.2)
    target = API + path.format(bot=await ada.bot())
    bearer = ada.headers["Authorization"].encode()
    head = b"POST %b HTTP/1.1\r\n%bAuthorization: %b\r\nContent-Type: %b\r\nContent-Length: 999\r\n\r\n"
    part = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\nHel'
    request = head % (target.encode(), HOST, bearer, kind) + part
    assert await code_of(ada.service, request) == (408, "request_timeout")


async def test_a_trailer_is_no_header(ada: Client) -> None:
    """A body's end cannot bring what the edge has judged already."""
    request = (
        b"POST /api/v1/bots HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{}\r\n0\r\n"
        b"Authorization: " + ada.headers["Authorization"].encode() + b"\r\n\r\n"
    )
    status, _, _ = await told(ada.service, request)
    assert status == 401


@pytest.mark.parametrize("junk", [b"0\r\nX-A: ", b"2;a=", b"0\r\n"])
async def test_what_a_body_brings_besides_itself_is_bounded(service: Service, junk: bytes) -> None:
    """Trailers and the extensions of chunks: the parser would keep them, at a cost that squares."""
    request = (
        b"POST /api/v1/auth/login HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n" + junk
    )
    more = b"x" * 30_000 if junk != b"0\r\n" else b"X-A: x\r\n" * 4000
    async with asyncio.timeout(5), connection(service) as (reader, writer):
        writer.write(request)
        with suppress(ConnectionError):
            for _ in range(20):
                writer.write(more)
                await writer.drain()
                await asyncio.sleep(0.01)
        with suppress(ConnectionError):
            await reader.read()  # else this waits for a request that never ends
    assert writer.transport.is_closing()


async def test_only_files_may_be_as_long_as_files(service: Service) -> None:
    """What the framework reads into memory before it asks for credentials is small, of any kind."""
    kinds = (b"multipart/form-data; boundary=B", b"application/json")
    for kind in kinds:
        head = b"POST /api/v1/auth/login HTTP/1.1\r\n" + HOST + b"Content-Type: " + kind + b"\r\n"
        announced = b"Content-Length: %d\r\n\r\n" % (bodies.JSON_MAX_BYTES + 1)
        assert await code_of(service, head + announced) == (413, "payload_too_large")


async def test_a_socket_is_not_opened_by_a_name_that_was_made_to_point_here(ada: Client) -> None:
    headers = {"Host": f"evil.example:{ada.service.port}"}
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        await ada.http.ws_connect(f"{API}/ws", headers=headers)
    assert refused.value.status == 400


@pytest.fixture
def redis_url() -> Iterator[str]:
    with running_redis() as url:
        yield url


async def statuses(service: Service, number: int, **headers: str) -> list[int]:
    """Ask so many times at once, without a good credential."""
    async with aiohttp.ClientSession(service.url) as http:

        async def ask() -> int:
            async with http.get(f"{API}/me", headers=headers) as answer:
                if answer.status == 429:
                    assert (await answer.json())["code"] == "rate_limited"
                    assert int(answer.headers["Retry-After"]) > 0
                    assert ";r=0;t=" in answer.headers["RateLimit"]
                return answer.status

        return await asyncio.gather(*(ask() for _ in range(number)))


async def test_two_processes_give_out_one_quota_and_bad_credentials_use_it_up(
    postgres_server: PostgresServer,
    tmp_path: Path,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Else a busy machine has each process count for itself, as it should where Redis is slow.
    monkeypatch.setattr("adapters.redis.rate_limiter.CALL_SECONDS", 10.0)
    options = {"rate_limit_ip": "50/10 minutes", "redis_url": redis_url}
    with postgres_server.database() as url:
        async with (
            serving(url, tmp_path / "one", **options) as one,
            serving(url, tmp_path / "two", **options) as two,
        ):
            answers = await asyncio.gather(
                *(statuses(each, 100, Authorization="Bearer wrong") for each in (one, two))
            )
    found = [*answers[0], *answers[1]]
    assert (found.count(401), found.count(429)) == (50, 150)


async def test_a_tenant_that_floods_is_refused_and_the_others_are_not(
    postgres_server: PostgresServer, tmp_path: Path, contract: Contract
) -> None:
    with postgres_server.database() as url:
        async with (
            serving(url, tmp_path, rate_limit_account="20/10 minutes") as service,
            Client(service, contract) as ada,
            Client(service, contract) as eve,
        ):
            await ada.register()
            await eve.register()
            found = await statuses(service, 200, **ada.headers)
            assert (found.count(200), found.count(429)) == (20, 180)
            async with ada.http.ws_connect(f"{API}/ws") as socket:
                await socket.send_json({"type": "auth", "token": ada.account["access_token"]})
                assert (await socket.receive_json())["problem"]["code"] == "rate_limited"
                assert (await socket.receive()).data == 4429
            reply = await eve.get("/me")
            assert reply.status == 200
            assert reply.headers["RateLimit"].startswith('"account";r=19;t=')
            assert '"account";q=20;w=600' in reply.headers["RateLimit-Policy"]
