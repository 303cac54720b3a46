"""A stopwatch tells what took how long."""

import pytest

from adapters.memory.clock import FakeClock
from application.services.stopwatch import Stopwatch
from domain.traces import Step


def test_steps_count_from_the_beginning_and_may_lie_within_each_other() -> None:
    clock = FakeClock()
    watch = Stopwatch(clock)
    clock.advance(0.5)
    with watch.step("outer"):
        clock.advance(0.25)
        with watch.step("inner"):
            clock.advance(1)
    assert list(watch.steps) == [Step("inner", 750.0, 1000.0), Step("outer", 500.0, 1250.0)]


def test_a_step_that_fails_is_told_too() -> None:
    clock = FakeClock()
    watch = Stopwatch(clock)

    def fails() -> None:
        with watch.step("model"):
            clock.advance(2)
            raise ValueError("out")

    with pytest.raises(ValueError, match="out"):
        fails()
    assert watch.timings() == {"model_ms": 2000.0}


def test_what_is_done_twice_is_summed_up() -> None:
    clock = FakeClock()
    watch = Stopwatch(clock)
    for seconds in (1, 2):
        with watch.step("read"):
            clock.advance(seconds)
    assert watch.timings() == {"read_ms": 3000.0}
