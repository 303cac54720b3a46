"""Rate limiters keep their contract, and the shared one holds across processes."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from adapters.memory.clock import FakeClock
from adapters.memory.rate_limiter import InMemoryRateLimiter
from adapters.redis.rate_limiter import RedisRateLimiter, connect
from application.ports.rate_limiter import Limit, RateLimiter, RateLimiterUnavailable
from application.testing.rate_limiter import PassTime, RateLimiterContract
from support.redis import running_redis

SRC = Path(__file__).parents[2] / "src"
CHILD = """
import asyncio, sys
sys.path.insert(0, sys.argv[1])
from adapters.redis.rate_limiter import RedisRateLimiter, connect
from application.ports.rate_limiter import Limit

async def main():
    limiter = RedisRateLimiter(connect(sys.argv[2]))
    limit = Limit("shared", 50, 600)
    await limiter.peek(limit, "tenant")
    print("ready", flush=True)
    sys.stdin.readline()
    hits = [limiter.hit(limit, "tenant") for _ in range(100)]
    print(sum(v.allowed for v in await asyncio.gather(*hits)))
    await limiter.aclose()

asyncio.run(main())
"""


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
    async def limiter(self, redis_url: str) -> AsyncIterator[RateLimiter]:
        limiter = RedisRateLimiter(connect(redis_url))
        yield limiter
        await limiter.aclose()

    @pytest.fixture
    def pass_time(self) -> PassTime:
        return asyncio.sleep

    def test_two_processes_give_out_one_quota(self, redis_url: str) -> None:
        children = [
            subprocess.Popen(
                [sys.executable, "-c", CHILD, str(SRC), redis_url],
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
        passed = [int(child.communicate(timeout=30)[0]) for child in children]
        assert sum(passed) == 50

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
        self, redis_url: str, limiter: RateLimiter
    ) -> None:
        limit, client = Limit("late", 5, 60), connect(redis_url)
        await limiter.hit(limit, "a", 4)
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
