"""The contract kit of vector indexes fails indexes that are broken, and for the right reason."""

import asyncio
import inspect
from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.embedder import Vector
from application.ports.vector_index import Hit, Namespace, VectorId, VectorIndex, VectorRecord
from application.testing.vector_index import VectorIndexContract
from domain.ids import split_chunk_id


class Kit(VectorIndexContract):
    """The kit with short vectors, so that it is quick."""

    dimensions = 16


class TestTheHealthyIndex(Kit):
    @pytest.fixture
    def index(self) -> VectorIndex:
        return InMemoryVectorIndex()


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


class LeakyDeletes(InMemoryVectorIndex):
    """Deletes a generation in the index of every bot."""

    async def delete_namespace(self, namespace: Namespace) -> None:
        for held in list(self._records):
            if held.tenant_id == namespace.tenant_id:
                await super().delete_namespace(held)


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


class SwappedOrder(InMemoryVectorIndex):
    """Gives the worst first."""

    async def search(
        self, namespace: Namespace, vector: Vector, limit: int, document_ids: Documents = None
    ) -> list[Hit]:
        return (await super().search(namespace, vector, limit, document_ids))[::-1]


class FarthestFound(InMemoryVectorIndex):
    """Finds the farthest."""

    async def search(
        self, namespace: Namespace, vector: Vector, limit: int, document_ids: Documents = None
    ) -> list[Hit]:
        hits = await super().search(namespace, [-x for x in vector], limit, document_ids)
        return [Hit(hit.chunk_id, -hit.score) for hit in hits]


class Distances(InMemoryVectorIndex):
    """Scores by distance."""

    async def search(
        self, namespace: Namespace, vector: Vector, limit: int, document_ids: Documents = None
    ) -> list[Hit]:
        hits = await super().search(namespace, vector, limit, document_ids)
        return [Hit(hit.chunk_id, 1 - hit.score) for hit in hits]


class HalfCosines(InMemoryVectorIndex):
    """Scores from 0 to 1."""

    async def search(
        self, namespace: Namespace, vector: Vector, limit: int, document_ids: Documents = None
    ) -> list[Hit]:
        hits = await super().search(namespace, vector, limit, document_ids)
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


class Raw(InMemoryVectorIndex):
    """Lets the errors of its driver through."""

    async def search(
        self, namespace: Namespace, vector: Vector, limit: int, document_ids: Documents = None
    ) -> list[Hit]:
        raise ConnectionRefusedError


@pytest.mark.parametrize(
    ("broken", "noticed_by"),
    [
        (LeakyReads, "test_namespaces_do_not_see_each_other"),
        (LeakyDeletes, "test_namespaces_do_not_see_each_other"),
        (LeakyNames, "test_a_tenants_namespaces_are_found"),
        (LostDeletes, "test_deleted_chunks_are_gone"),
        (LostDocumentDeletes, "test_a_deleted_document_is_gone"),
        (CutNames, "test_a_document_of_nearly_the_same_id_is_another"),
        (RevisionsAsText, "test_a_kept_revision_stays_and_so_do_later_ones"),
        (SwappedOrder, "test_the_nearest_come_first"),
        (FarthestFound, "test_the_nearest_of_many_are_found"),
        (Distances, "test_the_nearest_come_first"),
        (HalfCosines, "test_the_nearest_come_first"),
        (Unfiltered, "test_a_filter_keeps_to_its_documents"),
        (FilteredTooLate, "test_a_filter_finds_the_few_among_many"),
        (FirstStays, "test_the_same_id_again_replaces"),
        (FirstThousand, "test_a_large_batch_is_written_found_and_deleted_whole"),
        (HalfWritten, "test_vectors_of_another_length_are_refused"),
        (LostUpdates, "test_concurrent_writers_lose_nothing"),
        (HeldLock, "test_a_cancelled_call_stops_nobody_else"),
        (CountsAll, "test_a_deleted_document_is_gone"),
        (LongPages, "test_every_vector_is_on_one_page"),
        (SkippingPages, "test_pages_go_on_after_what_was_deleted_meanwhile"),
        (Raw, "test_a_store_that_cannot_be_reached_is_unavailable"),
    ],
)
async def test_the_kit_notices_a_broken_index(broken: type[VectorIndex], noticed_by: str) -> None:
    test = getattr(Kit(), noticed_by)
    with pytest.raises((AssertionError, ValueError, pytest.fail.Exception, TimeoutError)):
        await test(broken())


def test_every_test_of_the_kit_can_be_run_with_an_index_alone() -> None:
    tests = inspect.getmembers(Kit, inspect.iscoroutinefunction)
    wants = {name: list(inspect.signature(test).parameters)[1:] for name, test in tests}
    asked = {tuple(one) for name, one in wants.items() if name.startswith("test_")}
    assert asked == {("index",), ("unreachable",)}
