"""What one process at a time does for the whole installation, whichever process that is."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random

from entrypoints.container import Container
from entrypoints.settings import Settings

_chance = Random()  # noqa: S311  # no secret: for jitter

_log = logging.getLogger(__name__)
SWEEPS, TRIMMING = "sweeps", "trimming"
LEASE_SECONDS = 60.0
_LOOK_SECONDS = 15.0
_TRIM_SECONDS = 3600.0
_TRIMMED_AT_ONCE = 1_000
_PAGE = 500
_SECONDS_A_SWEEP = 2.0  # between the beginnings of two, so that documents find workers
_LEAVING_SECONDS = 2.0


class Scheduler:
    """Every process has one; the leases decide which of them does the work.

    When a work was done last stands beside its lease: a restart does not begin it anew.
    """

    def __init__(self, container: Container, settings: Settings, holder: str) -> None:
        self._container = container
        self._sweep_seconds = settings.sweep_hours * 3600
        self._holder = holder

    async def run(self) -> None:
        """Look what is due, until cancelled."""
        try:
            while True:
                # Processes that were started together come one after the other.
                await asyncio.sleep(_LOOK_SECONDS * _chance.uniform(0.8, 1.2))
                try:
                    await self.once()
                except Exception as error:
                    _log.warning("nothing was scheduled: %s: %s", type(error).__name__, error)
        finally:
            await self._leave()

    async def once(self) -> None:
        """Do what is due, unless another process does. Raises DependencyUnavailable."""
        if self._sweep_seconds:
            await self._do(SWEEPS, self._sweep_seconds, self._plan_sweeps)
        await self._do(TRIMMING, _TRIM_SECONDS, self._trim)

    async def _do(
        self, name: str, every_seconds: float, work: Callable[[], Awaitable[None]]
    ) -> None:
        singletons = self._container.singletons()
        fence = await singletons.hold(name, self._holder, LEASE_SECONDS)
        if fence is None or not await singletons.is_due(name, fence, every_seconds):
            return
        async with asyncio.timeout(LEASE_SECONDS):  # then it is another's, who begins anew
            await work()
        await singletons.done(name, fence)

    async def _plan_sweeps(self) -> None:
        every, ids = self._container.workspace_list(), list[str]()
        while page := await every.ids(ids[-1] if ids else None, _PAGE):
            ids += page
        _chance.shuffle(ids)
        spread = min(self._sweep_seconds / 2, _SECONDS_A_SWEEP * len(ids))
        new_id, planned = self._container.clock().new_id, 0
        for start in range(0, len(ids), _PAGE):
            jobs = {workspace_id: new_id("job") for workspace_id in ids[start : start + _PAGE]}
            planned += await self._container.housekeeping().plan_sweeps(jobs, spread)
        _log.info("planned %d sweeps within %.0f s", planned, spread)

    async def _trim(self) -> None:
        while gone := await self._container.housekeeping().trim(_TRIMMED_AT_ONCE):
            told = ", ".join(f"{count} {what}" for what, count in sorted(gone.items()))
            _log.info("removed what is past its time: %s", told)

    async def _leave(self) -> None:
        with suppress(Exception):
            async with asyncio.timeout(_LEAVING_SECONDS):
                for name in (SWEEPS, TRIMMING):
                    await self._container.singletons().leave(name, self._holder)
