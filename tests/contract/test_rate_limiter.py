"""Rate limiters keep their contract, and the shared one holds across processes."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters._psycopg import Pool
from adapters.memory.clock import FakeClock
from adapters.memory.rate_limiter import InMemoryRateLimiter
from adapters.postgres.database import make_pool
from adapters.postgres.housekeeping import PostgresHousekeeping
from adapters.postgres.rate_limiter import PostgresRateLimiter
from adapters.postgres.roles import SYSTEM_ROLE
from adapters.redis.rate_limiter import RedisRateLimiter, connect
from application.ports.rate_limiter import Charge, Limit, RateLimiter, RateLimiterUnavailable
from application.testing.rate_limiter import PassTime, RateLimiterContract
from support.postgres import PostgresServer
from support.redis import running_redis

SRC = Path(__file__).parents[2] / "src"
CHILD = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from adapters.postgres.database import make_pool
from adapters.postgres.rate_limiter import PostgresRateLimiter
from adapters.postgres.roles import SYSTEM_ROLE
from adapters.redis.rate_limiter import RedisRateLimiter, connect
from application.ports.rate_limiter import Limit

async def main():
    url = sys.argv[2]
    if url.startswith("unix:"):
        limiter = RedisRateLimiter(connect(url))
    else:
        limiter = PostgresRateLimiter(make_pool(url, role=SYSTEM_ROLE))
    limit = Limit("shared", 50, 600)
    await limiter.peek(limit, "tenant")
    print("ready", flush=True)
    sys.stdin.readline()
    hits = [limiter.hit(limit, "tenant") for _ in range(100)]
    print(sum(v.allowed for v in await asyncio.gather(*hits)))
    await limiter.aclose()

asyncio.run(main())
"""


def _passed_in_two_processes(url: str) -> list[int]:
    children = [
        subprocess.Popen(
            [sys.executable, "-c", CHILD, str(SRC), url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:  # both are warm: now at once
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    return [int(child.communicate(timeout=30)[0]) for child in children]


class TestInMemoryRateLimiter(RateLimiterContract):
    @pytest.fixture
    def clock(self) -> FakeClock:
        return FakeClock()

    @pytest.fixture
    def limiter(self, clock: FakeClock) -> RateLimiter:
        return InMemoryRateLimiter(clock)

    @pytest.fixture
    def pass_time(self, clock: FakeClock) -> PassTime:
        async def advance(seconds: float) -> None:
            clock.advance(seconds)

        return advance


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    with running_redis() as url:
        yield url


class TestRedisRateLimiter(RateLimiterContract):
    @pytest.fixture
    async def limiter(
        self, redis_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[RateLimiter]:
        # A busy machine may take longer than a request would wait.
        monkeypatch.setattr("adapters.redis.rate_limiter.CALL_SECONDS", 10.0)
        limiter = RedisRateLimiter(connect(redis_url))
        yield limiter
        await limiter.aclose()

    @pytest.fixture
    def pass_time(self) -> PassTime:
        return asyncio.sleep

    def test_two_processes_give_out_one_quota(self, redis_url: str) -> None:
        assert sum(_passed_in_two_processes(redis_url)) == 50

    async def test_what_another_process_forgives_is_forgiven_here_within_a_second(
        self, redis_url: str, limiter: RateLimiter
    ) -> None:
        other = RedisRateLimiter(connect(redis_url))
        limit = Limit("forgiven elsewhere", 1, 60)
        await limiter.hit(limit, "k")
        assert not (await limiter.hit(limit, "k")).allowed
        await other.reset(limit, "k")
        await other.aclose()
        await asyncio.sleep(1.05)
        assert (await limiter.hit(limit, "k")).allowed

    async def test_an_answer_that_came_too_late_is_not_taken_for_the_next_ones(
        self, redis_url: str, limiter: RateLimiter, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        limit, client = Limit("late", 5, 60), connect(redis_url)
        await limiter.hit(limit, "a", 4)
        monkeypatch.setattr("adapters.redis.rate_limiter.CALL_SECONDS", 0.5)
        await client.client_pause(700)
        with pytest.raises(RateLimiterUnavailable):
            await limiter.peek(limit, "a")
        await asyncio.sleep(0.5)
        seen = [(await limiter.peek(limit, key)).remaining for key in "baab"]
        assert seen == [5, 1, 1, 5]
        await client.aclose()

    async def test_a_key_ends_with_its_window_and_is_not_left_behind(
        self, redis_url: str, limiter: RateLimiter
    ) -> None:
        client = connect(redis_url)
        await limiter.hit(Limit("passing", 5, 1), "k")
        await limiter.hit(Limit("passing", 5, 1), "k")
        assert 0 < await client.pttl("chatsphere:rate:passing:k") <= 1000
        await client.aclose()


@pytest.fixture(scope="module")
def database(postgres_server: PostgresServer) -> Iterator[str]:
    with postgres_server.database() as url:
        yield url


@pytest.fixture
async def system_pool(database: str) -> AsyncIterator[Pool]:
    pool = make_pool(database, role=SYSTEM_ROLE)
    yield pool
    await pool.dispose()


class TestPostgresRateLimiter(RateLimiterContract):
    @pytest.fixture
    def limiter(self, system_pool: Pool) -> RateLimiter:
        return PostgresRateLimiter(system_pool)

    @pytest.fixture
    def pass_time(self) -> PassTime:
        return asyncio.sleep

    def test_two_processes_give_out_one_quota(self, database: str) -> None:
        assert sum(_passed_in_two_processes(database)) == 50

    async def test_who_charges_the_same_keys_in_another_order_waits_in_no_circle(
        self, limiter: RateLimiter
    ) -> None:
        charges = [Charge(Limit(f"limit {number}", 100, 600), "all") for number in range(4)]
        orders = [charges, charges[::-1], charges[2:] + charges[:2]] * 50
        answers = await asyncio.gather(*(limiter.hit_all(order) for order in orders))
        assert sum(all(verdict.allowed for verdict in verdicts) for verdicts in answers) == 100
        for charge in charges:
            assert (await limiter.peek(charge.limit, charge.key)).remaining == 0

    async def test_who_is_refused_or_only_looks_writes_nothing(
        self, limiter: RateLimiter, system_pool: Pool
    ) -> None:
        limit, other = Limit("writes", 1, 600), Limit("writes too", 5, 600)
        await limiter.hit(limit, "k")
        await limiter.hit_all([Charge(limit, "k"), Charge(other, "k")])
        await limiter.peek(other, "k2")
        assert await _kept(system_pool, "writes") == ["writes:k"]

    async def test_housekeeping_removes_windows_that_have_ended_and_no_other(
        self, limiter: RateLimiter, system_pool: Pool
    ) -> None:
        await limiter.hit(Limit("past", 5, 1), "k")
        await limiter.hit(Limit("not past", 5, 600), "k")
        await asyncio.sleep(1.05)
        housekeeping = PostgresHousekeeping(system_pool)
        while (await housekeeping.trim(2)).get("rate_limits"):
            pass
        assert await _kept(system_pool, "past") == []
        assert await _kept(system_pool, "not past") == ["not past:k"]

    async def test_housekeeping_waits_for_nobody(self, system_pool: Pool) -> None:
        housekeeping = PostgresHousekeeping(system_pool)
        async with system_pool.begin(None) as connection:
            ended = "INSERT INTO rate_limits VALUES ('ended', 1, now() - interval '1 second')"
            await connection.execute(text(ended))
        async with system_pool.begin(None) as connection:
            await connection.execute(text("SELECT FROM rate_limits FOR UPDATE"))
            async with asyncio.timeout(2):
                assert "rate_limits" not in await housekeeping.trim(100)
        assert (await housekeeping.trim(100))["rate_limits"] >= 1

    async def test_a_key_that_others_hold_is_given_up_soon(
        self, limiter: RateLimiter, system_pool: Pool
    ) -> None:
        limit = Limit("held", 5, 600)
        await limiter.hit(limit, "k")
        async with system_pool.begin(None) as connection:
            await connection.execute(text("SELECT FROM rate_limits FOR UPDATE"))
            async with asyncio.timeout(2):
                with pytest.raises(RateLimiterUnavailable):
                    await limiter.hit(limit, "k")
            assert (await limiter.peek(limit, "k")).remaining == 4
        assert (await limiter.hit(limit, "k")).remaining == 3


async def _kept(pool: Pool, limit: str) -> list[str]:
    statement = (
        "SELECT key FROM rate_limits WHERE used > 0 AND starts_with(key, :name) ORDER BY key"
    )
    async with pool.connect(None) as connection:
        found = await connection.execute(text(statement), {"name": limit})
        return list(found.scalars())


async def test_a_database_that_is_not_there_is_an_error_of_the_port(tmp_path: Path) -> None:
    pool = make_pool(f"host={tmp_path} user=nobody", role=SYSTEM_ROLE)
    limiter = PostgresRateLimiter(pool)
    for call in (limiter.hit(Limit("a", 1, 1), "k"), limiter.reset(Limit("a", 1, 1), "k")):
        with pytest.raises(RateLimiterUnavailable):
            await call
    await pool.dispose()


async def test_a_redis_that_is_not_there_is_an_error_of_the_port(tmp_path: Path) -> None:
    limiter = RedisRateLimiter(connect(f"unix://{tmp_path}/nothing.sock"))
    for call in (limiter.hit(Limit("a", 1, 1), "k"), limiter.reset(Limit("a", 1, 1), "k")):
        with pytest.raises(RateLimiterUnavailable):
            await call
    await limiter.aclose()


async def test_a_redis_that_hangs_is_given_up_soon(tmp_path: Path) -> None:
    async def hang(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)
        writer.close()

    server = await asyncio.start_unix_server(hang, tmp_path / "hangs.sock")
    limiter = RedisRateLimiter(connect(f"unix://{tmp_path}/hangs.sock"))
    try:
        async with asyncio.timeout(1.5):
            with pytest.raises(RateLimiterUnavailable):
                await limiter.hit(Limit("a", 1, 1), "k")
    finally:
        await limiter.aclose()
        server.close()
