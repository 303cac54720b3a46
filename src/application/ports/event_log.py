"""Port: the durable, resumable log of events behind every stream."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence

from domain.events import Event, NewEvent


class EventAppender(ABC):
    """The writing side, in a unit of work: events leave with the commit."""

    @abstractmethod
    async def append(self, stream_id: str, events: Sequence[NewEvent]) -> int:
        """Append in order, without a gap; return the last `seq`. Followers wake with the commit."""


class EventLog(ABC):
    """The reading side; works from any process."""

    @abstractmethod
    async def read(
        self, tenant_id: str, stream_id: str, after: int, limit: int = 1000
    ) -> list[Event]:
        """Return the events after `seq` `after` (0: from the start), in order."""

    @abstractmethod
    def follow(
        self, tenant_id: str, stream_id: str, after: int, ends: frozenset[str]
    ) -> AsyncGenerator[list[Event], None]:
        """Yield the events after `after` in batches as they come, up to and with one whose type is in `ends`.

        An empty batch is yielded when nothing came for 15 s, so that the caller can send a keep-alive.
        """

    async def aclose(self) -> None:
        """Release what the log holds."""
