"""Port: values that may be forgotten at any moment, and are worth keeping for a while."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from domain.errors import DependencyUnavailable


class CacheUnavailable(DependencyUnavailable):
    """The cache does not answer at the moment: go on without it."""

    code = "cache_unavailable"


class Cache(ABC):
    """Bytes by key. A key says which tenant it belongs to where its value does."""

    @abstractmethod
    async def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        """Return those that are there and not over. Raises CacheUnavailable."""

    @abstractmethod
    async def put_many(self, values: Mapping[str, bytes], seconds: float) -> None:
        """Keep the values up to `seconds`; the same key again replaces. Raises CacheUnavailable."""

    @abstractmethod
    async def delete_many(self, keys: Sequence[str]) -> None:
        """Forget; unknown keys are no error. Raises CacheUnavailable."""

    async def aclose(self) -> None:
        """Release what the cache holds."""
