"""The clock and the dice of the operating system."""

import secrets
import time
from datetime import UTC, datetime
from threading import Lock

from application.ports.clock import Clock
from domain.ids import make_id

_NOISE_BITS = 74  # what a UUIDv7 holds beside its time
_STEP_BITS = 32


class SystemClock(Clock):
    """Real time. Ids of one process sort in the order in which they were made.

    Within a millisecond an id is the one before plus a random step (RFC 9562 section 6.2, method
    2): the question and the answer of one transaction stay in order. Safe to share by threads.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._last_ms = 0
        self._noise = 0

    def now(self) -> datetime:
        """Return the time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds for measuring durations."""
        return time.monotonic()

    def new_id(self, prefix: str) -> str:
        """Return a fresh id."""
        with self._lock:
            unix_ms = time.time_ns() // 1_000_000
            if unix_ms > self._last_ms:
                self._last_ms = unix_ms
                # The upper half stays free, so that steps within the millisecond never overflow.
                self._noise = secrets.randbits(_NOISE_BITS - 1)
            else:  # the same millisecond, or a clock set back
                self._noise += 1 + secrets.randbits(_STEP_BITS)
            return make_id(prefix, self._last_ms, self._noise.to_bytes(10, "big"))

    def new_secret(self) -> str:
        """Return a random URL-safe secret of 256 bits."""
        return secrets.token_urlsafe(32)
