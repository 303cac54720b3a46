"""Waiting for something that only asking again can tell."""

import asyncio
import time
from collections.abc import Awaitable, Callable


async def until(
    check: Callable[[], Awaitable[object]], within_seconds: float, every: float = 0.1
) -> float:
    """Ask until the answer is true, and return the seconds that took. Raises TimeoutError."""
    begun = time.monotonic()
    async with asyncio.timeout(within_seconds):
        while not await check():  # noqa: ASYNC110  # other processes set no event of ours
            await asyncio.sleep(every)
    return time.monotonic() - begun


async def nothing_left(
    check: Callable[[], Awaitable[list[str]]], within_seconds: float
) -> tuple[list[str], float]:
    """Ask until nothing is left or time is up; return what is left, and the seconds that took."""
    begun = time.monotonic()
    left = await check()
    while left and time.monotonic() - begun < within_seconds:
        await asyncio.sleep(0.25)
        left = await check()
    return left, time.monotonic() - begun
