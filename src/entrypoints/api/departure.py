"""The end of this process: connections that could hold it up are told, and their waits end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Departure:
    """Begins once; from then on nothing waits for what another process may bring."""

    def __init__(self) -> None:
        self._waits: set[asyncio.Timeout] = set()
        self.begun = False

    def begin(self) -> None:
        """End every wait. Again: nothing happens."""
        if not self.begun:
            self.begun = True
            now = asyncio.get_running_loop().time()
            for wait in self._waits:
                wait.reschedule(now)

    @asynccontextmanager
    async def ends_wait(self) -> AsyncIterator[None]:
        """Wait for as long as it takes within the block, at most until the departure.

        Raises TimeoutError then.
        """
        async with asyncio.timeout(0 if self.begun else None) as wait:
            self._waits.add(wait)
            try:
                yield
            finally:
                self._waits.discard(wait)
