"""Chroma's ways and failures: on its own server, on a server that misbehaves, and on its files."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from adapters.chroma import _points, vector_index
from adapters.chroma._server import Server
from adapters.chroma.plugin import Options
from adapters.chroma.plugin import vector_index as plugin
from adapters.chroma.vector_index import ChromaVectorIndex
from application.ports.embedder import Vector
from application.ports.plugins import Context, NotConfigured
from application.ports.vector_index import (
    VectorIndexMismatch,
    VectorIndexUnavailable,
)
from application.testing.vector_index import VectorIndexContract, fresh_namespace
from domain.errors import StorageFull

KEY = "ck-test-key"  # pragma: allowlist secret


class Kit(VectorIndexContract):
    """Makes vectors of four numbers."""

    dimensions = 4


KIT = Kit()


@dataclass
class Answer:
    """What a server says to the next request; `delay` in seconds."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0.0


@dataclass
class Stub:
    """A server that says what it is told, and remembers what it was asked."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list)
    asked: list[web.BaseRequest] = field(default_factory=list)

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Give the next answer."""
        self.asked.append(request)
        answer = self.answers.pop(0)
        await asyncio.sleep(answer.delay)
        return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    made = Stub()
    runner = web.ServerRunner(web.Server(made.handle), shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    made.url = f"http://{host}:{port}"
    yield made
    await runner.cleanup()


@pytest.fixture
async def index(stub: Stub) -> AsyncIterator[ChromaVectorIndex]:
    made = ChromaVectorIndex(Server(stub.url, KEY, timeout_seconds=1))
    yield made
    await made.aclose()


@pytest.fixture
async def real(chroma_url: str) -> AsyncIterator[ChromaVectorIndex]:
    made = ChromaVectorIndex(Server(chroma_url))
    yield made
    await made.aclose()


def refusal(status: int, message: str = "", **headers: str) -> Answer:
    body = b'{"error": "SomeError", "message": "%s"}' % message.encode()
    return Answer(status, body, headers)


# What goes wrong


@pytest.mark.parametrize(
    ("said", "heard"),
    [("7", 7.0), ("", 1.0), ("soon", 1.0), ("nan", 1.0), ("99999999", 3_600.0), ("-3", 0.0)],
)
async def test_too_many_requests_are_reported_with_the_time_to_wait(
    stub: Stub, index: ChromaVectorIndex, said: str, heard: float
) -> None:
    stub.answers.append(Answer(429, b"slow down", {"Retry-After": said}))
    with pytest.raises(VectorIndexUnavailable) as caught:
        await index.search(fresh_namespace(), KIT.axis(0), 1)
    assert caught.value.code == "vector_index_rate_limited"
    assert caught.value.retry_after == heard
    assert caught.value.is_refusal


@pytest.mark.parametrize("status", [401, 403])
async def test_a_wrong_key_is_named_and_not_shown(
    stub: Stub, index: ChromaVectorIndex, status: int
) -> None:
    stub.answers.append(refusal(status, "no"))
    with pytest.raises(VectorIndexUnavailable, match="refuses the key") as caught:
        await index.search(fresh_namespace(), KIT.axis(0), 1)
    assert caught.value.code == "vector_index_rejected"
    assert KEY not in f"{caught.value} {index!r} {Options(chroma_api_key=KEY)!r}"


@pytest.mark.parametrize(
    "answer",
    [
        refusal(500, "thread panicked"),
        refusal(503),
        refusal(409, "somebody else was faster"),
        Answer(body=b"<html>"),
        Answer(body=b"[7]"),
        Answer(body=b"\xff"),
        Answer(delay=60),
    ],
)
async def test_a_failure_is_unavailable_and_over_with_it(
    stub: Stub, index: ChromaVectorIndex, answer: Answer
) -> None:
    started = time.monotonic()
    stub.answers += [answer, refusal(404, "Collection [x] does not exist.")]
    with pytest.raises(VectorIndexUnavailable) as caught:
        await index.search(fresh_namespace(), KIT.axis(0), 1)
    assert caught.value.is_outage
    assert await index.search(fresh_namespace(), KIT.axis(0), 1) == []
    assert time.monotonic() - started < 3


async def test_a_refused_request_is_no_outage(stub: Stub, index: ChromaVectorIndex) -> None:
    stub.answers.append(refusal(422, "limit: too large"))
    with pytest.raises(VectorIndexUnavailable, match="too large") as caught:
        await index.search(fresh_namespace(), KIT.axis(0), 1)
    assert not caught.value.is_outage


async def test_a_full_disk_is_said_to_be_full(stub: Stub, index: ChromaVectorIndex) -> None:
    stub.answers.append(refusal(500, "(code: 13) database or disk is full"))
    with pytest.raises(StorageFull):
        await index.upsert(fresh_namespace(), KIT.records(KIT.cloud(1)))


async def test_a_collection_of_another_space_is_refused_in_words(
    stub: Stub, index: ChromaVectorIndex
) -> None:
    stub.answers.append(
        Answer(body=b'{"id": "1", "name": "x", "configuration_json": {"hnsw": {"space": "l2"}}}')
    )
    with pytest.raises(VectorIndexMismatch, match="compares by l2"):
        await index.upsert(fresh_namespace(), KIT.records(KIT.cloud(1)))


async def test_a_server_that_is_too_old_is_told_at_the_start(
    stub: Stub, index: ChromaVectorIndex
) -> None:
    stub.answers.append(Answer(body=b'{"max_batch_size": 41666}'))
    with pytest.raises(VectorIndexMismatch, match="too old"):
        await index.prepare()


async def test_each_index_sends_its_own_key_and_no_other(stub: Stub) -> None:
    keys = [KEY, "ck-other-key", None]
    indexes = [ChromaVectorIndex(Server(stub.url, key)) for key in keys]
    stub.answers += [refusal(404)] * 3
    for index in indexes:
        await index.count(fresh_namespace())
        await index.aclose()
    assert [one.headers.get("x-chroma-token") for one in stub.asked] == keys
    assert [one.headers.get("Authorization") for one in stub.asked] == [
        key and f"Bearer {key}" for key in keys
    ]


# A real server


async def test_a_database_that_is_not_there_is_told_at_the_start(
    real: ChromaVectorIndex, chroma_url: str
) -> None:
    await real.prepare()
    index = ChromaVectorIndex(Server(f"{chroma_url}/", database="nowhere"))
    with pytest.raises(VectorIndexMismatch, match="no database 'nowhere'"):
        await index.prepare()
    await index.aclose()


async def test_a_collection_that_another_process_removes_is_made_again(
    real: ChromaVectorIndex, chroma_url: str
) -> None:
    other = ChromaVectorIndex(Server(chroma_url))
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(3))
    await real.upsert(namespace, records)
    assert await other.count(namespace) == 3
    await other.delete_namespace(namespace)
    assert await real.search(namespace, KIT.axis(0), 3) == []
    await other.upsert(namespace, records)
    await real.delete_namespace(namespace)
    await other.upsert(namespace, records[:2])
    assert await real.count(namespace) == await other.count(namespace) == 2
    await other.aclose()


async def test_a_vector_of_another_length_is_told_both_lengths(real: ChromaVectorIndex) -> None:
    namespace = fresh_namespace()
    await real.upsert(namespace, KIT.records([[1.0, 2.0, 3.0]]))
    with pytest.raises(ValueError, match="dimension of 3, got 4"):
        await real.upsert(namespace, KIT.records(KIT.cloud(1)))
    with pytest.raises(ValueError, match="dimension of 3, got 4"):
        await real.search(namespace, KIT.axis(0), 1)


@pytest.mark.parametrize("vector", [[0.0] * 4, [float("nan")] * 4])
async def test_a_vector_without_direction_is_refused_and_finds_nothing(
    real: ChromaVectorIndex, vector: Vector
) -> None:
    with pytest.raises(ValueError, match="no direction"):
        await real.upsert(fresh_namespace(), KIT.records([vector]))
    assert await real.search(fresh_namespace(), vector, 3) == []


async def test_large_namespaces_are_listed_bucket_by_bucket(
    real: ChromaVectorIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_index, "_WHOLE", 20)
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(100))
    await real.upsert(namespace, records)
    found = await KIT.listed(real, namespace)
    assert sorted(found) == sorted((one.chunk_id, one.document_id) for one in records)
    buckets = [_points.bucket(key) for key, _ in found]
    assert buckets == sorted(buckets)
    assert len(set(buckets)) > 90


async def test_many_collections_are_listed_in_pages_that_overlap(
    real: ChromaVectorIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_index, "_LISTED_AT_ONCE", 3)
    monkeypatch.setattr(vector_index, "_OVERLAP", 1)
    namespaces = [fresh_namespace() for _ in range(4)]
    for namespace in namespaces:
        await real.upsert(namespace, KIT.records(KIT.cloud(1)))
    for namespace in namespaces:
        assert await real.namespaces(namespace.tenant_id) == [namespace]


async def test_a_filter_of_more_documents_than_a_request_takes_is_whole(
    real: ChromaVectorIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vector_index, "_IN_ONE_FILTER", 2)
    namespace = fresh_namespace()
    records = [KIT.records([KIT.axis(0, tilt=tilt)])[0] for tilt in (3, 0, 1, 2, 4)]
    await real.upsert(namespace, records)
    hits = await real.search(namespace, KIT.axis(0), 2, [one.document_id for one in records])
    assert [hit.chunk_id for hit in hits] == [records[1].chunk_id, records[2].chunk_id]


async def test_thousands_of_documents_in_a_filter_are_taken(real: ChromaVectorIndex) -> None:
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(2))
    await real.upsert(namespace, records)
    documents = [*(f"doc_{number}" for number in range(12_000)), records[0].document_id]
    assert len(await real.search(namespace, KIT.axis(0), 9, documents)) == 2


# Files


@pytest.mark.parametrize("url", ["chroma:8000", "ftp://chroma", "https://"])
def test_an_address_that_is_none_is_not_configured(tmp_path: Path, url: str) -> None:
    with pytest.raises(NotConfigured, match="CHATSPHERE_CHROMA_URL"):
        plugin.build(Options(chroma_url=url), Context(tmp_path))


def test_files_want_the_package_and_a_server_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing: Any = lambda _: None  # noqa: E731
    monkeypatch.setattr("adapters.chroma.plugin.find_spec", nothing)
    with pytest.raises(NotConfigured, match=r"chatsphere\[chroma\]"):
        plugin.build(Options(), Context(tmp_path))
    assert (
        plugin.build(Options(chroma_url="http://chroma:8000"), Context(tmp_path)).kind == "chroma"
    )
