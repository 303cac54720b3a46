"""Port: work that one process at a time does for all."""

from abc import ABC, abstractmethod


class Singletons(ABC):
    """Leases on names, by the store's clock: a holder that vanished is followed by another."""

    @abstractmethod
    async def hold(self, name: str, holder: str, seconds: float) -> int | None:
        """Take the lease for so long, or prolong one's own.

        Returns its fence, which each new holder raises, or None while another holds it.
        """

    @abstractmethod
    async def is_due(self, name: str, fence: int, every_seconds: float) -> bool:
        """Tell whether the lease holds and the work was last done so long ago, or never."""

    @abstractmethod
    async def done(self, name: str, fence: int) -> None:
        """Note that the work was done now, where the lease still holds."""

    @abstractmethod
    async def leave(self, name: str, holder: str) -> None:
        """Give one's lease back, so that another need not wait for its end."""
