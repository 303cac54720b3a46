"""A chat model that keeps its deadlines and is let alone while it does not answer."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from math import inf

from application.ports.chat_model import (
    ChatModel,
    ChatRequest,
    Delta,
    Finish,
    ModelUnavailable,
)
from application.services.guards._wrapped import WrappedChatModel
from application.services.guards.breaker import Breaker, Call, CallRefused

_LOOK_SECONDS = 0.1  # how exact the deadlines are


@dataclass(frozen=True, slots=True)
class StreamDeadlines:
    """How long to wait, in seconds: for the first item, for the next one, for the end."""

    first_token: float = inf
    idle: float = inf
    total: float = inf


class GuardedChatModel(WrappedChatModel):
    """`model` behind a breaker and within deadlines. A request is never repeated here.

    An adapter that tells thoughts from silence knows better how long to wait for a first token: leave
    `first_token` and `idle` to it. The first item counts as an answer, and a failure after it as
    another end: a model that breaks off every stream opens its breaker, one that answers closes it
    before the answer has come to its end.
    """

    def __init__(self, model: ChatModel, breaker: Breaker, deadlines: StreamDeadlines) -> None:
        super().__init__(model)
        self._breaker = breaker
        self._deadlines = deadlines

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        """Yield deltas, then one Finish. Raises ModelUnavailable, ModelRefused."""
        call, watch = self._enter(), Watch(self._deadlines)
        try:
            async with aclosing(self._model.stream(request)) as items:
                while (item := await watch.next(items)) is not None:
                    call.succeeded()
                    yield item
        except ModelUnavailable:
            call.failed()
            raise
        except (asyncio.CancelledError, GeneratorExit):
            call.left()
            raise
        except BaseException:
            call.succeeded()  # it refuses, so it is there
            raise
        else:
            call.succeeded()  # also where there was nothing to say
        finally:
            watch.stop()

    def _enter(self) -> Call:
        try:
            return self._breaker.enter()
        except CallRefused as refused:
            raise ModelUnavailable(
                "The language model did not answer of late, and is let alone for a moment.",
                retry_after=refused.retry_after,
            ) from None


class Watch:
    """Ends the wait for an item that does not come in time.

    It looks every now and then: a time-out around each of hundreds of items costs more than passing
    them on. No time runs while the reader is at work, but that of the whole.
    """

    def __init__(self, deadlines: StreamDeadlines) -> None:
        self._loop = asyncio.get_running_loop()
        self._end = self._loop.time() + deadlines.total
        self._idle = deadlines.idle
        self._patience = deadlines.first_token
        self._deadline = inf
        self._waiting: asyncio.Task[object] | None = None
        self._interrupted = False
        self._pause = min(_LOOK_SECONDS, deadlines.first_token, deadlines.idle, deadlines.total)
        self._timer = self._loop.call_later(self._pause, self._look)

    @property
    def is_over(self) -> bool:
        """Tell whether the time of the whole is."""
        return self._loop.time() >= self._end

    async def next(self, items: AsyncGenerator[Delta | Finish, None]) -> Delta | Finish | None:
        """Return the next item, None at the end. Raises ModelUnavailable where it is late."""
        now = self._loop.time()
        if now >= self._end:  # one that never pauses would never be interrupted
            raise ModelUnavailable("The language model's answer did not end in time.")
        self._deadline = min(now + self._patience, self._end)
        self._waiting = asyncio.current_task()
        try:
            item = await anext(items, None)
        except asyncio.CancelledError as error:
            if self._was_interrupted():
                raise ModelUnavailable("The language model did not go on in time.") from error
            raise
        finally:
            self._waiting = None
        self._patience = self._idle
        return item

    def _look(self) -> None:
        if self._waiting is not None and self._loop.time() >= self._deadline:
            self._interrupted = True
            self._waiting.cancel()
        else:
            self._timer = self._loop.call_later(self._pause, self._look)

    def _was_interrupted(self) -> bool:
        """Tell whether it was we who cancelled the wait, and nobody else did at the same time."""
        return self._interrupted and self._waiting is not None and not self._waiting.uncancel()

    def stop(self) -> None:
        """Look no more."""
        self._timer.cancel()
