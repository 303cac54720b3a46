"""What one process commits, followers in another see: over each transport, whatever befalls it."""

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from time import monotonic

import pytest
from redis.asyncio import Redis

from adapters._driver import Driver
from adapters._events import Notifier
from adapters._psycopg import Pool
from adapters.postgres.database import make_pool
from adapters.postgres.event_log import PostgresEventLog
from adapters.postgres.job_queue import PostgresJobQueue
from adapters.postgres.notifier import PostgresNotifier
from adapters.postgres.roles import APP_ROLE, SYSTEM_ROLE
from adapters.redis.notifier import RedisNotifier
from application.testing.backend import KEEP_ALIVE_SECONDS, Backend, add_tenant
from application.testing.event_log import ENDS, EventLogContract
from application.testing.job_queue import JobQueueContract
from contract.backends import postgres_backend
from domain.events import Event, NewEvent
from support.redis import RedisServer, redis_server

STREAMS, EVENTS = 40, 30
PATIENCE = 30.0
SOON = 0.5  # seconds; silence alone is doubted after one
Make = Callable[[], Notifier]


class CountingPool(Pool):
    """Counts how often a connection is taken."""

    taken = 0

    async def take(self, tenant_id: str | None) -> Driver:
        self.taken += 1
        return await super().take(tenant_id)


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with redis_server() as server:
        yield server


@asynccontextmanager
async def two_processes(
    url: str, make: Make, keep_alive: float = KEEP_ALIVE_SECONDS
) -> AsyncIterator[tuple[Backend, CountingPool]]:
    """Give a backend whose readers are of another process than its writers, and the readers' pool."""
    pool, system = CountingPool(url, 8, 2.0, APP_ROLE), make_pool(url, role=SYSTEM_ROLE)
    elsewhere = make()
    await elsewhere.start()
    try:
        async with postgres_backend(url, make()) as backend:
            log = PostgresEventLog(pool, elsewhere, keep_alive)
            queue = PostgresJobQueue(system, elsewhere)
            yield replace(backend, event_log=log, job_queue=queue), pool
    finally:
        await elsewhere.stop()
        await pool.dispose()
        await system.dispose()


class _AcrossProcesses:
    @pytest.fixture(params=["postgres", "redis"])
    async def backend(
        self, request: pytest.FixtureRequest, postgres_url: str
    ) -> AsyncIterator[Backend]:
        make: Make = partial(PostgresNotifier, postgres_url)
        if request.param == "redis":
            make = partial(RedisNotifier, request.getfixturevalue("redis").url)
        async with two_processes(postgres_url, make) as (backend, _):
            yield backend


class TestEventsAcrossProcesses(_AcrossProcesses, EventLogContract):
    """The follower is of another process than the writer."""


class TestJobsAcrossProcesses(_AcrossProcesses, JobQueueContract):
    """The worker is of another process than whoever enqueues."""


async def _append(backend: Backend, tenant: str, stream: str, *new: NewEvent) -> None:
    async with backend.units.open(tenant) as unit:
        await unit.events.append(stream, new)


async def _write(backend: Backend, tenant: str, stream: str) -> None:
    """Write a stream of EVENTS events within about two seconds."""
    for number in range(1, EVENTS):
        await _append(backend, tenant, stream, NewEvent("delta", {"n": number}))
        await asyncio.sleep(0.06)
    await _append(backend, tenant, stream, NewEvent("end", {"n": EVENTS}))


async def _follow(backend: Backend, tenant: str, stream: str, after: int = 0) -> list[Event]:
    async with asyncio.timeout(PATIENCE):
        batches = backend.event_log.follow(tenant, stream, after, ENDS)
        return [event async for batch in batches for event in batch]


async def _delay(backend: Backend, tenant: str) -> float:
    """Return the seconds from a commit here to a follower elsewhere who has waited for a while."""
    stream = backend.clock.new_id("msg")
    await _append(backend, tenant, stream, NewEvent("first", {}))
    follower = backend.event_log.follow(tenant, stream, 0, ENDS)
    assert len(await anext(follower)) == 1
    waiting = asyncio.ensure_future(anext(follower))
    await asyncio.sleep(0.1)
    start = monotonic()
    await _append(backend, tenant, stream, NewEvent("end", {}))
    assert len(await waiting) == 1
    return monotonic() - start


async def _flush(redis: RedisServer) -> None:
    client = Redis.from_url(redis.url)
    for _ in range(5):
        await client.flushall()
        await asyncio.sleep(0.2)
    await client.aclose()


async def _end(redis: RedisServer, number: signal.Signals) -> None:
    redis.stop(number)
    await asyncio.sleep(1)
    redis.start()


async def _freeze(redis: RedisServer) -> None:
    redis.send(signal.SIGSTOP)
    await asyncio.sleep(3)
    redis.send(signal.SIGCONT)


async def _fill(redis: RedisServer) -> None:
    client = Redis.from_url(redis.url)
    await client.config_set("maxmemory", "1")
    await asyncio.sleep(1)
    await client.config_set("maxmemory", "0")
    await client.aclose()


FAULTS: dict[str, Callable[[RedisServer], Awaitable[None]]] = {
    "flushed": _flush,
    "shut down": partial(_end, number=signal.SIGTERM),
    "killed": partial(_end, number=signal.SIGKILL),
    "frozen": _freeze,
    "full": _fill,
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_event_is_lost_or_doubled_whatever_befalls_redis(
    postgres_url: str, redis: RedisServer, fault: str
) -> None:
    async with two_processes(postgres_url, partial(RedisNotifier, redis.url), 15) as (backend, _):
        tenant = await add_tenant(backend)
        streams = [backend.clock.new_id("msg") for _ in range(STREAMS)]
        writers = [asyncio.create_task(_write(backend, tenant, each)) for each in streams]
        followers = [asyncio.create_task(_follow(backend, tenant, each)) for each in streams]
        await asyncio.sleep(0.5)
        await FAULTS[fault](redis)
        await asyncio.gather(*writers)
        for events in await asyncio.gather(*followers):
            assert [event.seq for event in events] == list(range(1, EVENTS + 1))
            assert [event.data["n"] for event in events] == list(range(1, EVENTS + 1))
        async with asyncio.timeout(PATIENCE):  # and redis carries them again
            while await _delay(backend, tenant) > SOON:
                pass


async def test_what_redis_brings_is_not_read_in_the_database(
    postgres_url: str, redis: RedisServer
) -> None:
    make = partial(RedisNotifier, redis.url)
    async with two_processes(postgres_url, make, 15) as (backend, pool):
        tenant, stream = await add_tenant(backend), backend.clock.new_id("msg")
        follower = asyncio.create_task(_follow(backend, tenant, stream))
        await asyncio.sleep(0.2)
        asked = pool.taken
        await _write(backend, tenant, stream)
        assert len(await follower) == EVENTS
        assert pool.taken == asked


async def test_an_event_too_large_for_redis_is_read_in_the_database_at_once(
    postgres_url: str, redis: RedisServer
) -> None:
    async with two_processes(postgres_url, partial(RedisNotifier, redis.url), 15) as (backend, _):
        tenant, stream = await add_tenant(backend), backend.clock.new_id("msg")
        follower = asyncio.create_task(_follow(backend, tenant, stream))
        await asyncio.sleep(0.2)
        large = {"text": "x" * 100_000}
        start = monotonic()
        await _append(backend, tenant, stream, NewEvent("one", {}), NewEvent("end", large))
        assert [event.data for event in await follower] == [{}, large]
        assert monotonic() - start < SOON
        client = Redis.from_url(redis.url)
        size = await client.memory_usage(f"chatsphere:events:{tenant}:{stream}")
        assert size is not None
        assert size < 5000
        assert 0 < await client.ttl(f"chatsphere:events:{tenant}:{stream}") <= 60
        await client.aclose()


async def test_a_redis_that_is_not_there_delays_events_by_about_a_second(
    postgres_url: str, redis: RedisServer
) -> None:
    redis.stop()
    async with two_processes(postgres_url, partial(RedisNotifier, redis.url), 15) as (backend, _):
        tenant = await add_tenant(backend)
        assert await _delay(backend, tenant) < 2


@pytest.mark.parametrize("kind", ["postgres", "redis"])
async def test_a_follower_that_takes_nothing_is_kept_little_for_and_misses_nothing(
    postgres_url: str, redis: RedisServer, kind: str
) -> None:
    make: Make = partial(PostgresNotifier, postgres_url)
    if kind == "redis":
        make = partial(RedisNotifier, redis.url)
    async with two_processes(postgres_url, make, 15) as (backend, _):
        tenant, stream = await add_tenant(backend), backend.clock.new_id("msg")
        follower = backend.event_log.follow(tenant, stream, 0, ENDS)
        for number in range(300):
            await _append(backend, tenant, stream, NewEvent("d", {"n": number, "of": "x" * 1000}))
            if number == 0:
                seen = [event.seq for event in await anext(follower)]
        await _append(backend, tenant, stream, NewEvent("end", {}))
        async for batch in follower:
            assert sum(len(str(event.data)) for event in batch) < 100_000
            seen += [event.seq for event in batch]
        assert seen == list(range(1, 302))
