"""Pinecone's failures over the wire: what is tried again, what is not, and what the caller hears."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from adapters.pinecone.vector_index import PineconeVectorIndex
from application.ports.vector_index import (
    VectorIndexDeclined,
    VectorIndexRefused,
    VectorIndexUnavailable,
)
from application.testing.vector_index import VectorIndexContract, fresh_namespace
from standins.pinecone_server import Fault, PineconeServer

KEY = "pc-test-key"  # pragma: allowlist secret
RATE_LIMITED = "vector_index_rate_limited"


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
    made = PineconeVectorIndex(
        KEY, "chunks", 4, host=server.url, timeout_seconds=1.5, visible_within_seconds=1
    )
    await made.count(fresh_namespace())
    server.requests.clear()
    yield made
    await made.aclose()


async def test_only_the_batch_that_failed_is_sent_again(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    server.faults.append(Fault("/vectors/upsert", status=500))
    namespace = fresh_namespace()
    await index.upsert(namespace, KIT.records(KIT.cloud(2_300)))
    assert len(server.asked("/vectors/upsert")) == 4
    assert await index.count(namespace) == 2_300


async def test_a_batch_that_keeps_failing_is_raised(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    server.faults.append(Fault("/vectors/upsert", status=503, times=3))
    with pytest.raises(VectorIndexUnavailable, match="Pinecone answered 503"):
        await index.upsert(fresh_namespace(), KIT.records(KIT.cloud(5)))
    assert len(server.asked("/vectors/upsert")) == 3


async def test_a_batch_that_was_written_in_part_is_sent_again(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    server.faults.append(Fault("/vectors/upsert", upserted=3))
    namespace = fresh_namespace()
    await index.upsert(namespace, KIT.records(KIT.cloud(5)))
    assert await index.count(namespace) == 5


async def test_a_batch_that_is_only_ever_written_in_part_is_raised(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    server.faults.append(Fault("/vectors/upsert", upserted=3, times=99))
    with pytest.raises(VectorIndexUnavailable, match="wrote 3 of 5 vectors"):
        await index.upsert(fresh_namespace(), KIT.records(KIT.cloud(5)))


async def test_the_deadline_holds_whatever_the_sdk_would_do(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    server.faults.append(Fault("/query", delay=60, times=99))
    started = time.monotonic()
    with pytest.raises(VectorIndexUnavailable, match="in time"):
        await index.search(fresh_namespace(), KIT.axis(0), 1)
    assert 1 < time.monotonic() - started < 3


async def test_answers_that_dribble_do_not_stretch_the_deadline(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    """The SDK's timeout is for each read and each of its attempts, ours for the call."""
    server.faults.append(Fault("/query", delay=0.7, status=500, times=99))
    started = time.monotonic()
    with pytest.raises(VectorIndexUnavailable):
        await index.search(fresh_namespace(), KIT.axis(0), 1)
    assert time.monotonic() - started < 2


async def test_a_failing_server_is_asked_three_times_and_not_by_the_sdk_too(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    server.faults.append(Fault("/query", status=500, times=99))
    with pytest.raises(VectorIndexUnavailable):
        await index.search(fresh_namespace(), KIT.axis(0), 1)
    assert len(server.asked("/query")) == 3


async def test_an_outage_is_not_made_worse_by_retries(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    server.faults.append(Fault("/query", status=500, times=999))
    for _ in range(30):
        with pytest.raises(VectorIndexUnavailable):
            await index.search(fresh_namespace(), KIT.axis(0), 1)
    assert len(server.asked("/query")) <= 30 + 10 + 3


async def test_an_outage_of_one_index_takes_no_retries_from_another(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    """The SDK's own budget is one for the host in the whole process."""
    server.faults.append(Fault("/query", status=500, times=60))
    for _ in range(20):
        with pytest.raises(VectorIndexUnavailable):
            await index.search(fresh_namespace(), KIT.axis(0), 1)
    server.faults.clear()
    other = PineconeVectorIndex(KEY, "chunks", 4, host=server.url)
    await other.count(fresh_namespace())
    server.faults.append(Fault("/query", status=500, times=2))
    assert await other.search(fresh_namespace(), KIT.axis(0), 1) == []
    await other.aclose()


async def test_too_many_requests_are_reported_with_the_time_to_wait(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    """The SDK would sleep through the 30 seconds, and the caller would hear of a time-out."""
    server.faults.append(Fault("/query", status=429, retry_after="30", times=9))
    with pytest.raises(VectorIndexDeclined) as caught:
        await index.search(fresh_namespace(), KIT.axis(0), 1)
    assert (caught.value.code, caught.value.retry_after) == (RATE_LIMITED, 30.0)
    assert caught.value.is_refusal
    assert len(server.asked("/query")) == 1


@pytest.mark.parametrize(("said", "heard"), [("1e12", 3_600.0), ("inf", 1.0)])
async def test_a_time_to_wait_that_makes_no_sense_is_not_passed_on(
    server: PineconeServer, index: PineconeVectorIndex, said: str, heard: float
) -> None:
    server.faults.append(Fault("/query", status=429, retry_after=said, times=9))
    with pytest.raises(VectorIndexUnavailable) as caught:
        await index.search(fresh_namespace(), KIT.axis(0), 1)
    assert caught.value.retry_after == heard


@pytest.mark.parametrize("wait", ["0.1", "soon", "-1", "nan"])
async def test_too_many_requests_for_a_moment_are_waited_out(
    server: PineconeServer, wait: str
) -> None:
    server.faults.append(Fault("/query", status=429, retry_after=wait))
    index = PineconeVectorIndex(KEY, "chunks", 4, host=server.url, timeout_seconds=5)
    assert await index.search(fresh_namespace(), KIT.axis(0), 1) == []
    assert len(server.asked("/query")) == 2
    await index.aclose()


@pytest.mark.parametrize(
    "fault", [Fault("/query", cut=True, times=3), Fault("/query", raw=b'{"matches": 7}', times=3)]
)
async def test_an_answer_that_cannot_be_read_is_unavailable(
    server: PineconeServer, index: PineconeVectorIndex, fault: Fault
) -> None:
    server.faults.append(Fault(**vars(fault)))
    with pytest.raises(VectorIndexUnavailable):
        await index.search(fresh_namespace(), KIT.axis(0), 1)
    server.faults.append(Fault(**vars(fault) | {"times": 1}))
    assert await index.search(fresh_namespace(), KIT.axis(0), 1) == []


async def test_nobody_listening_is_unavailable() -> None:
    index = PineconeVectorIndex(KEY, "chunks", 4, host="http://127.0.0.1:1", timeout_seconds=2)
    with pytest.raises(VectorIndexUnavailable, match="cannot be reached"):
        await index.search(fresh_namespace(), KIT.axis(0), 1)
    await index.aclose()


async def test_a_wrong_key_is_named_and_not_shown(server: PineconeServer) -> None:
    wrong = "pc-wrong-key"  # pragma: allowlist secret
    server.faults.append(Fault("/indexes", status=401, message=f"Invalid API Key {wrong}."))
    index = PineconeVectorIndex(wrong, "chunks", 4, host=server.url)
    for _ in range(2):
        with pytest.raises(VectorIndexDeclined, match="refuses the key") as caught:
            await index.count(fresh_namespace())
        assert caught.value.code == "vector_index_rejected"
        assert caught.value.is_refusal
        assert caught.value.is_outage
        assert wrong not in str(caught.value)
    assert len(server.requests) == 2
    assert wrong not in repr(index)
    await index.aclose()


async def test_a_refused_request_is_not_repeated(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    server.faults.append(Fault("/query", status=400, message="Invalid filter", times=9))
    with pytest.raises(VectorIndexRefused, match="Invalid filter") as caught:
        await index.search(fresh_namespace(), KIT.axis(0), 1)
    assert caught.value.code == "vector_index_rejected"
    assert not caught.value.is_outage
    assert len(server.asked("/query")) == 1


async def test_deleting_in_a_missing_namespace_is_done(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    [record] = KIT.records(KIT.cloud(1))
    await index.delete_chunks(fresh_namespace(), [record.chunk_id])
    assert not await index.delete_namespace(fresh_namespace())
    assert [one.method for one in server.requests] == ["POST", "DELETE"]


@pytest.mark.parametrize("body", [b"<html>nginx</html>", b'{"code": 12, "message": "no route"}'])
async def test_not_every_404_is_a_missing_namespace(
    server: PineconeServer, index: PineconeVectorIndex, body: bytes
) -> None:
    [record] = KIT.records(KIT.cloud(1))
    server.faults.append(Fault("/", status=404, raw=body, times=99))
    with pytest.raises(VectorIndexUnavailable, match="no such index"):
        await index.delete_chunks(fresh_namespace(), [record.chunk_id])
    with pytest.raises(VectorIndexUnavailable, match="no such index"):
        await index.count(fresh_namespace())


async def test_what_is_written_can_be_read_at_once(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    server.lag = 0.3
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(2_300))
    await index.upsert(namespace, records)
    assert await index.count(namespace) == 2_300
    await index.delete_chunks(namespace, [records[0].chunk_id])
    [hit] = await index.search(namespace, records[0].vector, 1)
    assert hit.chunk_id != records[0].chunk_id
    await index.delete_namespace(namespace)
    assert await index.search(namespace, records[0].vector, 1) == []


async def test_the_last_of_several_batches_is_waited_for(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    server.lag = 0.3
    server.faults.append(Fault("/vectors/upsert", delay=0.5))
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(2_300))
    await index.upsert(namespace, records)
    assert await index.count(namespace) == 2_300


async def test_a_write_that_is_not_seen_in_time_is_unavailable(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(2))
    await index.upsert(namespace, records)
    server.lag = 30
    waits = (
        index.upsert(namespace, records),
        index.delete_chunks(namespace, [records[0].chunk_id]),
        index.delete_document(namespace, records[0].document_id),
        index.delete_namespace(namespace),
    )
    for wait in waits:
        with pytest.raises(VectorIndexUnavailable, match="does not show it yet"):
            await wait


async def test_waiting_for_a_write_asks_less_and_less_often(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    server.lag = 0.8
    await index.upsert(fresh_namespace(), KIT.records(KIT.cloud(1)))
    assert 3 <= len(server.asked("/query")) <= 10


async def test_an_index_that_numbers_no_writes_is_not_waited_for(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    server.gives_lsn = False
    await index.upsert(fresh_namespace(), KIT.records(KIT.cloud(1)))
    assert server.asked("/query") == []


async def test_a_token_that_has_become_invalid_does_not_stop_the_listing(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(250))
    await index.upsert(namespace, records)
    first = await index.ids(namespace, None, 150)
    server.faults.append(Fault("/vectors/list", status=400, message="Invalid pagination token"))
    rest = await index.ids(namespace, first[-1].chunk_id, 500)
    assert len({one.chunk_id for one in (*first, *rest)}) == 250


async def test_a_cancelled_write_leaves_nothing_under_way(
    server: PineconeServer, index: PineconeVectorIndex
) -> None:
    server.faults.append(Fault("/vectors/upsert", delay=60, times=9))
    before = asyncio.all_tasks()
    writing = asyncio.create_task(index.upsert(fresh_namespace(), KIT.records(KIT.cloud(2_300))))
    await server.until_asked("/vectors/upsert", 3)
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    server.faults.clear()
    await asyncio.sleep(0.1)
    assert len(asyncio.all_tasks() - before) <= 1  # the stand-in's for a kept connection
    namespace = fresh_namespace()
    await index.upsert(namespace, KIT.records(KIT.cloud(5)))
    assert await index.count(namespace) == 5
