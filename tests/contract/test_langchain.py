"""LangChain's parts keep the contracts of our ports, as the adapter wraps them."""

from collections.abc import Callable
from itertools import repeat

import pytest
from langchain_core.embeddings import DeterministicFakeEmbedding
from langchain_core.language_models import FakeListChatModel, GenericFakeChatModel
from langchain_core.messages import AIMessageChunk

from adapters.langchain.chat_model import LangChainChatModel
from adapters.langchain.embedder import LangChainEmbedder
from adapters.langchain.stores import VectorStores
from adapters.langchain.tool import LangChainTool
from adapters.langchain.vector_index import LangChainVectorIndex
from adapters.memory.tools import InMemoryTool
from application.ports.chat_model import ChatCapability, ChatModel, Deadlines
from application.ports.embedder import Embedder
from application.ports.tools import ToolRunner
from application.ports.vector_index import VectorIndex
from application.testing.chat_model import ChatModelContract, Ending
from application.testing.embedder import EmbedderContract
from application.testing.tools import ToolContract
from application.testing.vector_index import VectorIndexContract
from support.langchain_parts import (
    ANSWER,
    DistanceStores,
    LostStores,
    MemoryStores,
    ScriptedModel,
    WordEmbedding,
    get_weather,
    said,
)

CAN = frozenset({ChatCapability.TOOLS, ChatCapability.SCHEMA, ChatCapability.STOP})


class HttpError(Exception):
    """What a vendor's SDK raises."""

    def __init__(self, status_code: int, message: str) -> None:
        super().__init__(message)
        self.status_code = status_code


def ended(reason: str) -> AIMessageChunk:
    return AIMessageChunk(content="", response_metadata={"finish_reason": reason})


SCRIPTS = {
    Ending.DOWN: [HttpError(503, "overloaded")],
    Ending.SILENT: [60.0],
    Ending.RATE_LIMITED: [HttpError(429, "slow down")],
    Ending.QUOTA_EXCEEDED: [HttpError(429, "insufficient_quota")],
    Ending.REJECTED: [HttpError(401, "no such key")],
    Ending.BLOCKED: [ended("SAFETY")],
    Ending.EMPTY: [ended("stop")],
    Ending.MALFORMED_CALL: [ended("MALFORMED_FUNCTION_CALL")],
    Ending.CUT: [said("The office"), ConnectionResetError("gone")],
    Ending.STALLED: [said("The office"), 60.0],
    Ending.FAILED: [said("The office"), RuntimeError("an event was an error")],
    Ending.LENGTH: [said("The office"), ended("max_tokens")],
    Ending.SAFETY: [said("The office"), ended("content_filter")],
}


class TestLangChainChatModel(ChatModelContract):
    @pytest.fixture
    def inner(self) -> ScriptedModel:
        return ScriptedModel()

    @pytest.fixture
    def chat_model(self, inner: ScriptedModel) -> ChatModel:
        deadlines = Deadlines(first_token=0.3, idle=0.2, total=5.0)
        return LangChainChatModel(
            lambda: inner, name="stand-in", capabilities=CAN, deadlines=deadlines
        )

    @pytest.fixture
    def expected_answer(self) -> str:
        return ANSWER

    @pytest.fixture
    def open_requests(self, inner: ScriptedModel) -> Callable[[], int]:
        return lambda: len(inner.asked) - inner.closed

    @pytest.fixture
    def endings(self, inner: ScriptedModel) -> dict[Ending, Callable[[], None]]:
        # UNFINISHED is not among them: LangChain's streams need not tell why they ended.
        def play(ending: Ending) -> Callable[[], None]:
            return lambda: setattr(inner, "script", SCRIPTS[ending])

        return {ending: play(ending) for ending in SCRIPTS}


class TestFakeListChatModel(ChatModelContract):
    @pytest.fixture
    def inner(self) -> FakeListChatModel:
        return FakeListChatModel(responses=[ANSWER])

    @pytest.fixture
    def chat_model(self, inner: FakeListChatModel) -> ChatModel:
        return LangChainChatModel(lambda: inner, name="stand-in")

    @pytest.fixture
    def expected_answer(self) -> str:
        return ANSWER

    @pytest.fixture
    def endings(self, inner: FakeListChatModel) -> dict[Ending, Callable[[], None]]:
        def fail_at(chunk: int) -> Callable[[], None]:
            return lambda: setattr(inner, "error_on_chunk_number", chunk)

        return {Ending.DOWN: fail_at(0), Ending.FAILED: fail_at(5)}


class TestGenericFakeChatModel(ChatModelContract):
    """It has no asynchronous methods: LangChain asks it in threads."""

    @pytest.fixture
    def expected_answer(self) -> str:
        return ANSWER

    @pytest.fixture
    def chat_model(self) -> ChatModel:
        return LangChainChatModel(
            lambda: GenericFakeChatModel(messages=repeat(ANSWER)), name="stand-in"
        )


class TestLangChainEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return LangChainEmbedder(WordEmbedding, "words", 64)


class TestDeterministicFakeEmbedding(
    EmbedderContract,
    not_for={
        "test_a_question_is_nearer_to_its_answer_than_to_another_text": (
            "Its vectors are drawn by a hash of the text: none is near another."
        )
    },
):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return LangChainEmbedder(lambda: DeterministicFakeEmbedding(size=48), "hashed", 48)


class StoresContract(VectorIndexContract):
    @pytest.fixture
    def stores(self) -> VectorStores:
        raise NotImplementedError

    @pytest.fixture
    def index(self, stores: VectorStores) -> VectorIndex:
        return LangChainVectorIndex(lambda: stores, self.dimensions)

    @pytest.fixture
    def unreachable(self) -> VectorIndex:
        return LangChainVectorIndex(LostStores, self.dimensions)


class TestInMemoryVectorStore(StoresContract):
    @pytest.fixture
    def stores(self) -> VectorStores:
        return MemoryStores()


class TestStoreWithoutAsynchronousMethods(StoresContract):
    @pytest.fixture
    def stores(self) -> VectorStores:
        return DistanceStores()


class TestLangChainTool(ToolContract):
    @pytest.fixture
    def tool(self) -> ToolRunner:
        return LangChainTool(get_weather, deadline_seconds=0.2)


class TestInMemoryTool(ToolContract):
    @pytest.fixture
    def tool(self) -> ToolRunner:
        return InMemoryTool(LangChainTool(get_weather).spec, lambda args: f"Dry in {args['city']}.")
