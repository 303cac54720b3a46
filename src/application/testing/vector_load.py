"""What the contract of a VectorIndex says of many records, many callers and a store that is away."""

import asyncio
from collections.abc import Coroutine

import pytest

from application.ports.vector_index import (
    Hit,
    VectorIndex,
    VectorIndexUnavailable,
    VectorRecord,
)
from application.testing.vector_listing import VectorListingContract, fresh_namespace


class VectorLoadContract(VectorListingContract):
    """A subclass gives the fixture `index` and, where it asks a server, those of its failures."""

    patience_s = 30.0

    @pytest.fixture
    def unreachable(self) -> VectorIndex | None:
        """Return an index of this technology whose server is not there (None: it asks none)."""
        return None

    @pytest.fixture
    def silent(self) -> VectorIndex | None:
        """Return one whose server takes requests and never answers, with deadlines of a second or so."""
        return None

    @pytest.fixture
    def declining(self) -> VectorIndex | None:
        """Return one whose server does not take the key."""
        return None

    @pytest.fixture
    def limiting(self) -> VectorIndex | None:
        """Return one whose server takes no more requests for a minute."""
        return None

    async def test_concurrent_writers_lose_nothing(self, index: VectorIndex) -> None:
        namespace = fresh_namespace()
        parts = [self.records(self.cloud(20, seed=seed)) for seed in range(12)]
        shared = self.records(self.cloud(30, seed=99))

        async def write(part: list[VectorRecord]) -> list[Hit]:
            await index.upsert(namespace, [*part, *shared])
            await index.upsert(namespace, [*reversed(shared), *part])
            return await index.search(namespace, part[0].vector, 1)

        answers = await asyncio.gather(*map(write, parts))
        assert await self.settled(lambda: index.count(namespace), 270) == 270
        if not self.visible_within_s:
            assert [hit.chunk_id for [hit] in answers] == [part[0].chunk_id for part in parts]

    async def test_a_large_batch_is_written_found_and_deleted_whole(
        self, index: VectorIndex
    ) -> None:
        namespace, vectors = fresh_namespace(), self.cloud(1_200)
        records = self.records(vectors)
        await self.fill(index, namespace, records)
        for number in (0, 999, 1_000, 1_199):
            [hit] = await index.search(namespace, vectors[number], 1)
            assert hit.chunk_id == records[number].chunk_id
        document_id = records[0].document_id
        assert await index.count(namespace, document_id) == 1_200
        listed = await index.ids(namespace, None, 2_000)
        assert {one.chunk_id for one in listed} == {record.chunk_id for record in records}
        await index.delete_chunks(namespace, [record.chunk_id for record in records[:-1]])
        assert await self.found(index, namespace, vectors[0], {records[-1].chunk_id}) == {
            records[-1].chunk_id
        }

    async def test_readers_are_not_disturbed_by_writers(self, index: VectorIndex) -> None:
        namespace = fresh_namespace()
        kept = self.records([self.axis(0), self.axis(2)])
        passing = [self.records(self.cloud(10, seed=seed)) for seed in range(6)]
        await self.fill(index, namespace, kept)

        async def write_and_delete(part: list[VectorRecord]) -> None:
            await index.upsert(namespace, part)
            await index.delete_document(namespace, part[0].document_id)

        async def read() -> list[list[str]]:
            answers = []
            for _ in range(6):
                hits = await index.search(namespace, self.axis(0), 1, [kept[0].document_id])
                answers.append([hit.chunk_id for hit in hits])
                await asyncio.sleep(0)
            return answers

        reading = asyncio.gather(*(read() for _ in range(4)))
        await asyncio.gather(*map(write_and_delete, passing))
        assert await reading == [[[kept[0].chunk_id]] * 6] * 4
        assert await self.settled(lambda: index.count(namespace), 2) == 2

    async def test_a_cancelled_call_stops_nobody_else(self, index: VectorIndex) -> None:
        namespace, records = fresh_namespace(), self.records(self.cloud(300))
        await self.fill(index, namespace, records[:5])
        for turns in range(5):
            calls = [
                asyncio.ensure_future(index.upsert(namespace, records)),
                asyncio.ensure_future(index.search(namespace, records[0].vector, 5)),
            ]
            for _ in range(turns):
                await asyncio.sleep(0)
            for call in calls:
                call.cancel()
            ended = await asyncio.gather(*calls, return_exceptions=True)
            failed = [one for one in ended if isinstance(one, Exception)]
            assert not failed
        async with asyncio.timeout(30):
            await index.upsert(namespace, records)
            assert await self.settled(lambda: index.count(namespace), 300) == 300
            [hit] = await index.search(namespace, records[7].vector, 1)
        assert hit.chunk_id == records[7].chunk_id

    async def test_a_store_that_cannot_be_reached_is_unavailable(
        self, unreachable: VectorIndex | None
    ) -> None:
        errors = await self._errors(unreachable)
        assert {name: it for name, it in errors.items() if not _is_outage(it)} == {}

    async def test_a_store_that_never_answers_is_unavailable_in_time(
        self, silent: VectorIndex | None
    ) -> None:
        errors = await self._errors(silent)
        assert {name: it for name, it in errors.items() if not _is_outage(it)} == {}

    async def test_a_refused_key_is_no_outage_of_the_store(
        self, declining: VectorIndex | None
    ) -> None:
        errors = await self._errors(declining)
        assert {name: _refusal(it) for name, it in errors.items()} == dict.fromkeys(
            errors, "vector_index_rejected"
        )

    async def test_too_many_requests_are_no_outage_of_the_store(
        self, limiting: VectorIndex | None
    ) -> None:
        errors = await self._errors(limiting)
        assert {name: _refusal(it) for name, it in errors.items()} == dict.fromkeys(
            errors, "vector_index_rate_limited"
        )

    async def _errors(self, index: VectorIndex | None) -> dict[str, object]:
        """Return what each call raised, or what it gave; all at once and within `patience_s`."""
        if index is None:
            pytest.skip("a real service cannot be made to fail here")
        namespace, records = fresh_namespace(), self.records(self.cloud(1))
        document_id = records[0].document_id
        calls: dict[str, Coroutine[object, object, object]] = {
            "upsert": index.upsert(namespace, records),
            "search": index.search(namespace, records[0].vector, 1),
            "delete_chunks": index.delete_chunks(namespace, [records[0].chunk_id]),
            "delete_document": index.delete_document(namespace, document_id),
            "delete_namespace": index.delete_namespace(namespace),
            "count": index.count(namespace),
            "ids": index.ids(namespace, None, 1),
            "namespaces": index.namespaces(namespace.tenant_id),
        }
        async with asyncio.timeout(self.patience_s):
            ended = await asyncio.gather(*calls.values(), return_exceptions=True)
        return dict(zip(calls, ended, strict=True))


def _is_outage(ended: object) -> bool:
    return isinstance(ended, VectorIndexUnavailable) and not ended.is_refusal


def _refusal(ended: object) -> object:
    """Return the code of a refusal, and anything else as it is."""
    is_refusal = isinstance(ended, VectorIndexUnavailable) and ended.is_refusal
    return ended.code if is_refusal and isinstance(ended, VectorIndexUnavailable) else ended
