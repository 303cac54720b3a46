"""What is taken out of an answer's text before anyone sees it."""

from collections.abc import Sequence

_OPEN, _CLOSE = "<think>", "</think>"
_MOST_SPACE = 1_000  # characters before a block; after more, none is looked for


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
            elif not _OPEN.startswith(opening) or len(self._held) > _MOST_SPACE:
                return self._answer(self._held)
        if self._state == "thinking":
            _, closed, rest = self._held.partition(_CLOSE)
            self._held = rest if closed else self._held[-len(_CLOSE) :]
            self._state = "after" if closed else "thinking"
        if self._state == "after":
            self._held = self._held.lstrip()
            return self._answer(self._held) if self._held else ""
        return ""

    def end(self) -> str:
        """Return what was held back in the hope of a block that did not come."""
        held = self._held if self._state == "start" else ""
        return self._answer(held)

    def _answer(self, text: str) -> str:
        self._state, self._held = "answer", ""
        return text


class StopFilter:
    """Ends an answer before the first of `stops`, for servers that do not do so themselves."""

    def __init__(self, stops: Sequence[str]) -> None:
        self.has_stopped = False
        self._stops = [stop for stop in stops if stop]
        self._longest = max(map(len, self._stops), default=0)
        self._held = ""

    def feed(self, text: str) -> str:
        """Return what of `text` belongs to the answer; what may be the beginning of a stop waits."""
        if self.has_stopped or not self._stops:
            return "" if self.has_stopped else text
        self._held += text
        found = [at for stop in self._stops if (at := self._held.find(stop)) >= 0]
        if found:
            self.has_stopped = True
            return self._held[: min(found)]
        waits = self._waiting()
        said, self._held = (
            self._held[: len(self._held) - waits],
            self._held[len(self._held) - waits :],
        )
        return said

    def end(self) -> str:
        """Return what waited."""
        held, self._held = ("" if self.has_stopped else self._held), ""
        return held

    def _waiting(self) -> int:
        for size in range(min(self._longest - 1, len(self._held)), 0, -1):
            if any(stop.startswith(self._held[-size:]) for stop in self._stops):
                return size
        return 0
