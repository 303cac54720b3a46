"""Wrappers that count and time: what is told of each call, and that nothing else is."""

import asyncio
import re
from collections.abc import Sequence
from contextlib import aclosing, suppress
from pathlib import Path

import pytest

from adapters.memory.chat_model import InMemoryChatModel, Script
from adapters.memory.clock import FakeClock
from adapters.memory.embedder import InMemoryEmbedder
from adapters.memory.metrics import InMemoryMetrics
from adapters.memory.vector_index import InMemoryVectorIndex
from adapters.prometheus.metrics import PrometheusMetrics
from application.ports.chat_model import (
    Delta,
    Finish,
    FinishReason,
    ModelRefused,
    ModelUnavailable,
    Usage,
)
from application.ports.embedder import EmbedTask
from application.ports.metrics import Kind, Metric
from application.ports.reranker import Reranker, RerankerUnavailable
from application.ports.vector_index import Hit, Namespace, VectorIndexUnavailable
from application.services.guards.breaker import Breaker, Limits
from application.services.guards.metered import (
    MeteredChatModel,
    MeteredEmbedder,
    MeteredReranker,
    MeteredVectorIndex,
)
from application.services.guards.vector_index import GuardedVectorIndex
from application.services.metric_names import ALL
from application.testing.chat_model import chat_request

NAMESPACE = Namespace("ws_a", "bot_a", "gen_a")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def metrics() -> InMemoryMetrics:
    return InMemoryMetrics()


def _calls(metrics: InMemoryMetrics) -> dict[tuple[str, ...], float]:
    """Return how often what ended how."""
    name = "chatsphere_calls_total"
    return {values: total for (found, values), total in metrics.counts.items() if found == name}


def _tokens(metrics: InMemoryMetrics) -> dict[tuple[str, ...], float]:
    name = "chatsphere_tokens_total"
    return {values: total for (found, values), total in metrics.counts.items() if found == name}


def _model(
    metrics: InMemoryMetrics, clock: FakeClock, *scripts: Script, own: str | None = None
) -> MeteredChatModel:
    model = InMemoryChatModel(*scripts)
    return MeteredChatModel(model, metrics, clock, provider="openai", everything_as=own)


async def _ask(model: MeteredChatModel, name: str = "gpt") -> None:
    async for _ in model.stream(chat_request(model=name)):
        pass


async def test_an_answer_is_counted_with_its_tokens_and_times(
    metrics: InMemoryMetrics, clock: FakeClock
) -> None:
    class Slow(InMemoryChatModel):
        async def stream(self, request):  # type: ignore[no-untyped-def]
            clock.advance(2)
            yield Delta("a")
            clock.advance(3)
            yield Finish(FinishReason.STOP, Usage(70, 30))

    model = MeteredChatModel(Slow(), metrics, clock, provider="openai")
    await _ask(model)
    assert _calls(metrics) == {("models", "openai/gpt", "ok"): 1}
    assert _tokens(metrics) == {("openai/gpt", "prompt"): 70, ("openai/gpt", "completion"): 30}
    assert metrics.observed["chatsphere_call_seconds", ("models", "openai/gpt")] == [5]
    assert metrics.observed["chatsphere_first_token_seconds", ("openai/other",)] == [2]


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        ((ModelUnavailable(),), "model_unavailable"),
        (("a", ModelRefused(code="model_blocked")), "model_blocked"),
        ((ValueError("sk-secret of user@example.com"),), "internal_error"),
    ],
)
async def test_a_failure_is_counted_by_its_code_and_nothing_of_its_words(
    metrics: InMemoryMetrics, clock: FakeClock, script: Script, outcome: str
) -> None:
    model = _model(metrics, clock, script)
    with suppress(ModelUnavailable, ModelRefused, ValueError):
        await _ask(model)
    assert _calls(metrics) == {("models", "openai/other", outcome): 1}


async def test_a_reader_who_goes_is_no_error_of_the_model(
    metrics: InMemoryMetrics, clock: FakeClock
) -> None:
    model = _model(metrics, clock, ("a", "b"))
    async with aclosing(model.stream(chat_request())) as items:
        await anext(items)
    assert _calls(metrics) == {("models", "openai/other", "cancelled"): 1}


async def test_names_that_bots_make_up_are_one_until_they_have_answered(
    metrics: InMemoryMetrics, clock: FakeClock
) -> None:
    scripts: list[Script] = [(ModelRefused(),)] * 100
    model = _model(metrics, clock, *scripts)
    for number in range(100):
        with suppress(ModelRefused):
            await _ask(model, f"made-up-{number}")
    assert set(_calls(metrics)) == {("models", "openai/other", "model_rejected")}
    for number in range(100):
        await _ask(model, f"real-{number}")
    assert len(_calls(metrics)) == 52


async def test_workspaces_own_models_are_all_one(
    metrics: InMemoryMetrics, clock: FakeClock
) -> None:
    model = _model(metrics, clock, own="own")
    for name in ("gpt", "their-secret-model"):
        await _ask(model, name)
    assert set(_calls(metrics)) == {("models", "own", "ok")}
    assert {name for name, _ in _tokens(metrics)} == {"own"}


async def test_questions_and_documents_are_counted_apart(
    metrics: InMemoryMetrics, clock: FakeClock
) -> None:
    embedder = MeteredEmbedder(InMemoryEmbedder(), metrics, clock)
    await embedder.embed(["q"], EmbedTask.QUERY)
    await embedder.embed(["d", "e"], EmbedTask.DOCUMENT)
    assert _calls(metrics) == {("embedder", "query", "ok"): 1, ("embedder", "document", "ok"): 1}


async def test_searches_are_counted_and_timed_also_while_the_store_is_let_alone(
    metrics: InMemoryMetrics, clock: FakeClock
) -> None:
    class Slow(InMemoryVectorIndex):
        async def search(
            self,
            namespace: Namespace,
            vector: Sequence[float],
            limit: int,
            document_ids: Sequence[str] | None = None,
        ) -> list[Hit]:
            clock.advance(1.5)
            raise VectorIndexUnavailable

    breaker = Breaker(clock, lambda: 0.5, Limits(failures=1))
    guarded = GuardedVectorIndex(Slow(), breaker, seconds=5)
    index = MeteredVectorIndex(guarded, metrics, clock)
    for _ in range(2):
        with pytest.raises(VectorIndexUnavailable):
            await index.search(NAMESPACE, [1.0], 3)
    assert await MeteredVectorIndex(InMemoryVectorIndex(), metrics, clock).count(NAMESPACE) == 0
    assert _calls(metrics) == {
        ("vector_index", "search", "vector_index_unavailable"): 2,
        ("vector_index", "list", "ok"): 1,
    }
    assert metrics.observed["chatsphere_call_seconds", ("vector_index", "search")] == [1.5, 0]


async def test_rerankers_are_counted(metrics: InMemoryMetrics, clock: FakeClock) -> None:
    class Fickle(Reranker):
        most = 7

        async def rerank(self, question: str, passages: Sequence[str]) -> Sequence[float]:
            if not passages:
                raise RerankerUnavailable
            return [1.0 for _ in passages]

    reranker = MeteredReranker(Fickle(), metrics, clock)
    assert (await reranker.rerank("q", ["a"]), reranker.most) == ([1.0], 7)
    with pytest.raises(RerankerUnavailable):
        await reranker.rerank("q", [])
    assert set(_calls(metrics)) == {
        ("reranker", "rerank", "ok"),
        ("reranker", "rerank", "reranker_unavailable"),
    }


async def test_a_call_that_is_cancelled_is_told_as_such(
    metrics: InMemoryMetrics, clock: FakeClock
) -> None:
    class Hanging(InMemoryEmbedder):
        async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Sequence[float]]:
            await asyncio.sleep(60)
            return []

    call = asyncio.create_task(
        MeteredEmbedder(Hanging(), metrics, clock).embed(["q"], EmbedTask.QUERY)
    )
    await asyncio.sleep(0)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert _calls(metrics) == {("embedder", "query", "cancelled"): 1}


def test_prometheus_reads_every_kind_of_number() -> None:
    metrics = PrometheusMetrics()
    for metric in ALL:
        values = [f"{label}-1" for label in metric.labels]
        match metric.kind:
            case Kind.COUNTER:
                metrics.count(metric, *values, amount=2)
                metrics.count(metric, *values)
            case Kind.HISTOGRAM:
                metrics.observe(metric, 0.02, *values)
            case Kind.GAUGE:
                metrics.set(metric, 7, *values)
    told = metrics.exposition().decode()
    assert 'chatsphere_tokens_total{kind="kind-1",operation="operation-1"} 3.0' in told
    assert 'chatsphere_breaker_open{part="part-1"} 7.0' in told
    assert 'chatsphere_first_token_seconds_bucket{le="0.025",operation="operation-1"} 1.0' in told
    assert 'chatsphere_first_token_seconds_bucket{le="0.01",operation="operation-1"} 0.0' in told
    assert "process_cpu_seconds_total" in told
    assert "_created" not in told
    for metric in ALL:
        assert f"# HELP {metric.name} {metric.description}" in told


def test_every_number_is_explained_with_its_labels() -> None:
    page = (Path(__file__).parents[3] / "docs" / "metrics.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(chatsphere_\w+)` \| (.*?) \|", page, re.M)
    explained = {name: tuple(re.findall(r"`(\w+)`", labels)) for name, labels in rows}
    assert explained == {metric.name: metric.labels for metric in ALL}


def test_labels_with_too_many_values_are_told_together_and_several_registries_do_not_mix() -> None:
    metrics, other = PrometheusMetrics(series_most=3), PrometheusMetrics()
    metric = Metric("visits_total", Kind.COUNTER, "Visits.", ("who",))
    for number in range(10):
        metrics.count(metric, f"v{number}")
    metrics.count(metric, "v1")
    lines = [line for line in metrics.exposition().decode().splitlines() if "visits_total{" in line]
    assert lines == [
        'visits_total{who="v0"} 1.0',
        'visits_total{who="v1"} 2.0',
        'visits_total{who="v2"} 1.0',
        'visits_total{who="other"} 7.0',
    ]
    assert "visits" not in other.exposition().decode()
