"""Idempotency keys in a dictionary."""

from collections.abc import Sequence
from dataclasses import replace

from adapters.memory.state import IdempotencyRow, TenantTables
from application.ports.clock import Clock
from application.ports.idempotency import IdempotencyRecords
from domain.errors import IdempotencyConflict


class InMemoryIdempotencyRecords(IdempotencyRecords):
    """The keys of the tenant whose tables it gets; units take turns, so nothing is in flight."""

    def __init__(self, tables: TenantTables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    async def claim(self, actor_id: str, key: str, fingerprint: str) -> list[str] | None:
        """Take the key, or return what it made before."""
        row = self._tables.idempotency.get((actor_id, key))
        if row is None:
            self._tables.idempotency[actor_id, key] = IdempotencyRow(fingerprint, self._clock.now())
            return None
        if row.fingerprint != fingerprint:
            raise IdempotencyConflict
        return list(row.resource_ids)

    async def made(self, actor_id: str, key: str, resource_ids: Sequence[str]) -> None:
        """Record what the claimed request made."""
        row = self._tables.idempotency[actor_id, key]
        self._tables.idempotency[actor_id, key] = replace(row, resource_ids=tuple(resource_ids))
