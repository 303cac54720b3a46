"""What every event log promises: no gap, no double, resumable from anywhere."""

import asyncio
from collections.abc import Sequence
from time import monotonic

import pytest

from application.testing.backend import (
    KEEP_ALIVE_SECONDS,
    Backend,
    add_tenant,
    rolled_back,
)
from application.testing.contract import Contract
from domain.events import Event, NewEvent

ENDS = frozenset({"end"})
PATIENCE = 10.0  # seconds after which a follower that should have ended is given up


async def _append(backend: Backend, tenant: str, stream: str, *types: str) -> int:
    async with backend.units.open(tenant) as unit:
        return await unit.events.append(stream, [NewEvent(name, {"was": name}) for name in types])


async def _follow(backend: Backend, tenant: str, stream: str, after: int = 0) -> list[Event]:
    """Return what a follower sees until the stream ends."""
    async with asyncio.timeout(PATIENCE):
        batches = backend.event_log.follow(tenant, stream, after, ENDS)
        return [event async for batch in batches for event in batch]


def _places(events: Sequence[Event]) -> list[tuple[int, str]]:
    return [(event.seq, event.type) for event in events]


class EventLogContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_events_are_read_as_they_were_appended(self, backend: Backend) -> None:
        tenant, stream = await add_tenant(backend), backend.clock.new_id("msg")
        data = {"text": 'é 字 "\n', "n": 1.5, "list": [1, None, True], "map": {"a": "b"}}
        async with backend.units.open(tenant) as unit:
            assert await unit.events.append(stream, [NewEvent("one", data)]) == 1
            assert await unit.events.append(stream, [NewEvent("a", {}), NewEvent("b", {})]) == 3
        assert await _append(backend, tenant, stream, "c") == 4
        events = await backend.event_log.read(tenant, stream, 0)
        assert events[0] == Event(1, "one", data)
        assert _places(events) == [(1, "one"), (2, "a"), (3, "b"), (4, "c")]

    async def test_reading_goes_on_after_a_place_and_up_to_a_limit(self, backend: Backend) -> None:
        tenant, stream = await add_tenant(backend), backend.clock.new_id("msg")
        await _append(backend, tenant, stream, "a", "b", "c", "d")
        assert _places(await backend.event_log.read(tenant, stream, 1, 2)) == [(2, "b"), (3, "c")]
        assert await backend.event_log.read(tenant, stream, 4) == []
        assert await backend.event_log.read(tenant, backend.clock.new_id("msg"), 0) == []

    async def test_another_tenant_reads_nothing(self, backend: Backend) -> None:
        owner, stranger = await add_tenant(backend), await add_tenant(backend)
        stream = backend.clock.new_id("msg")
        await _append(backend, owner, stream, "a", "end")
        assert await backend.event_log.read(stranger, stream, 0) == []
        follower = backend.event_log.follow(stranger, stream, 0, ENDS)
        async with asyncio.timeout(PATIENCE):
            assert await anext(follower) == []

    async def test_tenants_count_apart(self, backend: Backend) -> None:
        one, other = await add_tenant(backend), await add_tenant(backend)
        stream = backend.clock.new_id("msg")
        await _append(backend, one, stream, "a", "b")
        assert await _append(backend, other, stream, "c") == 1

    async def test_concurrent_writers_leave_no_gap(self, backend: Backend) -> None:
        tenant, stream = await add_tenant(backend), backend.clock.new_id("msg")
        writers = (_append(backend, tenant, stream, *"abc") for _ in range(8))
        last = await asyncio.gather(*writers)
        assert sorted(last) == [3 * n for n in range(1, 9)]
        events = await backend.event_log.read(tenant, stream, 0)
        assert [event.seq for event in events] == list(range(1, 25))
        assert "".join(event.type for event in events) == "abc" * 8

    async def test_a_place_rolled_back_is_given_again(self, backend: Backend) -> None:
        tenant, stream = await add_tenant(backend), backend.clock.new_id("msg")
        await _append(backend, tenant, stream, "a")
        async with rolled_back(backend.units.open(tenant)) as unit:
            await unit.events.append(stream, [NewEvent("lost", {})])
        assert await _append(backend, tenant, stream, "b") == 2
        assert _places(await backend.event_log.read(tenant, stream, 0)) == [(1, "a"), (2, "b")]

    async def test_a_follower_sees_what_is_there_and_what_comes_up_to_the_end(
        self, backend: Backend
    ) -> None:
        tenant, stream = await add_tenant(backend), backend.clock.new_id("msg")
        await _append(backend, tenant, stream, "a")
        follower = asyncio.create_task(_follow(backend, tenant, stream))
        for name in ("b", "c", "end"):
            await asyncio.sleep(0.01)
            await _append(backend, tenant, stream, name)
        assert _places(await follower) == [(1, "a"), (2, "b"), (3, "c"), (4, "end")]

    async def test_a_follower_stops_at_the_end_and_sees_nothing_beyond(
        self, backend: Backend
    ) -> None:
        tenant, stream = await add_tenant(backend), backend.clock.new_id("msg")
        await _append(backend, tenant, stream, "a", "end", "beyond")
        assert _places(await _follow(backend, tenant, stream)) == [(1, "a"), (2, "end")]

    @pytest.mark.parametrize("after", [0, 1, 2, 3])
    async def test_a_stream_is_resumed_after_any_event_the_last_too(
        self, backend: Backend, after: int
    ) -> None:
        tenant, stream = await add_tenant(backend), backend.clock.new_id("msg")
        await _append(backend, tenant, stream, "a", "b", "end")
        events = await _follow(backend, tenant, stream, after)
        assert _places(events) == [(1, "a"), (2, "b"), (3, "end")][after:]

    async def test_who_resumes_after_what_never_was_is_let_go_at_the_end(
        self, backend: Backend
    ) -> None:
        tenant, stream = await add_tenant(backend), backend.clock.new_id("msg")
        await _append(backend, tenant, stream, "a")
        follower = asyncio.create_task(_follow(backend, tenant, stream, 50))
        await asyncio.sleep(0.05)
        await _append(backend, tenant, stream, "end")
        assert await follower == []

    async def test_followers_among_concurrent_writers_miss_nothing(self, backend: Backend) -> None:
        tenant, stream = await add_tenant(backend), backend.clock.new_id("msg")
        followers = [asyncio.create_task(_follow(backend, tenant, stream)) for _ in range(3)]
        await asyncio.gather(*(_append(backend, tenant, stream, "a", "b") for _ in range(8)))
        await _append(backend, tenant, stream, "end")
        for events in await asyncio.gather(*followers):
            assert [event.seq for event in events] == list(range(1, 18))

    async def test_a_follower_gets_a_keep_alive_and_nothing_of_what_is_not_committed(
        self, backend: Backend
    ) -> None:
        tenant, stream = await add_tenant(backend), backend.clock.new_id("msg")
        follower = backend.event_log.follow(tenant, stream, 0, ENDS)
        async with asyncio.timeout(PATIENCE):
            async with rolled_back(backend.units.open(tenant)) as unit:
                await unit.events.append(stream, [NewEvent("lost", {})])
                assert await anext(follower) == []
            assert await anext(follower) == []
            await _append(backend, tenant, stream, "a")
            batches = [await anext(follower), await anext(follower)]
        assert _places([event for batch in batches for event in batch]) == [(1, "a")]

    async def test_a_follower_wakes_with_the_commit_not_with_its_next_keep_alive(
        self, backend: Backend
    ) -> None:
        tenant, stream = await add_tenant(backend), backend.clock.new_id("msg")
        follower = backend.event_log.follow(tenant, stream, 0, ENDS)
        delays = []
        async with asyncio.timeout(PATIENCE):
            for _ in range(5):
                assert await anext(follower) == []
                waiting = asyncio.ensure_future(anext(follower))
                await asyncio.sleep(0)
                start = monotonic()
                await _append(backend, tenant, stream, "a")
                assert await waiting
                delays.append(monotonic() - start)
        assert min(delays) < KEEP_ALIVE_SECONDS / 2
