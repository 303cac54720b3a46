"""Port: all that a tenant stores, whatever it is, for erasing it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from domain.bots import IndexGeneration


class Estate(ABC):
    """The rows of the unit's tenant as a whole; tombstoned ones count."""

    @abstractmethod
    async def is_busy(self) -> bool:
        """Tell whether another job than the erasure is being done, or an answer being written."""

    @abstractmethod
    async def generations(self) -> list[IndexGeneration]:
        """Return every index generation of every bot."""

    @abstractmethod
    async def count(self) -> Mapping[str, int]:
        """Return how many rows there are of each kind that there is."""

    @abstractmethod
    async def erase(self, most: int) -> bool:
        """Remove up to `most` rows of one kind, but for the job that erases; tell whether there were any.

        The members, invitations and history of the workspace are not its estate: they go with it.
        """
