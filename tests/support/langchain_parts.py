"""LangChain parts as somebody would bring them, for settings to name: models, embeddings, stores."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from langchain_core.documents import Document
from langchain_core.embeddings import DeterministicFakeEmbedding, Embeddings
from langchain_core.language_models import BaseChatModel, FakeListChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    ToolMessage,
)
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import tool
from langchain_core.vectorstores import InMemoryVectorStore, VectorStore
from pydantic import Field, SecretStr

from adapters.langchain.stores import VectorStores, is_of, vector_id
from application.ports.vector_index import VectorId

ANSWER = "The office opens at nine [1]."
KEY = "lc-key-Zm9vYmFy"  # pragma: allowlist secret
Chunks = Sequence[AIMessageChunk | Exception | float]  # a float: seconds of silence


def said(text: str, **more: Any) -> AIMessageChunk:
    """Return a chunk of text."""
    return AIMessageChunk(content=text, **more)


def called(args: str, name: str | None = None, call_id: str | None = None) -> AIMessageChunk:
    """Return a chunk of a call's arguments."""
    chunk = {"type": "tool_call_chunk", "args": args, "name": name, "id": call_id, "index": 0}
    return AIMessageChunk(content="", tool_call_chunks=[chunk])


class ScriptedModel(BaseChatModel):
    """Plays `script` once if there is one, else answers as a model does that knows tools, schemas, stops.

    `asked` holds what came in, `closed` how many streams have ended, whichever way.
    """

    api_key: SecretStr = SecretStr(KEY)
    script: list[Any] | None = None
    asked: list[dict[str, Any]] = Field(default_factory=list)
    closed: int = 0

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        return self.bind(tools=tools, **kwargs)

    def _generate(self, *args: Any, **kwargs: Any) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(ANSWER))])

    async def _astream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: object = None,
        **kwargs: Any,
    ) -> AsyncIterator[ChatGenerationChunk]:
        self.asked.append({"messages": messages, "stop": stop, **kwargs})
        script, self.script = self.script, None
        try:
            for item in script if script is not None else _reply(messages, stop, kwargs):
                if isinstance(item, Exception):
                    raise item
                if isinstance(item, float):
                    await asyncio.sleep(item)
                else:
                    yield ChatGenerationChunk(message=item.model_copy(deep=True))
        finally:
            self.closed += 1


def _reply(messages: list[BaseMessage], stop: list[str] | None, asked: Mapping[str, Any]) -> Chunks:
    usage = {"input_tokens": 11, "output_tokens": 7, "total_tokens": 18}
    last = said("", usage_metadata=usage, response_metadata={"finish_reason": "stop"})
    if isinstance(messages[-1], ToolMessage):
        return [said("The tool says: "), said(str(messages[-1].content)), last]
    if asked.get("tool_choice"):  # how langchain-core asks for a schema
        return [called('{"place": "office", ', "answer", "c1"), called('"opens_at": 9}'), last]
    if asked.get("tools"):
        return [called('{"city": ', "get_weather", "call_1"), called('"Paris"}'), last]
    if isinstance(messages[-1], HumanMessage) and "Count" in str(messages[-1].content):
        text = "one two three four five six seven eight nine ten"
        return [said(text.partition(stop[0])[0] if stop else text), last]
    return [*map(said, re.split(r"(?<= )", ANSWER)), last]


class WordEmbedding(Embeddings):
    """Counts words by their hash: near where words are shared."""

    def __init__(self, size: int = 64) -> None:
        self.size = size
        self.queries = 0

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self._embed(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        self.queries += 1
        return self._embed(text)

    def _embed(self, text: str) -> list[float]:
        vector = [0.01] * self.size
        for word in re.findall(r"\w+", text.lower()):
            vector[sum(word.encode()) % self.size] += 1.0
        return vector


class MemoryStores(VectorStores):
    """langchain-core's InMemoryVectorStore, one for each name."""

    def __init__(self) -> None:
        self.stores: dict[str, InMemoryVectorStore] = {}

    def open(self, name: str, embeddings: Embeddings) -> VectorStore:
        return self.stores.setdefault(name, InMemoryVectorStore(embeddings))

    def drop(self, name: str) -> None:
        self.stores.pop(name, None)

    def names(self) -> Iterable[str]:
        return list(self.stores)

    def listed(self, store: VectorStore, document_id: str | None) -> Iterable[VectorId]:
        assert isinstance(store, InMemoryVectorStore)
        found = [vector_id(one["metadata"]) for one in list(store.store.values())]
        return [one for one in found if document_id in (None, one.document_id)]

    def within(self, document_ids: Sequence[str]) -> Mapping[str, Any]:
        return {"filter": lambda document: is_of(document, document_ids)}


class DistanceStore(VectorStore):
    """One that has no asynchronous methods, and scores by squared distance: smaller is better."""

    def __init__(self, embedding: Embeddings) -> None:
        self._embedding = embedding
        embedding.embed_query("how long are the vectors?")
        self.held: dict[str, tuple[Document, list[float]]] = {}

    def add_documents(self, documents: list[Document], **kwargs: Any) -> list[str]:
        vectors = self._embedding.embed_documents([one.page_content for one in documents])
        for document, vector in zip(documents, vectors, strict=True):
            self.held[str(document.id)] = (document, vector)
        return kwargs["ids"]

    def delete(self, ids: list[str] | None = None, **kwargs: Any) -> bool:
        for one in list(self.held) if ids is None else ids:
            self.held.pop(one, None)
        return True

    def similarity_search_with_score(
        self, query: str, k: int = 4, documents: Sequence[str] | None = None
    ) -> list[tuple[Document, float]]:
        wanted = self._embedding.embed_query(query)
        scored = [
            (document, sum((a - b) ** 2 for a, b in zip(vector, wanted, strict=True)))
            for document, vector in list(self.held.values())
            if documents is None or document.metadata["document_id"] in documents
        ]
        return sorted(scored, key=lambda one: one[1])[:k]

    def similarity_search(self, query: str, k: int = 4, **kwargs: Any) -> list[Document]:
        return [document for document, _ in self.similarity_search_with_score(query, k, **kwargs)]

    @classmethod
    def from_texts(cls, *args: Any, **kwargs: Any) -> "DistanceStore":
        raise NotImplementedError


class DistanceStores(VectorStores):
    """A DistanceStore for each name."""

    def __init__(self) -> None:
        self.stores: dict[str, DistanceStore] = {}

    def open(self, name: str, embeddings: Embeddings) -> VectorStore:
        return self.stores.setdefault(name, DistanceStore(embeddings))

    def drop(self, name: str) -> None:
        self.stores.pop(name, None)

    def names(self) -> Iterable[str]:
        return list(self.stores)

    def listed(self, store: VectorStore, document_id: str | None) -> Iterator[VectorId]:
        assert isinstance(store, DistanceStore)
        for document, _ in list(store.held.values()):
            if document_id in (None, document.metadata["document_id"]):
                yield vector_id(document.metadata)

    def within(self, document_ids: Sequence[str]) -> Mapping[str, Any]:
        return {"documents": document_ids}

    def cosine(self, score: float) -> float:
        return 1 - score / 2


class LostStores(DistanceStores):
    """A database that does not answer."""

    def open(self, name: str, embeddings: Embeddings) -> VectorStore:
        raise ConnectionRefusedError("nobody listens")

    def drop(self, name: str) -> None:
        raise ConnectionRefusedError("nobody listens")

    def names(self) -> Iterable[str]:
        raise ConnectionRefusedError("nobody listens")


@tool
def get_weather(city: str) -> str:
    """Tell the temperature in a city."""
    return f"It is 21.5 degrees in {city}."


def failing() -> BaseChatModel:
    """Fail, as a factory does whose key is wrong."""
    raise RuntimeError(f"api_key={KEY} is not known")


def listed_model() -> BaseChatModel:
    """Return a model of langchain-core."""
    return FakeListChatModel(responses=[ANSWER])


hashed = DeterministicFakeEmbedding(size=32)
words: Callable[[], Embeddings] = WordEmbedding
stores = MemoryStores()
