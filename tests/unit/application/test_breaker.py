"""The breaker: when it opens, whom it lets pass, and how it closes again."""

import pytest

from adapters.memory.clock import FakeClock
from application.services.guards.breaker import Breaker, Breakers, CallRefused, Limits

LIMITS = Limits(failures=3, window_seconds=10, open_seconds=2, longest_seconds=6)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def breaker(clock: FakeClock) -> Breaker:
    return Breaker(clock, lambda: 0.5, LIMITS)


def _fail(breaker: Breaker, times: int = 1) -> None:
    for _ in range(times):
        breaker.enter().failed()


def _wait_of(breaker: Breaker) -> float:
    with pytest.raises(CallRefused) as refused:
        breaker.enter()
    return refused.value.retry_after


def test_it_opens_after_so_many_failures_and_tells_when_to_come_back(
    breaker: Breaker, clock: FakeClock
) -> None:
    _fail(breaker, 2)
    assert breaker.is_closed
    _fail(breaker)
    assert not breaker.is_closed
    assert _wait_of(breaker) == 2
    clock.advance(1.5)
    assert _wait_of(breaker) == pytest.approx(0.5)


def test_failures_among_many_successes_do_not_open_it(breaker: Breaker) -> None:
    for _ in range(50):
        breaker.enter().succeeded()
        breaker.enter().succeeded()
        breaker.enter().failed()
    assert breaker.is_closed


def test_every_second_call_that_fails_is_enough(breaker: Breaker) -> None:
    for _ in range(2):
        breaker.enter().succeeded()
        breaker.enter().failed()
    assert breaker.is_closed
    breaker.enter().succeeded()
    breaker.enter().failed()
    assert not breaker.is_closed


def test_failures_of_long_ago_are_forgotten(breaker: Breaker, clock: FakeClock) -> None:
    _fail(breaker, 2)
    clock.advance(11)
    _fail(breaker, 2)
    assert breaker.is_closed


def test_half_open_it_lets_one_call_pass_and_closes_where_that_is_answered(
    breaker: Breaker, clock: FakeClock
) -> None:
    _fail(breaker, 3)
    clock.advance(2)
    probe = breaker.enter()
    assert _wait_of(breaker) > 0
    probe.succeeded()
    assert breaker.is_closed
    _fail(breaker, 2)  # what was before it opened does not count any more
    assert breaker.is_closed


def test_a_probe_that_fails_opens_it_for_twice_as_long_and_no_longer_than_allowed(
    breaker: Breaker, clock: FakeClock
) -> None:
    _fail(breaker, 3)
    waits = []
    for _ in range(4):
        clock.advance(_wait_of(breaker))
        breaker.enter().failed()
        waits.append(_wait_of(breaker))
    assert waits == [4, 6, 6, 6]


def test_a_probe_whose_caller_went_makes_room_for_the_next(
    breaker: Breaker, clock: FakeClock
) -> None:
    _fail(breaker, 3)
    clock.advance(2)
    breaker.enter().left()
    breaker.enter().succeeded()
    assert breaker.is_closed


def test_who_was_let_in_before_it_opened_neither_closes_it_nor_counts_as_the_probe(
    breaker: Breaker, clock: FakeClock
) -> None:
    late, later = breaker.enter(), breaker.enter()
    _fail(breaker, 3)
    late.succeeded()
    assert not breaker.is_closed
    clock.advance(2)
    probe = breaker.enter()
    later.failed()
    assert _wait_of(breaker) > 0  # the probe is still under way
    probe.succeeded()
    assert breaker.is_closed


def test_an_answer_that_breaks_off_later_counts_as_both_and_repeating_oneself_as_one(
    breaker: Breaker,
) -> None:
    for _ in range(2):
        call = breaker.enter()
        for _ in range(10):
            call.succeeded()
        call.failed()
    assert breaker.is_closed
    call = breaker.enter()
    call.succeeded()
    call.failed()
    assert not breaker.is_closed


def test_jitter_spreads_when_processes_come_back(clock: FakeClock) -> None:
    waits = []
    for dice in (0.0, 0.5, 1.0):
        breaker = Breaker(clock, lambda dice=dice: dice, LIMITS)  # type: ignore[misc]
        _fail(breaker, 3)
        waits.append(_wait_of(breaker))
    assert waits == pytest.approx([1.6, 2.0, 2.4])


def test_named_breakers_are_shared_and_seen_and_others_are_not(clock: FakeClock) -> None:
    breakers = Breakers(clock, lambda: 0.5)
    breakers.named("models")
    assert breakers.named("models") is breakers.named("models")
    _fail(breakers.named("embedder"), 5)
    _fail(breakers.unnamed(), 5)
    assert breakers.states() == {"models": "ok", "embedder": "degraded"}
