"""While the shared store of the limits is out, each process counts for itself."""

import logging
from collections.abc import Sequence

import pytest

from adapters.memory.clock import FakeClock
from adapters.memory.rate_limiter import InMemoryRateLimiter
from application.ports.rate_limiter import (
    Charge,
    Limit,
    RateLimiter,
    RateLimiterUnavailable,
    Verdict,
)
from application.services.fallback_rate_limiter import REST_SECONDS, FallbackRateLimiter

LIMIT = Limit("login", 2, 600)


class Breakable(RateLimiter):
    """Counts in memory, or is out."""

    def __init__(self, clock: FakeClock) -> None:
        self._inner = InMemoryRateLimiter(clock)
        self.out = False
        self.asked = 0

    def _knock(self) -> None:
        self.asked += 1
        if self.out:
            raise RateLimiterUnavailable

    async def hit_all(self, charges: Sequence[Charge]) -> Sequence[Verdict]:
        self._knock()
        return await self._inner.hit_all(charges)

    async def reset(self, limit: Limit, key: str) -> None:
        self._knock()
        await self._inner.reset(limit, key)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def shared(clock: FakeClock) -> Breakable:
    return Breakable(clock)


@pytest.fixture
def limiter(clock: FakeClock, shared: Breakable) -> FallbackRateLimiter:
    return FallbackRateLimiter(shared, InMemoryRateLimiter(clock), clock)


async def test_an_outage_neither_opens_nor_closes(
    limiter: FallbackRateLimiter, shared: Breakable
) -> None:
    shared.out = True
    verdicts = [await limiter.hit(LIMIT, "k") for _ in range(3)]
    assert [verdict.allowed for verdict in verdicts] == [True, True, False]
    await limiter.reset(LIMIT, "k")
    assert (await limiter.hit(LIMIT, "k")).allowed


async def test_a_store_that_is_out_is_asked_again_after_a_rest_only(
    limiter: FallbackRateLimiter,
    shared: Breakable,
    clock: FakeClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    shared.out = True
    with caplog.at_level(logging.WARNING):
        for _ in range(50):
            await limiter.hit(LIMIT, "k")
    assert (shared.asked, len(caplog.records)) == (1, 1)
    clock.advance(REST_SECONDS)
    shared.out = False
    assert (await limiter.hit(LIMIT, "k")).remaining == 1
    assert shared.asked == 2


async def test_while_the_store_answers_it_alone_counts(
    limiter: FallbackRateLimiter, shared: Breakable
) -> None:
    await shared.hit(LIMIT, "k", 2)
    assert not (await limiter.hit(LIMIT, "k")).allowed
    await limiter.reset(LIMIT, "k")
    assert (await shared.peek(LIMIT, "k")).remaining == 2
