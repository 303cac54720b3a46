"""Reads an answer out of the events of a message. Source: Anthropic's page on streaming messages."""

from typing import Any

import orjson

from adapters._providers.answer import AnswerReader
from adapters._providers.errors import ProviderError, Redactor, failure_of_event
from adapters.anthropic._payload import Block, own_turn
from application.ports.chat_model import ChatRequest, Finish, FinishReason, ToolCall, Usage

_REASONS = {"end_turn": FinishReason.STOP, "stop_sequence": FinishReason.STOP}
# Every other reason but those of calls and refusals cuts an answer short.
_KEPT = ("text", "thinking", "redacted_thinking", "tool_use")
# The block that a delta goes on with, and the field of it.
_DELTAS = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "input_json_delta": ("tool_use", "partial_json"),
}
_INPUTS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")


class MessageReader(AnswerReader):
    """Collects the blocks of a message, why it ended, the usage."""

    def __init__(self, redact: Redactor, max_bytes: int, model: str) -> None:
        super().__init__(max_bytes)
        self._redact = redact
        self._model = model
        self._reason: str | None = None
        self._why = ""
        self._blocks: dict[int, Block] = {}
        self._pieces: dict[int, list[str]] = {}  # of each block, but for what it began with
        self._used: dict[str, int] = {}

    def _read_event(self, event: Any) -> str:
        kind = event["type"]
        if kind == "content_block_delta":
            return self._read_delta(event["index"], event["delta"])
        if kind == "content_block_start":
            return self._start(event["index"], event["content_block"])
        if kind == "message_delta":
            self._end(event)
        elif kind == "message_start":
            self._count(event["message"].get("usage"))
        elif kind == "message_stop":
            self.is_done = True
        elif kind == "error":
            raise failure_of_event(event.get("error"), self._redact)
        return ""  # of pings, and of what nobody knows yet

    def _start(self, index: int, block: Block) -> str:
        if block["type"] not in _KEPT:
            return ""
        self.has_begun = True
        self._blocks[index] = {
            name: value for name, value in block.items() if name not in ("citations", "caller")
        }
        return _string(block["text"]) if block["type"] == "text" else ""

    def _read_delta(self, index: int, delta: Any) -> str:
        block, kind = self._blocks.get(index), delta["type"]
        if block is None:
            return ""
        if kind == "signature_delta":
            block["signature"] = delta["signature"]
        elif kind in _DELTAS and block["type"] == _DELTAS[kind][0]:
            piece = _string(delta[_DELTAS[kind][1]])
            self._pieces.setdefault(index, []).append(piece)
            return piece if kind == "text_delta" else ""
        return ""

    def _end(self, event: Any) -> None:
        self._count(event.get("usage"))
        if reason := event["delta"].get("stop_reason"):
            self._reason, self.is_settled = _string(reason), True
            details = event["delta"].get("stop_details") or {}
            self._why = self._redact(details.get("explanation") or details.get("category") or "")

    def _count(self, usage: Any) -> None:
        for name in (*_INPUTS, "output_tokens"):  # each counts from the beginning
            if (tokens := (usage or {}).get(name)) is not None:
                self._used[name] = int(tokens)

    def finish(self, request: ChatRequest) -> Finish:
        """Return how the answer ended. Raises ProviderError where it is none."""
        if self._reason is None:
            raise ProviderError("The provider's answer ended in the middle.")
        if self._reason == "tool_use":
            calls = self._calls()
            return Finish(FinishReason.TOOL_CALLS, self._usage(request), calls, self._own())
        if self._reason == "refusal":
            if not self.has_text:
                text = f"The provider blocked the answer: {self._why}".rstrip(": ")
                raise ProviderError(text, code="blocked")
            return Finish(FinishReason.SAFETY, self._usage(request))
        if not self.has_text:
            spent = " It spent all its tokens." if self._reason == "max_tokens" else ""
            raise ProviderError(f"The model ended without an answer.{spent}", code="empty")
        reason = _REASONS.get(self._reason, FinishReason.LENGTH)
        own = self._own() if reason is FinishReason.STOP else None
        return Finish(reason, self._usage(request), own=own)

    def _calls(self) -> list[ToolCall]:
        calls = []
        for index, block in self._blocks.items():
            if block["type"] != "tool_use":
                continue
            try:
                if text := "".join(self._pieces.get(index, ())):
                    block["input"] = orjson.loads(text)
                name, call_id, arguments = block["name"], block["id"], block["input"]
            except (orjson.JSONDecodeError, TypeError, LookupError) as error:
                raise _unreadable() from error
            if not name or not call_id or not isinstance(arguments, dict):
                raise _unreadable()
            calls.append(ToolCall(call_id, name, arguments))
        if not calls:
            raise _unreadable()
        return calls

    def _own(self) -> Any:
        for index, block in self._blocks.items():
            if (kind := block["type"]) in ("text", "thinking"):
                block[kind] = "".join((block.get(kind) or "", *self._pieces.pop(index, ())))
        return own_turn(self._model, [self._blocks[index] for index in sorted(self._blocks)])

    def _usage(self, request: ChatRequest) -> Usage:
        if "output_tokens" not in self._used:
            return self._estimate(request)
        read = sum(self._used.get(name, 0) for name in _INPUTS)
        return Usage(read, self._used["output_tokens"])


def _string(value: Any) -> str:
    """Return a text. Raises TypeError where it is none."""
    if not isinstance(value, str):
        raise TypeError
    return value


def _unreadable() -> ProviderError:
    return ProviderError("The model's call of a tool cannot be read.", code="malformed")
