"""VectorIndex on a Qdrant server: one collection, each point under the name of its namespace."""

import asyncio
from collections.abc import Sequence
from heapq import nsmallest
from typing import TYPE_CHECKING

from adapters.qdrant import _points as points
from adapters.qdrant.connection import Connection
from application.ports.embedder import Vector
from application.ports.vector_index import Hit, Namespace, VectorId, VectorIndex, VectorRecord

if TYPE_CHECKING:
    from qdrant_client.models import Batch, Record

_NAMESPACES = 100_000  # of one tenant
_WITH = ["chunk_id", "document_id"]


class QdrantVectorIndex(VectorIndex):
    """Vectors in a collection with the distance Cosine, which is made where it is missing.

    A write returns when it can be read (`wait`). A collection of another length or distance raises
    VectorIndexMismatch, a wrong key or too many requests VectorIndexDeclined; a full disk is
    StorageFull; a vector without direction or of another length is a ValueError.
    Source: qdrant.tech/documentation and qdrant-client 1.20.
    """

    kind = "qdrant"

    def __init__(
        self,
        url: str,
        dimensions: int,
        *,
        collection: str = "chatsphere",
        api_key: str | None = None,
        timeout_seconds: float = 10.0,
        deleted_at_once: int = 10_000,
    ) -> None:
        """Use `collection` on the server at `url` (its port is 6333 where none is given).

        A call takes `timeout_seconds` at most, and a deletion `deleted_at_once` points.
        """
        self._connection = Connection(url, collection, dimensions, api_key, timeout_seconds)
        self._collection, self._dimensions = collection, dimensions
        self._deleted_at_once = deleted_at_once

    def __repr__(self) -> str:
        return f"QdrantVectorIndex({self._collection}, {self._dimensions})"

    async def prepare(self) -> None:
        """Look at the collection; make it where it is missing."""
        await self._connection.ready()

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        """Write the records; the same id again replaces. All or an error (some may be written)."""
        points.check(records, self._dimensions)
        if not records:
            return
        await self._connection.ready()
        for batch in points.batches(namespace, records):
            await self._write(batch)
            await asyncio.sleep(0)  # one batch is encoded in some 15 ms: others get their turn

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """Return up to `limit` hits, best first; within `document_ids` where given (none: no hit)."""
        points.check_length(vector, self._dimensions)
        if limit < 1 or (document_ids is not None and not document_ids):
            return []
        name, values = points.name_of(namespace), points.numbers(vector)
        answer = await self._connection.call(
            lambda client: client.query_points(
                self._collection,
                query=values,
                query_filter=points.within(name, document_ids),
                limit=limit,
                with_payload=["chunk_id"],
            )
        )
        hits = [Hit(_text(one.payload, "chunk_id"), _cosine(one.score)) for one in answer.points]
        return nsmallest(limit, hits, key=lambda hit: (-hit.score, hit.chunk_id))

    async def delete_chunks(self, namespace: Namespace, chunk_ids: Sequence[str]) -> None:
        """Remove these vectors; unknown ids are no error."""
        name = points.name_of(namespace)
        found = [points.point_id(name, key) for key in dict.fromkeys(chunk_ids)]
        for start in range(0, len(found), self._deleted_at_once):
            await self._delete_ids(found[start : start + self._deleted_at_once])

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        """Remove the vectors of a document; with `keep_revision` only those of revisions before it."""
        name = points.name_of(namespace)
        await self._delete_within(name, [document_id], keep_revision)

    async def delete_namespace(self, namespace: Namespace) -> bool:
        """Remove some thousand points, or all that are left; tell whether more may be."""
        name = points.name_of(namespace)
        some = await self._scroll(name, None, self._deleted_at_once, None)
        if len(some) < self._deleted_at_once:
            await self._delete_within(name)
            return False
        await self._delete_ids([str(one.id) for one in some])
        return True

    async def count(self, namespace: Namespace, document_id: str | None = None) -> int:
        """Return how many vectors the namespace (or one document in it) holds."""
        name = points.name_of(namespace)
        answer = await self._connection.call(
            lambda client: client.count(
                self._collection, count_filter=points.within(name, _one(document_id)), exact=True
            )
        )
        return answer.count

    async def ids(
        self,
        namespace: Namespace,
        after: str | None,
        limit: int,
        document_id: str | None = None,
    ) -> list[VectorId]:
        """Return a page of ids, in the order of the points' ids."""
        name = points.name_of(namespace)
        start = None if after is None else points.point_id(name, after)
        found = await self._scroll(name, start, limit + 1, document_id)
        following = [one for one in found if str(one.id) != start][: max(limit, 0)]
        return [VectorId(*(_text(one.payload, key) for key in _WITH)) for one in following]

    async def namespaces(self, tenant_id: str) -> list[Namespace]:
        """Return the tenant's namespaces."""
        answer = await self._connection.call(
            lambda client: client.facet(
                self._collection,
                "namespace",
                facet_filter=points.of_tenant(tenant_id),
                limit=_NAMESPACES,
                exact=True,
            )
        )
        return [points.namespace_of(str(hit.value)) for hit in answer.hits if hit.count]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connection.aclose()

    async def _write(self, batch: "Batch") -> None:
        await self._connection.call(
            lambda client: client.upsert(self._collection, points=batch, wait=True)
        )

    async def _delete_ids(self, ids: Sequence[str]) -> None:
        await self._connection.call(
            lambda client: client.delete(self._collection, points_selector=[*ids], wait=True)
        )

    async def _delete_within(
        self, name: str, document_ids: list[str] | None = None, before: int | None = None
    ) -> None:
        await self._connection.call(
            lambda client: client.delete(
                self._collection,
                points_selector=points.within(name, document_ids, before),
                wait=True,
            )
        )

    async def _scroll(
        self, name: str, start: str | None, limit: int, document_id: str | None
    ) -> list["Record"]:
        found, _ = await self._connection.call(
            lambda client: client.scroll(
                self._collection,
                scroll_filter=points.within(name, _one(document_id)),
                limit=limit,
                offset=start,
                with_payload=_WITH,
            )
        )
        return found


def _one(document_id: str | None) -> list[str] | None:
    return None if document_id is None else [document_id]


def _text(payload: dict[str, object] | None, key: str) -> str:
    return str((payload or {}).get(key, ""))


def _cosine(score: float) -> float:
    return min(max(score, -1.0), 1.0)
