"""Vector indexes that break one promise each: the contract kit has to notice every one."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.embedder import Vector
from application.ports.vector_index import (
    Hit,
    Namespace,
    VectorId,
    VectorIndexUnavailable,
    VectorRecord,
)
from domain.ids import split_chunk_id

Documents = Sequence[str] | None


class LeakyReads(InMemoryVectorIndex):
    """Searches all tenants."""

    async def search(
        self, namespace: Namespace, vector: Vector, limit: int, document_ids: Documents = None
    ) -> list[Hit]:
        hits: list[Hit] = []
        for held in list(self._records):
            if replace(held, tenant_id=namespace.tenant_id) == namespace:
                hits += await super().search(held, vector, limit, document_ids)
        return hits[:limit]


class LeakyFilters(InMemoryVectorIndex):
    """With a filter, searches whoever has a document of that id."""

    async def search(
        self, namespace: Namespace, vector: Vector, limit: int, document_ids: Documents = None
    ) -> list[Hit]:
        seen = [namespace] if document_ids is None else list(self._records)
        found = [
            await super(LeakyFilters, self).search(one, vector, limit, document_ids) for one in seen
        ]
        return sorted((hit for hits in found for hit in hits), key=lambda hit: -hit.score)[:limit]


class LeakyDocuments(InMemoryVectorIndex):
    """Counts a document in every namespace."""

    async def count(self, namespace: Namespace, document_id: str | None = None) -> int:
        seen = [namespace] if document_id is None else list(self._records)
        return sum([await super(LeakyDocuments, self).count(one, document_id) for one in seen])


class LeakyRevisions(InMemoryVectorIndex):
    """Deletes earlier revisions in every namespace."""

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        for one in [namespace] if keep_revision is None else list(self._records):
            await super().delete_document(one, document_id, keep_revision)


class LeakyDeletes(InMemoryVectorIndex):
    """Deletes a generation in the index of every bot."""

    async def delete_namespace(self, namespace: Namespace) -> bool:
        for held in list(self._records):
            if held.tenant_id == namespace.tenant_id:
                await super().delete_namespace(held)
        return False


class EndlessDeletes(InMemoryVectorIndex):
    """Always says that more may be left."""

    async def delete_namespace(self, namespace: Namespace) -> bool:
        await super().delete_namespace(namespace)
        return True


class EarlyEnd(InMemoryVectorIndex):
    """Deletes a page of a namespace and says that this was all."""

    async def delete_namespace(self, namespace: Namespace) -> bool:
        some = await self.ids(namespace, None, 30)
        await self.delete_chunks(namespace, [one.chunk_id for one in some])
        return False


class LeakyNames(InMemoryVectorIndex):
    """Gives every tenant's namespaces."""

    async def namespaces(self, tenant_id: str) -> list[Namespace]:
        return list(self._records)


class LostDeletes(InMemoryVectorIndex):
    """Says that it has deleted."""

    async def delete_chunks(self, namespace: Namespace, chunk_ids: Sequence[str]) -> None:
        pass


class LostDocumentDeletes(InMemoryVectorIndex):
    """Deletes a page of a document."""

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        some = await self.ids(namespace, None, 3, document_id)
        await self.delete_chunks(namespace, [one.chunk_id for one in some])


class CutNames(InMemoryVectorIndex):
    """Takes a document for another that is called nearly the same."""

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        for one in await self.ids(namespace, None, 10_000):
            if one.document_id[:-1] == document_id[:-1]:
                await self.delete_chunks(namespace, [one.chunk_id])


class RevisionsAsText(InMemoryVectorIndex):
    """Takes revision 12 for older than 2."""

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        found = await self.ids(namespace, None, 10_000, document_id)
        parts = {one.chunk_id: split_chunk_id(one.chunk_id) for one in found}
        old = [key for key, part in parts.items() if part and str(part[1]) < str(keep_revision)]
        await self.delete_chunks(namespace, old)


class Rescored(InMemoryVectorIndex):
    """Makes something else of what it has found."""

    def rescored(self, hits: list[Hit]) -> list[Hit]:
        raise NotImplementedError

    async def search(
        self, namespace: Namespace, vector: Vector, limit: int, document_ids: Documents = None
    ) -> list[Hit]:
        return self.rescored(await super().search(namespace, vector, limit, document_ids))


class SwappedOrder(Rescored):
    """Gives the worst first."""

    def rescored(self, hits: list[Hit]) -> list[Hit]:
        return hits[::-1]


class FarthestFound(InMemoryVectorIndex):
    """Finds the farthest."""

    async def search(
        self, namespace: Namespace, vector: Vector, limit: int, document_ids: Documents = None
    ) -> list[Hit]:
        hits = await super().search(namespace, [-x for x in vector], limit, document_ids)
        return [Hit(hit.chunk_id, -hit.score) for hit in hits]


class Distances(Rescored):
    """Scores by distance."""

    def rescored(self, hits: list[Hit]) -> list[Hit]:
        return [Hit(hit.chunk_id, 1 - hit.score) for hit in hits]


class FilteredDistances(InMemoryVectorIndex):
    """Scores by distance where there is a filter."""

    async def search(
        self, namespace: Namespace, vector: Vector, limit: int, document_ids: Documents = None
    ) -> list[Hit]:
        hits = await super().search(namespace, vector, limit, document_ids)
        return hits if document_ids is None else [Hit(hit.chunk_id, 1 - hit.score) for hit in hits]


class Tombstones(InMemoryVectorIndex):
    """Never takes again what was deleted once."""

    def __init__(self) -> None:
        super().__init__()
        self._dead: set[str] = set()

    async def delete_chunks(self, namespace: Namespace, chunk_ids: Sequence[str]) -> None:
        self._dead.update(chunk_ids)
        await super().delete_chunks(namespace, chunk_ids)

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        new = [record for record in records if record.chunk_id not in self._dead]
        await super().upsert(namespace, new)


class HalfCosines(Rescored):
    """Scores from 0 to 1."""

    def rescored(self, hits: list[Hit]) -> list[Hit]:
        return [Hit(hit.chunk_id, (1 + hit.score) / 2) for hit in hits]


class Unfiltered(InMemoryVectorIndex):
    """Takes no notice of a filter."""

    async def search(
        self, namespace: Namespace, vector: Vector, limit: int, document_ids: Documents = None
    ) -> list[Hit]:
        return await super().search(namespace, vector, limit)


class FilteredTooLate(InMemoryVectorIndex):
    """Filters what it has found."""

    async def search(
        self, namespace: Namespace, vector: Vector, limit: int, document_ids: Documents = None
    ) -> list[Hit]:
        hits = await super().search(namespace, vector, limit)
        held = self._records.get(namespace, {})
        return [
            hit
            for hit in hits
            if document_ids is None or held[hit.chunk_id].document_id in document_ids
        ]


class FirstStays(InMemoryVectorIndex):
    """Keeps the old vector under an id."""

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        held = self._records.get(namespace, {})
        new = [record for record in records if record.chunk_id not in held]
        await super().upsert(namespace, new)


class FirstThousand(InMemoryVectorIndex):
    """Writes one batch."""

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        await super().upsert(namespace, records[:1_000])


class HalfWritten(InMemoryVectorIndex):
    """Writes what comes before the record that it refuses."""

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        for record in records:
            await super().upsert(namespace, [record])


class LostUpdates(InMemoryVectorIndex):
    """Reads, waits, writes all back."""

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        held = dict(self._records.get(namespace, {}))
        await asyncio.sleep(0)
        self._records[namespace] = held
        await super().upsert(namespace, records)


class HeldLock(InMemoryVectorIndex):
    """Keeps its lock when it is cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = asyncio.Lock()

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        async with asyncio.timeout(1):
            await self._lock.acquire()
        await asyncio.sleep(0)
        await super().upsert(namespace, records)
        self._lock.release()


class CountsAll(InMemoryVectorIndex):
    """Counts the namespace when it is asked for a document."""

    async def count(self, namespace: Namespace, document_id: str | None = None) -> int:
        return await super().count(namespace)


class LongPages(InMemoryVectorIndex):
    """Gives one more than is asked for."""

    async def ids(
        self, namespace: Namespace, after: str | None, limit: int, document_id: str | None = None
    ) -> list[VectorId]:
        return await super().ids(namespace, after, limit + 1, document_id)


class SkippingPages(InMemoryVectorIndex):
    """Pages by number."""

    async def ids(
        self, namespace: Namespace, after: str | None, limit: int, document_id: str | None = None
    ) -> list[VectorId]:
        found = await super().ids(namespace, None, 10_000, document_id)
        place = [one.chunk_id for one in found].index(after) + 1 if after else 0
        return found[place : place + limit]


class DotProducts(InMemoryVectorIndex):
    """Scores by the product of vectors as they are."""

    async def search(
        self, namespace: Namespace, vector: Vector, limit: int, document_ids: Documents = None
    ) -> list[Hit]:
        hits = await super().search(namespace, vector, limit, document_ids)
        held = self._records.get(namespace, {})
        products = (
            sum(a * b for a, b in zip(held[hit.chunk_id].vector, vector, strict=True))
            for hit in hits
        )
        return [Hit(hit.chunk_id, score) for hit, score in zip(hits, products, strict=True)]


class OneTooMany(InMemoryVectorIndex):
    """Finds one more than is asked for."""

    async def search(
        self, namespace: Namespace, vector: Vector, limit: int, document_ids: Documents = None
    ) -> list[Hit]:
        return await super().search(namespace, vector, limit + 1, document_ids)


class KnownOnly(InMemoryVectorIndex):
    """Fails on a namespace that it does not know."""

    async def count(self, namespace: Namespace, document_id: str | None = None) -> int:
        return len(self._records[namespace])


class FirstOfEqual(InMemoryVectorIndex):
    """Of equal ids in one call, keeps the first."""

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        await super().upsert(namespace, records[::-1])


class BlindWhileWriting(Rescored):
    """Finds nothing while somebody writes."""

    _writers = 0

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        self._writers += 1
        await asyncio.sleep(0)
        await super().upsert(namespace, records)
        self._writers -= 1

    def rescored(self, hits: list[Hit]) -> list[Hit]:
        return [] if self._writers else hits


class Patient(InMemoryVectorIndex):
    """Waits for an answer as long as it takes."""

    async def search(
        self, namespace: Namespace, vector: Vector, limit: int, document_ids: Documents = None
    ) -> list[Hit]:
        await asyncio.sleep(60)
        return []


class SaysUnavailable(Rescored):
    """Takes every failure for an outage."""

    def rescored(self, hits: list[Hit]) -> list[Hit]:
        raise VectorIndexUnavailable


class Raw(Rescored):
    """Lets the errors of its driver through."""

    def rescored(self, hits: list[Hit]) -> list[Hit]:
        raise ConnectionRefusedError
