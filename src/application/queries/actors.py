"""Reads of who acts in a workspace."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping


class ActorNames(ABC):
    """Names for the ids that are kept with what was done."""

    @abstractmethod
    async def of(self, tenant_id: str, actor_ids: Iterable[str | None]) -> Mapping[str, str]:
        """Return the names of those that are members of the workspace or its API keys, revoked ones
        too. Who has left it has no name in it any more."""
