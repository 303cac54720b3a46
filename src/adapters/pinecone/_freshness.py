"""Waits until what was written can be read.

Every write in a namespace has a number, and every query says up to which number it has seen
(docs.pinecone.io, "Check data freshness").
"""

import asyncio
from collections.abc import Awaitable, Callable

from adapters.pinecone.connection import Connection, NamespaceMissing
from application.ports.vector_index import VectorIndexUnavailable

_FIRST_PAUSE = 0.02  # seconds
_LONGEST_PAUSE = 1.0
_SLOWER = 1.6


class Freshness:
    """Looks at a namespace until it shows a write, for `within_seconds` at most (0: not at all)."""

    def __init__(self, connection: Connection, within_seconds: float) -> None:
        self._connection, self._within = connection, within_seconds

    async def wait_for_write(self, namespace: str, written: int | None) -> None:
        """Return when queries show the write of that number (None: an index without numbers).

        Raises VectorIndexUnavailable where that takes too long; the write itself is done.
        """
        if written is not None:
            await self._wait(lambda: self._shows(namespace, written))

    async def wait_for_absence(self, namespace: str) -> None:
        """Return when the namespace is gone. Raises VectorIndexUnavailable where that takes long."""
        await self._wait(lambda: self._is_gone(namespace))

    async def _wait(self, is_done: Callable[[], Awaitable[bool]]) -> None:
        if not self._within:
            return
        pause = _FIRST_PAUSE
        try:
            async with asyncio.timeout(self._within):
                while not await is_done():
                    await asyncio.sleep(pause)
                    pause = min(pause * _SLOWER, _LONGEST_PAUSE)
        except TimeoutError as error:
            raise VectorIndexUnavailable(
                "Pinecone took what was written, but does not show it yet."
            ) from error

    async def _shows(self, namespace: str, written: int) -> bool:
        probe = [1.0] + [0.0] * (self._connection.dimensions - 1)
        try:
            answer = await self._connection.call(
                lambda index: index.query(namespace=namespace, vector=probe, top_k=1)
            )
        except NamespaceMissing:
            return False
        return answer.response_info is not None and answer.response_info.is_reconciled(written)

    async def _is_gone(self, namespace: str) -> bool:
        try:
            await self._connection.call(lambda index: index.describe_namespace(name=namespace))
        except NamespaceMissing:
            return True
        return False
