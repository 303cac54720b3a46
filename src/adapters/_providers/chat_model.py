"""ChatModel on a server that streams its answers over HTTP as server-sent events."""

import asyncio
from abc import abstractmethod
from collections.abc import AsyncGenerator, Callable, Set
from contextlib import aclosing
from math import inf
from typing import TYPE_CHECKING

from adapters._providers.answer import AnswerReader
from adapters._providers.errors import ProviderError
from adapters._providers.http import HttpClient
from adapters._providers.retries import Retries
from application.ports.chat_model import (
    ChatModel,
    ChatRequest,
    Deadlines,
    Delta,
    Finish,
    ModelRefused,
    ModelUnavailable,
)

if TYPE_CHECKING:
    from aiohttp import ClientResponse

MAX_STREAM_BYTES = 16 * 1024 * 1024
_REMEMBERED_MODELS = 1_000
_BAD_REQUEST = (400, 422)
_AFTER_DONE = 0.1  # seconds to wait for the end of the body, so that the connection can be kept
_JSON = "application/json"
_TEMPERATURE, _TAKEN_BY_ALL = "temperature", 1.0  # some scales end there, others at 2
_LOOK = 0.1  # seconds; how exact the deadlines of a stream are


class Watch:
    """Raises TimeoutError in whoever waits once `deadline`, a time of the event loop, is past.

    It looks every now and then: a time-out around each of hundreds of reads costs more than reading.
    """

    def __init__(self, interrupt: Callable[[BaseException], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._interrupt = interrupt
        self.now = self._loop.time
        self.deadline = inf
        self._timer = self._loop.call_later(_LOOK, self._look)

    def _look(self) -> None:
        if self.now() >= self.deadline:
            self._interrupt(TimeoutError())
        else:
            self._timer = self._loop.call_later(_LOOK, self._look)

    def stop(self) -> None:
        """Look no more."""
        self._timer.cancel()


class HttpChatModel(ChatModel):
    """What is the same for every API: deadlines, retries before the first delta, and fields that a
    server refuses, which are left out from then on where the answer is no other without them."""

    def __init__(
        self,
        client: HttpClient,
        path: str,
        *,
        deadlines: Deadlines,
        owns_connections: bool,
        for_once: Set[str] = frozenset(),
    ) -> None:
        """POST to `path`. What is refused is remembered by model, but for the fields `for_once`."""
        self._client = client
        self._path = path
        self._deadlines = deadlines
        self._owns_connections = owns_connections
        self._for_once = for_once
        self._retries = Retries()
        self._refused: dict[str, frozenset[str]] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._client.host})"

    @abstractmethod
    def _payload(self, request: ChatRequest, left_out: Set[str]) -> dict[str, object]:
        """Return the body of the request without the fields `left_out`."""

    @abstractmethod
    def _reader(self, request: ChatRequest, left_out: Set[str]) -> AnswerReader:
        """Return what reads the answer."""

    @abstractmethod
    def _refused_field(self, failure: ProviderError, payload: dict[str, object]) -> str | None:
        """Return what a 400 or 422 is about that can be left out."""

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        """Yield deltas, one for all that came in one read, then a Finish.

        A model's reasoning is no part of it. Until the first delta, what may pass is tried again.
        Raises ModelUnavailable, ModelRefused.
        """
        started = asyncio.get_running_loop().time()
        attempt, has_spoken = 1, False
        self._retries.begin()
        try:
            while True:
                try:
                    response, reader = await self._open(request, started)
                    async with aclosing(self._texts(response, reader, started)) as texts:
                        async for text in texts:
                            has_spoken = True
                            yield Delta(text)
                    finish = reader.finish(request)
                    break
                except ProviderError as failure:
                    if has_spoken:
                        raise
                    await self._retries.pause(failure, attempt, self._first_deadline(started))
                    attempt += 1
        except ProviderError as failure:
            raise failure.as_error(ModelUnavailable, ModelRefused) from failure.__cause__
        yield finish

    async def aclose(self) -> None:
        """Close the connections, where they are its own."""
        if self._owns_connections:
            await self._client.connections.aclose()

    def _first_deadline(self, started: float) -> float:
        return started + min(self._deadlines.first_token, self._deadlines.total)

    async def _open(
        self, request: ChatRequest, started: float
    ) -> "tuple[ClientResponse, AnswerReader]":
        """Send the request; where the server refuses an optional field, send it without."""
        left_out = self._refused.get(request.model, frozenset())
        while True:
            payload = self._payload(request, left_out)
            try:
                deadline = self._first_deadline(started)
                response = await self._client.post(self._path, payload, deadline)
            except ProviderError as failure:
                is_bad = failure.status in _BAD_REQUEST
                field = self._refused_field(failure, payload) if is_bad else None
                if field is None or field in left_out:
                    raise
                left_out |= {field}
            else:
                self._remember(request, left_out)
                reader = self._reader(request, left_out)
                reader.is_stream = response.content_type != _JSON
                return response, reader

    def _remember(self, request: ChatRequest, left_out: frozenset[str]) -> None:
        """Keep what a model does without, once it has answered so.

        Some take a temperature, but none so high: others' requests keep theirs.
        """
        known = self._refused.get(request.model, frozenset())
        is_hot = request.temperature is not None and request.temperature > _TAKEN_BY_ALL
        new = left_out - known - self._for_once - ({_TEMPERATURE} if is_hot else set())
        if not new:
            return
        if len(self._refused) >= _REMEMBERED_MODELS:
            self._refused.clear()
        self._refused[request.model] = known | new

    async def _texts(
        self, response: "ClientResponse", reader: AnswerReader, started: float
    ) -> AsyncGenerator[str]:
        """Yield the pieces of the answer, within the deadlines; the response is closed in the end.

        A loss after the reason of the end has come is none: only the usage may be missing.
        """
        content, losses = response.content, self._client.connections.errors
        end = started + self._deadlines.total
        watch = Watch(content.set_exception)
        watch.deadline = first = self._first_deadline(started)
        try:
            while not reader.is_done:
                try:
                    chunk = content.read_nowait() or await content.readany()
                except losses as error:  # a TimeoutError is an OSError
                    if reader.is_settled:
                        break
                    raise _loss(error, self._client.host) from error
                if not chunk:
                    break
                watch.deadline = inf  # no time runs while the consumer is at work
                if text := reader.feed(chunk):
                    yield text
                if reader.failure:
                    raise reader.failure
                idle = watch.now() + self._deadlines.idle
                watch.deadline = min(idle, end) if reader.has_begun else first
            if text := reader.end():
                yield text
            if reader.failure:
                raise reader.failure
        finally:
            watch.stop()
            await _let_go(response, reader, losses)


def _loss(error: Exception, host: str) -> ProviderError:
    if isinstance(error, TimeoutError):
        return ProviderError(f"{host} stopped in the middle of the answer.")
    return ProviderError(f"The connection to {host} was lost.")


async def _let_go(
    response: "ClientResponse", reader: AnswerReader, losses: tuple[type[Exception], ...]
) -> None:
    """Keep the connection if the answer is read to its end; else close it: the model stops."""
    try:
        if reader.is_done and not response.content.at_eof():
            async with asyncio.timeout(_AFTER_DONE):
                await response.content.readany()
    except losses:  # a TimeoutError is an OSError
        pass
    finally:
        if response.content.at_eof():
            response.release()
        else:
            response.close()
