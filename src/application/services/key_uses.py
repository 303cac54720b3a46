"""Notes when API keys are used: beside the requests, never in their way."""

import asyncio
import logging
from datetime import datetime

from application.ports.api_keys import ApiKeyUses
from application.ports.clock import Clock
from domain.errors import ChatSphereError

_log = logging.getLogger(__name__)
EVERY_SECONDS = 60.0
_KEYS_MOST = 10_000


class KeyUses:
    """Writes one statement a minute for a key in use, together with the others that are due then."""

    def __init__(self, uses: ApiKeyUses, clock: Clock) -> None:
        self._uses = uses
        self._clock = clock
        self._noted: dict[str, float] = {}
        self._due: dict[str, datetime] = {}
        self._writing: asyncio.Task[None] | None = None

    def note(self, key_id: str) -> None:
        """Note a use now; most calls come to nothing but a look at a dictionary."""
        now = self._clock.monotonic()
        last = self._noted.get(key_id)
        if last is not None and now - last < EVERY_SECONDS:
            return
        if len(self._noted) >= _KEYS_MOST:
            self._noted.clear()
        self._noted[key_id] = now
        self._due[key_id] = self._clock.now()
        if self._writing is None:
            self._writing = asyncio.create_task(self._write(), name="key uses")

    async def _write(self) -> None:
        try:
            while self._due:
                due, self._due = self._due, {}
                await self._uses.record(due)
        except ChatSphereError as error:
            _log.warning("uses of keys were not written: %s", error.detail)
        except Exception:
            _log.exception("uses of keys were not written")
        finally:
            self._writing = None

    async def aclose(self) -> None:
        """Finish writing."""
        if self._writing is not None:
            await self._writing
