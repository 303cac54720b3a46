"""Port: sealed values that stand outside workspaces, for housekeeping over all of them."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SealedValue:
    """A value where it is kept. `place` names it to people, and orders the values of a kind."""

    place: str
    context: str
    sealed: str = field(repr=False)


class SealedValues(ABC):
    """One kind of them, such as the second factors of all users."""

    @abstractmethod
    async def page(self, after: str | None, limit: int) -> Sequence[SealedValue]:
        """Return up to `limit` values in the order of their places, those that follow `after`."""

    @abstractmethod
    async def replace(self, value: SealedValue, sealed: str) -> bool:
        """Put another sealed text in the place of this one; False where it has changed meanwhile."""
