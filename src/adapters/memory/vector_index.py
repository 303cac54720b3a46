"""VectorIndex in memory, gone with the process."""

from collections.abc import Sequence
from heapq import nsmallest
from math import hypot

from application.ports.embedder import Vector
from application.ports.vector_index import Hit, Namespace, VectorId, VectorIndex, VectorRecord
from domain.ids import split_chunk_id


class InMemoryVectorIndex(VectorIndex):
    """Compares with every vector of the namespace.

    Raises ValueError for a vector whose length is not that of its namespace.
    """

    kind = "memory"

    def __init__(self) -> None:
        self._records: dict[Namespace, dict[str, VectorRecord]] = {}

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        """Write the records; the same id again replaces. All or an error."""
        held = self._records.get(namespace, {})
        if len({len(record.vector) for record in (*held.values(), *records)}) > 1:
            raise ValueError("the vectors of a namespace have one length")
        self._records[namespace] = held | {record.chunk_id: record for record in records}

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """Return up to `limit` hits, best first by cosine; within `document_ids` where given."""
        wanted = None if document_ids is None else frozenset(document_ids)
        hits = [
            Hit(record.chunk_id, _cosine(record.vector, vector))
            for record in self._records.get(namespace, {}).values()
            if wanted is None or record.document_id in wanted
        ]
        return nsmallest(limit, hits, key=lambda hit: (-hit.score, hit.chunk_id))

    async def delete_chunks(self, namespace: Namespace, chunk_ids: Sequence[str]) -> None:
        """Remove these vectors; unknown ids are no error."""
        held = self._records.get(namespace, {})
        for key in chunk_ids:
            held.pop(key, None)

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        """Remove the vectors of a document; with `keep_revision` only those of revisions before it."""
        held = self._records.get(namespace, {})
        await self.delete_chunks(
            namespace,
            [
                key
                for key, record in held.items()
                if record.document_id == document_id
                and (keep_revision is None or _revision(key) < keep_revision)
            ],
        )

    async def delete_namespace(self, namespace: Namespace) -> bool:
        """Remove everything in the namespace at once."""
        self._records.pop(namespace, None)
        return False

    async def count(self, namespace: Namespace, document_id: str | None = None) -> int:
        """Return how many vectors the namespace (or one document in it) holds."""
        held = self._records.get(namespace, {}).values()
        return sum(document_id in (None, record.document_id) for record in held)

    async def ids(
        self,
        namespace: Namespace,
        after: str | None,
        limit: int,
        document_id: str | None = None,
    ) -> list[VectorId]:
        """Return a page of ids, in the order of the chunks' ids."""
        held = self._records.get(namespace, {}).values()
        found = [
            VectorId(record.chunk_id, record.document_id)
            for record in held
            if record.chunk_id > (after or "") and document_id in (None, record.document_id)
        ]
        return nsmallest(limit, found, key=lambda one: one.chunk_id)

    async def namespaces(self, tenant_id: str) -> list[Namespace]:
        """Return the tenant's namespaces."""
        return [namespace for namespace in self._records if namespace.tenant_id == tenant_id]


def _revision(key: str) -> int:
    """Return the revision that a vector is of; 0 where its id is no chunk's."""
    parts = split_chunk_id(key)
    return parts[1] if parts else 0


def _cosine(one: Vector, other: Vector) -> float:
    """Return the cosine of two vectors; 0 where one has no direction."""
    lengths = hypot(*one) * hypot(*other)
    product = sum(a * b for a, b in zip(one, other, strict=True))
    return product / lengths if lengths else 0.0
