"""Pinecone's limits and ways, over the wire."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from itertools import pairwise
from math import nan

import pytest

from adapters.pinecone.connection import Creation
from adapters.pinecone.vector_index import PineconeVectorIndex
from application.ports.vector_index import (
    Namespace,
    VectorIndexDeclined,
    VectorIndexUnavailable,
    VectorRecord,
)
from application.testing.vector_index import VectorIndexContract, fresh_id, fresh_namespace
from standins.pinecone_server import Fault, PineconeServer

KEY = "pc-test-key"  # pragma: allowlist secret


class Kit(VectorIndexContract):
    """Makes vectors of four numbers."""

    dimensions = 4


KIT = Kit()


@pytest.fixture
async def server() -> AsyncIterator[PineconeServer]:
    async with PineconeServer(api_key=KEY) as running:
        running.add_index("chunks", 4)
        yield running


@pytest.fixture
async def index(server: PineconeServer) -> AsyncIterator[PineconeVectorIndex]:
    made = PineconeVectorIndex(KEY, "chunks", 4, host=server.url)
    yield made
    await made.aclose()


def sizes(server: PineconeServer, path: str, field: str) -> list[int]:
    return sorted(len(one.body[field]) for one in server.asked(path))


async def test_an_upsert_holds_a_thousand_records_at_most(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    namespace = fresh_namespace()
    await index.upsert(namespace, KIT.records(KIT.cloud(2_300)))
    assert sizes(server, "/vectors/upsert", "vectors") == [300, 1_000, 1_000]
    assert await index.count(namespace) == 2_300


async def test_an_upsert_holds_two_megabytes_at_most(server: PineconeServer) -> None:
    server.add_index("chunks", 1_536)
    index = PineconeVectorIndex(KEY, "chunks", 1_536, host=server.url)
    numbers = [-1.1754943508222875e-38] * 1_535  # no float is longer in JSON
    records = KIT.records([[1.0, *numbers]] * 120)
    namespace = fresh_namespace()
    await index.upsert(namespace, records)
    heaviest = max(one.size for one in server.asked("/vectors/upsert"))
    assert 1_500_000 < heaviest <= 2_000_000
    assert await index.count(namespace) == 120
    await index.aclose()


async def test_no_more_than_four_batches_are_under_way(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    server.faults.append(Fault("/vectors/upsert", delay=0.5, times=6))
    await index.upsert(fresh_namespace(), KIT.records(KIT.cloud(5_500)))
    assert server.most_at_once == 4


async def test_a_delete_names_a_thousand_ids_at_most(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(2_300))
    await index.upsert(namespace, records)
    await index.delete_chunks(namespace, [record.chunk_id for record in records[:2_250]])
    assert sizes(server, "/vectors/delete", "ids") == [250, 1_000, 1_000]
    assert await index.count(namespace) == 50


async def test_a_document_of_many_pages_is_deleted_whole(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(250))
    await index.upsert(namespace, [*records, *KIT.records(KIT.cloud(1))])
    await index.delete_document(namespace, records[0].document_id)
    assert len(server.asked("/vectors/list")) == 3
    assert await index.count(namespace) == 1


@pytest.mark.parametrize("chunk_id", ["chk_ü_1_1", "", "x" * 513, "a\0b", "chk_other_1_1"])
async def test_an_id_that_pinecone_does_not_take_is_refused_before_anything_is_sent(
    server: PineconeServer, index: PineconeVectorIndex, chunk_id: str
) -> None:
    good, other = KIT.records(KIT.cloud(2))
    with pytest.raises(ValueError, match="chunk of its document"):
        await index.upsert(
            fresh_namespace(), [good, VectorRecord(chunk_id, other.document_id, other.vector)]
        )
    assert server.requests == []


@pytest.mark.parametrize("value", [0.0, nan, float("inf")])
async def test_a_vector_without_direction_is_refused_before_anything_is_sent(
    server: PineconeServer, index: PineconeVectorIndex, value: float
) -> None:
    with pytest.raises(ValueError, match="no direction"):
        await index.upsert(fresh_namespace(), KIT.records([[value] * 4]))
    assert server.requests == []


async def test_ids_that_cannot_exist_are_not_asked_for(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(2))
    await index.upsert(namespace, records)
    await index.delete_chunks(namespace, ["ü", "", "x" * 513, records[0].chunk_id])
    assert await index.count(namespace) == 1


async def test_more_hits_than_pinecone_gives_are_not_asked_for(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    assert await index.search(fresh_namespace(), KIT.axis(0), 50_000) == []
    assert server.asked("/query")[-1].body["topK"] == 10_000


async def test_a_filter_of_many_documents_is_asked_in_parts(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    namespace = fresh_namespace()
    near, far, unwanted = (KIT.records([KIT.axis(0, tilt=tilt)]) for tilt in (0.1, 2, 0))
    await index.upsert(namespace, [*near, *far, *unwanted])
    server.requests.clear()
    wanted = [far[0].document_id, *[fresh_id("doc") for _ in range(10_000)], near[0].document_id]
    hits = await index.search(namespace, KIT.axis(0), 2, [*wanted, wanted[0]])
    assert [hit.chunk_id for hit in hits] == [near[0].chunk_id, far[0].chunk_id]
    asked = [one.body["filter"]["document_id"]["$in"] for one in server.asked("/query")]
    assert [len(part) for part in asked] == [10_000, 2]


async def test_a_record_carries_its_ids_and_no_more(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    namespace, [record] = fresh_namespace(), KIT.records(KIT.cloud(1))
    await index.upsert(namespace, [record])
    [asked] = server.asked("/vectors/upsert")
    [sent] = asked.body["vectors"]
    assert sent["metadata"] == {
        "tenant_id": namespace.tenant_id,
        "bot_id": namespace.bot_id,
        "document_id": record.document_id,
        "chunk_id": record.chunk_id,
    }
    assert asked.body["namespace"].split(".") == [
        namespace.tenant_id, namespace.bot_id, namespace.generation_id,
    ]  # fmt: skip


async def test_a_tenant_whose_name_begins_like_anothers_sees_only_its_own(
    index: PineconeVectorIndex,
) -> None:
    one, other = Namespace("ws_1", "bot", "gen"), Namespace("ws_10", "bot", "gen")
    for namespace in (one, other):
        await index.upsert(namespace, KIT.records(KIT.cloud(1)))
    assert await index.namespaces("ws_1") == [one]


async def test_namespaces_come_in_pages(server: PineconeServer, index: PineconeVectorIndex) -> None:
    made = [Namespace("ws_1", f"bot_{number}", "gen") for number in range(130)]
    await asyncio.gather(*(index.upsert(one, KIT.records(KIT.cloud(1))) for one in made))
    assert set(await index.namespaces("ws_1")) == set(made)
    assert len(server.asked("/namespaces")) == 2


async def test_what_others_keep_in_the_index_is_passed_over(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(3))
    await index.upsert(namespace, records)
    store = server.indexes["chunks"].store
    name = server.asked("/vectors/upsert")[0].body["namespace"]
    foreign = {"id": "aaa", "values": [1, 0, 0, 0]}
    for place in (name, f"{namespace.tenant_id}.notes"):
        store.upsert({"namespace": place, "vectors": [foreign]})
    assert await index.namespaces(namespace.tenant_id) == [namespace]
    assert len(await index.ids(namespace, None, 10)) == 3
    assert len(await index.ids(namespace, None, 1)) == 1


async def test_going_through_the_ids_does_not_start_over_with_each_page(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(1_000))
    await index.upsert(namespace, records)
    found: list[str] = []
    while page := await index.ids(namespace, found[-1] if found else None, 70):
        found += [one.chunk_id for one in page]
    assert found == sorted(record.chunk_id for record in records)
    assert len(server.asked("/vectors/list")) < 35


async def test_another_process_goes_on_in_the_middle_of_the_ids(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(300))
    await index.upsert(namespace, records)
    first = await index.ids(namespace, None, 150)
    other = PineconeVectorIndex(KEY, "chunks", 4, host=server.url)
    rest = await other.ids(namespace, first[-1].chunk_id, 500)
    assert len({one.chunk_id for one in (*first, *rest)}) == 300
    await other.aclose()


async def test_a_missing_index_is_created_where_that_is_wanted(server: PineconeServer) -> None:
    server.ready_after = 0.2
    place = Creation("gcp", "europe-west4")
    indexes = [
        PineconeVectorIndex(KEY, "new-one", 4, host=server.url, create=place) for _ in range(3)
    ]
    server.indexes.clear()
    await asyncio.gather(*(one.prepare() for one in indexes))
    made = server.indexes["new-one"]
    assert made.fields["_values"] == {"type": "dense_vector", "dimension": 4, "metric": "cosine"}
    assert (made.cloud, made.region) == ("gcp", "europe-west4")
    for index in indexes:
        await index.aclose()


async def test_an_index_that_another_process_has_just_created_is_used(
    server: PineconeServer,
) -> None:
    server.faults.append(Fault("/indexes/chunks", status=404))
    index = PineconeVectorIndex(KEY, "chunks", 4, host=server.url, create=Creation("aws", "x"))
    assert await index.count(fresh_namespace()) == 0
    assert [one.method for one in server.requests[:3]] == ["GET", "POST", "GET"]
    await index.aclose()


async def test_an_index_that_does_not_become_ready_is_unavailable(server: PineconeServer) -> None:
    server.indexes["chunks"].ready_at = asyncio.get_running_loop().time() + 60
    index = PineconeVectorIndex(KEY, "chunks", 4, host=server.url, ready_within_seconds=0)
    with pytest.raises(VectorIndexUnavailable, match="not ready yet: Initializing"):
        await index.count(fresh_namespace())
    server.indexes["chunks"].ready_at = 0
    assert await index.count(fresh_namespace()) == 0
    await index.aclose()


@pytest.mark.parametrize(
    ("length", "metric", "state", "said", "code"),
    [
        (8, "cosine", "Ready", "of 8 numbers and the embedder makes 4: name", "mismatch"),
        (4, "euclidean", "Ready", "compares by euclidean and not by cosine: name", "mismatch"),
        (4, "cosine", "InitializationFailed", "is InitializationFailed", "rejected"),
    ],
)
async def test_an_index_that_does_not_fit_is_refused_in_words(
    server: PineconeServer,
    index: PineconeVectorIndex,
    length: int,
    metric: str,
    state: str,
    said: str,
    code: str,
) -> None:
    server.add_index("chunks", length, metric).state = state
    for call in (index.prepare(), index.upsert(fresh_namespace(), KIT.records(KIT.cloud(1)))):
        with pytest.raises(VectorIndexDeclined, match=said) as caught:
            await call
        assert caught.value.code == f"vector_index_{code}"
    server.add_index("chunks", 4)
    await index.upsert(fresh_namespace(), KIT.records(KIT.cloud(1)))


async def test_a_missing_index_is_said_to_be_missing(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    server.indexes.clear()
    with pytest.raises(VectorIndexUnavailable, match="has no index chunks: create it with 4"):
        await index.count(fresh_namespace())


async def test_the_index_is_looked_at_once(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    await asyncio.gather(*(index.count(fresh_namespace()) for _ in range(5)))
    assert len(server.asked("/indexes/chunks")) == 1


async def test_a_closed_index_can_be_used_again(index: PineconeVectorIndex) -> None:
    assert await index.count(fresh_namespace()) == 0
    await index.aclose()
    assert await index.count(fresh_namespace()) == 0


async def test_the_loop_goes_on_while_the_sdk_is_loaded(server: PineconeServer) -> None:
    """The SDK's import and its TLS contexts take a second of CPU: they stay off the loop."""
    index = PineconeVectorIndex(KEY, "chunks", 4, host=server.url)
    loop = asyncio.get_running_loop()
    ticks = [loop.time()]

    async def tick() -> None:
        while True:
            await asyncio.sleep(0.005)
            ticks.append(loop.time())

    ticking = asyncio.create_task(tick())
    await index.count(fresh_namespace())
    ticking.cancel()
    assert max(after - before for before, after in pairwise(ticks)) < 0.15
    await index.aclose()


def test_the_sdk_is_imported_by_the_first_call_and_not_before() -> None:
    code = (
        "import sys; from adapters.pinecone.vector_index import PineconeVectorIndex as P;"
        "P('k', 'i', 4); assert not {'pinecone', 'httpx'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
