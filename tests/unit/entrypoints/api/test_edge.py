"""What every request goes through, before any route."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope, Send

from adapters.memory.clock import FakeClock
from adapters.memory.rate_limiter import InMemoryRateLimiter
from entrypoints.api.middleware import Edge
from entrypoints.settings import Settings

PEER = "203.0.113.9"


@dataclass
class Answer:
    """What was sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        problem = orjson.loads(self.body)
        assert self.headers["content-type"] == "application/problem+json"
        assert problem["status"] == self.status
        assert problem["request_id"] == self.headers["x-request-id"]
        return str(problem["code"])


class Application:
    """Answers 200, with headers of its own; remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Scope] = []
        self.headers: list[tuple[bytes, bytes]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.asked.append(scope)
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
            return
        if scope["path"] == "/crash":
            raise ValueError("a secret")
        if scope["path"] == "/gone":
            raise ClientDisconnect
        headers = [(b"content-type", b"application/json"), *self.headers]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})


@pytest.fixture
def app() -> Application:
    return Application()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


class Client:
    """Asks an edge."""

    def __init__(self, app: Application, clock: FakeClock, folder: Path, **options: Any) -> None:
        settings = Settings(_env_file=None, data_dir=folder, **options)
        self._edge = Edge(app, settings=settings, limiter=InMemoryRateLimiter(clock))

    async def ask(
        self,
        path: str = "/api/v1/bots",
        *,
        method: str = "GET",
        peer: str = PEER,
        kind: str = "http",
        scheme: str = "http",
        host: str | None = "localhost:8000",
        **headers: str,
    ) -> Answer:
        given = [(n.replace("_", "-").encode(), v.encode()) for n, v in headers.items()]
        if host is not None:
            given.append((b"host", host.encode()))
        scope = {
            "type": kind,
            "method": method,
            "path": path,
            "scheme": scheme,
            "client": (peer, 1),
            "headers": given,
            "extensions": {"websocket.http.response": {}},
        }
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": f"{kind}.connect" if kind == "websocket" else "http.request"}

        async def send(message: Any) -> None:
            sent.append(message)

        await self._edge(scope, receive, send)
        start = sent[0] if sent else {"status": 0}
        found = {n.decode(): v.decode() for n, v in start.get("headers", [])}
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return Answer(start.get("status", 101), found, body)


@pytest.fixture
def client(app: Application, clock: FakeClock, tmp_path: Path) -> Client:
    return Client(app, clock, tmp_path, rate_limit_ip="3/minute")


async def test_an_address_that_asks_too_often_waits_and_is_told_how_long(
    client: Client, app: Application, clock: FakeClock
) -> None:
    answers = [await client.ask() for _ in range(3)]
    assert [a.headers["ratelimit"] for a in answers] == [f'"ip";r={r};t=60' for r in (2, 1, 0)]
    assert answers[0].headers["ratelimit-policy"] == '"ip";q=3;w=60'
    clock.advance(20.5)
    refused = await client.ask(authorization="Bearer anything")
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert refused.headers["retry-after"] == "40"
    assert refused.headers["ratelimit"] == '"ip";r=0;t=40'
    assert len(app.asked) == 3
    assert (await client.ask(peer="203.0.113.10")).status == 200
    clock.advance(40)
    assert (await client.ask()).status == 200


async def test_a_probe_is_never_counted_nor_asked_by_which_name(client: Client) -> None:
    for path in ("/healthz", "/health", "/readyz"):
        for _ in range(5):
            answer = await client.ask(path, host="10.0.0.7:8000")
            assert answer.status == 200
            assert "ratelimit" not in answer.headers
    assert (await client.ask()).headers["ratelimit"] == '"ip";r=2;t=60'


async def test_opening_sockets_is_counted_too(client: Client, app: Application) -> None:
    statuses = [(await client.ask(kind="websocket", scheme="ws")).status for _ in range(4)]
    assert statuses == [101, 101, 101, 429]
    assert len(app.asked) == 3


@pytest.mark.parametrize(
    "host", ["localhost", "localhost:8000", "LOCALHOST", "127.0.0.1:9", "[::1]", "[::1]:8000"]
)
async def test_on_loopback_it_is_asked_by_the_names_of_loopback(
    client: Client, app: Application, host: str
) -> None:
    assert (await client.ask(host=host)).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "localhost.evil.example", "evil.example:8000", "127.0.0.1.nip.io", "", "x y",
     "localhost@evil", "localhost:8000:1", "localhost.", "é", "0.0.0.0", "[::1", None],
)  # fmt: skip
async def test_a_name_that_was_made_to_point_here_is_refused(
    client: Client, app: Application, host: str | None
) -> None:
    answer = await client.ask(host=host)
    assert (answer.status, answer.code) == (400, "invalid_host")
    assert app.asked == []
    socket = await client.ask(kind="websocket", scheme="ws", host=host)
    assert (socket.status, socket.code) == (400, "invalid_host")
    assert app.asked == []


async def test_every_response_carries_the_headers_that_keep_browsers_careful(
    client: Client, app: Application
) -> None:
    for path in ("/api/v1/bots", "/crash"):
        headers = (await client.ask(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "camera=()" in headers["permissions-policy"]
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert not {"server", "strict-transport-security"} & headers.keys()
        assert not [name for name in headers if name.startswith("access-control")]


async def test_a_route_may_say_it_for_itself(client: Client, app: Application) -> None:
    app.headers = [(b"content-security-policy", b"sandbox"), (b"cache-control", b"no-cache")]
    headers = (await client.ask()).headers
    assert (headers["content-security-policy"], headers["cache-control"]) == ("sandbox", "no-cache")


async def test_a_crash_tells_nothing(client: Client) -> None:
    answer = await client.ask("/crash")
    assert (answer.status, answer.code) == (500, "internal_error")
    assert b"secret" not in answer.body


async def test_who_leaves_in_the_middle_of_a_body_is_no_crash(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    """Or whoever likes fills the log with traces."""
    assert (await client.ask("/gone")).status == 0
    assert caplog.records == []


async def test_browsers_are_bound_to_https_only_where_the_request_came_by_it(
    app: Application, clock: FakeClock, tmp_path: Path
) -> None:
    client = Client(app, clock, tmp_path, trusted_proxies="10.0.0.1")
    name = "strict-transport-security"
    assert name in (await client.ask(scheme="https")).headers
    assert name in (await client.ask(peer="10.0.0.1", x_forwarded_proto="https")).headers
    assert name not in (await client.ask(x_forwarded_proto="https")).headers
    assert name not in (await client.ask()).headers


async def test_behind_a_proxy_each_client_has_a_quota_and_none_can_take_anothers(
    app: Application, clock: FakeClock, tmp_path: Path
) -> None:
    proxied = Client(app, clock, tmp_path, trusted_proxies="10.0.0.1", rate_limit_ip="1/minute")
    for client in ("203.0.113.1", "203.0.113.2"):
        spoofed = f"9.9.9.9, {client}"
        answers = [
            await proxied.ask(peer="10.0.0.1", x_forwarded_for=hops)
            for hops in (client, spoofed, f"8.8.8.8, {client}")
        ]
        assert [answer.status for answer in answers] == [200, 429, 429]
    direct = [await proxied.ask(peer="203.0.113.5", x_forwarded_for=f"9.9.9.{n}") for n in (1, 2)]
    assert [answer.status for answer in direct] == [200, 429]


async def test_a_forwarded_host_has_to_be_ours_as_well(
    app: Application, clock: FakeClock, tmp_path: Path
) -> None:
    client = Client(
        app, clock, tmp_path, trusted_proxies="10.0.0.1", public_url="https://chat.example.org"
    )
    for host, status in (("chat.example.org", 200), ("evil.example", 400)):
        answer = await client.ask(peer="10.0.0.1", x_forwarded_host=host)
        assert answer.status == status


ORIGIN, OTHER = "https://app.example.com", "https://evil.example"
PREFLIGHT = {"method": "OPTIONS", "access_control_request_method": "PATCH"}


async def test_no_page_of_another_origin_may_call_by_default(
    client: Client, app: Application
) -> None:
    for options in ({}, PREFLIGHT):
        answer = await client.ask(origin=ORIGIN, **options)
        assert not [name for name in answer.headers if name.startswith("access-control")]
    assert len(app.asked) == 2


async def test_a_listed_origin_is_named_and_never_a_star(
    app: Application, clock: FakeClock, tmp_path: Path
) -> None:
    client = Client(app, clock, tmp_path, cors_origins=f"{ORIGIN}, http://localhost:3000")
    asked = await client.ask(origin=ORIGIN)
    assert asked.headers["access-control-allow-origin"] == ORIGIN
    assert asked.headers["access-control-allow-credentials"] == "true"
    assert "RateLimit" in asked.headers["access-control-expose-headers"]
    assert asked.headers["vary"] == "Origin"
    preflight = await client.ask(origin=ORIGIN, **PREFLIGHT)
    assert (preflight.status, preflight.body) == (204, b"")
    assert preflight.headers["access-control-allow-origin"] == ORIGIN
    assert "PATCH" in preflight.headers["access-control-allow-methods"]
    assert "X-Workspace-Id" in preflight.headers["access-control-allow-headers"]
    assert preflight.headers["vary"] == "Origin"
    assert len(app.asked) == 1  # a preflight reaches no route


@pytest.mark.parametrize(
    "origin",
    [OTHER, "null", f"{ORIGIN}.evil.example", f"{ORIGIN}:444", "http://app.example.com", ""],
)
async def test_an_origin_that_is_not_listed_gets_nothing_but_the_hint_for_caches(
    app: Application, clock: FakeClock, tmp_path: Path, origin: str
) -> None:
    client = Client(app, clock, tmp_path, cors_origins=ORIGIN)
    for options in ({}, PREFLIGHT):
        answer = await client.ask(origin=origin, **options)
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["vary"] == "Origin"
    assert len(app.asked) == 2
