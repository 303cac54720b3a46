"""The vector indexes keep their contract, and the contract notices those that do not."""

import inspect
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text

from adapters._psycopg import Pool
from adapters.memory.vector_index import InMemoryVectorIndex
from adapters.pgvector import vector_index
from adapters.pgvector.vector_index import PgVectorIndex
from adapters.postgres.database import make_pool
from application.ports.embedder import Vector
from application.ports.vector_index import (
    Hit,
    Namespace,
    VectorIndex,
    VectorIndexUnavailable,
)
from application.testing.vector_index import VectorIndexContract, fresh_namespace
from domain.errors import Overloaded


class TestInMemoryVectorIndex(VectorIndexContract):
    @pytest.fixture
    def index(self) -> VectorIndex:
        return InMemoryVectorIndex()


class TestPgVectorIndex(VectorIndexContract):
    @pytest.fixture
    def index(self, pool: Pool) -> VectorIndex:
        return PgVectorIndex(pool)


class TestPgVectorIndexOfLongVectors(VectorIndexContract):
    dimensions = 1536

    @pytest.fixture
    def index(self, pool: Pool) -> VectorIndex:
        return PgVectorIndex(pool, exact_limit=10)


class TestPgVectorIndexWithAGraph(VectorIndexContract):
    @pytest.fixture
    def index(self, pool: Pool) -> VectorIndex:
        return PgVectorIndex(pool, exact_limit=10)

    async def has_graph(self, pool: Pool, namespace: Namespace) -> bool:
        async with pool.connect(namespace.tenant_id) as connection:
            question = "SELECT graph FROM vector_namespaces WHERE generation_id = :id"
            return bool(await connection.scalar(text(question), {"id": namespace.generation_id}))

    async def test_a_namespace_gets_its_graph_as_it_grows(
        self, index: VectorIndex, pool: Pool
    ) -> None:
        namespace, records = fresh_namespace(), self.records(self.cloud(100))
        grown = []
        for start in range(0, 100, 5):
            await index.upsert(namespace, records[start : start + 5])
            grown.append(await self.has_graph(pool, namespace))
            [hit] = await index.search(namespace, records[start].vector, 1)
            assert hit.chunk_id == records[start].chunk_id
        assert grown[:2] == [False, False]
        assert all(grown[4:])

    async def test_a_namespace_that_has_become_small_is_scanned_again(
        self, index: VectorIndex, pool: Pool
    ) -> None:
        namespace, records = fresh_namespace(), self.records(self.cloud(60))
        await index.upsert(namespace, records)
        assert await self.has_graph(pool, namespace)
        await index.delete_chunks(namespace, [record.chunk_id for record in records[4:]])
        assert not await self.has_graph(pool, namespace)
        assert len(await index.search(namespace, records[50].vector, 10)) == 4

    async def test_a_large_namespace_is_deleted_bit_by_bit_and_named_until_all_is_gone(
        self, index: VectorIndex, pool: Pool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(vector_index, "_DELETED_AT_ONCE", 20)
        namespace, other = fresh_namespace(), fresh_namespace()
        await index.upsert(namespace, self.records(self.cloud(50)))
        await index.upsert(other, self.records(self.cloud(3)))
        seen = []
        for _ in range(3):
            more = await index.delete_namespace(namespace)
            named = namespace in await index.namespaces(namespace.tenant_id)
            seen.append((more, await index.count(namespace), named))
        assert seen == [(True, 30, True), (True, 10, True), (False, 0, False)]
        assert await index.count(other) == 3

    async def test_a_needle_in_the_graph_of_others_is_found(self, index: VectorIndex) -> None:
        """All rows of one bot share a graph with the generation that is being built."""
        old = fresh_namespace()
        new = replace(old, generation_id=fresh_namespace().generation_id)
        await index.upsert(old, self.records(self.cloud(1_500)))
        few = self.records(self.cloud(12, seed=5))
        await index.upsert(new, few)
        hits = await index.search(new, self.cloud(1, seed=6)[0], 12)
        assert {hit.chunk_id for hit in hits} == {record.chunk_id for record in few}


async def test_a_database_that_does_not_answer_is_unavailable() -> None:
    pool = make_pool("postgresql://nobody@127.0.0.1:1/none")
    index = PgVectorIndex(pool)
    with pytest.raises(VectorIndexUnavailable):
        await index.search(fresh_namespace(), [1.0, 0.0], 1)
    with pytest.raises(VectorIndexUnavailable):
        await index.upsert(fresh_namespace(), VectorIndexContract().records([[1.0, 0.0]]))
    await pool.dispose()


async def test_an_exhausted_pool_is_no_outage_of_the_store(postgres_url: str) -> None:
    pool = make_pool(postgres_url, size=1, patience=0.05)
    async with pool.connect(None):
        with pytest.raises(Overloaded):
            await PgVectorIndex(pool).count(fresh_namespace())
    await pool.dispose()


class LeakyIndex(InMemoryVectorIndex):
    """Knows no tenants."""

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        hits: list[Hit] = []
        for held in list(self._records):
            if replace(held, tenant_id=namespace.tenant_id) == namespace:
                hits += await super().search(held, vector, limit, document_ids)
        return hits[:limit]


class UnforgettingIndex(InMemoryVectorIndex):
    """Loses deletes."""

    async def delete_chunks(self, namespace: Namespace, chunk_ids: Sequence[str]) -> None:
        pass


class BackwardIndex(InMemoryVectorIndex):
    """Scores by distance."""

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        hits = await super().search(namespace, vector, limit, document_ids)
        return [Hit(hit.chunk_id, 1 - hit.score) for hit in hits]


class UnfilteredIndex(InMemoryVectorIndex):
    """Takes no notice of a filter."""

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        return await super().search(namespace, vector, limit)


@pytest.mark.parametrize(
    ("broken", "noticed_by"),
    [
        (LeakyIndex, "test_namespaces_do_not_see_each_other"),
        (UnforgettingIndex, "test_deleted_chunks_are_gone"),
        (BackwardIndex, "test_the_nearest_come_first"),
        (UnfilteredIndex, "test_a_filter_keeps_to_its_documents"),
    ],
)
async def test_the_contract_notices_a_broken_index(
    broken: type[VectorIndex], noticed_by: str
) -> None:
    contract = VectorIndexContract()
    failed = []
    for name, test in inspect.getmembers(contract, inspect.iscoroutinefunction):
        if name.startswith("test_"):
            try:
                await test(broken())
            except (AssertionError, pytest.fail.Exception):
                failed.append(name)
    assert noticed_by in failed
