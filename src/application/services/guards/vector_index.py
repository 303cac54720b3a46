"""A vector index that keeps its deadlines and is let alone while it does not answer."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext

from application.ports.vector_index import (
    Namespace,
    VectorIndex,
    VectorIndexUnavailable,
    VectorRecord,
)
from application.services.guards._calls import guarded
from application.services.guards._wrapped import WrappedVectorIndex
from application.services.guards.breaker import Breaker

_WRITING = 6  # times the deadline of a search: to write is to move vectors into a graph
_SECONDS_A_RECORD = 0.05


class GuardedVectorIndex(WrappedVectorIndex):
    """`index` behind a breaker, with `seconds` for a search and more for what goes through many vectors.

    To prepare takes as long as it takes: nothing waits for it but the start.
    """

    def __init__(self, index: VectorIndex, breaker: Breaker, *, seconds: float) -> None:
        super().__init__(index)
        self._breaker = breaker
        self._seconds = seconds

    def around(self, operation: str) -> AbstractAsyncContextManager[None]:
        """Return breaker and deadline of an operation."""
        if operation == "prepare":
            return nullcontext()
        return self._within(self._seconds * (1 if operation == "search" else _WRITING))

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        """Write the records; the same id again replaces. All or an error."""
        async with self._within(_WRITING * self._seconds + _SECONDS_A_RECORD * len(records)):
            await self._index.upsert(namespace, records)

    def _within(self, seconds: float) -> AbstractAsyncContextManager[None]:
        return guarded(self._breaker, VectorIndexUnavailable, seconds)
