"""The rate limiter in memory stays small, whoever knocks."""

from adapters.memory.clock import FakeClock
from adapters.memory.rate_limiter import InMemoryRateLimiter
from application.ports.rate_limiter import Limit

LIMIT = Limit("ip", 2, 60)


async def test_a_flood_of_keys_is_not_kept() -> None:
    limiter = InMemoryRateLimiter(FakeClock(), keys_max=100)
    for number in range(1000):
        assert (await limiter.hit(LIMIT, str(number))).allowed
    assert len(limiter) == 100
    assert (await limiter.peek(LIMIT, "999")).remaining == 1


async def test_keys_whose_time_has_passed_are_cleared_away_by_new_ones() -> None:
    clock = FakeClock()
    limiter = InMemoryRateLimiter(clock)
    for number in range(100):
        await limiter.hit(LIMIT, str(number))
    clock.advance(61)
    for number in range(60):
        await limiter.hit(LIMIT, f"new {number}")
    assert len(limiter) == 60


async def test_looking_and_being_refused_leave_nothing_behind() -> None:
    limiter = InMemoryRateLimiter(FakeClock())
    for number in range(100):
        await limiter.peek(LIMIT, str(number))
        await limiter.hit(LIMIT, str(number), 3)
    assert len(limiter) == 0


async def test_one_limits_flood_leaves_the_others_counters_alone() -> None:
    limiter = InMemoryRateLimiter(FakeClock(), keys_max=10)
    login = Limit("login", 1, 60)
    await limiter.hit(login, "victim")
    for number in range(100):
        await limiter.hit(LIMIT, str(number))
    assert not (await limiter.hit(login, "victim")).allowed
