"""A rate limiter that goes on counting by itself while its shared store is out."""

import logging
from collections.abc import Sequence

from application.ports.clock import Clock
from application.ports.rate_limiter import (
    Charge,
    Limit,
    RateLimiter,
    RateLimiterUnavailable,
    Verdict,
)

_log = logging.getLogger(__name__)
REST_SECONDS = 2.0  # after a failure the shared store is let alone for so long


class FallbackRateLimiter(RateLimiter):
    """Asks `shared`; where that does not answer, `local` counts for this process.

    So an outage opens nothing, log-ins least of all, and closes nothing: limits hold for each
    process instead of for all together, until the store is back.
    """

    def __init__(self, shared: RateLimiter, local: RateLimiter, clock: Clock) -> None:
        self._shared = shared
        self._local = local
        self._clock = clock
        self._resting_until = 0.0

    async def hit_all(self, charges: Sequence[Charge]) -> Sequence[Verdict]:
        if not self._resting():
            try:
                return await self._shared.hit_all(charges)
            except RateLimiterUnavailable:
                self._rest()
        return await self._local.hit_all(charges)

    async def reset(self, limit: Limit, key: str) -> None:
        await self._local.reset(limit, key)
        if not self._resting():
            try:
                await self._shared.reset(limit, key)
            except RateLimiterUnavailable:
                self._rest()

    async def aclose(self) -> None:
        """Release both."""
        await self._shared.aclose()
        await self._local.aclose()

    def _resting(self) -> bool:
        return self._clock.monotonic() < self._resting_until

    def _rest(self) -> None:
        """Leave the store alone for a while; the log gets one line a rest, not one a request."""
        if not self._resting():
            _log.warning("the store of the rate limits is out: each process counts for itself")
        self._resting_until = self._clock.monotonic() + REST_SECONDS
