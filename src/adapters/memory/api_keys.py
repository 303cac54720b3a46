"""API keys in dictionaries."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.memory.state import MemoryState, TenantTables
from application.ports.api_keys import ApiKeyRepository, ApiKeyUses
from application.queries.api_keys import ApiKeyQueries
from application.queries.page import Page, PageRequest
from domain.api_keys import ApiKey
from domain.errors import NotFound


def _found(tables: TenantTables, key_id: str) -> ApiKey:
    key = tables.api_keys.get(key_id)
    if key is None or key.revoked_at is not None:
        raise NotFound
    return deepcopy(key)


class InMemoryApiKeyRepository(ApiKeyRepository):
    """The keys of the tenant whose tables it gets."""

    def __init__(self, tables: TenantTables) -> None:
        self._tables = tables

    async def add(self, key: ApiKey) -> None:
        """Write a new key."""
        self._tables.api_keys[key.id] = deepcopy(key)

    async def get(self, key_id: str, *, lock: bool = False) -> ApiKey:  # noqa: ARG002
        """Return a copy of the key; units take turns, so nothing needs a lock."""
        return _found(self._tables, key_id)

    async def save(self, key: ApiKey) -> None:
        """Write the changed key and raise its version."""
        key.version += 1
        used = self._tables.api_keys[key.id].last_used_at
        self._tables.api_keys[key.id] = replace(key, last_used_at=used)


class InMemoryApiKeyUses(ApiKeyUses):
    """Writes to the committed tables, beside any unit of work."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def record(self, used: Mapping[str, datetime]) -> None:
        """Write when keys were used."""
        for tables in self._state.tenants.values():
            for key_id in used.keys() & tables.api_keys.keys():
                key = tables.api_keys[key_id]
                before = key.last_used_at
                if before is None or used[key_id] - before > timedelta(minutes=1):
                    tables.api_keys[key_id] = replace(key, last_used_at=used[key_id])


class InMemoryApiKeyQueries(ApiKeyQueries):
    """Reads over the committed dictionaries."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def get(self, tenant_id: str, key_id: str) -> ApiKey:
        """Return a copy of the key."""
        return _found(self._state.tenant(tenant_id), key_id)

    async def list(self, tenant_id: str, page: PageRequest) -> Page[ApiKey]:
        """Return keys, newest first."""
        own = self._state.tenant(tenant_id).api_keys.values()
        keys = [
            deepcopy(key)
            for key in sorted(own, key=lambda key: key.id, reverse=True)
            if key.revoked_at is None and (page.after is None or key.id < page.after)
        ]
        return Page.cut(keys[: page.limit + 1], page.limit, lambda key: key.id)
