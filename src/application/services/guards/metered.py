"""Models, stores and rerankers whose calls are counted and timed."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractAsyncContextManager, aclosing
from types import TracebackType

from application.ports.chat_model import ChatModel, ChatRequest, Delta, Finish
from application.ports.clock import Clock
from application.ports.embedder import Embedder, EmbedTask, Vector
from application.ports.metrics import Metrics
from application.ports.reranker import Reranker
from application.ports.vector_index import VectorIndex
from application.services.guards._wrapped import (
    WrappedChatModel,
    WrappedEmbedder,
    WrappedVectorIndex,
)
from application.services.metric_names import CALL_SECONDS, CALLS, FIRST_TOKEN_SECONDS, TOKENS
from domain.errors import ChatSphereError

_NAMES_MOST = 50
_OK = "ok"


def outcome_of(error: BaseException) -> str:
    """Return what is told of how a call ended: few words, and none of the error's own."""
    if isinstance(error, ChatSphereError):
        return error.code
    if isinstance(error, asyncio.CancelledError | GeneratorExit):
        return "cancelled"
    return "internal_error"


class _Timed(AbstractAsyncContextManager[None]):
    """Counts and times what is inside it."""

    __slots__ = ("_begun", "_clock", "_metrics", "_operation", "_part")

    def __init__(self, metrics: Metrics, clock: Clock, part: str, operation: str) -> None:
        self._metrics, self._clock = metrics, clock
        self._part, self._operation = part, operation

    async def __aenter__(self) -> None:
        self._begun = self._clock.monotonic()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        outcome = _OK if exc is None else outcome_of(exc)
        seconds = self._clock.monotonic() - self._begun
        self._metrics.count(CALLS, self._part, self._operation, outcome)
        self._metrics.observe(CALL_SECONDS, seconds, self._part, self._operation)


class MeteredChatModel(WrappedChatModel):
    """`model`, counted by the name of the model that is asked.

    Bots may name any model, so a name counts by itself once it has answered, and is one of
    `<provider>/other` before; of workspaces' own keys, pass `everything_as`, such as `own`.
    """

    def __init__(
        self,
        model: ChatModel,
        metrics: Metrics,
        clock: Clock,
        *,
        provider: str,
        everything_as: str | None = None,
    ) -> None:
        super().__init__(model)
        self._metrics = metrics
        self._clock = clock
        self._provider = provider
        self._everything_as = everything_as
        self._answered: set[str] = set()

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        """Yield what the model yields. Raises what it raises."""
        begun = self._clock.monotonic()
        first = True
        outcome = _OK
        try:
            async with aclosing(self._model.stream(request)) as items:
                async for item in items:
                    if first:
                        first = False
                        seconds = self._clock.monotonic() - begun
                        self._metrics.observe(FIRST_TOKEN_SECONDS, seconds, self._name(request))
                    if isinstance(item, Finish):
                        self._ended(request, item)
                    yield item
        except BaseException as error:
            outcome = outcome_of(error)
            raise
        finally:
            name = self._name(request)
            self._metrics.count(CALLS, "models", name, outcome)
            self._metrics.observe(CALL_SECONDS, self._clock.monotonic() - begun, "models", name)

    def _ended(self, request: ChatRequest, finish: Finish) -> None:
        if len(self._answered) < _NAMES_MOST:
            self._answered.add(request.model)
        name, usage = self._name(request), finish.usage
        self._metrics.count(TOKENS, name, "prompt", amount=max(0, usage.prompt_tokens))
        self._metrics.count(TOKENS, name, "completion", amount=max(0, usage.completion_tokens))

    def _name(self, request: ChatRequest) -> str:
        if self._everything_as is not None:
            return self._everything_as
        known = request.model in self._answered
        return f"{self._provider}/{request.model if known else 'other'}"


class MeteredEmbedder(WrappedEmbedder):
    """`embedder`, with questions and documents counted apart."""

    def __init__(self, embedder: Embedder, metrics: Metrics, clock: Clock) -> None:
        super().__init__(embedder)
        self._metrics = metrics
        self._clock = clock

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        """Return one vector of unit length a text, in order."""
        async with _Timed(self._metrics, self._clock, "embedder", task.value):
            return await self._embedder.embed(texts, task)


class MeteredVectorIndex(WrappedVectorIndex):
    """`index`, counted by operation."""

    def __init__(self, index: VectorIndex, metrics: Metrics, clock: Clock) -> None:
        super().__init__(index)
        self._metrics = metrics
        self._clock = clock

    def around(self, operation: str) -> AbstractAsyncContextManager[None]:
        """Return what counts and times a call."""
        return _Timed(self._metrics, self._clock, "vector_index", operation)


class MeteredReranker(Reranker):
    """`reranker`, counted."""

    def __init__(self, reranker: Reranker, metrics: Metrics, clock: Clock) -> None:
        self._reranker = reranker
        self._metrics = metrics
        self._clock = clock
        self.most = reranker.most
        self.languages = reranker.languages

    def __repr__(self) -> str:
        return repr(self._reranker)

    async def rerank(self, question: str, passages: Sequence[str]) -> Sequence[float]:
        """Return a score from 0 to 1 for each passage."""
        async with _Timed(self._metrics, self._clock, "reranker", "rerank"):
            return await self._reranker.rerank(question, passages)

    async def aclose(self) -> None:
        """Release what the reranker holds."""
        await self._reranker.aclose()
