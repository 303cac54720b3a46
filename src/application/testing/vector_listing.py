"""What the contract of a VectorIndex works with, and what it says of listing."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from math import hypot
from random import Random
from secrets import token_bytes
from typing import TypeVar

import pytest

from application.ports.embedder import Vector
from application.ports.vector_index import Namespace, VectorIndex, VectorRecord
from application.testing.contract import Contract
from domain.ids import chunk_id, make_id

T = TypeVar("T")

_POLL_S = 0.2
_STEPS = 1_000


def fresh_id(prefix: str) -> str:
    """Return an id that nothing has yet."""
    return make_id(prefix, 1_700_000_000_000, token_bytes(10))


def fresh_namespace() -> Namespace:
    """Return a namespace that nobody has written to."""
    return Namespace(fresh_id("ws"), fresh_id("bot"), fresh_id("gen"))


class VectorListingContract(Contract):
    """A subclass gives the fixture `index`.

    Each test works in namespaces of its own, so the index may hold other things. An index that
    shows writes only after a while says how long at most in `visible_within_s`.
    """

    dimensions = 384
    visible_within_s = 0.0
    tolerance = 2e-3  # vectors may be stored as 16-bit floats

    @pytest.fixture
    def index(self) -> VectorIndex:
        """Return the index under test, in working order."""
        raise NotImplementedError

    def axis(self, number: int, *, tilt: float = 0.0) -> list[float]:
        """Return the unit vector of a dimension, tilted towards the next one."""
        vector = [0.0] * self.dimensions
        vector[number], vector[number + 1] = 1.0, tilt
        return _unit(vector)

    def cloud(self, count: int, seed: int = 7) -> list[list[float]]:
        """Return unit vectors that point anywhere."""
        random = Random(seed)  # noqa: S311 - test data
        vectors = [[random.gauss(0, 1) for _ in range(self.dimensions)] for _ in range(count)]
        return [_unit(vector) for vector in vectors]

    def records(
        self, vectors: Sequence[Vector], document_id: str | None = None, revision: int = 1
    ) -> list[VectorRecord]:
        """Return the vectors as the chunks of one document."""
        document_id = document_id or fresh_id("doc")
        return [
            VectorRecord(chunk_id(document_id, revision, ordinal), document_id, vector)
            for ordinal, vector in enumerate(vectors)
        ]

    async def settled(self, read: Callable[[], Awaitable[T]], expected: T) -> T:
        """Return what `read` gives, as soon as that is `expected` or it has had its time."""
        waited = 0.0
        while (seen := await read()) != expected and waited < self.visible_within_s:
            await asyncio.sleep(_POLL_S)
            waited += _POLL_S
        return seen

    async def fill(
        self, index: VectorIndex, namespace: Namespace, records: Sequence[VectorRecord]
    ) -> None:
        """Write records into an empty namespace and see to it that they can be found."""
        await index.upsert(namespace, records)
        count = len({record.chunk_id for record in records})
        assert await self.settled(lambda: index.count(namespace), count) == count

    async def emptied(self, index: VectorIndex, namespace: Namespace) -> None:
        """Remove everything in a namespace, in no more steps than anybody needs."""
        for _ in range(_STEPS):
            if not await index.delete_namespace(namespace):
                return
        raise AssertionError("delete_namespace always says that more may be left")

    async def found(
        self,
        index: VectorIndex,
        namespace: Namespace,
        vector: Vector,
        expected: set[str],
        document_ids: Sequence[str] | None = None,
    ) -> set[str]:
        """Return the ids of the nearest 10 chunks, waiting a while for the `expected` ones."""

        async def read() -> set[str]:
            hits = await index.search(namespace, vector, 10, document_ids)
            return {hit.chunk_id for hit in hits}

        return await self.settled(read, expected)

    async def listed(
        self, index: VectorIndex, namespace: Namespace, document_id: str | None = None
    ) -> list[tuple[str, str]]:
        """Return chunk and document of every vector, read in pages of three."""
        found: list[tuple[str, str]] = []
        while page := await index.ids(namespace, found[-1][0] if found else None, 3, document_id):
            assert len(page) <= 3
            found += [(one.chunk_id, one.document_id) for one in page]
        return found

    async def test_every_vector_is_on_one_page(self, index: VectorIndex) -> None:
        namespace = fresh_namespace()
        assert await self.listed(index, namespace) == []
        one, other = self.records(self.cloud(7)), self.records(self.cloud(4, seed=8))
        await self.fill(index, namespace, [*one, *other])
        await self.fill(index, fresh_namespace(), self.records(self.cloud(2)))
        found = await self.listed(index, namespace)
        assert sorted(found) == sorted((r.chunk_id, r.document_id) for r in (*one, *other))
        assert await self.listed(index, namespace) == found
        [following] = await index.ids(namespace, found[0][0], 1)
        assert following.chunk_id == found[1][0]
        of_one = await self.listed(index, namespace, other[0].document_id)
        assert sorted(of_one) == sorted((r.chunk_id, r.document_id) for r in other)
        assert await self.listed(index, namespace, fresh_id("doc")) == []

    async def test_pages_go_on_after_what_was_deleted_meanwhile(self, index: VectorIndex) -> None:
        namespace, records = fresh_namespace(), self.records(self.cloud(6))
        await self.fill(index, namespace, records)
        first = [one.chunk_id for one in await index.ids(namespace, None, 3)]
        await index.delete_chunks(namespace, first)
        rest = [one.chunk_id for one in await index.ids(namespace, first[-1], 10)]
        assert sorted(first + rest) == sorted(record.chunk_id for record in records)

    async def test_a_tenants_namespaces_are_found(self, index: VectorIndex) -> None:
        one = fresh_namespace()
        twin = Namespace(one.tenant_id, one.bot_id, fresh_id("gen"))
        other = Namespace(one.tenant_id, fresh_id("bot"), fresh_id("gen"))
        assert await index.namespaces(one.tenant_id) == []
        for namespace in (one, twin, other, fresh_namespace()):
            await self.fill(index, namespace, self.records(self.cloud(2)))

        async def found() -> set[Namespace]:
            seen = await index.namespaces(one.tenant_id)
            assert len(seen) == len(set(seen))
            return set(seen)

        assert await self.settled(found, {one, twin, other}) == {one, twin, other}
        await self.emptied(index, twin)
        assert await self.settled(found, {one, other}) == {one, other}


def _unit(vector: Vector) -> list[float]:
    length = hypot(*vector)
    return [value / length for value in vector]
