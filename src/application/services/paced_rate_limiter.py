"""A rate limiter that spreads what it lets through, so that nobody's burst is served before the others."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence

from application.ports.clock import Clock
from application.ports.rate_limiter import Charge, Limit, RateLimiter, Verdict

BURST = 100  # go through at once: a page, or a hundred people behind one key
LEAST_RATE = 50.0  # a second: who waits, waits for seconds at most, however slow the limit is
KEYS_MAX = 50_000


class PacedRateLimiter(RateLimiter):
    """What `limiter` allows beyond a burst waits for its turn, at the limit's average rate.

    A window lets its whole quota through at once: a thousand requests, and whoever comes after them
    waits until they are served. Paced, they wait for each other. Each process paces by itself, for
    it is its own time that is shared out. Source: GCRA, ITU-T I.371, annex A.
    """

    def __init__(
        self,
        limiter: RateLimiter,
        clock: Clock,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._limiter = limiter
        self._clock = clock
        self._sleep = sleep
        self._due: OrderedDict[tuple[str, str], float] = OrderedDict()

    async def hit_all(self, charges: Sequence[Charge]) -> Sequence[Verdict]:
        verdicts = await self._limiter.hit_all(charges)
        if all(verdict.allowed for verdict in verdicts):
            wait = max(map(self._wait, charges), default=0.0)
            if wait > 0:
                await self._sleep(wait)
        return verdicts

    async def reset(self, limit: Limit, key: str) -> None:
        await self._limiter.reset(limit, key)

    async def aclose(self) -> None:
        """Release the limiter."""
        await self._limiter.aclose()

    def __len__(self) -> int:
        """Return the number of keys that are held."""
        return len(self._due)

    def _wait(self, charge: Charge) -> float:
        """Take a turn, and return the seconds until it comes."""
        limit = charge.limit
        if limit.quota <= BURST or charge.cost <= 0:
            return 0.0
        now, name = self._clock.monotonic(), (limit.name, charge.key)
        # Burst and pace together stay within a window: who asks one thing at a time is never refused.
        step = 1 / max(LEAST_RATE, (limit.quota - BURST) / limit.window_seconds)
        due = max(now, self._due.pop(name, now)) + charge.cost * step
        self._due[name] = due
        self._forget(now)
        return due - now - BURST * step

    def _forget(self, now: float) -> None:
        """Drop up to two keys whose turns have all come, and the longest unused beyond KEYS_MAX."""
        for _ in range(2):
            oldest = next(iter(self._due))
            if self._due[oldest] > now and len(self._due) <= KEYS_MAX:
                return
            del self._due[oldest]
