"""Port: by which embedders and stores the bots of an installation are indexed."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Indexing:
    """What makes the vectors of a bot, and what holds them: the name of the vector space and the
    vectors' length, the kind of the store."""

    space: str
    dimensions: int
    store: str


@dataclass(frozen=True, slots=True)
class IndexUse:
    """So many bots have vectors of this kind."""

    space: str
    store: str
    bots: int


class IndexCensus(ABC):
    """Looks at the live index generations of all tenants."""

    @abstractmethod
    async def adopt(self, present: Indexing, new_id: Callable[[], str]) -> None:
        """Give every bot that has no document the present space and store: it has no vector either.

        Its generation gets another id: many a store takes vectors of one length in a namespace for good.
        """

    @abstractmethod
    async def uses(self) -> Sequence[IndexUse]:
        """Return how many bots are indexed by what, most bots first; also deleted ones, until their
        vectors are purged."""
