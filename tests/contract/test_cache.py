"""Caches keep their contract, and are out for as long as what they stand on."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters._psycopg import Pool
from adapters.memory.cache import InMemoryCache
from adapters.memory.clock import FakeClock
from adapters.postgres.cache import PostgresCache
from adapters.postgres.database import make_pool
from adapters.postgres.housekeeping import PostgresHousekeeping
from adapters.postgres.roles import SYSTEM_ROLE
from adapters.redis.cache import RedisCache
from adapters.redis.rate_limiter import connect
from application.ports.cache import Cache, CacheUnavailable
from application.testing.cache import LONG, CacheContract, PassTime
from support.redis import running_redis


@pytest.fixture(scope="module")
def redis_url() -> Iterator[str]:
    with running_redis() as url:
        yield url


@pytest.fixture(scope="module")
async def system_pool(postgres_server: object) -> AsyncIterator[Pool]:
    with postgres_server.database() as url:  # type: ignore[attr-defined]
        pool = make_pool(url, role=SYSTEM_ROLE)
        yield pool
        await pool.dispose()


class TestInMemoryCache(CacheContract):
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def cache(self, clock: FakeClock) -> InMemoryCache:
        return InMemoryCache(clock)

    @pytest.fixture
    def pass_time(self, clock: FakeClock) -> PassTime:
        async def advance(seconds: float) -> None:
            clock.advance(seconds)

        return advance

    async def test_what_was_not_asked_for_the_longest_makes_room(self, clock: FakeClock) -> None:
        cache = InMemoryCache(clock, bytes_max=10_000)
        for number in range(7):
            await cache.put_many({str(number): b"x" * 1_000}, LONG)
        await cache.get_many(["0"])
        await cache.put_many({"7": b"x" * 1_000}, LONG)
        assert list(await cache.get_many([str(number) for number in range(8)])) == list("0234567")

    async def test_what_is_larger_than_all_room_is_not_kept(self, clock: FakeClock) -> None:
        cache = InMemoryCache(clock, bytes_max=10_000)
        await cache.put_many({"a": b"x" * 20_000}, LONG)
        assert len(cache) == 0
        await cache.put_many({"b": b"x"}, LONG)
        assert await cache.get_many(["b"]) == {"b": b"x"}

    async def test_a_value_that_is_replaced_takes_room_once(self, clock: FakeClock) -> None:
        cache = InMemoryCache(clock, bytes_max=10_000)
        await cache.put_many({"a": b"x"}, LONG)
        for _ in range(20):
            await cache.put_many({"b": b"x" * 1_000}, LONG)
        assert len(await cache.get_many(["a", "b"])) == 2

    async def test_what_is_over_takes_no_room_once_it_was_asked_for(
        self, cache: InMemoryCache, clock: FakeClock
    ) -> None:
        await cache.put_many({"a": b"x"}, 1)
        clock.advance(2)
        await cache.get_many(["a"])
        assert len(cache) == 0


class TestPostgresCache(CacheContract):
    @pytest.fixture
    def cache(self, system_pool: Pool) -> Cache:
        return PostgresCache(system_pool)

    @pytest.fixture
    def pass_time(self) -> PassTime:
        return asyncio.sleep

    async def test_housekeeping_removes_what_is_over_in_batches(
        self, cache: Cache, system_pool: Pool
    ) -> None:
        await cache.put_many({f"past {number}": b"x" for number in range(5)}, 0)
        await cache.put_many({"not past": b"x"}, LONG)
        housekeeping = PostgresHousekeeping(system_pool)
        gone = []
        while (trimmed := await housekeeping.trim(2)).get("cache_entries"):
            gone.append(trimmed["cache_entries"])
        assert sum(gone) >= 5
        assert max(gone) == 2
        async with system_pool.connect(None) as connection:
            left = "SELECT count(*) FROM cache_entries WHERE expires_at <= now()"
            assert await connection.scalar(text(left)) == 0
        assert await cache.get_many(["not past"]) == {"not past": b"x"}

    async def test_a_table_that_is_locked_is_given_up_soon(
        self, cache: Cache, system_pool: Pool
    ) -> None:
        await cache.put_many({"locked": b"x"}, LONG)
        async with system_pool.begin(None) as connection:
            await connection.execute(text("SELECT FROM cache_entries FOR UPDATE"))
            began = time.monotonic()
            with pytest.raises(CacheUnavailable):
                await cache.put_many({"locked": b"y"}, LONG)
            assert time.monotonic() - began < 2
        assert await cache.get_many(["locked"]) == {"locked": b"x"}


class TestRedisCache(CacheContract):
    @pytest.fixture
    async def cache(self, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Cache]:
        # A busy machine may take longer than a question would wait.
        for module in ("rate_limiter", "cache"):
            monkeypatch.setattr(f"adapters.redis.{module}.CALL_SECONDS", 10.0)
        cache = RedisCache(connect(redis_url))
        yield cache
        await cache.aclose()

    @pytest.fixture
    def pass_time(self) -> PassTime:
        return asyncio.sleep

    async def test_everything_ends_by_itself(self, redis_url: str, cache: Cache) -> None:
        await cache.put_many({"ends": b"x"}, 5)
        client = connect(redis_url)
        assert 0 < await client.pttl("chatsphere:cache:ends") <= 5_000
        await client.aclose()


async def _all_fail(cache: Cache) -> None:
    for call in (cache.get_many(["a"]), cache.put_many({"a": b"x"}, 5), cache.delete_many(["a"])):
        with pytest.raises(CacheUnavailable):
            async with asyncio.timeout(2):
                await call
    await cache.aclose()


async def test_a_redis_that_is_not_there_is_an_error_of_the_port(tmp_path: Path) -> None:
    await _all_fail(RedisCache(connect(f"unix://{tmp_path}/nothing.sock")))


async def test_a_redis_that_hangs_is_given_up_soon(tmp_path: Path) -> None:
    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(3)
        writer.close()

    async with await asyncio.start_unix_server(hang, tmp_path / "hangs.sock"):
        await _all_fail(RedisCache(connect(f"unix://{tmp_path}/hangs.sock")))


async def test_a_database_that_is_not_there_is_an_error_of_the_port(tmp_path: Path) -> None:
    pool = make_pool(f"host={tmp_path} user=nobody", role=SYSTEM_ROLE)
    await _all_fail(PostgresCache(pool))
    await pool.dispose()
