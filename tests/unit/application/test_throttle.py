"""Log-ins are throttled by address and account, and nobody can be locked out for good."""

from contextlib import suppress

import pytest

from adapters.memory.clock import FakeClock
from adapters.memory.rate_limiter import InMemoryRateLimiter
from application.ports.rate_limiter import Limit
from application.services.throttle import Attempt, Throttle, account_key
from domain.errors import RateLimited

ADA = "Ada@example.org"
HOME, MALLORY = "198.51.100.7", "203.0.113.9"
LOGIN, PER_IP = Limit("login", 10, 900), Limit("login_ip", 300, 60)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def limiter(clock: FakeClock) -> InMemoryRateLimiter:
    return InMemoryRateLimiter(clock)


@pytest.fixture
def throttle(limiter: InMemoryRateLimiter) -> Throttle:
    return Throttle(limiter, LOGIN, PER_IP)


async def tries(
    throttle: Throttle, number: int, attempt: Attempt = Attempt.LOG_IN, **who: str
) -> int:
    """Make attempts; return how many were let through."""
    passed = 0
    for _ in range(number):
        with suppress(RateLimited):
            await throttle.check(attempt, **{"ip": MALLORY, "account": ADA, **who})
            passed += 1
    return passed


async def test_guesses_from_one_address_at_one_account_end_soon(
    throttle: Throttle, clock: FakeClock
) -> None:
    assert await tries(throttle, 50) == 10
    with pytest.raises(RateLimited) as refused:
        await throttle.check(Attempt.LOG_IN, ip=MALLORY, account=ADA)
    assert refused.value.retry_after == 900
    clock.advance(900)
    assert await tries(throttle, 50) == 10


async def test_the_way_an_address_is_written_makes_no_other_account(throttle: Throttle) -> None:
    assert await tries(throttle, 6, account=" ada@EXAMPLE.org ") == 6
    assert await tries(throttle, 6, account=ADA) == 4


async def test_one_guess_at_each_of_many_accounts_ends_by_the_address(throttle: Throttle) -> None:
    passed = [await tries(throttle, 1, account=f"user{n}@example.org") for n in range(400)]
    assert sum(passed) == 300


async def test_the_addresses_of_one_ipv6_network_are_one(throttle: Throttle) -> None:
    passed = [await tries(throttle, 1, ip=f"2001:db8:1:2::{n:x}") for n in range(20)]
    assert sum(passed) == 10
    assert await tries(throttle, 1, ip="2001:db8:1:3::1") == 1


async def test_a_distributed_guess_ends_by_the_account_but_not_for_the_owner_at_home(
    throttle: Throttle, clock: FakeClock
) -> None:
    await throttle.check(Attempt.LOG_IN, ip=HOME, account=ADA)
    await throttle.succeeded(Attempt.LOG_IN, ip=HOME, account=ADA)
    passed = [await tries(throttle, 10, ip=f"192.0.2.{n}") for n in range(30)]
    assert sum(passed) == 100
    assert await tries(throttle, 1, ip=HOME) == 1
    assert await tries(throttle, 1, ip="198.51.100.99") == 0  # a new place waits
    clock.advance(3600)
    assert await tries(throttle, 1, ip="198.51.100.99") == 1


async def test_a_known_address_has_no_more_guesses_than_others(throttle: Throttle) -> None:
    await throttle.succeeded(Attempt.LOG_IN, ip=MALLORY, account=ADA)
    assert await tries(throttle, 50) == 10


async def test_a_success_gives_the_quota_back(throttle: Throttle) -> None:
    assert await tries(throttle, 9) == 9
    await throttle.succeeded(Attempt.LOG_IN, ip=MALLORY, account=ADA)
    assert await tries(throttle, 50) == 10


async def test_a_success_elsewhere_forgives_mallory_nothing(throttle: Throttle) -> None:
    await tries(throttle, 10)
    await throttle.succeeded(Attempt.LOG_IN, ip=HOME, account=ADA)
    assert await tries(throttle, 5) == 0


async def test_a_second_factor_is_counted_by_account_from_wherever(throttle: Throttle) -> None:
    passed = [
        await tries(throttle, 5, Attempt.SECOND_FACTOR, ip=f"192.0.2.{n}", account="usr_1")
        for n in range(5)
    ]
    assert passed == [5, 5, 0, 0, 0]


async def test_a_mailbox_gets_ten_links_an_hour_at_most(
    throttle: Throttle, clock: FakeClock
) -> None:
    passed = [await tries(throttle, 2, Attempt.FORGOT, ip=f"192.0.2.{n}") for n in range(20)]
    assert sum(passed) == 10
    clock.advance(900)
    assert await tries(throttle, 1, Attempt.FORGOT) == 0
    clock.advance(2700)
    assert await tries(throttle, 1, Attempt.FORGOT) == 1


@pytest.mark.parametrize("attempt", [Attempt.REFRESH, Attempt.RESET, Attempt.REGISTER])
async def test_every_kind_is_bounded_by_address_and_has_a_count_of_its_own(
    throttle: Throttle, attempt: Attempt
) -> None:
    assert await tries(throttle, 400, attempt, account="") == 300
    assert await tries(throttle, 1, Attempt.LOG_IN, account="") == 1


async def test_no_address_of_a_person_is_kept_in_the_counters(
    throttle: Throttle, limiter: InMemoryRateLimiter
) -> None:
    await tries(throttle, 1)
    await throttle.succeeded(Attempt.LOG_IN, ip=MALLORY, account=ADA)
    kept = str(vars(limiter)["_limits"]).lower()
    assert account_key(ADA) in kept
    assert "ada@" not in kept
