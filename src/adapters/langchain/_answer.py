"""Reads an answer out of the chunks of a LangChain chat model."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import uuid4

from adapters._providers.errors import ProviderError
from adapters.langchain._turns import own_turn
from application.ports.chat_model import (
    ChatRequest,
    Finish,
    FinishReason,
    ProviderTurn,
    ToolCall,
    Usage,
)

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, AIMessageChunk

_BYTES_PER_TOKEN = 4
_MAX_CHARACTERS = 4_000_000
# Where integrations put the reason: OpenAI and its like, Anthropic, Bedrock, Ollama, Gemini, Responses.
_REASON_KEYS = ("finish_reason", "stop_reason", "stopReason", "done_reason", "finishReason")
_LENGTH = frozenset(
    {"length", "max_tokens", "max_output_tokens", "max_length", "model_length", "incomplete"}
    | {"model_context_window_exceeded"}
)
_SAFETY = frozenset(
    {"content_filter", "content_filtered", "safety", "refusal", "recitation", "blocklist", "spii"}
    | {"prohibited_content", "guardrail_intervened"}
)
_MALFORMED = frozenset({"malformed_function_call", "malformed_tool_use", "unexpected_tool_call"})
_BROKEN_OFF = frozenset({"error"})


class AnswerReader:
    """Collects what the chunks say: text to pass on, calls, why it stopped, the usage.

    `has_begun`: the model has said or thought something. `model`: whose turn it is.
    """

    def __init__(self, request: ChatRequest, model: str, *, keeps_own: bool) -> None:
        self.has_begun = False
        self._request, self._model, self._keeps_own = request, model, keeps_own
        self._chunks: list[AIMessageChunk] = []
        self._texts: list[str] = []
        self._characters = 0
        self._reason = ""

    def read(self, message: "AIMessage") -> str:
        """Return the answer's text in a chunk; nothing where a schema is asked for, see `value`."""
        chunk = _as_chunk(message)
        self._chunks.append(chunk)
        self._reason = _reason_of(chunk.response_metadata) or self._reason
        text = _text_of(chunk.content)
        self.has_begun = self.has_begun or bool(
            chunk.content or chunk.tool_call_chunks or chunk.additional_kwargs
        )
        self._characters += len(text)
        if self._characters > _MAX_CHARACTERS:
            raise ProviderError("The provider's answer does not end.")
        if text:
            self._texts.append(text)
        return "" if self._request.schema is not None else text

    def finish(self) -> tuple[str, Finish]:
        """Return what is still to be said, and how the answer ended. Raises ProviderError where it is
        none."""
        if not self._chunks:
            raise ProviderError("The model ended without an answer.", code="empty")
        if self._reason in _BROKEN_OFF:
            raise ProviderError("The provider broke off.")
        whole, text = self._chunks[0] + self._chunks[1:], "".join(self._texts)
        if self._reason in _MALFORMED:
            raise ProviderError("The model's call of a tool cannot be read.", code="malformed")
        if self._request.schema is not None:
            return self._value(whole, text)
        calls = _calls_of(whole) if self._request.tools and not self._is_short else []
        usage = self._usage(whole, text)
        if calls:
            return "", Finish(FinishReason.TOOL_CALLS, usage, calls, self._own(whole, calls))
        self._demand(text)
        return "", Finish(self._short_or_stop, usage)

    @property
    def _is_short(self) -> bool:
        return self._reason in _LENGTH or self._reason in _SAFETY

    @property
    def _short_or_stop(self) -> FinishReason:
        if self._reason in _LENGTH:
            return FinishReason.LENGTH
        return FinishReason.SAFETY if self._reason in _SAFETY else FinishReason.STOP

    def _demand(self, text: str) -> None:
        """Raise ProviderError where there is no answer."""
        if text.strip():
            return
        if self._reason in _SAFETY:
            raise ProviderError(
                f"The provider blocked the answer ({self._reason}).", code="blocked"
            )
        spent = " It spent all its tokens." if self._reason in _LENGTH else ""
        raise ProviderError(f"The model ended without an answer.{spent}", code="empty")

    def _value(self, whole: "AIMessageChunk", text: str) -> tuple[str, Finish]:
        """Return the JSON that a schema asked for: some models write it, some call a tool with it."""
        if whole.tool_call_chunks:
            text = whole.tool_call_chunks[0].get("args") or "{}"
        self._demand(text)
        if not self._is_short:
            try:
                json.loads(text)
            except ValueError:
                raise ProviderError("The model's answer is no JSON.", code="malformed") from None
        return text, Finish(self._short_or_stop, self._usage(whole, text))

    def _own(self, whole: "AIMessageChunk", calls: Sequence[ToolCall]) -> ProviderTurn | None:
        if not self._keeps_own:
            return None
        sent = [
            {"type": "tool_call", "id": one.id, "name": one.name, "args": dict(one.arguments)}
            for one in calls
        ]
        return own_turn(self._model, whole, sent)

    def _usage(self, whole: "AIMessageChunk", text: str) -> Usage:
        """Return the provider's count, or an estimate where it gave none."""
        if whole.usage_metadata:
            counted = whole.usage_metadata
            return Usage(counted["input_tokens"], counted["output_tokens"])
        prompt = "".join(turn.text for turn in self._request.turns)
        return Usage(_estimate(prompt), _estimate(text))


def _estimate(text: str) -> int:
    return len(text.encode(errors="replace")) // _BYTES_PER_TOKEN + 1


def _as_chunk(message: "AIMessage") -> "AIMessageChunk":
    """Return a message as a chunk: of a model that cannot stream, the whole answer is one."""
    from langchain_core.messages import AIMessageChunk

    if isinstance(message, AIMessageChunk):
        return message
    return AIMessageChunk(**message.model_dump(exclude={"type"}))


def _text_of(content: str | list[str | dict[str, object]]) -> str:
    """Return the text in a message's content; reasoning and every other kind of block is left out."""
    if isinstance(content, str):
        return content
    return "".join(
        block if isinstance(block, str) else str(block.get("text") or "")
        for block in content
        if isinstance(block, str) or block.get("type") in ("text", "text_delta", "output_text")
    )


def _reason_of(metadata: Mapping[str, object]) -> str:
    """Return why it stopped, in lower case; read chunk by chunk: LangChain joins what is said twice."""
    for key in _REASON_KEYS:
        if reason := metadata.get(key):
            return str(getattr(reason, "name", reason)).lower()
    details = metadata.get("incomplete_details")
    if isinstance(details, Mapping):  # OpenAI's Responses
        return str(details.get("reason") or "incomplete").lower()
    return ""


def _calls_of(whole: "AIMessageChunk") -> list[ToolCall]:
    """Return the calls. LangChain completes arguments that were cut off: they are read again.

    Raises ProviderError where one cannot be read.
    """
    calls = []
    for chunk in whole.tool_call_chunks:
        name, text = chunk.get("name"), chunk.get("args") or "{}"
        try:
            arguments = json.loads(text)
        except ValueError:
            arguments = None
        if not name or not isinstance(arguments, dict):
            raise ProviderError("The model's call of a tool cannot be read.", code="malformed")
        calls.append(ToolCall(chunk.get("id") or f"call_{uuid4().hex}", name, arguments))
    return calls
