"""The worker: claims jobs under a lease and does them, in any number of processes."""

import asyncio
import logging
import random
from contextlib import suppress

from application.ports.job_queue import LeaseLost
from application.ports.web_fetcher import FetchUnavailable
from domain.documents import Failure
from domain.errors import DependencyUnavailable, NotFound
from domain.jobs import JobKind, Lease, retry_delay_seconds
from entrypoints.container import Container
from entrypoints.settings import Settings

_log = logging.getLogger(__name__)
LEASE_SECONDS = 30.0
_HEARTBEAT_SECONDS = 8.0
_IDLE_SECONDS = 5.0  # a poll, in case a wake-up got lost
_HOUSEKEEPING_SECONDS = 5.0
ERRORS_MAX = 5
_OUTAGE_TRIES = 3  # outages are not counted: each wait is as long as that after three errors
LOSSES_MAX = 20  # a vanished worker is our fault, not the document's: be patient
_BROKEN = Failure(
    "ingestion_failed",
    "This could not be taken in after several tries; the error was logged.",
)
_CRASHING = Failure(
    "ingestion_crashed",
    "Taking this in ended the worker again and again, so it was set aside.",
)


class Worker:
    """Does jobs until it is cancelled; a job under way is given back then."""

    def __init__(self, container: Container, settings: Settings) -> None:
        self._container = container
        self._queue = container.job_queue()
        self._concurrency = settings.worker_concurrency

    async def run(self) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            for number in range(self._concurrency):
                tasks.create_task(self._work_for_ever(), name=f"worker {number}")
            tasks.create_task(self._keep_house(), name="housekeeping")

    async def run_until_idle(self) -> None:
        """Do what is due now, and return when nothing is left to claim."""
        while await self._work_once():
            pass

    async def _work_for_ever(self) -> None:
        delay = 0.5
        while True:
            try:
                if not await self._work_once():
                    await self._queue.wait(_IDLE_SECONDS)
                delay = 0.5
            except DependencyUnavailable as error:
                _log.warning("the worker waits: %s", error.detail)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 10.0)
            except Exception:
                _log.exception("the worker stumbled")
                await asyncio.sleep(delay)

    async def _work_once(self) -> bool:
        lease = await self._queue.claim(LEASE_SECONDS)
        if lease is None:
            return False
        job = asyncio.create_task(self._do(lease))
        heart = asyncio.create_task(self._beat(lease, job))
        try:
            await job
        except asyncio.CancelledError:
            if job.cancelled() and not _is_cancelling():
                return True  # the lease was lost, and the heart stopped the job
            job.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await job
            with suppress(Exception):
                async with asyncio.timeout(2):
                    await self._queue.release(lease)
            raise
        finally:
            heart.cancel()
        return True

    async def _beat(self, lease: Lease, job: "asyncio.Task[None]") -> None:
        while True:
            await asyncio.sleep(_HEARTBEAT_SECONDS)
            try:
                await self._queue.heartbeat(lease, LEASE_SECONDS)
            except LeaseLost:
                job.cancel()
                return
            except Exception as error:
                _log.warning("no heartbeat: %s: %s", type(error).__name__, error)

    async def _do(self, lease: Lease) -> None:
        try:
            if lease.losses >= LOSSES_MAX and await self._give_up(lease, _CRASHING):
                return
            await self._use_case(lease)
        except LeaseLost:
            _log.info("job %s is somebody else's now", lease.job.id)
        except NotFound:
            await self._drop(lease)
        except Exception as error:
            await self._failed(lease, error)

    async def _use_case(self, lease: Lease) -> None:
        match lease.job.kind:
            case JobKind.FETCH:
                await self._container.fetch_document()(lease)
            case JobKind.INGEST:
                await self._container.ingest_document()(lease)
            case JobKind.CRAWL:
                await self._container.run_crawl()(lease)
            case JobKind.PURGE_DOCUMENT:
                await self._container.purge_document()(lease)
            case JobKind.PURGE_BOT:
                await self._container.purge_bot()(lease)
            case JobKind.ERASE_WORKSPACE:
                await self._container.erase_workspace()(lease)

    async def _give_up(self, lease: Lease, why: Failure) -> bool:
        """End a job that cannot be done, where somebody waits for it; what purges is never given up."""
        match lease.job.kind:
            case JobKind.FETCH | JobKind.INGEST:
                await self._container.ingest_document().fail(lease, why)
            case JobKind.CRAWL:
                await self._container.run_crawl().fail(lease, why)
            case _:
                return False
        return True

    async def _drop(self, lease: Lease) -> None:
        """End a job whose subject is gone."""
        with suppress(LeaseLost):
            async with self._container.units().open(lease.job.tenant_id) as uow:
                await uow.jobs.complete(lease)

    async def _failed(self, lease: Lease, error: Exception) -> None:
        elsewhere = isinstance(error, FetchUnavailable)  # not ours, so not waited for without end
        outage = isinstance(error, DependencyUnavailable) and not elsewhere
        if outage or elsewhere:
            _log.warning("job %s waits: %s", lease.job.id, error)
        else:
            _log.exception("job %s failed", lease.job.id, exc_info=error)
        give_up = lease.errors + 1 >= ERRORS_MAX and not outage
        with suppress(LeaseLost, NotFound):
            if give_up and await self._give_up(lease, _BROKEN):
                return
            tries = _OUTAGE_TRIES if outage else lease.errors + 1
            delay = retry_delay_seconds(tries, random.random())  # noqa: S311  # jitter
            reason = f"{type(error).__name__}: {error}" if outage else type(error).__name__
            await self._queue.retry(lease, delay, reason, blame=not outage)

    async def _keep_house(self) -> None:
        while True:
            try:
                ended = await self._container.end_abandoned_answers()()
                if ended:
                    _log.warning("ended %d abandoned answers", ended)
            except Exception as error:
                _log.warning("housekeeping failed: %s", type(error).__name__)
            await asyncio.sleep(_HOUSEKEEPING_SECONDS)


def _is_cancelling() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
