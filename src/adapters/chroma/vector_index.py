"""VectorIndex on Chroma: a collection for each namespace."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from heapq import nsmallest
from typing import TypeVar

from adapters.chroma import _points as points
from adapters.chroma._engine import Engine, Where
from adapters.chroma._errors import CollectionMissing
from application.ports.embedder import Vector
from application.ports.vector_index import Hit, Namespace, VectorId, VectorIndex, VectorRecord

T = TypeVar("T")

_KNOWN = 10_000  # collections whose ids are kept in mind
_IN_ONE_FILTER = 10_000  # SQLite takes 32,766 values
_DELETED_AT_ONCE = 1_000
_LISTED_AT_ONCE = 1_000
_OVERLAP = 100  # collections that may go while others are listed, and none is missed
_WHOLE = 5_000  # ids that come in one answer


class ChromaVectorIndex(VectorIndex):
    """Vectors in collections that compare by cosine, each made by the first record.

    A collection for each namespace, not one for all with a filter: the filter would be all that keeps
    tenants apart; Chroma's graph searches the neighbours of everybody for the few that a filter leaves
    (16 ms against 4 among 10,000); and only with its collection does a vector leave Chroma's files.
    Chroma opens collections as they are asked for, so thousands cost disk and not memory.

    A vector without direction or of another length is a ValueError. Source: Chroma 1.5.
    """

    kind = "chroma"

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: dict[str, str] = {}

    async def prepare(self) -> None:
        """See to it that Chroma answers, and that collections can be made."""
        await self._engine.prepare()

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        """Write the records; the same id again replaces. All or an error (some may be written)."""
        points.check(records)
        for batch in points.batches(records, self._engine.at_once):
            await self._in(
                namespace,
                lambda its, batch=batch: self._engine.upsert(its, batch),  # type: ignore[misc]
                create=True,
            )
            await asyncio.sleep(0)  # one batch is encoded in milliseconds: others get their turn

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """Return up to `limit` hits, best first; within `document_ids` where given (none: no hit)."""
        filters = _filters(document_ids)
        if limit < 1 or not filters or not points.has_direction(vector):
            return []
        found: list[tuple[str, float]] = []
        for where in filters:
            with suppress(CollectionMissing):
                found += await self._in(
                    namespace,
                    lambda its, where=where: self._engine.query(  # type: ignore[misc]
                        its, vector, limit, where
                    ),
                )
        hits = [Hit(key, min(max(1.0 - away, -1.0), 1.0)) for key, away in found]
        return nsmallest(limit, hits, key=lambda hit: (-hit.score, hit.chunk_id))

    async def delete_chunks(self, namespace: Namespace, chunk_ids: Sequence[str]) -> None:
        """Remove these vectors; unknown ids are no error."""
        ids = list(dict.fromkeys(chunk_ids))
        for start in range(0, len(ids), _DELETED_AT_ONCE):
            part = ids[start : start + _DELETED_AT_ONCE]
            with suppress(CollectionMissing):
                await self._in(
                    namespace,
                    lambda its, part=part: self._engine.delete(its, part),  # type: ignore[misc]
                )

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        """Remove the vectors of a document; with `keep_revision` only those of revisions before it."""
        where = points.of_document(document_id, keep_revision)
        with suppress(CollectionMissing):
            await self._in(namespace, lambda its: self._engine.delete(its, where=where))

    async def delete_namespace(self, namespace: Namespace) -> bool:
        """Remove the collection, whole: nothing is left."""
        name = points.name_of(namespace)
        self._known.pop(name, None)
        with suppress(CollectionMissing):
            await self._engine.drop(name)
        return False

    async def count(self, namespace: Namespace, document_id: str | None = None) -> int:
        """Return how many vectors the namespace (or one document in it) holds."""
        try:
            if document_id is None:
                return await self._in(namespace, self._engine.count)
            where = points.of_document(document_id)
            return len(await self._in(namespace, lambda its: self._engine.get(its, where)))
        except CollectionMissing:
            return 0

    async def ids(
        self,
        namespace: Namespace,
        after: str | None,
        limit: int,
        document_id: str | None = None,
    ) -> list[VectorId]:
        """Return a page of ids, in the order of their buckets: one bucket is read whole."""
        start = 0 if after is None else points.bucket(after)
        last = (-1, "") if after is None else (start, after)
        width = points.BUCKETS
        if document_id is None:
            held = await self.count(namespace)
            if held > _WHOLE:
                width = max(1, points.BUCKETS * max(limit, 1) // held)
        page: list[VectorId] = []
        while start < points.BUCKETS and len(page) < limit:
            found = await self._bucketed(namespace, start, start + width, document_id)
            page += [one for one in found if (points.bucket(one.chunk_id), one.chunk_id) > last]
            start += width
        return page[: max(limit, 0)]

    async def namespaces(self, tenant_id: str) -> list[Namespace]:
        """Return the tenant's namespaces, picked from the list of all collections."""
        found: dict[Namespace, None] = {}
        offset = 0
        while True:
            names = await self._engine.names(_LISTED_AT_ONCE, offset)
            its = (points.namespace_of(name, tenant_id) for name in names)
            found |= {namespace: None for namespace in its if namespace is not None}
            if len(names) < _LISTED_AT_ONCE:
                return list(found)
            offset += _LISTED_AT_ONCE - _OVERLAP

    async def aclose(self) -> None:
        """Let go of connections or files."""
        await self._engine.aclose()

    async def _in(
        self,
        namespace: Namespace,
        ask: Callable[[str], Awaitable[T]],
        *,
        create: bool = False,
    ) -> T:
        """Ask the collection of a namespace. It is looked up again where it has gone since.

        Raises CollectionMissing where there is none; with `create` it is made.
        """
        name = points.name_of(namespace)
        find = self._engine.create if create else self._engine.open
        known = self._known.get(name)
        if known is not None:
            try:
                return await ask(known)
            except CollectionMissing:  # another process removed it
                self._known.pop(name, None)
        if len(self._known) >= _KNOWN:
            self._known.clear()
        self._known[name] = found = await find(name)
        return await ask(found)

    async def _bucketed(
        self, namespace: Namespace, first: int, end: int, document_id: str | None
    ) -> list[VectorId]:
        where: list[Where] = [{"bucket": {"$gte": first}}, {"bucket": {"$lt": end}}]
        if document_id is not None:
            where.append(points.of_document(document_id))
        try:
            found = await self._in(namespace, lambda its: self._engine.get(its, {"$and": where}))
        except CollectionMissing:
            return []
        ids = [VectorId(key, str(beside["document_id"])) for key, beside in found]
        return sorted(ids, key=lambda one: (points.bucket(one.chunk_id), one.chunk_id))


def _filters(document_ids: Sequence[str] | None) -> list[Where | None]:
    """Return the filters to ask with, one after the other."""
    if document_ids is None:
        return [None]
    ids = list(dict.fromkeys(document_ids))
    return [
        {"document_id": {"$in": ids[start : start + _IN_ONE_FILTER]}}
        for start in range(0, len(ids), _IN_ONE_FILTER)
    ]
