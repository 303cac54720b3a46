"""A vector index that keeps its deadlines and is let alone while it does not answer."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager

from application.ports.embedder import Vector
from application.ports.vector_index import (
    Hit,
    Namespace,
    VectorId,
    VectorIndex,
    VectorIndexUnavailable,
    VectorRecord,
)
from application.services.guards._calls import guarded
from application.services.guards.breaker import Breaker

_WRITING = 6  # times the deadline of a search: to write is to move vectors into a graph
_SECONDS_A_RECORD = 0.05


class GuardedVectorIndex(VectorIndex):
    """`index` behind a breaker, with `seconds` for a search and more for what changes it."""

    def __init__(self, index: VectorIndex, breaker: Breaker, *, seconds: float) -> None:
        self._index = index
        self._breaker = breaker
        self._seconds = seconds
        self.kind = index.kind

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        """Write the records; the same id again replaces. All or an error."""
        seconds = _WRITING * self._seconds + _SECONDS_A_RECORD * len(records)
        async with guarded(self._breaker, VectorIndexUnavailable, seconds):
            await self._index.upsert(namespace, records)

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """Return up to `limit` hits, best first; within `document_ids` where given (none: no hit)."""
        async with guarded(self._breaker, VectorIndexUnavailable, self._seconds):
            return await self._index.search(namespace, vector, limit, document_ids)

    async def delete_chunks(self, namespace: Namespace, chunk_ids: Sequence[str]) -> None:
        """Remove these vectors; unknown ids are no error."""
        async with self._changing():
            await self._index.delete_chunks(namespace, chunk_ids)

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        """Remove the vectors of a document; with `keep_revision` only those of revisions before it."""
        async with self._changing():
            await self._index.delete_document(namespace, document_id, keep_revision)

    async def delete_namespace(self, namespace: Namespace) -> bool:
        """Remove a part of the namespace; tell whether more may be left."""
        async with self._changing():
            return await self._index.delete_namespace(namespace)

    async def count(self, namespace: Namespace, document_id: str | None = None) -> int:
        """Return how many vectors the namespace (or one document in it) holds."""
        async with self._changing():
            return await self._index.count(namespace, document_id)

    async def ids(
        self, namespace: Namespace, after: str | None, limit: int, document_id: str | None = None
    ) -> Sequence[VectorId]:
        """Return a page of the vectors there are, after the chunk id `after`."""
        async with self._changing():
            return await self._index.ids(namespace, after, limit, document_id)

    async def namespaces(self, tenant_id: str) -> Sequence[Namespace]:
        """Return every namespace of a tenant that may hold a vector."""
        async with self._changing():
            return await self._index.namespaces(tenant_id)

    async def aclose(self) -> None:
        """Release what the index holds."""
        await self._index.aclose()

    def _changing(self) -> AbstractAsyncContextManager[None]:
        """Give what goes through many vectors its time."""
        return guarded(self._breaker, VectorIndexUnavailable, _WRITING * self._seconds)
