"""What limits, counts, repeats or falls back keeps the contract of the port that it stands before."""

import pytest

from adapters.memory.chat_model import InMemoryChatModel
from adapters.memory.clock import FakeClock
from adapters.memory.embedder import InMemoryEmbedder
from adapters.memory.metrics import InMemoryMetrics
from adapters.memory.rate_limiter import InMemoryRateLimiter
from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.chat_model import ChatModel, ModelUnavailable
from application.ports.embedder import Embedder, EmbedTask
from application.ports.vector_index import VectorIndex
from application.services.guards.budget import BudgetedChatModel
from application.services.guards.fallback import FallbackChatModel
from application.services.guards.limits import LimitedChatModel, ModelLimits
from application.services.guards.metered import (
    MeteredChatModel,
    MeteredEmbedder,
    MeteredVectorIndex,
)
from application.services.guards.retry import Retries, RetryingEmbedder, RetryingVectorIndex
from application.testing.chat_model import ChatModelContract
from application.testing.embedder import EmbedderContract
from application.testing.vector_index import VectorIndexContract


def _speaking() -> InMemoryChatModel:
    return InMemoryChatModel(default=("The office opens", " at nine [1]."))


class TestLimitedChatModel(ChatModelContract):
    @pytest.fixture
    def chat_model(self) -> ChatModel:
        clock = FakeClock()
        limiter = InMemoryRateLimiter(clock)
        limits = ModelLimits(concurrency=2, tokens_per_minute=100_000, patience=5)
        limited = LimitedChatModel(_speaking(), "fake", limiter, limits)
        budgeted = BudgetedChatModel(limited, limiter, 100_000)
        return MeteredChatModel(budgeted, InMemoryMetrics(), clock, provider="fake")


class TestFallbackChatModel(ChatModelContract):
    @pytest.fixture
    def chat_model(self) -> ChatModel:
        models = {"a/x": InMemoryChatModel(default=(ModelUnavailable(),)), "b/y": _speaking()}
        return FallbackChatModel(list(models), lambda name: (models[str(name)], str(name)))


class TestRetryingEmbedder(
    EmbedderContract,
    not_for={"test_a_cancelled_call_leaves_it_usable": "What it wraps never waits."},
):
    @pytest.fixture
    def embedder(self) -> Embedder:
        retrying = RetryingEmbedder(InMemoryEmbedder(), Retries(lambda: 0.5))
        return MeteredEmbedder(retrying, InMemoryMetrics(), FakeClock())

    async def test_a_cancelled_call_leaves_it_usable(self, embedder: Embedder) -> None:
        assert len(await embedder.embed(["text"], EmbedTask.QUERY)) == 1


class TestRetryingVectorIndex(VectorIndexContract):
    @pytest.fixture
    def index(self) -> VectorIndex:
        retrying = RetryingVectorIndex(InMemoryVectorIndex(), Retries(lambda: 0.5))
        return MeteredVectorIndex(retrying, InMemoryMetrics(), FakeClock())
