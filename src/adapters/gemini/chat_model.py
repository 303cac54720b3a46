"""ChatModel on Google's Gemini API."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import TYPE_CHECKING

from adapters._providers.errors import ProviderError
from adapters._providers.retries import Retries
from adapters._providers.sse import EventParser
from adapters.gemini._answer import AnswerReader
from adapters.gemini._errors import ApiKey, loss, provider_errors
from adapters.gemini._turns import config_of, contents_of, model_name
from adapters.gemini.client import GEMINI_URL, GeminiClients, checked_url, host_of, taking
from application.ports.chat_model import (
    ChatCapability,
    ChatModel,
    ChatRequest,
    Deadlines,
    Delta,
    Finish,
    ModelRefused,
    ModelUnavailable,
)

if TYPE_CHECKING:
    import httpx2


class GeminiChatModel(ChatModel):
    """Streams answers of `streamGenerateContent`.

    Source: the Gemini API reference, as google-genai 3 speaks it.
    """

    def __init__(
        self,
        api_key: str,
        base_url: str = GEMINI_URL,
        *,
        deadlines: Deadlines | None = None,
        clients: GeminiClients | None = None,
        max_stream_bytes: int = 16 * 1024 * 1024,
    ) -> None:
        """Talk to `base_url` with `api_key`. `gemini/` is cut off model names.

        `clients` are shared with others and not closed with this; absent, it has its own. Raises
        ValueError where the URL is none, or no header can carry the key.
        """
        self._key = ApiKey(api_key)
        self._base_url = checked_url(base_url)
        self._host = host_of(self._base_url)
        self._deadlines = deadlines or Deadlines()
        self._owns_clients = clients is None
        self._clients = clients or GeminiClients()
        self._retries = Retries()
        self._max_stream_bytes = max_stream_bytes

    def __repr__(self) -> str:
        return f"GeminiChatModel({self._host})"

    @property
    def capabilities(self) -> frozenset[ChatCapability]:
        """All there are; what a single model cannot do, the service refuses."""
        return frozenset(ChatCapability)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        """Yield deltas, then a Finish. A model's thoughts are no part of it.

        Until the first delta, what may pass is tried again. Raises ModelUnavailable, ModelRefused.
        """
        started = asyncio.get_running_loop().time()
        attempt, has_spoken = 1, False
        self._retries.begin()
        try:
            model = model_name(request.model)
            while True:
                reader = AnswerReader(model, self._key)
                try:
                    async with aclosing(self._texts(request, reader, started)) as texts:
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
            raise failure.as_error(ModelUnavailable, ModelRefused, "model") from failure.__cause__
        yield finish

    async def aclose(self) -> None:
        """Close the connections, where they are its own."""
        if self._owns_clients:
            await self._clients.aclose()

    def _first_deadline(self, started: float) -> float:
        return started + min(self._deadlines.first_token, self._deadlines.total)

    async def _texts(
        self, request: ChatRequest, reader: AnswerReader, started: float
    ) -> AsyncGenerator[str]:
        """Yield the pieces of the answer; the request is over when this ends. Raises ProviderError."""
        response = await self._open(request, started)
        parser, received = EventParser(), 0
        reads = response.aiter_bytes()
        try:
            while chunk := await self._read(reads, reader, started):
                received += len(chunk)
                if received > self._max_stream_bytes:
                    raise ProviderError("The provider's answer does not end.")
                if text := reader.read(parser.feed(chunk)):
                    yield text
                if reader.failure:
                    raise reader.failure
            if text := reader.read(parser.end()):
                yield text
            if reader.failure:
                raise reader.failure
        finally:
            await response.aclose()

    async def _open(self, request: ChatRequest, started: float) -> "httpx2.Response":
        """Return the answer of the service, whose body is still to be read. Raises ProviderError."""
        deadline, model = self._first_deadline(started), model_name(request.model)
        client = await self._clients.get(self._base_url, deadline)
        try:
            contents, config = contents_of(request, model), config_of(request, model, self._key)
        except (ValueError, TypeError, AttributeError, LookupError) as error:
            raise ProviderError("The request cannot be sent to Gemini.", code="rejected") from error
        taken: list[httpx2.Response] = []
        try:
            with provider_errors(self._host, self._key), taking(taken):
                async with asyncio.timeout_at(deadline):
                    chunks = await client.aio.models.generate_content_stream(
                        model=model, contents=list(contents), config=config
                    )
                    async for _ in chunks:
                        raise TypeError("the SDK has an answer that is not ours to read")
                return taken[0]
        except BaseException:
            for response in taken:
                await response.aclose()
            raise

    async def _read(
        self, reads: AsyncIterator[bytes], reader: AnswerReader, started: float
    ) -> bytes:
        """Return what comes next, in time; nothing at the end. No time runs while the reader is at work."""
        deadline = self._first_deadline(started)
        if reader.has_begun:
            idle = asyncio.get_running_loop().time() + self._deadlines.idle
            deadline = min(idle, started + self._deadlines.total)
        try:
            async with asyncio.timeout_at(deadline):
                return await anext(reads, b"")
        except (OSError, self._clients.lost) as error:
            raise loss(error, self._host, begun=reader.has_begun) from error
