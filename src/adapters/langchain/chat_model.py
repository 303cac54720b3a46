"""ChatModel on any of LangChain's chat models."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

from adapters._providers.errors import ProviderError
from adapters.langchain._answer import AnswerReader
from adapters.langchain._errors import failure_of
from adapters.langchain._parts import Lazy, without_tracing
from adapters.langchain._secrets import redactor_for
from adapters.langchain._turns import messages_of, schema_of, tools_of
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
from application.ports.plugins import NotConfigured

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage
    from langchain_core.runnables import Runnable

DECLARABLE = frozenset({ChatCapability.TOOLS, ChatCapability.SCHEMA, ChatCapability.STOP})
_NOTHING_CAME = "No generation chunks were returned"  # what LangChain raises for an empty stream


class LangChainChatModel(ChatModel):
    """Streams answers of one BaseChatModel, under one name.

    LangChain has no rule that a stream tells why it ended: one that does not has ended well. Source:
    langchain-core 1.7, BaseChatModel.
    """

    def __init__(
        self,
        make: "Callable[[], BaseChatModel]",
        *,
        name: str = "default",
        capabilities: frozenset[ChatCapability] = frozenset(),
        temperature_as: str = "temperature",
        max_tokens_as: str = "max_tokens",
        deadlines: Deadlines | None = None,
    ) -> None:
        """Ask the model that `make` returns; it is called once, in a thread.

        `capabilities` is what the model's integration can do: tools, schema, stop. `temperature_as` and
        `max_tokens_as` name the keyword arguments that set these for one request (empty: never sent).
        Raises ValueError for another capability.
        """
        if capabilities - DECLARABLE:
            raise ValueError("of a LangChain model, only tools, schema and stop can be declared")
        own = {ChatCapability.PROVIDER_TURN} if ChatCapability.TOOLS in capabilities else set()
        self._capabilities = capabilities | own
        self._model = Lazy(without_tracing(make))
        self._name = name
        self._temperature_as, self._max_tokens_as = temperature_as, max_tokens_as
        self._deadlines = deadlines or Deadlines()

    def __repr__(self) -> str:
        return f"LangChainChatModel({self._name})"

    @property
    def capabilities(self) -> frozenset[ChatCapability]:
        """What was declared; with tools, a turn goes back in its own form (signatures, ids)."""
        return self._capabilities

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        """Yield deltas, then a Finish. A model's reasoning is no part of it; an answer that has to fit a
        schema comes whole. Raises ModelUnavailable, ModelRefused."""
        try:
            self._check(request)
            async with aclosing(self._items(request)) as items:
                async for item in items:
                    yield item
        except ProviderError as failure:
            # No cause: an integration's exception may hold its key.
            raise failure.as_error(ModelUnavailable, ModelRefused, "model") from None

    def _check(self, request: ChatRequest) -> None:
        """Raise ProviderError for what the model does not offer."""
        if request.model != self._name:
            raise ProviderError(f"The LangChain model here is {self._name!r}.", code="rejected")
        asked = {
            ChatCapability.TOOLS: bool(request.tools),
            ChatCapability.SCHEMA: request.schema is not None,
            ChatCapability.STOP: bool(request.stop),
            ChatCapability.THINKING: request.thinking is not None,
        }
        for capability, is_asked in asked.items():
            if is_asked and capability not in self._capabilities:
                raise ProviderError(f"This model offers no {capability}.", code="rejected")
        if request.tools and request.schema is not None:
            raise ProviderError("It takes tools or a schema, not both at once.", code="rejected")

    async def _items(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish]:
        started = asyncio.get_running_loop().time()
        model = await self._ready(self._first_deadline(started))
        kind = f"{type(model).__module__}.{type(model).__qualname__}/{self._name}"
        keeps_own = ChatCapability.PROVIDER_TURN in self._capabilities
        reader = AnswerReader(request, kind, keeps_own=keeps_own)
        try:
            messages = messages_of(request, kind)
            async with aclosing(self._chunks(model, request, messages, reader, started)) as chunks:
                async for chunk in chunks:
                    if text := reader.read(chunk):
                        yield Delta(text)
            rest, finish = reader.finish()
        except Exception as error:
            raise failure_of(error, redactor_for(model), begun=reader.has_begun) from None
        if rest:
            yield Delta(rest)
        yield finish

    async def _ready(self, deadline: float) -> "BaseChatModel":
        try:
            async with asyncio.timeout_at(deadline):
                return await self._model.get()
        except TimeoutError:
            raise ProviderError("The LangChain model was not loaded in time.") from None
        except NotConfigured as error:
            raise ProviderError(str(error), code="rejected") from None

    async def _chunks(
        self,
        model: "BaseChatModel",
        request: ChatRequest,
        messages: "list[BaseMessage]",
        reader: AnswerReader,
        started: float,
    ) -> "AsyncGenerator[AIMessage]":
        """Yield what comes, in time; no time runs while the consumer is at work."""
        stream = _asked(model, request).astream(messages, **self._arguments(request))
        async with aclosing(cast("AsyncGenerator[AIMessage]", stream)) as chunks:
            while True:
                waiting = asyncio.timeout_at(self._deadline(reader, started))
                try:
                    async with waiting:
                        chunk = await anext(chunks, None)
                except TimeoutError:
                    if not waiting.expired():
                        raise
                    raise _late(begun=reader.has_begun) from None
                except ValueError as error:
                    if _NOTHING_CAME not in str(error):
                        raise
                    return
                if chunk is None:
                    return
                yield chunk

    def _arguments(self, request: ChatRequest) -> dict[str, Any]:
        asked = {
            self._temperature_as: request.temperature,
            self._max_tokens_as: request.max_output_tokens,
            "stop": list(request.stop) or None,
        }
        return {name: value for name, value in asked.items() if name and value is not None}

    def _first_deadline(self, started: float) -> float:
        return started + min(self._deadlines.first_token, self._deadlines.total)

    def _deadline(self, reader: AnswerReader, started: float) -> float:
        if not reader.has_begun:
            return self._first_deadline(started)
        idle = asyncio.get_running_loop().time() + self._deadlines.idle
        return min(idle, started + self._deadlines.total)


def _asked(
    model: "BaseChatModel", request: ChatRequest
) -> "Runnable[list[BaseMessage], AIMessage]":
    """Return the model with the request's tools or schema bound to it."""
    from langchain_core.runnables import RunnableSequence

    if request.tools:
        return cast("Runnable[list[BaseMessage], AIMessage]", model.bind_tools(tools_of(request)))
    if request.schema is None:
        return cast("Runnable[list[BaseMessage], AIMessage]", model)
    # A model and a parser: only the model is asked, so that usage and reason are seen.
    chain = model.with_structured_output(schema_of(request.schema))
    if not isinstance(chain, RunnableSequence):
        raise ProviderError("This model's structured output cannot be streamed.", code="rejected")
    return cast("Runnable[list[BaseMessage], AIMessage]", chain.first)


def _late(*, begun: bool) -> ProviderError:
    text = "stopped in the middle of the answer" if begun else "did not answer in time"
    return ProviderError(f"The LangChain model {text}.")
