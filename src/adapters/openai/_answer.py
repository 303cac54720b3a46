"""Reads an answer out of the events of a chat completion."""

from typing import Any

import orjson

from adapters.openai._errors import ProviderError, Redactor, failure_of_event
from application.ports.chat_model import FinishReason, Usage

_DONE = b"[DONE]"
_OPEN, _CLOSE = "<think>", "</think>"
_REASONS = {
    "length": FinishReason.LENGTH,
    "max_tokens": FinishReason.LENGTH,
    "content_filter": FinishReason.SAFETY,
}  # every other reason is a way to say stop
_BYTES_PER_TOKEN = 4


class AnswerReader:
    """Collects what the events say: text to pass on, why it stopped, the usage.

    `has_begun`: the model has said or thought something; `has_text`: some of it is the answer's.
    """

    def __init__(self, redact: Redactor) -> None:
        self.finish_reason: FinishReason | None = None
        self.failure: ProviderError | None = None
        self.is_done = False
        self.has_begun = False
        self.has_text = False
        self._answer_bytes = 0
        self._usage: Usage | None = None
        self._redact = redact
        self._thoughts = ThoughtFilter()

    def read(self, events: list[bytes]) -> str:
        """Return the answer's text in these events, up to the first that is a failure."""
        pieces = []
        for event in events:
            if event == _DONE:
                self.is_done = True
                break
            try:
                pieces.append(self._read_event(orjson.loads(event)))
            except ProviderError as failure:
                self.failure = failure
                break
            except (ValueError, TypeError, AttributeError, LookupError):
                self.failure = ProviderError("The provider sent something unreadable.")
                break
        text = self._thoughts.feed("".join(pieces))
        if self.finish_reason:
            text += self._thoughts.end()
        self.has_text = self.has_text or bool(text.strip())
        self._answer_bytes += len(text.encode(errors="replace"))
        return text

    def usage(self, prompt: str) -> Usage:
        """Return the provider's count, or an estimate where it gave none."""
        if self._usage:
            return self._usage
        return Usage(
            len(prompt.encode(errors="replace")) // _BYTES_PER_TOKEN + 1,
            self._answer_bytes // _BYTES_PER_TOKEN + 1,
        )

    def _read_event(self, event: Any) -> str:
        if event.get("error") or event.get("object") == "error":
            raise failure_of_event(event.get("error", event), self._redact)
        usage = event.get("usage")
        if usage:
            self._usage = Usage(
                int(usage.get("prompt_tokens") or 0), int(usage.get("completion_tokens") or 0)
            )
        choices = event.get("choices")
        return self._read_choice(choices[0]) if choices else ""

    def _read_choice(self, choice: Any) -> str:
        reason = choice.get("finish_reason")
        if reason == "error":
            raise ProviderError("The provider broke off.")
        if reason:
            self.finish_reason = _REASONS.get(reason, FinishReason.STOP)
        message = choice.get("delta") or choice.get("message")
        if not message:
            return ""
        content = message.get("content") or ""
        if not isinstance(content, str):
            raise TypeError
        if content or message.get("reasoning_content") or message.get("reasoning"):
            self.has_begun = True
        return content


class ThoughtFilter:
    """Drops a `<think>…</think>` block that opens an answer; a later one is part of the answer."""

    def __init__(self) -> None:
        self._held = ""
        self._state = "start"  # then "thinking", "after" (white space is dropped), "answer"

    def feed(self, text: str) -> str:
        """Return what of `text` belongs to the answer."""
        if self._state == "answer":
            return text
        self._held += text
        if self._state == "start":
            opening = self._held.lstrip()
            if opening.startswith(_OPEN):
                self._state, self._held = "thinking", opening.removeprefix(_OPEN)
            elif not _OPEN.startswith(opening):
                return self._answer(self._held)
        if self._state == "thinking":
            _, closed, rest = self._held.partition(_CLOSE)
            self._held = rest if closed else self._held[-len(_CLOSE) :]
            self._state = "after" if closed else "thinking"
        if self._state == "after" and self._held.strip():
            return self._answer(self._held.lstrip())
        return ""

    def end(self) -> str:
        """Return what was held back in the hope of a block that did not come."""
        held = self._held if self._state == "start" else ""
        return self._answer(held)

    def _answer(self, text: str) -> str:
        self._state, self._held = "answer", ""
        return text
