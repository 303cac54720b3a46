"""Contract of every VectorIndex."""

import pytest

from application.ports.embedder import Vector
from application.ports.vector_index import Namespace, VectorIndex, VectorRecord
from application.testing.vector_listing import fresh_id, fresh_namespace
from application.testing.vector_load import VectorLoadContract

__all__ = ["VectorIndexContract", "fresh_id", "fresh_namespace"]


class VectorIndexContract(VectorLoadContract):
    """Subclass it in a test module and give the fixture `index`.

    Each test works in namespaces of its own, so the index may hold other things. An index that
    shows writes only after a while says how long at most in `visible_within_s`; one that asks a
    server gives the fixtures `unreachable`, `silent`, `declining` and `limiting` too.
    """

    async def test_the_nearest_come_first(self, index: VectorIndex) -> None:
        namespace = fresh_namespace()
        opposite = [-value for value in self.axis(0)]
        vectors = [self.axis(1), self.axis(0), opposite, self.axis(0, tilt=4 / 3)]
        records = self.records(vectors)
        await self.fill(index, namespace, records)
        hits = await index.search(namespace, self.axis(0), 4)
        assert [hit.chunk_id for hit in hits] == [records[i].chunk_id for i in (1, 3, 0, 2)]
        assert [hit.score for hit in hits] == pytest.approx([1, 0.6, 0, -1], abs=self.tolerance)

    async def test_the_score_is_the_cosine_whatever_the_lengths(self, index: VectorIndex) -> None:
        namespace = fresh_namespace()
        await self.fill(index, namespace, self.records([[3 * value for value in self.axis(0)]]))
        [hit] = await index.search(namespace, [0.5 * value for value in self.axis(0)], 1)
        assert hit.score == pytest.approx(1.0, abs=self.tolerance)

    async def test_no_more_than_the_limit_is_found(self, index: VectorIndex) -> None:
        namespace = fresh_namespace()
        await self.fill(index, namespace, self.records(self.cloud(30)))
        assert len(await index.search(namespace, self.axis(0), 7)) == 7
        assert len(await index.search(namespace, self.axis(0), 50)) == 30
        assert await index.search(namespace, self.axis(0), 0) == []

    async def test_the_nearest_of_many_are_found(self, index: VectorIndex) -> None:
        namespace, vectors = fresh_namespace(), self.cloud(600)
        records = self.records(vectors)
        await self.fill(index, namespace, records)
        for number in (0, 299, 599):
            hits = await index.search(namespace, vectors[number], 10)
            assert hits[0].chunk_id == records[number].chunk_id
            assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
            cosines = sorted((_dot(vectors[number], other) for other in vectors), reverse=True)
            recalled = sum(hit.score >= cosines[9] - self.tolerance for hit in hits)
            assert recalled >= 9

    async def test_an_unknown_namespace_is_empty(self, index: VectorIndex) -> None:
        namespace = fresh_namespace()
        assert await index.search(namespace, self.axis(0), 5) == []
        assert await index.count(namespace) == 0
        await index.upsert(namespace, [])
        await index.delete_chunks(namespace, ["chk_unknown", fresh_id("chk")])
        await index.delete_document(namespace, fresh_id("doc"))
        assert not await index.delete_namespace(namespace)
        assert await index.count(namespace) == 0
        assert await index.namespaces(namespace.tenant_id) == []  # to look makes none

    async def test_namespaces_do_not_see_each_other(self, index: VectorIndex) -> None:
        own = fresh_namespace()
        others = [
            Namespace(fresh_id("ws"), own.bot_id, own.generation_id),
            Namespace(own.tenant_id, fresh_id("bot"), own.generation_id),
            Namespace(own.tenant_id, own.bot_id, fresh_id("gen")),
        ]
        [record] = self.records([self.axis(0, tilt=0.5)])
        await self.fill(index, own, [record])
        for other in others:
            assert await index.search(other, self.axis(0), 5) == []
            assert await index.search(other, self.axis(0), 5, [record.document_id]) == []
            assert await index.count(other) == 0
            # The same ids there are other chunks: neither writing nor deleting them is felt here.
            await self.fill(index, other, self.records([self.axis(0)], record.document_id))
            await self._is_alone(index, own, record)
            await index.delete_document(other, record.document_id, keep_revision=9)
            await index.delete_chunks(other, [record.chunk_id])
            await index.delete_document(other, record.document_id)
            await self.emptied(index, other)
        await self._is_alone(index, own, record)

    async def _is_alone(self, index: VectorIndex, own: Namespace, record: VectorRecord) -> None:
        """Assert that a namespace shows this one record, whichever way it is asked."""
        cosine = pytest.approx(_dot(self.axis(0), record.vector), abs=self.tolerance)
        for documents in (None, [record.document_id]):
            hits = await index.search(own, self.axis(0), 5, documents)
            assert [hit.chunk_id for hit in hits] == [record.chunk_id]
            assert hits[0].score == cosine
        for document_id in (None, record.document_id):
            assert await index.count(own, document_id) == 1
            listed = await index.ids(own, None, 5, document_id)
            assert [one.chunk_id for one in listed] == [record.chunk_id]

    async def test_the_same_id_again_replaces(self, index: VectorIndex) -> None:
        namespace, document_id = fresh_namespace(), fresh_id("doc")
        await self.fill(index, namespace, self.records([self.axis(0), self.axis(2)], document_id))
        again = self.records([self.axis(4)], document_id)

        async def read() -> float:
            await index.upsert(namespace, again)
            [hit, *_] = await index.search(namespace, self.axis(4), 2)
            return round(hit.score, 1)

        assert await self.settled(read, 1.0) == 1.0
        assert await index.count(namespace) == 2

    async def test_the_last_of_equal_ids_in_one_call_stays(self, index: VectorIndex) -> None:
        namespace, document_id = fresh_namespace(), fresh_id("doc")
        twice = [self.records([self.axis(axis)], document_id)[0] for axis in (0, 2)]
        await self.fill(index, namespace, twice)
        [hit] = await index.search(namespace, self.axis(2), 5)
        assert hit.score == pytest.approx(1.0, abs=self.tolerance)

    async def test_a_filter_keeps_to_its_documents(self, index: VectorIndex) -> None:
        namespace = fresh_namespace()
        near, middle, far = (self.records([self.axis(0, tilt=tilt)]) for tilt in (0, 1, 4))
        await self.fill(index, namespace, [*near, *middle, *far])
        documents = [middle[0].document_id, far[0].document_id]
        hits = await index.search(namespace, self.axis(0), 5, documents)
        assert [hit.chunk_id for hit in hits] == [middle[0].chunk_id, far[0].chunk_id]
        cosines = [_dot(self.axis(0), one.vector) for one in (*middle, *far)]
        assert [hit.score for hit in hits] == pytest.approx(cosines, abs=self.tolerance)
        assert await index.search(namespace, self.axis(0), 5, []) == []
        assert await index.search(namespace, self.axis(0), 5, [fresh_id("doc")]) == []

    async def test_a_filter_finds_the_few_among_many(self, index: VectorIndex) -> None:
        namespace, vectors = fresh_namespace(), self.cloud(400)
        few, many = self.records(vectors[:5]), self.records(vectors[5:])
        await self.fill(index, namespace, [*few, *many])
        expected = {record.chunk_id for record in few}
        document_ids = [few[0].document_id]
        seen = await self.found(index, namespace, vectors[200], expected, document_ids)
        assert seen == expected
        hits = await index.search(namespace, vectors[200], 10, [many[0].document_id])
        assert hits[0].chunk_id == many[195].chunk_id
        assert len(hits) == 10

    async def test_deleted_chunks_are_gone(self, index: VectorIndex) -> None:
        namespace = fresh_namespace()
        records = self.records(self.cloud(5))
        ids = [record.chunk_id for record in records]
        await self.fill(index, namespace, records)
        await index.delete_chunks(namespace, [ids[1], ids[3], fresh_id("chk")])
        await index.delete_chunks(namespace, [])
        expected = {ids[0], ids[2], ids[4]}
        assert await self.found(index, namespace, records[1].vector, expected) == expected
        assert await self.settled(lambda: index.count(namespace), 3) == 3
        await index.delete_chunks(namespace, ids[:2])
        expected = {ids[2], ids[4]}
        assert await self.found(index, namespace, records[1].vector, expected) == expected
        await index.upsert(namespace, records[:1])  # what was deleted can be written again
        expected.add(ids[0])
        assert await self.found(index, namespace, records[0].vector, expected) == expected

    async def test_a_deleted_document_is_gone(self, index: VectorIndex) -> None:
        namespace = fresh_namespace()
        kept, gone = self.records(self.cloud(4)), self.records(self.cloud(4, seed=8))
        await self.fill(index, namespace, [*kept, *gone])
        document_id = gone[0].document_id
        assert await index.count(namespace, document_id) == 4
        await index.delete_document(namespace, document_id)
        expected = {record.chunk_id for record in kept}
        assert await self.found(index, namespace, gone[0].vector, expected) == expected
        assert await self.found(index, namespace, gone[0].vector, set(), [document_id]) == set()
        assert await self.settled(lambda: index.count(namespace, document_id), 0) == 0
        assert await index.count(namespace, kept[0].document_id) == 4

    async def test_a_document_of_nearly_the_same_id_is_another(self, index: VectorIndex) -> None:
        namespace, document_id = fresh_namespace(), fresh_id("doc")[:-1]
        one, other = (self.records(self.cloud(2), f"{document_id}{last}") for last in "ab")
        await self.fill(index, namespace, [*one, *other])
        await index.delete_document(namespace, one[0].document_id)
        expected = {record.chunk_id for record in other}
        assert await self.found(index, namespace, one[0].vector, expected) == expected
        assert await index.count(namespace, other[0].document_id) == 2

    async def test_a_kept_revision_stays_and_so_do_later_ones(self, index: VectorIndex) -> None:
        namespace, document_id = fresh_namespace(), fresh_id("doc")
        revisions = {
            number: self.records(self.cloud(2, seed=number), document_id, number)
            for number in (1, 2, 12, 21)
        }
        await self.fill(index, namespace, [one for part in revisions.values() for one in part])
        await index.delete_document(namespace, document_id, keep_revision=2)
        expected = {one.chunk_id for number in (2, 12, 21) for one in revisions[number]}
        assert await self.found(index, namespace, self.axis(0), expected) == expected

    async def test_a_deleted_namespace_can_be_used_again(self, index: VectorIndex) -> None:
        namespace = fresh_namespace()
        await self.fill(index, namespace, self.records(self.cloud(40)))
        await self.emptied(index, namespace)
        assert await self.settled(lambda: index.count(namespace), 0) == 0
        assert await self.found(index, namespace, self.axis(0), set()) == set()
        records = self.records([self.axis(0)])
        await self.fill(index, namespace, records)
        assert await self.found(index, namespace, self.axis(0), {records[0].chunk_id})

    async def test_vectors_of_another_length_are_refused(self, index: VectorIndex) -> None:
        namespace = fresh_namespace()
        await self.fill(index, namespace, self.records([self.axis(0)]))
        short = self.axis(0)[:-1]
        with pytest.raises(ValueError, match=r"."):
            await index.upsert(namespace, self.records([self.axis(2), short]))
        with pytest.raises(ValueError, match=r"."):
            await index.search(namespace, short, 5)
        assert await index.count(namespace) == 1


def _dot(left: Vector, right: Vector) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True))
