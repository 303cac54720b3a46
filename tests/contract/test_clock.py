"""Clocks keep their contract."""

from datetime import timedelta
from threading import Thread

import pytest

from adapters.memory.clock import START, FakeClock
from adapters.system.clock import SystemClock
from application.ports.clock import Clock
from application.testing.clock import ClockContract


class TestFakeClock(ClockContract):
    @pytest.fixture
    def clock(self) -> Clock:
        return FakeClock()

    def test_it_stands_still_until_it_is_put_forward(self) -> None:
        clock = FakeClock()
        assert clock.now() == START
        clock.advance(90)
        assert (clock.now(), clock.monotonic()) == (START + timedelta(seconds=90), 90)

    def test_it_gives_the_same_in_every_run(self) -> None:
        one, other = FakeClock(), FakeClock()
        assert one.new_id("bot") == other.new_id("bot")
        assert one.new_secret() == other.new_secret()


class TestSystemClock(ClockContract):
    @pytest.fixture
    def clock(self) -> Clock:
        return SystemClock()

    def test_ids_stay_in_order_when_the_clock_is_set_back(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clock = SystemClock()
        first = clock.new_id("msg")
        monkeypatch.setattr("adapters.system.clock.time.time_ns", lambda: 1)
        assert clock.new_id("msg") > first

    def test_threads_never_get_the_same_id(self) -> None:
        clock = SystemClock()
        made: list[str] = []
        threads = [
            Thread(target=lambda: made.extend([clock.new_id("msg") for _ in range(500)]))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(set(made)) == 2000
