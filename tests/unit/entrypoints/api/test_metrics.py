"""/metrics: for who knows the token, where there is one; and requests counted by route."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from types import SimpleNamespace

import httpx2
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from adapters.memory.clock import FakeClock
from adapters.memory.metrics import InMemoryMetrics
from application.ports.metrics import Metrics
from application.services.guards.breaker import Breakers
from entrypoints.api import problems
from entrypoints.api.access import paths_of
from entrypoints.api.measured import Measured
from entrypoints.api.routes import bots, health, metrics

TOKEN = "scrape-0123456789"  # pragma: allowlist secret


@dataclass
class House:
    """What the routes ask the container for."""

    token: str | None = TOKEN
    clock: FakeClock = field(default_factory=FakeClock)
    numbers: InMemoryMetrics = field(default_factory=InMemoryMetrics)

    def __post_init__(self) -> None:
        self._breakers = Breakers(self.clock, lambda: 0.5)
        self._breakers.named("models")

    def settings(self) -> SimpleNamespace:
        return SimpleNamespace(metrics_token=SecretStr(self.token) if self.token else None)

    def metrics(self) -> Metrics | None:
        return self.numbers if self.token else None

    def breakers(self) -> Breakers:
        return self._breakers


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    app = FastAPI()
    app.include_router(bots.router, prefix="/api/v1")
    app.include_router(health.router)
    app.include_router(metrics.router)
    problems.install(app)
    app.state.container = house
    app.add_middleware(Measured, paths=paths_of(app), metrics=house.numbers, clock=house.clock)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client


async def _get(client: httpx2.AsyncClient, authorization: str | None) -> httpx2.Response:
    given = [] if authorization is None else [(b"Authorization", authorization.encode())]
    return await client.get("/metrics", headers=given)


async def test_who_knows_the_token_gets_the_numbers(
    client: httpx2.AsyncClient, house: House
) -> None:
    house.breakers().named("models").enter()
    reply = await _get(client, f"Bearer {TOKEN}")
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "chatsphere_breaker_open['models'] 0.0" in reply.text


async def test_a_breaker_that_is_open_is_told(client: httpx2.AsyncClient, house: House) -> None:
    for _ in range(5):
        house.breakers().named("models").enter().failed()
    reply = await _get(client, f"Bearer {TOKEN}")
    assert "chatsphere_breaker_open['models'] 1.0" in reply.text


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer ", "Bearer x", TOKEN, f"bearer  {TOKEN}", f"Bearer {TOKEN}x", "Bearer é"],
)
async def test_nobody_else_gets_anything(
    client: httpx2.AsyncClient, authorization: str | None
) -> None:
    reply = await _get(client, authorization)
    assert reply.status_code == 401
    assert reply.json()["code"] == "unauthenticated"
    assert "chatsphere_" not in reply.text


@pytest.mark.parametrize("authorization", [None, f"Bearer {TOKEN}", "Bearer None", "Bearer "])
async def test_without_a_token_there_is_nothing_here(
    client: httpx2.AsyncClient, house: House, authorization: str | None
) -> None:
    house.token = None
    reply = await _get(client, authorization)
    assert (reply.status_code, reply.json()["code"]) == (404, "not_found")


async def test_requests_count_by_route_and_never_by_address(
    client: httpx2.AsyncClient, house: House
) -> None:
    await client.get("/healthz")
    await client.get("/api/v1/bots/bot_01h45ytscbebyvny4gc8cr8ma2")
    await client.get("/wp-admin/setup.php")
    await client.request("BREW", "/coffee")
    counted = {values: total for (_, values), total in house.numbers.counts.items()}
    assert counted == {
        ("GET", "/healthz", "200"): 1,
        ("GET", "/api/v1/bots/{bot_id}", "401"): 1,
        ("GET", "none", "404"): 1,
        ("other", "none", "404"): 1,
    }
    assert len(house.numbers.observed) == 4
