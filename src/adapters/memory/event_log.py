"""Event streams as lists in memory."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from copy import deepcopy

from adapters.memory.state import MemoryState, TenantTables
from application.ports.event_log import EventAppender, EventLog
from domain.events import Event, NewEvent

KEEP_ALIVE_SECONDS = 15.0


class InMemoryEventAppender(EventAppender):
    """Appends to the tables of a unit of work."""

    def __init__(self, tables: TenantTables) -> None:
        self._tables = tables

    async def append(self, stream_id: str, events: Sequence[NewEvent]) -> int:
        """Append in order; return the last `seq`."""
        old = self._tables.events.get(stream_id, ())
        last = old[-1].seq if old else 0
        new = (
            Event(seq, event.type, deepcopy(event.data))
            for seq, event in enumerate(events, start=last + 1)
        )
        self._tables.events[stream_id] = (*old, *new)
        return last + len(events)


class InMemoryEventLog(EventLog):
    """Reads what is committed; `keep_alive` is the longest silence of a follower in seconds."""

    def __init__(self, state: MemoryState, keep_alive: float = KEEP_ALIVE_SECONDS) -> None:
        self._state = state
        self._keep_alive = keep_alive

    async def read(
        self, tenant_id: str, stream_id: str, after: int, limit: int = 1000
    ) -> list[Event]:
        """Return the events after `after`."""
        stream = self._stream(tenant_id, stream_id)
        return deepcopy([event for event in stream if event.seq > after][:limit])

    async def follow(
        self, tenant_id: str, stream_id: str, after: int, ends: frozenset[str]
    ) -> AsyncGenerator[list[Event], None]:
        """Yield batches as they come, up to the one that ends the stream."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._keep_alive
        while True:
            ring = self._state.committed.next_ring
            batch = self._batch(tenant_id, stream_id, after, ends)
            if batch:
                yield batch
                after, deadline = batch[-1].seq, loop.time() + self._keep_alive
            if self._has_ended(tenant_id, stream_id, after, ends):
                return
            if not batch and not await _rings_before(ring, deadline):
                yield []
                deadline = loop.time() + self._keep_alive

    def _stream(self, tenant_id: str, stream_id: str) -> tuple[Event, ...]:
        return self._state.tenant(tenant_id).events.get(stream_id, ())

    def _batch(
        self, tenant_id: str, stream_id: str, after: int, ends: frozenset[str]
    ) -> list[Event]:
        batch: list[Event] = []
        for event in self._stream(tenant_id, stream_id):
            if event.seq > after:
                batch.append(deepcopy(event))
                if event.type in ends:
                    break
        return batch

    def _has_ended(self, tenant_id: str, stream_id: str, after: int, ends: frozenset[str]) -> bool:
        """Tell whether the stream ends at `after` or before: nothing is left to wait for."""
        stream = self._stream(tenant_id, stream_id)
        return any(event.seq <= after and event.type in ends for event in stream)


async def _rings_before(ring: asyncio.Event, deadline: float) -> bool:
    try:
        async with asyncio.timeout_at(deadline):
            await ring.wait()
    except TimeoutError:
        return False
    return True
