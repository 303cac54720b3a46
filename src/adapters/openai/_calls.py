"""Calls of tools, which come in pieces."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import orjson

from adapters._providers.errors import ProviderError
from application.ports.chat_model import ToolCall

_MOST = 128  # calls in one answer


@dataclass(slots=True)
class _Draft:
    index: int | None
    id: str = ""
    name: str = ""
    arguments: list[str] = field(default_factory=list)


class CallCollector:
    """Puts calls together.

    A piece belongs to the call of its index, but for a new id, which begins another one: some
    servers count every call 0, or do not count.
    """

    def __init__(self) -> None:
        self._drafts: list[_Draft] = []

    def __bool__(self) -> bool:
        return bool(self._drafts)

    def add(self, piece: dict[str, Any]) -> None:
        """Add a piece. Raises TypeError, AttributeError where it is none; ProviderError where
        there are too many calls."""
        draft = self._of(piece.get("index"), piece.get("id") or "")
        function = piece.get("function") or {}
        draft.name = draft.name or str(function.get("name") or "")
        arguments = function.get("arguments") or ""
        if not isinstance(arguments, str):  # a server that sends the object itself
            arguments = orjson.dumps(arguments).decode()
        draft.arguments.append(arguments)

    def calls(self) -> list[ToolCall]:
        """Return the calls. Raises ProviderError where one cannot be read."""
        return [_call(draft) for draft in self._drafts]

    def _of(self, index: int | None, call_id: str) -> _Draft:
        for draft in reversed(self._drafts):
            if draft.index == index and (not call_id or call_id == draft.id):
                return draft
        if len(self._drafts) == _MOST:
            raise _unreadable()
        self._drafts.append(_Draft(index, call_id))
        return self._drafts[-1]


def _call(draft: _Draft) -> ToolCall:
    try:
        arguments = orjson.loads("".join(draft.arguments) or "{}")
    except orjson.JSONDecodeError as error:
        raise _unreadable() from error
    if not draft.name or not isinstance(arguments, dict):
        raise _unreadable()
    return ToolCall(draft.id or f"call_{uuid4().hex}", draft.name, arguments)


def _unreadable() -> ProviderError:
    return ProviderError("The model's call of a tool cannot be read.", code="malformed")
