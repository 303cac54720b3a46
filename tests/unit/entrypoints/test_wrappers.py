"""What settings put around models and stores, and around whose."""

import sys
from pathlib import Path
from typing import Any

import pytest

from adapters.memory.chat_model import InMemoryChatModel
from adapters.memory.clock import FakeClock
from adapters.memory.embedder import InMemoryEmbedder
from adapters.memory.metrics import InMemoryMetrics
from adapters.memory.rate_limiter import InMemoryRateLimiter
from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.chat_model import ChatModel, ModelRefused
from application.ports.embedder import EmbedTask
from application.ports.vector_index import Namespace
from application.testing.chat_model import chat_request
from domain.errors import InvalidInput
from entrypoints.settings import Settings
from entrypoints.wrappers import (
    OWN,
    Wrappers,
    metrics,
    retrying_embedder,
    retrying_vector_index,
)

TOKEN = "f3a91c07be5d4286"  # pragma: allowlist secret


def _settings(tmp_path: Path, **options: Any) -> Settings:
    return Settings(_env_file=None, data_dir=tmp_path, **options)


def _wrappers(
    settings: Settings, numbers: InMemoryMetrics | None = None, clock: FakeClock | None = None
) -> Wrappers:
    clock = clock or FakeClock()
    return Wrappers(settings, InMemoryRateLimiter(clock), clock, numbers)


async def _ask(model: ChatModel) -> None:
    async for _ in model.stream(chat_request()):
        pass


def test_nothing_stands_around_what_nobody_limits_or_counts(tmp_path: Path) -> None:
    wrappers, model = _wrappers(_settings(tmp_path)), InMemoryChatModel()
    assert wrappers.paid_model(model, "openai") is wrappers.free_model(model, OWN) is model
    embedder, index = InMemoryEmbedder(), InMemoryVectorIndex()
    assert wrappers.embedder(embedder) is embedder
    assert wrappers.vector_index(index) is index
    assert retrying_embedder(embedder, itself=True) is embedder
    assert retrying_vector_index(index, itself=True) is index


@pytest.mark.parametrize(
    ("option", "code"),
    [
        ({"model_tokens_per_day": 560}, "model_quota_exceeded"),
        ({"model_tokens_per_minute": 560}, "model_rate_limited"),
    ],
)
async def test_limits_hold_for_the_installations_keys_alone(
    tmp_path: Path, option: dict[str, int], code: str
) -> None:
    wrappers = _wrappers(_settings(tmp_path, **option))
    paid = wrappers.paid_model(InMemoryChatModel(), "openai")
    free = wrappers.free_model(InMemoryChatModel(), OWN)
    await _ask(paid)
    with pytest.raises(ModelRefused) as refused:
        await _ask(paid)
    assert refused.value.code == code
    for _ in range(20):
        await _ask(free)


async def test_all_that_is_wrapped_is_counted(tmp_path: Path) -> None:
    numbers = InMemoryMetrics()
    wrappers = _wrappers(_settings(tmp_path, model_concurrency=1), numbers)
    await _ask(wrappers.paid_model(InMemoryChatModel(), "openai"))
    await _ask(wrappers.free_model(InMemoryChatModel(), OWN))
    embedder = wrappers.embedder(retrying_embedder(InMemoryEmbedder(), itself=False))
    await embedder.embed(["q"], EmbedTask.QUERY)
    index = wrappers.vector_index(retrying_vector_index(InMemoryVectorIndex(), itself=False))
    await index.count(Namespace("ws_a", "bot_a", "gen_a"))
    counted = {values for name, values in numbers.counts if name == "chatsphere_calls_total"}
    assert counted == {
        ("models", "openai/stand-in", "ok"),
        ("models", OWN, "ok"),
        ("embedder", "query", "ok"),
        ("vector_index", "list", "ok"),
    }


def test_numbers_are_kept_where_somebody_may_read_them(tmp_path: Path) -> None:
    assert metrics(_settings(tmp_path)) is None
    kept = metrics(_settings(tmp_path, metrics_token=TOKEN))
    assert kept is not None
    assert b"process_" in kept.exposition()


def test_a_token_without_the_package_is_told_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    monkeypatch.delitem(sys.modules, "adapters.prometheus.metrics", raising=False)
    with pytest.raises(InvalidInput, match=r"chatsphere\[metrics\]") as refused:
        metrics(_settings(tmp_path, metrics_token=TOKEN))
    assert refused.value.code == "metrics_not_installed"


def test_a_short_token_is_refused_and_never_shown(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="metrics_token") as refused:
        _settings(tmp_path, metrics_token="short-secret")  # pragma: allowlist secret
    assert "short-secret" not in str(refused.value)
