"""The worker: claims jobs under a lease and has them done, in any number of processes."""

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from collections.abc import Set as AbstractSet
from contextlib import suppress

from application.ports.job_queue import LeaseLost
from domain.errors import DependencyUnavailable
from domain.jobs import ALL_KINDS, IN_TURN, PURGES, JobKind, Lease, WorkerProcess
from entrypoints.container import Container
from entrypoints.settings import Settings
from entrypoints.worker.attempt import Attempt, Crashed, CutShort, NotBegun
from entrypoints.worker.own_process import OwnProcess
from entrypoints.worker.scheduler import Scheduler

_log = logging.getLogger(__name__)
_BEATS_A_LEASE = 4
_LISTED_SECONDS = 5.0
_IDLE_SECONDS = 5.0  # a poll, in case a wake-up got lost
_PURGE_SECONDS = 2.0
_HOUSEKEEPING_SECONDS = 5.0
_CHORE_SECONDS = 60.0
_JOB_SECONDS = 3600.0  # what was done by then stays done, and the next attempt goes on from it
_PATIENCE_SECONDS = 10.0  # with a job that is to end
_LEAVING_SECONDS = 2.0


class Worker:
    """Does jobs until it is cancelled; a job under way is given back then.

    `alone` does the jobs that are suspected of ending their workers.
    """

    def __init__(
        self,
        container: Container,
        settings: Settings,
        alone: Callable[[Lease], Awaitable[None]] | None = None,
    ) -> None:
        self._container = container
        self._queue = container.job_queue()
        self._registry = container.worker_registry()
        self._lease_seconds = settings.job_lease_seconds
        self._me = WorkerProcess(
            container.clock().new_id("wrk"),
            socket.gethostname(),
            os.getpid(),
            settings.worker_concurrency,
        )
        self._scheduler = Scheduler(container, settings, self._me.id)
        self._attempt = Attempt(container, settings.job_lease_seconds)
        self._alone = alone or OwnProcess(settings, container.conninfo())
        self._stragglers: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Work until cancelled."""
        try:
            async with asyncio.TaskGroup() as tasks:
                for number in range(self._me.concurrency):
                    tasks.create_task(self._work_for_ever(), name=f"worker {number}")
                # What was deleted does not wait until a long document is through, nor a deleted
                # document until a large bot is erased.
                for kind in PURGES:
                    tasks.create_task(self._work_for_ever(frozenset({kind})), name=kind.value)
                tasks.create_task(self._stay_listed(), name="worker's sign of life")
                tasks.create_task(self._keep_house(), name="housekeeping")
                tasks.create_task(self._scheduler.run(), name="scheduler")
        finally:
            with suppress(Exception):
                async with asyncio.timeout(_LEAVING_SECONDS):
                    await self._registry.leave(self._me.id)

    async def run_until_idle(self) -> None:
        """Do what is due now, and return when nothing is left to claim."""
        while await self._work_once():
            pass

    async def _work_for_ever(self, kinds: AbstractSet[JobKind] = IN_TURN) -> None:
        delay = 0.5
        while True:
            try:
                if not await self._work_once(kinds):
                    if kinds is IN_TURN:
                        await self._queue.wait(_IDLE_SECONDS)
                    else:  # the others are told of new jobs, and take documents' purges first
                        await asyncio.sleep(_PURGE_SECONDS)
                delay = 0.5
            except DependencyUnavailable as error:
                _log.warning("the worker waits: %s", error.detail)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 5.0)
            except Exception:
                _log.exception("the worker stumbled")
                await asyncio.sleep(delay)

    async def _work_once(self, kinds: AbstractSet[JobKind] = ALL_KINDS) -> bool:
        lease = await self._queue.claim(self._lease_seconds, self._me.id, kinds)
        if lease is None:
            return False
        job = asyncio.create_task(self._do(lease), name=f"job {lease.job.id}")
        heart = asyncio.create_task(self._beat(lease))
        try:
            await asyncio.wait(
                {job, heart}, timeout=_JOB_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            await self._settle(lease, job, is_lost=heart.done())
        except asyncio.CancelledError:
            await self._end(job, _LEAVING_SECONDS)
            with suppress(Exception):
                async with asyncio.timeout(_LEAVING_SECONDS):
                    await self._queue.release(lease)
            raise
        finally:
            heart.cancel()
        return True

    async def _do(self, lease: Lease) -> None:
        if await self._attempt.set_aside(lease):
            return
        try:
            await (self._alone if lease.is_suspect else self._attempt)(lease)
        except (Crashed, NotBegun) as error:
            await self._attempt.failed(lease, error)

    async def _settle(self, lease: Lease, job: "asyncio.Task[None]", *, is_lost: bool) -> None:
        """See to a job that has ended, has lost its lease or takes too long."""
        if job.done() and not job.cancelled():
            job.result()  # raises what kept the job from being given back
            return
        await self._end(job, _PATIENCE_SECONDS)
        if is_lost:
            _log.info("job %s is somebody else's now", lease.job.id)
        else:  # cut short by a library, which must not end the worker; or too long
            await self._attempt.failed(lease, CutShort())

    async def _end(self, job: "asyncio.Task[None]", patience_seconds: float) -> None:
        """Cancel a job, but do not wait for ever for one that does not heed it: its writes are fenced."""
        job.cancel()
        await asyncio.wait({job}, timeout=patience_seconds)
        if not job.done():
            _log.error("%s does not end; the worker goes on without it", job.get_name())
            self._stragglers.add(job)
        job.add_done_callback(self._forget)

    def _forget(self, job: "asyncio.Task[None]") -> None:
        self._stragglers.discard(job)
        if not job.cancelled() and job.exception() is not None:
            _log.info("%s ended late: %r", job.get_name(), job.exception())

    async def _beat(self, lease: Lease) -> None:
        """Prolong the lease; return when it is lost, or must be since nothing was heard for so long."""
        loop, pause = asyncio.get_running_loop(), self._lease_seconds / _BEATS_A_LEASE
        end = loop.time() + self._lease_seconds
        while loop.time() < end:
            await asyncio.sleep(pause)
            begun = loop.time()
            try:
                async with asyncio.timeout(pause):
                    await self._queue.heartbeat(lease, self._lease_seconds)
                end = begun + self._lease_seconds
            except LeaseLost:
                return
            except Exception as error:
                _log.warning("no heartbeat: %s: %s", type(error).__name__, error)

    async def _stay_listed(self) -> None:
        while True:
            try:
                async with asyncio.timeout(_LISTED_SECONDS):
                    await self._registry.beat(self._me)
            except Exception as error:
                _log.warning("no sign of life: %s: %s", type(error).__name__, error)
            await asyncio.sleep(_LISTED_SECONDS)

    async def _keep_house(self) -> None:
        while True:
            try:
                async with asyncio.timeout(_CHORE_SECONDS):
                    ended = await self._container.settle_answers()()
                if ended:
                    _log.warning("settled %d abandoned answers", ended)
            except Exception as error:
                _log.warning("housekeeping failed: %s", type(error).__name__)
            await asyncio.sleep(_HOUSEKEEPING_SECONDS)
