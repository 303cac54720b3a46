"""The keyword indexes keep their contract, and the contract notices those that do not."""

import inspect
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from adapters._psycopg import Pool
from adapters.memory.keyword_index import (
    InMemoryKeywordIndex,
    InMemoryKeywordPostings,
    InMemoryPostingsStore,
)
from adapters.postgres.keyword_index import PostgresKeywordIndex
from adapters.postgres.keyword_postings import ERASE_BOT, PostgresKeywordPostings
from application.ports.documents import KeywordPostings
from application.ports.keyword_index import KeywordEntry, KeywordScope
from application.ports.vector_index import Hit
from application.testing.keyword_index import (
    KeywordIndexContract,
    KeywordParts,
    fresh_id,
    fresh_scope,
)
from domain.ids import chunk_id


def memory_parts(
    index: type[InMemoryKeywordIndex] = InMemoryKeywordIndex,
    postings: type[InMemoryKeywordPostings] = InMemoryKeywordPostings,
) -> KeywordParts:
    store = InMemoryPostingsStore()

    @asynccontextmanager
    async def unit(tenant_id: str) -> AsyncIterator[KeywordPostings]:
        draft = store.copy()
        yield postings(draft, tenant_id)
        store.replace_with(draft)

    return KeywordParts(index(store), unit)


def postgres_parts(pool: Pool) -> KeywordParts:
    @asynccontextmanager
    async def unit(tenant_id: str) -> AsyncIterator[KeywordPostings]:
        async with pool.begin(tenant_id) as connection:
            yield PostgresKeywordPostings(connection, tenant_id)

    return KeywordParts(PostgresKeywordIndex(pool), unit)


class TestInMemoryKeywordIndex(KeywordIndexContract):
    @pytest.fixture
    def parts(self) -> KeywordParts:
        return memory_parts()


class TestPostgresKeywordIndex(KeywordIndexContract):
    @pytest.fixture
    def parts(self, pool: Pool) -> KeywordParts:
        return postgres_parts(pool)

    async def test_terms_in_most_chunks_of_a_large_bot_give_way(self, parts: KeywordParts) -> None:
        """They are read only where nothing else was asked."""
        scope, document_id = fresh_scope(), fresh_id("doc")
        await parts.put(scope, document_id, [f"the w{n}" for n in range(1_200)])
        assert await parts.found(scope, "the w7") == [chunk_id(document_id, 1, 7)]
        assert len(await parts.found(scope, "the")) == 10

    async def test_an_erased_bot_leaves_no_rows(self, parts: KeywordParts, pool: Pool) -> None:
        scope, other = fresh_scope(), fresh_scope()
        await parts.put(scope, fresh_id("doc"), ["fish", "bird"])
        await parts.put(other, fresh_id("doc"), ["fish"])
        async with pool.begin(scope.tenant_id) as connection:
            for statement in ERASE_BOT:
                await connection.execute(
                    statement, {"tenant_id": scope.tenant_id, "id": scope.bot_id}
                )
            counts = [
                await connection.scalar(text(f"SELECT count(*) FROM keyword_{table}"))
                for table in ("postings", "documents", "totals", "scopes")
            ]
        assert counts == [0, 0, 0, 0]
        assert len(await parts.found(other, "fish")) == 1

    async def test_a_long_chunk_is_counted_as_far_as_it_fits(self, parts: KeywordParts) -> None:
        scope, document_id = fresh_scope(), fresh_id("doc")
        entries = [KeywordEntry(0, ["fish"] * 70_000), KeywordEntry(1, ["fish", "bird"])]
        async with parts.open(scope.tenant_id) as postings:
            await postings.put(scope.bot_id, document_id, 1, "en", entries)
        assert await parts.found(scope, "fish") == [
            chunk_id(document_id, 1, ordinal) for ordinal in (0, 1)
        ]


class LeakyIndex(InMemoryKeywordIndex):
    """Knows no tenants."""

    async def search(
        self,
        scope: KeywordScope,
        terms: Sequence[str],
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        hits: list[Hit] = []
        for tenant_id in {tenant_id for tenant_id, _ in self._store.documents}:
            other = KeywordScope(tenant_id, scope.bot_id)
            hits += await super().search(other, terms, limit, document_ids)
        return hits[:limit]


class BackwardIndex(InMemoryKeywordIndex):
    """Puts the worst first."""

    async def search(
        self,
        scope: KeywordScope,
        terms: Sequence[str],
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        return (await super().search(scope, terms, limit, document_ids))[::-1]


class UnforgettingPostings(InMemoryKeywordPostings):
    """Loses removals."""

    async def remove(self, document_id: str) -> None:
        pass


@pytest.mark.parametrize(
    ("broken", "noticed_by"),
    [
        (lambda: memory_parts(index=LeakyIndex), "test_scopes_do_not_see_each_other"),
        (lambda: memory_parts(index=BackwardIndex), "test_the_score_is_bm25"),
        (lambda: memory_parts(postings=UnforgettingPostings), "test_a_removed_document_is_gone"),
    ],
)
async def test_the_contract_notices_a_broken_index(
    broken: Callable[[], KeywordParts], noticed_by: str
) -> None:
    contract = KeywordIndexContract()
    failed = []
    for name, test in inspect.getmembers(contract, inspect.iscoroutinefunction):
        if name.startswith("test_"):
            try:
                await test(broken())
            except (AssertionError, pytest.fail.Exception):
                failed.append(name)
    assert noticed_by in failed
