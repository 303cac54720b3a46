"""Waiting that neither a cancellation nor a short outage cuts short."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from domain.errors import DependencyUnavailable

_PAUSES_SECONDS = (0.05, 0.2, 0.5, 1.0, 2.0, 4.0, 8.0)

T = TypeVar("T")


async def ended(task: "asyncio.Task[T]", *, grace_seconds: float) -> bool:
    """Wait until the task has ended in whatever way; tell whether we were cancelled meanwhile.

    A cancellation of ours ends the task after the grace, and is not passed on.
    """
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
            asyncio.get_running_loop().call_later(grace_seconds, task.cancel)
    return cancelled


async def patiently(work: Callable[[], Awaitable[T]]) -> T:
    """Do the work, and again while the database is out. Raises DependencyUnavailable in the end."""
    for pause in _PAUSES_SECONDS:
        try:
            return await work()
        except DependencyUnavailable:
            await asyncio.sleep(pause)
    return await work()
