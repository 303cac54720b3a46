"""Port: the time and the dice, so that rules get both as arguments."""

from abc import ABC, abstractmethod
from datetime import datetime


class Clock(ABC):
    """Where time, ids and secrets come from."""

    @abstractmethod
    def now(self) -> datetime:
        """Return the time in UTC."""

    @abstractmethod
    def monotonic(self) -> float:
        """Return seconds for measuring durations."""

    @abstractmethod
    def new_id(self, prefix: str) -> str:
        """Return a fresh id such as `bot_…`."""

    @abstractmethod
    def new_secret(self) -> str:
        """Return a random URL-safe secret of 256 bits."""
