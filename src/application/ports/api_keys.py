"""Ports: the API keys of workspaces. Only hashes of their secrets are stored."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime

from domain.api_keys import ApiKey


class ApiKeyRepository(ABC):
    """The keys of the unit's tenant. Those that are revoked are not found."""

    @abstractmethod
    async def add(self, key: ApiKey) -> None:
        """Write a new key."""

    @abstractmethod
    async def get(self, key_id: str, *, lock: bool = False) -> ApiKey:
        """Return the key; with `lock` nobody else changes it before the commit. Raises NotFound."""

    @abstractmethod
    async def save(self, key: ApiKey) -> None:
        """Write the changed key and raise `version`; `last_used_at` is not written."""


class ApiKeyUses(ABC):
    """When keys were used last."""

    @abstractmethod
    async def record(self, used: Mapping[str, datetime]) -> None:
        """Write for each key (by id) when it was used, unless a later or hardly earlier use stands there.

        A minute is hardly earlier. Ids of keys that are gone are passed over.
        """
