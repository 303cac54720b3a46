"""A chat model that is asked no more than its provider takes."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from application.ports.chat_model import ChatModel, ChatRequest, Delta, Finish, ModelRefused
from application.ports.rate_limiter import Limit, RateLimiter
from application.services.guards._tokens import TokenWindow
from application.services.guards._wrapped import WrappedChatModel

_MINUTE = 60
_SOON_SECONDS = 2.0
_CROWDED = "This model is asked too much at the moment: try again in a moment."
_FAST = "This model's tokens of the minute are used up: try again in a moment."


@dataclass(frozen=True, slots=True)
class ModelLimits:
    """Of one model: calls under way in a process, and tokens a minute in all processes; None: any.

    Who finds no place waits `patience` seconds for one.
    """

    concurrency: int | None = None
    tokens_per_minute: int | None = None
    patience: float = 10.0


@dataclass(slots=True)
class _Room:
    places: asyncio.Semaphore
    users: int = 0


class LimitedChatModel(WrappedChatModel):
    """`model` within `limits`, which hold for each model name of `provider` by itself.

    A call holds its place until its stream is closed; those who wait get places in the order in which
    they came.
    """

    def __init__(
        self, model: ChatModel, provider: str, limiter: RateLimiter, limits: ModelLimits
    ) -> None:
        super().__init__(model)
        self._provider = provider
        self._limits = limits
        self._rooms: dict[str, _Room] = {}  # of the models that are being asked
        self._tokens: TokenWindow | None = None
        if limits.tokens_per_minute is not None:
            limit = Limit("model-tokens-minute", limits.tokens_per_minute, _MINUTE)
            self._tokens = TokenWindow(limiter, limit, "model_rate_limited", _FAST)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        """Yield what the model yields. Raises ModelRefused `model_rate_limited`, and what it raises."""
        async with self._place(request.model), aclosing(self._counted(request)) as items:
            async for item in items:
                yield item

    def _counted(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        if self._tokens is None:
            return self._model.stream(request)
        return self._tokens.stream(f"{self._provider}/{request.model}", self._model, request)

    @asynccontextmanager
    async def _place(self, name: str) -> AsyncIterator[None]:
        if self._limits.concurrency is None:
            yield
            return
        if name not in self._rooms:
            self._rooms[name] = _Room(asyncio.Semaphore(self._limits.concurrency))
        room = self._rooms[name]
        room.users += 1
        try:
            await self._enter(room.places)
            try:
                yield
            finally:
                room.places.release()
        finally:
            room.users -= 1
            if not room.users:
                del self._rooms[name]

    async def _enter(self, places: asyncio.Semaphore) -> None:
        try:
            async with asyncio.timeout(self._limits.patience):
                await places.acquire()
        except TimeoutError as error:
            raise ModelRefused(
                _CROWDED, code="model_rate_limited", retry_after=_SOON_SECONDS
            ) from error
