"""When a request that failed is sent again."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random
from typing import TypeVar

from adapters._providers.errors import ProviderError

_chance = Random()  # noqa: S311  # no secret: for jitter

T = TypeVar("T")
_MAX_ATTEMPTS = 3
_FIRST_PAUSE = 0.3  # seconds
_LONGEST_PAUSE = 10.0  # seconds; a provider that asks for more is left to the caller
_A_REQUEST = 0.1  # an outage must not triple what the service has to refuse
_SAVED = 10.0


class Retries:
    """Lets one request in ten be sent again, twice at most."""

    def __init__(self) -> None:
        self._saved = _SAVED

    def begin(self) -> None:
        """Count a request."""
        self._saved = min(self._saved + _A_REQUEST, _SAVED)

    async def pause(self, failure: ProviderError, attempt: int, deadline: float) -> None:
        """Wait before the next attempt, as long as the provider asks for at least.

        `attempt` counts from 1; `deadline` is the time of the event loop by which an answer is due.
        Raises `failure` where another attempt may not help or would come too late.
        """
        pause = _FIRST_PAUSE * attempt * _chance.uniform(0.5, 1.5)
        pause = max(pause, failure.retry_after or 0.0)
        in_time = asyncio.get_running_loop().time() + pause < deadline
        may_repeat = failure.is_transient and self._saved >= 1 and attempt < _MAX_ATTEMPTS
        if not may_repeat or not in_time or pause > _LONGEST_PAUSE:
            raise failure
        self._saved -= 1
        await asyncio.sleep(pause)

    async def run(self, ask: Callable[[], Awaitable[T]], deadline: float) -> T:
        """Return what `ask` does, which is asked again as `pause` allows. Raises ProviderError."""
        self.begin()
        attempt = 1
        while True:
            try:
                return await ask()
            except ProviderError as failure:
                await self.pause(failure, attempt, deadline)
                attempt += 1
