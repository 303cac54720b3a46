"""Port: how often something may happen, counted for the whole installation."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import DependencyUnavailable


class RateLimiterUnavailable(DependencyUnavailable):
    """The store of the rate limits does not answer at the moment."""

    code = "rate_limiter_unavailable"


@dataclass(frozen=True, slots=True)
class Limit:
    """`quota` units in `window_seconds`; the window of a key begins with the key's first hit."""

    name: str
    quota: int
    window_seconds: int


@dataclass(frozen=True, slots=True)
class Charge:
    """`cost` units of `limit` for whoever `key` stands for.

    A negative cost gives back, as far as anything was taken in this window.
    """

    limit: Limit
    key: str
    cost: int = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where a key stands: units left in its window, and seconds until the quota is whole again."""

    allowed: bool
    limit: Limit
    remaining: int
    reset_seconds: float

    @property
    def retry_after(self) -> float:
        """Seconds until it is worth trying again; 0 where it was allowed."""
        return 0.0 if self.allowed else self.reset_seconds


class RateLimiter(ABC):
    """Counts hits in windows, atomically across all who share its store."""

    @abstractmethod
    async def hit_all(self, charges: Sequence[Charge]) -> Sequence[Verdict]:
        """Charge all, or none where one has no room; return a verdict for each, in their order.

        No two of them are for the same limit (told by its name) and key. Raises
        RateLimiterUnavailable.
        """

    @abstractmethod
    async def reset(self, limit: Limit, key: str) -> None:
        """Give the key its whole quota back. Raises RateLimiterUnavailable."""

    async def hit(self, limit: Limit, key: str, cost: int = 1) -> Verdict:
        """Charge one key. Raises RateLimiterUnavailable."""
        [verdict] = await self.hit_all((Charge(limit, key, cost),))
        return verdict

    async def peek(self, limit: Limit, key: str) -> Verdict:
        """Tell where the key stands, and charge nothing. Raises RateLimiterUnavailable."""
        return await self.hit(limit, key, 0)

    async def aclose(self) -> None:
        """Release what the store holds."""
