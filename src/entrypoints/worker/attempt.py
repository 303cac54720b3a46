"""One attempt at a job: which use case does it, and what becomes of a job that could not be done."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random

from application.ports.job_queue import LeaseLost
from application.ports.web_fetcher import FetchUnavailable
from domain.documents import Failure
from domain.errors import ChatSphereError, DependencyUnavailable, NotFound
from domain.jobs import (
    ERRORS_MAX,
    LOSSES_MAX,
    JobKind,
    Lease,
    Setback,
    outage_delay_seconds,
    retry_delay_seconds,
)
from entrypoints.container import Container

_chance = Random()  # noqa: S311  # no secret: for jitter

_log = logging.getLogger(__name__)
_PAUSE_SECONDS = 0.5


class Crashed(ChatSphereError):
    """The process that had this job to itself ended unexpectedly."""

    code = "worker_crashed"


class NotBegun(DependencyUnavailable):
    """A process of its own could not be started for this."""

    code = "worker_not_begun"


class CutShort(ChatSphereError):
    """It was cut short, since it took longer than a job may or something that it uses broke off."""

    code = "cut_short"


class Attempt:
    """Does a job under its lease, and sees to it that it is ended or given back with a reason."""

    def __init__(self, container: Container, lease_seconds: float) -> None:
        self._container = container
        self._queue = container.job_queue()
        self._lease_seconds = lease_seconds
        self._use_cases: dict[JobKind, Callable[[], Callable[[Lease], Awaitable[None]]]] = {
            JobKind.FETCH: container.fetch_document,
            JobKind.INGEST: container.ingest_document,
            JobKind.CRAWL: container.run_crawl,
            JobKind.PURGE_DOCUMENT: container.purge_document,
            JobKind.PURGE_BOT: container.purge_bot,
            JobKind.ERASE_WORKSPACE: container.erase_workspace,
            JobKind.SWEEP: container.sweep_workspace,
        }

    async def __call__(self, lease: Lease) -> None:
        """Do the job. Raises DependencyUnavailable where the database stays out until the lease ends."""
        try:
            await self._use_cases[lease.job.kind]()(lease)
        except LeaseLost:
            _log.info("job %s is somebody else's now", lease.job.id)
        except NotFound:
            await self._patiently(lambda: self._drop(lease))
        except Exception as error:
            await self.failed(lease, error)

    async def set_aside(self, lease: Lease) -> bool:
        """End a job over which too many workers vanished; tell whether it was one, and could be."""
        if lease.losses < LOSSES_MAX:
            return False
        with suppress(LeaseLost, NotFound):
            return await self._give_up(lease, _CRASHING)
        return True

    async def failed(self, lease: Lease, error: Exception) -> None:
        """Give the job back after an error, or end it where it has had its tries."""
        why = setback_of(error)
        if why.blame and not isinstance(error, ChatSphereError):
            _log.exception("job %s failed", lease.job.id, exc_info=error)
        else:
            _log.warning("job %s is put off: %s: %s", lease.job.id, why.code, why.detail)
        await self._patiently(lambda: self._give_back(lease, why))

    async def _give_back(self, lease: Lease, why: Setback) -> None:
        with suppress(LeaseLost, NotFound):
            errors = lease.errors + 1
            if why.blame and errors >= ERRORS_MAX and await self._give_up(lease, _broken(why)):
                return
            jitter = _chance.random()
            delay = (
                retry_delay_seconds(errors, jitter)
                if why.blame
                else outage_delay_seconds(lease.outages, jitter)
            )
            await self._queue.retry(lease, delay, why)

    async def _give_up(self, lease: Lease, why: Failure) -> bool:
        """End a job that cannot be done, where somebody waits for it; what purges is never given up."""
        match lease.job.kind:
            case JobKind.FETCH | JobKind.INGEST:
                await self._container.ingest_document().fail(lease, why)
            case JobKind.CRAWL:
                await self._container.run_crawl().fail(lease, why)
            case JobKind.SWEEP:  # the next one comes by itself
                await self._drop(lease)
            case _:
                return False
        return True

    async def _drop(self, lease: Lease) -> None:
        """End a job whose subject is gone."""
        with suppress(LeaseLost):
            async with self._container.units().open(lease.job.tenant_id) as uow:
                await uow.jobs.complete(lease)

    async def _patiently(self, step: Callable[[], Awaitable[None]]) -> None:
        """Repeat a step while the database is out, for as long as the lease may hold: were it left to
        run out, the job would count a lost worker."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._lease_seconds
        while True:
            try:
                return await step()
            except DependencyUnavailable:
                if loop.time() > end:
                    raise
                await asyncio.sleep(_PAUSE_SECONDS)


def setback_of(error: Exception) -> Setback:
    """Return what is noted of an error, and told to people: never the words of one that is not ours.

    What a site does not answer is no outage of ours, and is not waited for without end.
    """
    if not isinstance(error, ChatSphereError):
        kind = type(error).__name__
        return Setback(
            "internal_error", f"Something went wrong on our side ({kind}); the error was logged."
        )
    is_outage = isinstance(error, DependencyUnavailable) and error.is_outage
    elsewhere = isinstance(error, FetchUnavailable)
    return Setback(error.code, error.detail, blame=elsewhere or not is_outage)


_CRASHING = Failure(
    "ingestion_crashed",
    "Taking this in ended the worker again and again, so it was set aside.",
)


def _broken(why: Setback) -> Failure:
    if why.code == Crashed.code:
        return _CRASHING
    return Failure(
        "ingestion_failed",
        f"This could not be taken in, though it was tried {ERRORS_MAX} times. The last time: {why.detail}",
    )
