"""A clock that stands still until it is told to go on, and dice that always fall alike."""

from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count

from application.ports.clock import Clock
from domain.ids import make_id

START = datetime(2026, 1, 1, tzinfo=UTC)


class FakeClock(Clock):
    """Gives the same times, ids and secrets in every run; ids sort as they were made."""

    def __init__(self, start: datetime = START) -> None:
        self._start = start
        self._now = start
        self._counter = count(1)

    def now(self) -> datetime:
        """Return the time it was set to."""
        return self._now

    def monotonic(self) -> float:
        """Return the seconds it was put forward since the start."""
        return (self._now - self._start).total_seconds()

    def set(self, now: datetime) -> None:
        """Set the time."""
        self._now = now

    def advance(self, seconds: float) -> None:
        """Put the clock forward."""
        self._now += timedelta(seconds=seconds)

    def new_id(self, prefix: str) -> str:
        """Return the next id."""
        unix_ms = int(self._now.timestamp() * 1000)
        return make_id(prefix, unix_ms, next(self._counter).to_bytes(10, "big"))

    def new_secret(self) -> str:
        """Return the next secret, as long as a real one."""
        digest = sha256(f"secret {next(self._counter)}".encode()).digest()
        return urlsafe_b64encode(digest).rstrip(b"=").decode()
