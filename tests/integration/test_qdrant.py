"""Qdrant's ways and failures over the wire, on its own engine."""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from math import nan
from pathlib import Path

import pytest

from adapters.qdrant.vector_index import QdrantVectorIndex
from application.ports.vector_index import (
    VectorIndexDeclined,
    VectorIndexMismatch,
    VectorIndexRefused,
    VectorIndexUnavailable,
)
from application.testing.vector_index import VectorIndexContract, fresh_namespace
from domain.errors import StorageFull
from standins.qdrant_server import Fault, QdrantServer

KEY = "qd-test-key"  # pragma: allowlist secret


class Kit(VectorIndexContract):
    """Makes vectors of four numbers."""

    dimensions = 4


KIT = Kit()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[QdrantServer]:
    async with QdrantServer(tmp_path, api_key=KEY) as running:
        yield running


@pytest.fixture
async def index(server: QdrantServer) -> AsyncIterator[QdrantVectorIndex]:
    made = QdrantVectorIndex(server.url, 4, api_key=KEY, timeout_seconds=1)
    yield made
    await made.aclose()


def asked(server: QdrantServer, path: str) -> list[dict[str, object]]:
    return [body for _, one, body in server.requests if one == f"/collections/chatsphere{path}"]


async def test_the_collection_is_made_once_with_a_graph_for_each_namespace(
    server: QdrantServer,
) -> None:
    indexes = [QdrantVectorIndex(server.url, 4, api_key=KEY) for _ in range(3)]
    await asyncio.gather(*(one.count(fresh_namespace()) for one in indexes for _ in range(3)))
    made = server.collections["chatsphere"]
    assert made.params == {"size": 4, "distance": "Cosine"}
    assert made.asked["hnsw_config"] == {"m": 0, "payload_m": 16}
    assert made.indexed["namespace"] == {"type": "keyword", "is_tenant": True}
    assert set(made.indexed) == {"namespace", "tenant_id", "document_id", "revision"}
    for index in indexes:
        await index.aclose()


async def test_a_collection_that_was_left_half_made_is_completed(
    server: QdrantServer, index: QdrantVectorIndex
) -> None:
    server.faults.extend((Fault("/index"), Fault("/index", status=500)))
    with pytest.raises(VectorIndexUnavailable):
        await index.count(fresh_namespace())
    assert await index.count(fresh_namespace()) == 0
    assert len(server.collections["chatsphere"].indexed) == 4


async def test_a_collection_that_another_process_has_just_made_is_used(
    server: QdrantServer, index: QdrantVectorIndex
) -> None:
    server.add_collection("chatsphere", {"size": 4, "distance": "Cosine"})
    not_yet = b'{"result": {"exists": false}, "status": "ok", "time": 0}'
    server.faults.append(Fault("/exists", raw=not_yet))
    assert await index.count(fresh_namespace()) == 0
    assert [method for method, *_ in server.requests[:3]] == ["GET", "PUT", "GET"]


async def test_a_collection_that_cannot_be_made_is_unavailable(
    server: QdrantServer, index: QdrantVectorIndex
) -> None:
    server.faults.append(Fault("/collections/chatsphere", status=500))
    with pytest.raises(VectorIndexUnavailable, match="answered 500"):
        await index.count(fresh_namespace())
    assert await index.count(fresh_namespace()) == 0


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"size": 8, "distance": "Cosine"}, "of 8 numbers and the embedder makes 4: name another"),
        ({"size": 4, "distance": "Dot"}, "compares by Dot and not by Cosine: name another"),
    ],
)
async def test_a_collection_that_does_not_fit_is_refused_in_words(
    server: QdrantServer, index: QdrantVectorIndex, params: dict[str, object], said: str
) -> None:
    server.add_collection("chatsphere", params)
    for call in (index.prepare(), index.upsert(fresh_namespace(), KIT.records(KIT.cloud(1)))):
        with pytest.raises(VectorIndexMismatch, match=said) as caught:
            await call
        assert caught.value.code == "vector_index_mismatch"
        assert caught.value.is_refusal
    server.add_collection("chatsphere", {"size": 4, "distance": "Cosine"})
    await index.upsert(fresh_namespace(), KIT.records(KIT.cloud(1)))


async def test_a_lost_collection_is_made_again_by_the_next_call(
    server: QdrantServer, index: QdrantVectorIndex
) -> None:
    await index.count(fresh_namespace())
    server.collections.clear()
    with pytest.raises(VectorIndexUnavailable, match="does not find it"):
        await index.count(fresh_namespace())
    assert await index.count(fresh_namespace()) == 0


async def test_a_wrong_key_is_named_and_not_shown(server: QdrantServer) -> None:
    wrong = "qd-wrong-key"  # pragma: allowlist secret
    index = QdrantVectorIndex(server.url, 4, api_key=wrong)
    with pytest.raises(VectorIndexDeclined, match="refuses the key") as caught:
        await index.count(fresh_namespace())
    assert caught.value.code == "vector_index_rejected"
    assert caught.value.is_outage
    assert wrong not in f"{caught.value} {index!r}"
    await index.aclose()


async def test_an_upsert_holds_250_points_and_16_megabytes_at_most(
    server: QdrantServer, index: QdrantVectorIndex, tmp_path: Path
) -> None:
    await index.upsert(fresh_namespace(), KIT.records(KIT.cloud(600)))
    assert [len(body["batch"]["ids"]) for body in asked(server, "/points")] == [250, 250, 100]
    async with QdrantServer(tmp_path / "long") as other:
        long = QdrantVectorIndex(other.url, 4_000)
        longest = [1.0, *[-1.1754943508222875e-38] * 3_999]
        await long.upsert(fresh_namespace(), KIT.records([longest] * 200))
        assert [len(body["batch"]["ids"]) for body in asked(other, "/points")] == [158, 42]
        await long.aclose()


async def test_a_point_carries_its_ids_and_no_more(
    server: QdrantServer, index: QdrantVectorIndex
) -> None:
    namespace, [record] = fresh_namespace(), KIT.records(KIT.cloud(1))
    await index.upsert(namespace, [record])
    [body] = asked(server, "/points")
    [payload] = body["batch"]["payloads"]
    name = payload.pop("namespace")
    assert all(
        one in name for one in (namespace.tenant_id, namespace.bot_id, namespace.generation_id)
    )
    assert payload == {
        "tenant_id": namespace.tenant_id,
        "bot_id": namespace.bot_id,
        "document_id": record.document_id,
        "chunk_id": record.chunk_id,
        "revision": 1,
    }


@pytest.mark.parametrize("value", [0.0, nan, float("inf")])
async def test_a_vector_without_direction_is_refused_before_anything_is_sent(
    server: QdrantServer, index: QdrantVectorIndex, value: float
) -> None:
    with pytest.raises(ValueError, match="no direction"):
        await index.upsert(fresh_namespace(), KIT.records([[value] * 4]))
    assert server.requests == []


async def test_a_filter_of_no_documents_asks_nothing(
    server: QdrantServer, index: QdrantVectorIndex
) -> None:
    assert await index.search(fresh_namespace(), KIT.axis(0), 1, []) == []
    assert server.requests == []


async def test_connections_are_kept_though_the_server_is_local(
    server: QdrantServer, index: QdrantVectorIndex
) -> None:
    for _ in range(10):
        await index.count(fresh_namespace())
    assert len(server.connections) == 1


async def test_the_deadline_holds(server: QdrantServer, index: QdrantVectorIndex) -> None:
    await index.count(fresh_namespace())
    server.faults.append(Fault("/points/query", delay=60))
    started = time.monotonic()
    with pytest.raises(VectorIndexUnavailable, match="in time"):
        await index.search(fresh_namespace(), KIT.axis(0), 1)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("said", "heard"),
    [("7", 7.0), (None, 1.0), ("soon", 1.0), ("0.5", 1.0), ("99999999", 3_600.0), ("-3", 0.0)],
)
async def test_too_many_requests_are_reported_with_the_time_to_wait(
    server: QdrantServer, index: QdrantVectorIndex, said: str | None, heard: float
) -> None:
    await index.count(fresh_namespace())
    server.faults.append(Fault("/points/query", status=429, retry_after=said))
    with pytest.raises(VectorIndexDeclined) as caught:
        await index.search(fresh_namespace(), KIT.axis(0), 1)
    assert caught.value.code == "vector_index_rate_limited"
    assert caught.value.retry_after == heard


@pytest.mark.parametrize(
    "fault",
    [
        Fault("/points/query", status=500),
        Fault("/points/query", cut=True),
        Fault("/points/query", raw=b'{"result": 7}'),
        Fault("/points/query", raw=b"<html>"),
    ],
)
async def test_a_failure_is_unavailable_and_over_with_it(
    server: QdrantServer, index: QdrantVectorIndex, fault: Fault
) -> None:
    await index.count(fresh_namespace())
    server.faults.append(Fault(**vars(fault)))
    with pytest.raises(VectorIndexUnavailable) as caught:
        await index.search(fresh_namespace(), KIT.axis(0), 1)
    assert caught.value.is_outage
    assert await index.search(fresh_namespace(), KIT.axis(0), 1) == []


async def test_a_full_disk_is_said_to_be_full(
    server: QdrantServer, index: QdrantVectorIndex
) -> None:
    message = "Service internal error: No space left on device: WAL buffer size exceeds disk space"
    server.faults.append(Fault("/points", status=500, message=message))
    with pytest.raises(StorageFull):
        await index.upsert(fresh_namespace(), KIT.records(KIT.cloud(1)))


async def test_a_refused_request_is_no_outage(
    server: QdrantServer, index: QdrantVectorIndex
) -> None:
    await index.count(fresh_namespace())
    server.faults.append(Fault("/points/query", status=422, message="limit: too large"))
    with pytest.raises(VectorIndexRefused, match="too large") as caught:
        await index.search(fresh_namespace(), KIT.axis(0), 1)
    assert not caught.value.is_outage


async def test_a_large_namespace_is_removed_step_by_step(server: QdrantServer) -> None:
    index = QdrantVectorIndex(server.url, 4, api_key=KEY, deleted_at_once=40)
    namespace, kept = fresh_namespace(), fresh_namespace()
    await index.upsert(namespace, KIT.records(KIT.cloud(100)))
    await index.upsert(kept, KIT.records(KIT.cloud(3)))
    steps = [await index.delete_namespace(namespace) for _ in range(3)]
    assert steps == [True, True, False]
    assert await index.count(namespace) == 0
    assert await index.count(kept) == 3
    await index.aclose()


def test_the_client_is_imported_by_the_first_call_and_not_before() -> None:
    code = (
        "import sys; from adapters.qdrant.vector_index import QdrantVectorIndex as Q;"
        "Q('http://q', 4); assert not {'qdrant_client', 'httpx', 'grpc'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
