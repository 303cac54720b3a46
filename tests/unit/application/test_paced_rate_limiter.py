"""Pacing: a burst goes through at once, what comes after it evenly, and others do not notice."""

import pytest

from adapters.memory.clock import FakeClock
from adapters.memory.rate_limiter import InMemoryRateLimiter
from application.ports.rate_limiter import Charge, Limit
from application.services import paced_rate_limiter
from application.services.paced_rate_limiter import BURST, PacedRateLimiter

FAST = Limit("account", 1000 + BURST, 10)  # a hundred a second beyond the burst


class Pacing:
    """A paced limiter whose waits are noted instead of waited for."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.waited = 0.0
        self.limiter = PacedRateLimiter(
            InMemoryRateLimiter(self.clock), self.clock, sleep=self._sleep
        )

    async def _sleep(self, seconds: float) -> None:
        self.waited = seconds

    async def wait(self, limit: Limit, key: str = "ada") -> float:
        """Hit, and return the seconds that this took; it must not be refused."""
        self.waited = 0.0
        assert (await self.limiter.hit(limit, key)).allowed
        return self.waited


async def test_beyond_a_burst_the_average_rate_is_kept() -> None:
    pacing = Pacing()
    waits = [await pacing.wait(FAST) for _ in range(BURST + 50)]
    assert waits[:BURST] == pytest.approx([0.0] * BURST)
    assert waits[BURST:] == pytest.approx([0.01 * n for n in range(1, 51)])
    assert await pacing.wait(FAST, "eve") == 0.0
    pacing.clock.advance(0.5)
    assert await pacing.wait(FAST) == pytest.approx(0.01)
    pacing.clock.advance(10)
    assert await pacing.wait(FAST) == 0.0


async def test_who_asks_one_thing_at_a_time_is_slowed_and_never_refused() -> None:
    pacing, waits = Pacing(), []
    for _ in range(5_000):  # each answered, or `wait` fails
        waits.append(await pacing.wait(FAST))
        pacing.clock.advance(0.001 + waits[-1])
    assert waits[-1] == pytest.approx(0.009)  # with the work between, a hundred a second


async def test_a_slow_limit_does_not_make_its_quota_wait_for_long() -> None:
    pacing = Pacing()
    waits = [await pacing.wait(Limit("login-ip", 300, 60)) for _ in range(300)]
    assert max(waits) == pytest.approx(4.0)
    few = [await pacing.wait(Limit("few", BURST, 3600)) for _ in range(BURST)]
    assert max(few) == 0.0


async def test_who_is_refused_or_only_looks_takes_no_turn() -> None:
    pacing = Pacing()
    none = Limit("none", 1, 60)
    await pacing.limiter.hit(none, "ada")
    for _ in range(2 * BURST):
        verdicts = await pacing.limiter.hit_all([Charge(FAST, "ada"), Charge(none, "ada")])
        assert [verdict.allowed for verdict in verdicts] == [True, False]
        await pacing.limiter.peek(FAST, "ada")
    assert await pacing.wait(FAST) == 0.0


async def test_keys_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    pacing = Pacing()
    for number in range(100):
        await pacing.wait(FAST, str(number))
        pacing.clock.advance(1)
    assert len(pacing.limiter) <= 2
    monkeypatch.setattr(paced_rate_limiter, "KEYS_MAX", 50)
    for number in range(200):
        await pacing.wait(FAST, str(number))
    assert len(pacing.limiter) == 50
