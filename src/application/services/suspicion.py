"""Telling a document that something fails on from something that is out."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from domain.errors import DependencyUnavailable, Overloaded
from domain.jobs import Lease

SUSPECT_OUTAGES = 3


class FailsOnThis(DependencyUnavailable):
    """What this needs answers others, and fails on this."""

    code = "fails_on_this"
    is_outage = False


@asynccontextmanager
async def told_apart(lease: Lease, answers: Callable[[], Awaitable[object]]) -> AsyncIterator[None]:
    """Do what is inside; a job that met several outages asks first whether the part `answers`.

    If it does, and fails right after on what the job wants of it, that is not an outage, which would be
    waited out without end: FailsOnThis is raised, and counts as an error of the job. A refusal for now
    (too many requests) is neither.
    """
    if lease.outages < SUSPECT_OUTAGES:
        yield
        return
    await answers()
    try:
        yield
    except Overloaded:
        raise
    except DependencyUnavailable as error:
        if error.is_refusal or not error.is_outage:
            raise
        raise FailsOnThis(error.detail) from error
