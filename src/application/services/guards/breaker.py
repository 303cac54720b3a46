"""The breaker: what does not answer is not asked for a while, and then once."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from application.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class Limits:
    """When a breaker opens: at least `failures`, and half of the last calls of `window_seconds`.

    It then refuses for `open_seconds`, twice as long after each probe that fails, `longest_seconds`
    at most.
    """

    failures: int = 5
    window_seconds: float = 60.0
    open_seconds: float = 2.0
    longest_seconds: float = 15.0


class CallRefused(Exception):
    """The breaker is open; `retry_after` seconds from now it may not be."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"not asked for another {retry_after:.1f} s")
        self.retry_after = retry_after


class Call:
    """A call that was let pass, and says how it ends; one that was answered may still fail later."""

    __slots__ = ("_breaker", "_is_probe", "_said")

    def __init__(self, breaker: "Breaker", *, is_probe: bool) -> None:
        self._breaker = breaker
        self._is_probe = is_probe
        self._said: bool | None = None

    def succeeded(self) -> None:
        """It was answered."""
        self._end(answered=True)

    def failed(self) -> None:
        """It was not answered."""
        self._end(answered=False)

    def left(self) -> None:
        """The caller went before there was an answer: that tells nothing."""
        self._end(answered=None)

    def _end(self, *, answered: bool | None) -> None:
        if answered is not None and answered is self._said:
            return
        was_probe, self._is_probe, self._said = self._is_probe, False, answered
        self._breaker.note(answered, is_probe=was_probe)


class Breaker:
    """Counts how calls end. Closed: all pass. Open: none. Half open: one, by which it is judged.

    `jitter` gives numbers from 0 to 1. Source: Nygard, Release It!, 2007.
    """

    def __init__(
        self, clock: Clock, jitter: Callable[[], float], limits: Limits | None = None
    ) -> None:
        self._clock = clock
        self._jitter = jitter
        self._limits = limits or Limits()
        # Twice the number it takes: so many are looked back at, however many there are a second.
        self._ends: deque[tuple[float, bool]] = deque(maxlen=2 * self._limits.failures)
        self._opened = 0  # times in a row
        self._open_until = 0.0
        self._probing = False

    @property
    def is_closed(self) -> bool:
        """Tell whether calls pass as they come."""
        return not self._opened

    def enter(self) -> Call:
        """Let a call pass, which reports how it ends. Raises CallRefused."""
        if not self._opened:
            return Call(self, is_probe=False)
        wait = self._open_until - self._clock.monotonic()
        if wait > 0:
            raise CallRefused(wait)
        if self._probing:
            raise CallRefused(self._limits.open_seconds / 2)
        self._probing = True
        return Call(self, is_probe=True)

    def note(self, answered: bool | None, *, is_probe: bool) -> None:
        """Take note of how a call ended; None: it was left."""
        if is_probe:
            self._judge(answered)
        elif answered is not None and not self._opened:
            self._ends.append((self._clock.monotonic(), answered))
            if not answered and self._is_too_much():
                self._open()

    def _judge(self, answered: bool | None) -> None:
        self._probing = False
        if answered:
            self._opened = 0
        elif answered is False:
            self._open()

    def _is_too_much(self) -> bool:
        since = self._clock.monotonic() - self._limits.window_seconds
        recent = [answered for when, answered in self._ends if when >= since]
        failures = recent.count(False)
        return failures >= self._limits.failures and 2 * failures >= len(recent)

    def _open(self) -> None:
        limits = self._limits
        wait = min(limits.open_seconds * 2**self._opened, limits.longest_seconds)
        wait *= 0.8 + 0.4 * self._jitter()  # processes that opened together ask one after the other
        self._opened = min(self._opened + 1, 30)
        self._open_until = self._clock.monotonic() + wait
        self._ends.clear()


class Breakers:
    """The breakers of this process that its operator should see, by what they protect."""

    def __init__(self, clock: Clock, jitter: Callable[[], float]) -> None:
        self._clock = clock
        self._jitter = jitter
        self._named: dict[str, Breaker] = {}

    def named(self, name: str) -> Breaker:
        """Return the one breaker of this name."""
        if name not in self._named:
            self._named[name] = self.unnamed()
        return self._named[name]

    def unnamed(self) -> Breaker:
        """Return a breaker of one's own, which no operator sees: such as that of a workspace's key."""
        return Breaker(self._clock, self._jitter)

    def states(self) -> Mapping[str, str]:
        """Return `ok` or `degraded` for each name."""
        return {
            name: "ok" if breaker.is_closed else "degraded" for name, breaker in self._named.items()
        }
