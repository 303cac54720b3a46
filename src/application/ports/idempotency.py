"""Port: which requests were taken already, by their Idempotency-Key."""

from abc import ABC, abstractmethod
from collections.abc import Sequence


class IdempotencyRecords(ABC):
    """Records live in the transaction of the effect: either both are there, or none."""

    @abstractmethod
    async def claim(self, actor_id: str, key: str, fingerprint: str) -> list[str] | None:
        """Take the key, or return what it made before (ids of resources).

        A request in flight with the same key is waited for. Raises IdempotencyConflict where the key
        was used with another fingerprint (hash of method, path and body).
        """

    @abstractmethod
    async def made(self, actor_id: str, key: str, resource_ids: Sequence[str]) -> None:
        """Record what the claimed request made."""
