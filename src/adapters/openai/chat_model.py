"""ChatModel on any server that speaks OpenAI's chat completions."""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from math import inf
from typing import TYPE_CHECKING

from adapters.openai._answer import AnswerReader
from adapters.openai._errors import ProviderError
from adapters.openai._http import HttpClient
from adapters.openai._sse import EventParser
from adapters.openai.connections import Connections
from application.ports.chat_model import (
    ChatModel,
    ChatRequest,
    Deadlines,
    Delta,
    Finish,
    FinishReason,
    ModelRefused,
    ModelUnavailable,
)

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_UNKNOWN_FIELD = re.compile(
    r"stream_options|include_usage|unknown|unexpected|unrecogni|extra|permitted", re.IGNORECASE
)
_REMEMBERED_REFUSALS = 1_000
_BAD_REQUEST = (400, 422)
_AFTER_DONE = 0.1  # seconds to wait for the end of the body, so that the connection can be kept
_JSON = "application/json"
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


class OpenAIChatModel(ChatModel):
    """Streams answers of `POST {base_url}/chat/completions`.

    Source: the OpenAI API reference, chat completions, as Ollama, vLLM, llama.cpp and LiteLLM
    follow it.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str | None = None,
        *,
        provider: str = "openai",
        deadlines: Deadlines | None = None,
        connections: Connections | None = None,
        max_stream_bytes: int = 16 * 1024 * 1024,
    ) -> None:
        """Talk to `base_url` (which ends in /v1 as a rule). `provider/` is cut off model names.

        `connections` are shared with others and not closed with this; absent, it has its own. Raises
        ValueError where the URL is none, holds credentials, or the key is no header value.
        """
        self._deadlines = deadlines or Deadlines()
        self._owns_connections = connections is None
        self._connections = connections or Connections(connect_timeout=self._deadlines.connect)
        self._client = HttpClient(base_url, api_key, self._connections)
        self._prefix = f"{provider}/"
        self._max_stream_bytes = max_stream_bytes
        self._refused: set[tuple[str, str]] = set()  # (model, field) that the server has refused

    def __repr__(self) -> str:
        return f"OpenAIChatModel({self._client.host})"

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        """Yield deltas, one for all that came in one read, then a Finish.

        A model's reasoning is no part of it. Raises ModelUnavailable, ModelRefused.
        """
        started = asyncio.get_running_loop().time()
        reader = AnswerReader(self._client.redact)
        try:
            response = await self._open(request, started)
            async with aclosing(self._texts(response, reader, started)) as texts:
                async for text in texts:
                    yield Delta(text)
        except ProviderError as failure:
            raise failure.as_error(ModelUnavailable, ModelRefused) from failure.__cause__
        yield self._finish(reader, request)

    async def aclose(self) -> None:
        """Close the connections, where they are its own."""
        if self._owns_connections:
            await self._connections.aclose()

    async def _open(self, request: ChatRequest, started: float) -> "ClientResponse":
        """Send the request; where the server refuses an optional field, send it without, once."""
        deadline = started + min(self._deadlines.first_token, self._deadlines.total)
        while True:
            payload = self._payload(request)
            try:
                return await self._client.post("/chat/completions", payload, deadline)
            except ProviderError as failure:
                field = _refused_field(failure, payload)
                if field is None:
                    raise
                if len(self._refused) >= _REMEMBERED_REFUSALS:
                    self._refused.clear()
                self._refused.add((request.model, field))

    def _payload(self, request: ChatRequest) -> dict[str, object]:
        optional: dict[str, object] = {
            "temperature": request.temperature,
            "stream_options": {"include_usage": True},
        }
        if request.max_output_tokens is not None:
            newer = (request.model, "max_tokens") in self._refused
            optional["max_completion_tokens" if newer else "max_tokens"] = request.max_output_tokens
        return {
            "model": request.model.removeprefix(self._prefix),
            "messages": [{"role": turn.role.value, "content": turn.text} for turn in request.turns],
            "stream": True,
            **{k: v for k, v in optional.items() if (request.model, k) not in self._refused},
        }

    async def _texts(
        self, response: "ClientResponse", reader: AnswerReader, started: float
    ) -> AsyncGenerator[str]:
        """Yield the pieces of the answer; the response is closed when this ends."""
        parser = EventParser()
        whole = response.content_type == _JSON  # a server that does not stream
        held, received = b"", 0
        try:
            async with aclosing(self._reads(response, reader, started)) as reads:
                async for chunk in reads:
                    received += len(chunk)
                    if received > self._max_stream_bytes:
                        raise ProviderError("The provider's answer does not end.")
                    if whole:
                        held += chunk
                    elif text := reader.read(parser.feed(chunk)):
                        yield text
                    if reader.failure:
                        raise reader.failure
            if text := reader.read([held] if whole else parser.end()):
                yield text
            if reader.failure:
                raise reader.failure
        finally:
            await _let_go(response, reader, self._connections.errors)

    async def _reads(
        self, response: "ClientResponse", reader: AnswerReader, started: float
    ) -> AsyncGenerator[bytes]:
        """Yield what comes in, within the deadlines, until the end, `[DONE]`, or a loss after the
        finish reason has come."""
        end = started + self._deadlines.total
        content = response.content
        watch = Watch(content.set_exception)
        watch.deadline = first = min(started + self._deadlines.first_token, end)
        try:
            while not reader.is_done:
                chunk = content.read_nowait() or await content.readany()
                if not chunk:
                    return
                watch.deadline = inf  # no time runs while the consumer is at work
                yield chunk
                idle = watch.now() + self._deadlines.idle
                watch.deadline = min(idle, end) if reader.has_begun else first
        except self._connections.errors as error:  # a TimeoutError is an OSError
            if not reader.finish_reason:  # else only the usage is missing
                raise _loss(error, self._client.host) from error
        finally:
            watch.stop()

    def _finish(self, reader: AnswerReader, request: ChatRequest) -> Finish:
        reason = reader.finish_reason
        if reason is None:
            raise ModelUnavailable("The provider's answer ended in the middle.")
        if not reader.has_text:
            if reason is FinishReason.SAFETY:
                raise ModelRefused("The provider blocked the answer.", code="model_blocked")
            raise ModelRefused("The model ended without an answer.", code="model_empty")
        return Finish(reason, reader.usage("".join(turn.text for turn in request.turns)))


def _refused_field(failure: ProviderError, payload: dict[str, object]) -> str | None:
    """Return the optional field of `payload` that a 400 or 422 is about, if it is about one."""
    if failure.status not in _BAD_REQUEST:
        return None
    message = str(failure)
    for field in ("temperature", "max_tokens"):
        if field in message and field in payload:
            return field
    if "stream_options" in payload and _UNKNOWN_FIELD.search(message):
        return "stream_options"
    return None


def _loss(error: Exception, host: str) -> ProviderError:
    if isinstance(error, TimeoutError):
        return ProviderError(f"{host} stopped in the middle of the answer.")
    return ProviderError(f"The connection to {host} was lost.")


async def _let_go(
    response: "ClientResponse", reader: AnswerReader, losses: tuple[type[Exception], ...]
) -> None:
    """Keep the connection if the answer is read to its end; else close it: the model stops."""
    if reader.is_done and not response.content.at_eof():
        try:
            async with asyncio.timeout(_AFTER_DONE):
                await response.content.readany()
        except losses:  # a TimeoutError is an OSError
            pass
    if response.content.at_eof():
        response.release()
    else:
        response.close()
