"""The contract of a vector index, on the one that is set up here."""

from collections.abc import AsyncIterator
from time import perf_counter

import pytest

from application.ports.vector_index import VectorIndex
from application.testing.vector_index import VectorIndexContract, fresh_namespace
from entrypoints.kit.subject import Subject
from entrypoints.kit.watched import WatchedVectorIndex


@pytest.fixture(scope="session")
async def watched(subject: Subject) -> AsyncIterator[WatchedVectorIndex]:
    """The index, with what it was told to write."""
    index = WatchedVectorIndex(subject.part)
    try:
        yield index
    finally:
        await index.clean_up_at_the_end()


class TestVectorIndex(VectorIndexContract):
    """In namespaces of tenants that there are not; each test's are emptied after it."""

    @pytest.fixture
    async def index(
        self, subject: Subject, watched: WatchedVectorIndex
    ) -> AsyncIterator[VectorIndex]:
        self.dimensions = subject.dimensions
        try:
            yield watched
        finally:
            await watched.clean_up()

    async def test_what_was_written_is_found_at_once(
        self, subject: Subject, index: VectorIndex
    ) -> None:
        namespace, records = fresh_namespace(), self.records(self.cloud(100))
        start = perf_counter()
        await index.upsert(namespace, records)
        written = perf_counter()
        hits = await index.search(namespace, records[0].vector, 1)
        searched = perf_counter()
        assert [hit.chunk_id for hit in hits] == [records[0].chunk_id]
        subject.found["100 vectors written in"] = f"{1000 * (written - start):.0f} ms"
        subject.found["then searched in"] = f"{1000 * (searched - written):.1f} ms"
