"""Reads an answer out of what comes in."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import orjson

from adapters._providers.errors import ProviderError
from adapters._providers.sse import EventParser
from application.ports.chat_model import ChatRequest, Finish, Usage

_DONE = b"[DONE]"
_BYTES_PER_TOKEN = 4


class AnswerReader(ABC):
    """Collects what the events of one answer say.

    `has_begun`: the model has said or thought something; `has_text`: some of it is the answer's;
    `is_settled`: why it ended is known; `is_done`: nothing more will come; `failure`: what ended it
    before its time.
    """

    def __init__(self, max_bytes: int) -> None:
        """Read up to `max_bytes` bytes."""
        self.has_begun = False
        self.has_text = False
        self.is_settled = False
        self.is_done = False
        self.is_stream = True
        self.failure: ProviderError | None = None
        self._parser = EventParser()
        self._left = max_bytes
        self._whole = bytearray()
        self._answer_bytes = 0

    def feed(self, chunk: bytes) -> str:
        """Return the answer's text in these bytes, up to the first failure, which is kept."""
        self._left -= len(chunk)
        if self._left < 0:
            self.failure = ProviderError("The provider's answer does not end.", code="malformed")
            return ""
        if not self.is_stream:  # a server that does not stream
            self._whole += chunk
            return ""
        return self._read(self._parser.feed(chunk))

    def end(self) -> str:
        """Return what the end of the bytes completes."""
        return self._read(self._parser.end() if self.is_stream else [self._whole])

    @abstractmethod
    def finish(self, request: ChatRequest) -> Finish:
        """Return how the answer ended. Raises ProviderError where it is none."""

    @abstractmethod
    def _read_event(self, event: Any) -> str:
        """Return the text in an event. What it raises makes the event a failure."""

    def _filtered(self, text: str) -> str:
        """Return what of the text is the answer's."""
        return text

    def _read(self, events: Sequence[bytes | bytearray]) -> str:
        pieces = []
        for event in events:
            if event == _DONE:
                self.is_done = True
            if self.is_done:
                break
            try:
                pieces.append(self._read_event(orjson.loads(event)))
            except ProviderError as failure:
                self.failure = failure
                break
            except (ValueError, TypeError, AttributeError, LookupError) as error:
                self.failure = ProviderError("The provider sent something unreadable.")
                self.failure.__cause__ = error
                break
        text = self._filtered("".join(pieces))
        self.has_text = self.has_text or bool(text.strip())
        self._answer_bytes += len(text.encode(errors="replace"))
        return text

    def _estimate(self, request: ChatRequest) -> Usage:
        prompt = sum(len(turn.text.encode(errors="replace")) for turn in request.turns)
        return Usage(prompt // _BYTES_PER_TOKEN + 1, self._answer_bytes // _BYTES_PER_TOKEN + 1)
