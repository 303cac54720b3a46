"""Pages of a list: by opaque cursor, never by offset."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Up to `limit` (1-100) items that come after the item with the id or ordinal `after`."""

    limit: int = 20
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items, and the position to go on from (None: this is the last page)."""

    items: list[T]
    next_after: str | None

    @classmethod
    def cut(cls, rows: list[T], limit: int, position: Callable[[T], str]) -> "Page[T]":
        """Make a page from up to `limit + 1` rows; the one too many only tells that there is more."""
        items = rows[:limit]
        return cls(items, position(items[-1]) if len(rows) > limit else None)
