"""A guard is what it guards: it keeps the contract of the port."""

import pytest

from adapters.memory.chat_model import InMemoryChatModel
from adapters.memory.clock import FakeClock
from adapters.memory.embedder import InMemoryEmbedder
from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.chat_model import ChatModel
from application.ports.embedder import Embedder, EmbedTask
from application.ports.vector_index import VectorIndex
from application.services.guards.breaker import Breaker
from application.services.guards.chat_model import GuardedChatModel, StreamDeadlines
from application.services.guards.embedder import GuardedEmbedder
from application.services.guards.vector_index import GuardedVectorIndex
from application.testing.chat_model import ChatModelContract
from application.testing.embedder import EmbedderContract
from application.testing.vector_index import VectorIndexContract


def _breaker() -> Breaker:
    return Breaker(FakeClock(), lambda: 0.5)


class TestGuardedChatModel(ChatModelContract):
    @pytest.fixture
    def chat_model(self) -> ChatModel:
        model = InMemoryChatModel(default=("The office opens", " at nine [1]."))
        return GuardedChatModel(model, _breaker(), StreamDeadlines(5, 5, 5))


class TestGuardedEmbedder(
    EmbedderContract,
    not_for={"test_a_cancelled_call_leaves_it_usable": "What it guards never waits."},
):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return GuardedEmbedder(
            InMemoryEmbedder(), _breaker(), documents=_breaker(), query_seconds=5
        )

    async def test_a_cancelled_call_leaves_it_usable(self, embedder: Embedder) -> None:
        assert len(await embedder.embed(["text"], EmbedTask.QUERY)) == 1


class TestGuardedVectorIndex(VectorIndexContract):
    @pytest.fixture
    def index(self) -> VectorIndex:
        return GuardedVectorIndex(InMemoryVectorIndex(), _breaker(), seconds=5)
