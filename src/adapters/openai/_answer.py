"""Reads an answer out of the events of a chat completion."""

from collections.abc import Sequence
from typing import Any

import orjson

from adapters._providers.answer import AnswerReader
from adapters._providers.errors import ProviderError, Redactor, failure_of_event
from adapters.openai._calls import CallCollector
from adapters.openai._filters import StopFilter, ThoughtFilter
from application.ports.chat_model import ChatRequest, Finish, FinishReason, Usage

_REASONS = {
    "length": FinishReason.LENGTH,
    "max_tokens": FinishReason.LENGTH,
    "content_filter": FinishReason.SAFETY,
}  # every other reason is a way to say stop
_CALLED = ("tool_calls", "function_call")
_MOST_REFUSAL = 1_000  # characters
_JSON_TYPES = {"object": dict, "array": list, "string": str, "boolean": bool}


class CompletionReader(AnswerReader):
    """Collects text to pass on, calls, why it ended, the usage."""

    def __init__(self, redact: Redactor, max_bytes: int, stop: Sequence[str] = ()) -> None:
        """End the text before one of `stop`, where the server does not do so itself."""
        super().__init__(max_bytes)
        self._redact = redact
        self._reason = ""
        self._refusal = ""
        self._usage: Usage | None = None
        self._calls = CallCollector()
        self._thoughts = ThoughtFilter()
        self._stop = StopFilter(stop)
        self._said: list[str] = []

    def _read_event(self, event: Any) -> str:
        if event.get("error") or event.get("object") == "error":
            raise failure_of_event(event.get("error", event), self._redact)
        if usage := event.get("usage"):
            self._usage = Usage(
                int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
            )
        choices = event.get("choices")
        return self._read_choice(choices[0]) if choices else ""

    def _read_choice(self, choice: Any) -> str:
        if reason := choice.get("finish_reason"):
            if reason == "error":
                raise ProviderError("The provider broke off.")
            if not isinstance(reason, str):
                raise TypeError
            self._reason, self.is_settled = reason, True
        message = choice.get("delta") or choice.get("message")
        return self._read_message(message) if message else ""

    def _read_message(self, message: Any) -> str:
        content = message.get("content") or ""
        if not isinstance(content, str):
            raise TypeError
        if content or message.get("reasoning_content") or message.get("reasoning"):
            self.has_begun = True
        if calls := message.get("tool_calls"):
            self.has_begun = True
            for piece in calls:
                self._calls.add(piece)
        if refusal := message.get("refusal"):
            self._refusal = (self._refusal + refusal)[:_MOST_REFUSAL]
        return content

    def _filtered(self, text: str) -> str:
        text = self._thoughts.feed(text)
        if self.is_settled:
            text += self._thoughts.end()
        text = self._stop.feed(text)
        if self.is_settled:
            text += self._stop.end()
        if self._stop.has_stopped:
            self.is_settled = self.is_done = True
        self._said.append(text)
        return text

    def finish(self, request: ChatRequest) -> Finish:
        """Return how the answer ended. Raises ProviderError where it is none."""
        if not self.is_settled:
            raise ProviderError("The provider's answer ended in the middle.")
        usage = self._usage or self._estimate(request)
        reason = _REASONS.get(self._reason, FinishReason.STOP)
        if reason is FinishReason.STOP and (self._calls or self._reason in _CALLED):
            calls = self._calls.calls()
            if not calls or not request.tools:
                raise ProviderError("The model called a tool that is not there.", code="malformed")
            return Finish(FinishReason.TOOL_CALLS, usage, calls)
        if not self.has_text:
            raise self._nothing(reason)
        if reason is FinishReason.STOP and request.schema is not None:
            self._check_json(request.schema.get("type"))
        return Finish(reason, usage)

    def _nothing(self, reason: FinishReason) -> ProviderError:
        if reason is FinishReason.SAFETY or self._refusal:
            said = self._redact(self._refusal)
            text = f"The provider blocked the answer: {said}".rstrip(": ")
            return ProviderError(text, code="blocked")
        spent = " It spent all its tokens." if reason is FinishReason.LENGTH else ""
        return ProviderError(f"The model ended without an answer.{spent}", code="empty")

    def _check_json(self, kind: object) -> None:
        """Refuse what is not JSON of the kind that was asked for: not every server holds its model to
        a schema."""
        try:
            value = orjson.loads("".join(self._said))
        except orjson.JSONDecodeError as error:
            raise ProviderError("The model's answer is no JSON.", code="malformed") from error
        expected = _JSON_TYPES.get(kind, object) if isinstance(kind, str) else object
        if not isinstance(value, expected):
            raise ProviderError("The model's answer is other JSON than asked.", code="malformed")
