"""Reads an answer out of the events of a stream. Source: the API reference, GenerateContentResponse."""

from typing import Any
from uuid import uuid4

import orjson

from adapters._providers.errors import ProviderError
from adapters.gemini._errors import ApiKey, failure_of
from adapters.gemini._turns import own_turn
from application.ports.chat_model import ChatRequest, Finish, FinishReason, ToolCall, Usage

# The reasons of the API that end an answer in good order; any other but those below cut it short.
_REASONS = {"STOP": FinishReason.STOP, "MAX_TOKENS": FinishReason.LENGTH}
_BLOCKED = frozenset(
    {"SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "ESCALATION", "MODEL_ARMOR"}
    | {"PUP_LIMITED_DISABLED"}
)
_MALFORMED = frozenset(
    {"MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS", "MALFORMED_RESPONSE"}
)
_BYTES_PER_TOKEN = 4


class AnswerReader:
    """Collects what the events say: text to pass on, calls, why it stopped, the usage.

    `has_begun`: the model has said or thought something. `failure`: what ended it before its time.
    """

    def __init__(self, model: str, key: ApiKey) -> None:
        self.has_begun = False
        self.failure: ProviderError | None = None
        self._model = model
        self._key = key
        self._has_text = False
        self._answer_bytes = 0
        self._parts: list[dict[str, Any]] = []
        self._calls: list[ToolCall] = []
        self._reason: str | None = None
        self._usage: Usage | None = None

    def read(self, events: list[bytes]) -> str:
        """Return the answer's text in these events, up to the first that is a failure."""
        pieces = []
        for event in events:
            try:
                pieces.append(self._read_event(orjson.loads(event)))
            except ProviderError as failure:
                self.failure = failure
                break
            except (ValueError, TypeError, AttributeError, LookupError) as error:
                self.failure = ProviderError("The provider sent something unreadable.")
                self.failure.__cause__ = error
                break
        text = "".join(pieces)
        self._has_text = self._has_text or bool(text.strip())
        self._answer_bytes += len(text.encode(errors="replace"))
        return text

    def _read_event(self, event: Any) -> str:
        if "error" in event:
            raise failure_of(event["error"].get("code"), event, self._key)
        if usage := event.get("usageMetadata"):
            self._usage = _count(usage)  # each counts from the beginning
        candidates = event.get("candidates")
        if not candidates:
            if why := (event.get("promptFeedback") or {}).get("blockReason"):
                raise ProviderError(f"The provider blocked the question ({why}).", code="blocked")
            return ""
        if reason := candidates[0].get("finishReason"):
            if not isinstance(reason, str):
                raise TypeError
            self._reason = reason
        parts = (candidates[0].get("content") or {}).get("parts") or ()
        return "".join([self._read_part(part) for part in parts])

    def _read_part(self, part: dict[str, Any]) -> str:
        """Return the part's text; keep what must be sent back."""
        text, is_thought = part.get("text") or "", bool(part.get("thought"))
        kept: dict[str, Any] = {}  # only what may be sent: the SDK refuses a field it does not know
        if call := part.get("functionCall"):
            kept["functionCall"] = self._read_call(call)
        elif text or "thoughtSignature" in part:
            kept["text"] = text
        if "thoughtSignature" in part:
            kept["thoughtSignature"] = part["thoughtSignature"]
        if is_thought:
            kept["thought"] = True
        self.has_begun = self.has_begun or bool(kept)
        if kept and ("thoughtSignature" in part or not is_thought):
            self._parts.append(kept)
        return "" if is_thought else text

    def _read_call(self, call: dict[str, Any]) -> dict[str, Any]:
        name, arguments = call.get("name"), call.get("args") or {}
        if not isinstance(name, str) or not name or not isinstance(arguments, dict):
            raise ProviderError("The model's call of a tool cannot be read.", code="malformed")
        call_id = call.get("id")
        self._calls.append(ToolCall(call_id or f"call_{uuid4().hex}", name, arguments))
        return {"name": name, "args": arguments} | ({"id": call_id} if call_id else {})

    def finish(self, request: ChatRequest) -> Finish:
        """Return how the answer ended. Raises ProviderError where it is none."""
        name = self._reason
        if name is None:
            raise ProviderError("The provider's answer ended in the middle.")
        if name in _MALFORMED:
            raise ProviderError("The model's call of a tool cannot be read.", code="malformed")
        if name == "MISSING_THOUGHT_SIGNATURE":
            raise ProviderError("A call was sent back without its signature.", code="rejected")
        if self._calls and name == "STOP":
            return self._finish(FinishReason.TOOL_CALLS, request)
        if name in _BLOCKED:
            if not self._has_text:
                raise ProviderError(f"The provider blocked the answer ({name}).", code="blocked")
            return self._finish(FinishReason.SAFETY, request)
        if not self._has_text:
            spent = " It spent all its tokens on thoughts." if name == "MAX_TOKENS" else ""
            raise ProviderError(f"The model ended without an answer.{spent}", code="empty")
        return self._finish(_REASONS.get(name, FinishReason.LENGTH), request)

    def _finish(self, reason: FinishReason, request: ChatRequest) -> Finish:
        is_call = reason is FinishReason.TOOL_CALLS
        own = own_turn(self._model, self._parts) if is_call or not self._calls else None
        usage = self._usage or self._estimate(request)
        return Finish(reason, usage, self._calls if is_call else (), own)

    def _estimate(self, request: ChatRequest) -> Usage:
        prompt = sum(len(turn.text.encode(errors="replace")) for turn in request.turns)
        return Usage(prompt // _BYTES_PER_TOKEN + 1, self._answer_bytes // _BYTES_PER_TOKEN + 1)


def _count(usage: dict[str, Any]) -> Usage:
    """Return the provider's count: thoughts are completion, what tools brought in is prompt."""

    def tokens(name: str) -> int:
        return int(usage.get(f"{name}TokenCount") or 0)

    return Usage(
        tokens("prompt") + tokens("toolUsePrompt"), tokens("candidates") + tokens("thoughts")
    )
