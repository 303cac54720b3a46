"""/metrics of a whole service: who gets it, and what an answer leaves there."""

import re
from collections.abc import AsyncIterator

import aiohttp
import pytest

from integration.api.client import Client, Contract
from integration.api.service import Service, serving
from standins.openai_server import OpenAIServer, Script
from support.postgres import PostgresServer

TOKEN = "f3a91c07be5d4286"  # pragma: allowlist secret
MODEL_KEY = "sk-standin-0123456789"  # pragma: allowlist secret


@pytest.fixture(scope="module")
async def counting(
    postgres_server: PostgresServer,
    _model_server: OpenAIServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Service]:
    """A service that counts, with limits and a small budget."""
    options = {
        "openai_base_url": _model_server.base_url,
        "openai_api_key": MODEL_KEY,
        "metrics_token": TOKEN,
        "model_concurrency": 4,
        "model_tokens_per_minute": 1_000_000,
        "model_tokens_per_day": 2_000,
    }
    with postgres_server.database() as url:
        async with serving(url, tmp_path_factory.mktemp("data"), **options) as service:
            yield service


@pytest.fixture
async def owner(counting: Service, contract: Contract) -> AsyncIterator[Client]:
    async with Client(counting, contract) as client:
        yield await client.register()


async def _scrape(service: Service, token: str | None = TOKEN) -> tuple[int, str]:
    """Read /metrics as Prometheus does: by whatever name the process has."""
    headers = {"Host": "10.1.2.3:8000"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{service.url}/metrics", headers=headers) as reply,
    ):
        return reply.status, await reply.text()


def _value(told: str, series: str) -> float:
    found = re.search(rf"^{re.escape(series)} (\S+)$", told, re.M)
    return float(found[1]) if found else 0.0


async def test_answers_searches_and_requests_are_counted(
    counting: Service, owner: Client, model: OpenAIServer
) -> None:
    bot = await owner.bot(llm_model="openai/stand-in", fallback_models=["extractive/default"])
    await owner.text(bot, "The harbour opens at seven in the morning.", "Guide")
    await owner.ask(bot, "When does the harbour open?")
    model.scripts.append(Script(status=400))
    fallen = await owner.ask(bot, "When does the harbour open?")
    assert fallen["model"] == "extractive/default"
    status, told = await _scrape(counting)
    assert status == 200
    calls = "chatsphere_calls_total"
    name = "openai/stand-in"
    for operation, outcome, part in [
        (name, "ok", "models"),
        (name, "model_rejected", "models"),
        ("extractive/default", "ok", "models"),
        ("query", "ok", "embedder"),
        ("document", "ok", "embedder"),
        ("search", "ok", "vector_index"),
        ("upsert", "ok", "vector_index"),
    ]:
        series = f'{calls}{{operation="{operation}",outcome="{outcome}",part="{part}"}}'
        assert _value(told, series) >= 1, series
    assert _value(told, f'chatsphere_tokens_total{{kind="prompt",operation="{name}"}}') == 7
    assert _value(told, 'chatsphere_breaker_open{part="models"}') == 0
    route = 'method="POST",route="/api/v1/bots/{bot_id}/chat",status="200"'
    assert _value(told, f"chatsphere_http_requests_total{{{route}}}") == 2
    for secret in (bot, TOKEN, MODEL_KEY, "harbour"):
        assert secret not in told


async def test_nobody_else_gets_the_numbers(counting: Service) -> None:
    for token in (None, "", "wrong", TOKEN[:-1]):
        status, told = await _scrape(counting, token)
        assert status == 401
        assert "chatsphere_" not in told


async def test_where_no_token_is_set_there_is_nothing(service: Service) -> None:
    assert (await _scrape(service))[0] == 404


async def test_a_spent_budget_leaves_the_answers_to_the_fallback(
    counting: Service, owner: Client, model: OpenAIServer
) -> None:
    asked = len(model.requests)
    model.scripts.append(Script(tokens=("word ",) * 1_990))
    bot = await owner.bot(
        agent_type="chat", llm_model="openai/stand-in", fallback_models=["extractive/default"]
    )
    assert (await owner.ask(bot, "Tell me everything."))["model"] == "openai/stand-in"
    answer = await owner.ask(bot, "And more?")
    assert answer["fallbacks"] == [{"model": "openai/stand-in", "code": "model_quota_exceeded"}]
    assert len(model.requests) == asked + 1
