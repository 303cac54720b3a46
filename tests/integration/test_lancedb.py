"""LanceDB's ways: what leaves the disk, who sees what, and what an index finds."""

import asyncio
import subprocess
import sys
import time
from array import array
from collections.abc import AsyncIterator
from pathlib import Path
from random import Random

import pytest

from adapters.lancedb import _upkeep
from adapters.lancedb._errors import port_error
from adapters.lancedb._tables import Tables
from adapters.lancedb._upkeep import Upkeep
from adapters.lancedb.plugin import Options
from adapters.lancedb.plugin import vector_index as plugin
from adapters.lancedb.vector_index import LanceVectorIndex
from application.ports.embedder import Vector
from application.ports.plugins import Context, NotConfigured
from application.ports.vector_index import (
    Namespace,
    VectorIndexUnavailable,
    VectorRecord,
)
from application.testing.vector_index import VectorIndexContract, fresh_namespace
from support.s3 import REGION, S3Server


class Kit(VectorIndexContract):
    """Makes vectors of sixteen numbers."""

    dimensions = 16


KIT = Kit()


@pytest.fixture
async def index(tmp_path: Path) -> AsyncIterator[LanceVectorIndex]:
    made = LanceVectorIndex(tmp_path)
    yield made
    await made.aclose()


def left(folder: Path, records: list[VectorRecord]) -> int:
    """Return how many of the vectors stand in any file."""
    files = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    return sum(array("f", record.vector).tobytes() in files for record in records)


def found(folder: Path, pattern: str) -> int:
    """Return how many files have such a name."""
    return len(list(folder.glob(pattern)))


async def none_left(folder: Path, records: list[VectorRecord]) -> bool:
    """Tell whether the vectors leave the disk within seconds."""
    until = time.monotonic() + 10
    while left(folder, records) and time.monotonic() < until:  # noqa: ASYNC110 - files tell nobody
        await asyncio.sleep(0.05)
    return not left(folder, records)


@pytest.fixture(params=[10_000, 50], ids=["scanned", "indexed"])
def exact(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_upkeep, "EXACT", request.param)


@pytest.mark.usefixtures("exact")
async def test_what_is_deleted_leaves_the_disk(index: LanceVectorIndex, tmp_path: Path) -> None:
    namespace = fresh_namespace()
    kept, document, chunks = (KIT.records(KIT.cloud(300, seed=seed)) for seed in (1, 2, 3))
    few = document[:2]
    await index.upsert(namespace, kept)
    await index.upsert(namespace, [*document, *chunks])
    assert left(tmp_path, [*document, *chunks]) == 600
    await index.delete_chunks(namespace, [record.chunk_id for record in few])
    assert await none_left(tmp_path, few)
    await index.delete_document(namespace, document[0].document_id)
    await index.delete_chunks(namespace, [record.chunk_id for record in chunks[5:]])
    assert await none_left(tmp_path, [*document, *chunks[5:]])
    assert left(tmp_path, [*kept, *chunks[:5]]) == 305
    assert await index.count(namespace) == 305
    [hit] = await index.search(namespace, kept[9].vector, 1)
    assert hit.chunk_id == kept[9].chunk_id
    await index.delete_chunks(namespace, [kept[9].chunk_id])
    assert await none_left(tmp_path, kept[9:10])


async def test_a_namespace_leaves_the_disk_at_once(index: LanceVectorIndex, tmp_path: Path) -> None:
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(20))
    await index.upsert(namespace, records)
    assert not await index.delete_namespace(namespace)
    assert left(tmp_path, records) == 0
    assert found(tmp_path, f"{namespace.tenant_id}*") == 0


async def test_what_a_process_that_died_has_left_is_removed_by_the_next(
    index: LanceVectorIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(200))
    await index.upsert(namespace, records)
    with monkeypatch.context() as patched:
        patched.setattr(Upkeep, "deleted", lambda *_: None)
        await index.delete_chunks(namespace, [records[7].chunk_id])
    assert left(tmp_path, records[7:8]) == 1
    another = LanceVectorIndex(tmp_path)
    await another.prepare()
    assert await none_left(tmp_path, records[7:8])
    await another.aclose()
    assert not list((tmp_path / ".deleted").iterdir())


async def test_an_index_that_closes_leaves_nothing_to_be_done(tmp_path: Path) -> None:
    index, namespace = LanceVectorIndex(tmp_path), fresh_namespace()
    records = KIT.records(KIT.cloud(200))
    await index.upsert(namespace, records)
    for record in records[:10]:
        await index.delete_chunks(namespace, [record.chunk_id])
    await index.aclose()
    assert left(tmp_path, records) == 190


async def test_many_small_writes_do_not_stay_many_files(
    index: LanceVectorIndex, tmp_path: Path
) -> None:
    namespace = fresh_namespace()
    for record in KIT.records(KIT.cloud(70)):
        await index.upsert(namespace, [record])
    await index.aclose()
    assert found(tmp_path, "*/data/*.lance") < 20


@pytest.mark.parametrize("kind", [Path, str], ids=["by-locks", "by-lance-as-in-an-object-store"])
async def test_another_process_sees_a_write_at_once_and_both_may_write(
    tmp_path: Path, kind: type[Path] | type[str]
) -> None:
    one, other = LanceVectorIndex(kind(tmp_path)), LanceVectorIndex(kind(tmp_path))
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(40))
    for number in range(5):
        await one.upsert(namespace, records[: 4 * number + 4])
        assert await other.count(namespace) == 4 * number + 4
    await asyncio.gather(*(index.upsert(namespace, records) for index in (one, other) * 5))
    assert await one.count(namespace) == await other.count(namespace) == 40
    new = KIT.records(KIT.cloud(40, seed=5))
    await asyncio.gather(*(index.upsert(namespace, new) for index in (one, other) * 5))
    assert await one.count(namespace, new[0].document_id) == 40
    await other.delete_document(namespace, records[0].document_id)
    assert await one.count(namespace) == 40
    await other.delete_namespace(namespace)
    assert await one.namespaces(namespace.tenant_id) == []
    assert await one.count(namespace) == 0
    await one.upsert(namespace, records[:1])
    assert await other.count(namespace) == 1
    for index in (one, other):
        await index.aclose()


async def test_a_write_that_waited_in_vain_is_not_made_later(tmp_path: Path) -> None:
    tables, written = Tables(tmp_path, 0.05), list[str]()

    async def write(name: str, seconds: float) -> None:
        await asyncio.sleep(seconds)
        written.append(name)

    begun = asyncio.create_task(tables.write("a.b.c", lambda: write("begun", 0.45)))
    await asyncio.sleep(0.05)
    waiting = tables.write("a.b.c", lambda: write("waiting", 0.0))
    ended = await asyncio.gather(begun, waiting, return_exceptions=True)
    assert all(isinstance(one, VectorIndexUnavailable) for one in ended)
    await tables.write("a.b.c", lambda: write("later", 0.0))
    assert written == ["begun", "later"]
    await tables.aclose()


async def test_an_index_over_many_finds_what_a_scan_would(
    index: LanceVectorIndex, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_upkeep, "EXACT", 5_000)
    monkeypatch.setattr(_upkeep, "_WRITES", 6)
    random = Random(4)
    vectors = [[random.gauss(0, 1) for _ in range(16)] for _ in range(6_000)]
    few, many = KIT.records(vectors[:30]), KIT.records(vectors[30:])
    namespace = fresh_namespace()
    await index.upsert(namespace, [*many, *few])
    scanned = {n: await index.search(namespace, vectors[n], 10) for n in range(0, 6_000, 300)}
    assert await has_index(tmp_path, namespace)
    indexed = {n: await index.search(namespace, vectors[n], 10) for n in scanned}
    same = sum(len({*map(_id, indexed[n])} & {*map(_id, scanned[n])}) for n in scanned)
    assert same >= 0.95 * 10 * len(scanned)
    hits = await index.search(namespace, vectors[5_000], 40, [few[0].document_id])
    assert len(hits) == 30
    later = KIT.records([[-value for value in vectors[0]]])
    await index.upsert(namespace, later)
    [hit] = await index.search(namespace, later[0].vector, 1)
    assert hit.chunk_id == later[0].chunk_id


async def has_index(folder: Path, namespace: Namespace) -> bool:
    until = time.monotonic() + 20
    files = f"{namespace.tenant_id}*/_indices/*/*"
    while not found(folder, files) and time.monotonic() < until:  # noqa: ASYNC110 - likewise
        await asyncio.sleep(0.05)
    return found(folder, files) > 0


def _id(hit: object) -> str:
    return str(getattr(hit, "chunk_id", ""))


async def test_a_vector_of_another_length_is_told_both_lengths(index: LanceVectorIndex) -> None:
    namespace = fresh_namespace()
    await index.upsert(namespace, KIT.records([[1.0, 2.0, 3.0]]))
    with pytest.raises(ValueError, match="holds vectors of 3 numbers, not 16"):
        await index.upsert(namespace, KIT.records(KIT.cloud(1)))
    with pytest.raises(ValueError, match="holds vectors of 3 numbers, not 16"):
        await index.search(namespace, KIT.axis(0), 1)


@pytest.mark.parametrize("vector", [[0.0] * 16, [float("nan")] * 16])
async def test_a_vector_without_direction_is_refused_and_finds_nothing(
    index: LanceVectorIndex, vector: Vector
) -> None:
    namespace = fresh_namespace()
    await index.upsert(namespace, KIT.records(KIT.cloud(3)))
    with pytest.raises(ValueError, match="no direction"):
        await index.upsert(namespace, KIT.records([vector]))
    assert await index.search(namespace, vector, 3) == []


async def test_quotes_in_an_id_are_part_of_it(index: LanceVectorIndex) -> None:
    namespace, document_id = fresh_namespace(), "doc_' OR 'a' = 'a"
    records = [VectorRecord(f"chk_'{n}", document_id, KIT.axis(n)) for n in range(3)]
    await index.upsert(namespace, [*records, *KIT.records(KIT.cloud(2))])
    await index.delete_chunks(namespace, ["chk_'0"])
    assert await index.count(namespace, document_id) == 2
    await index.delete_document(namespace, document_id)
    assert await index.count(namespace) == 2


async def test_a_filter_of_thousands_of_documents_is_whole(index: LanceVectorIndex) -> None:
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(5))
    await index.upsert(namespace, records)
    documents = [*(f"doc_{number}" for number in range(3_000)), records[0].document_id]
    assert len(await index.search(namespace, KIT.axis(0), 9, documents)) == 5


async def test_a_folder_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    index = LanceVectorIndex(tmp_path / "file" / "vectors")
    with pytest.raises(VectorIndexUnavailable):
        await index.upsert(fresh_namespace(), KIT.records(KIT.cloud(1)))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("IO: disk error, ws_01h403e401.bot_1.gen_429k.lance/data/a403-401f.lance", "unavailable"),
        ("IO: Server returned non-2xx status code: 403 Forbidden: AccessDenied", "rejected"),
        ("IO: Server returned non-2xx status code: 401 Unauthorized", "rejected"),
        ("IO: Server returned non-2xx status code: 503: SlowDown", "rate_limited"),
        ("IO: Server returned non-2xx status code: 429 Too Many Requests", "rate_limited"),
    ],
)
def test_digits_in_names_of_files_are_no_status(said: str, code: str) -> None:
    assert port_error(RuntimeError(said)).code == f"vector_index_{code}"


async def test_an_object_store_keeps_tables_too(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket = s3_server.bucket()
    for name, value in {
        "AWS_ENDPOINT": s3_server.url(),
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": REGION,
        "AWS_ACCESS_KEY_ID": s3_server.key,
        "AWS_SECRET_ACCESS_KEY": s3_server.secret,
    }.items():
        monkeypatch.setenv(name, value)
    one, other = (LanceVectorIndex(f"s3://{bucket.name}/vectors") for _ in range(2))
    namespace, records = fresh_namespace(), KIT.records(KIT.cloud(60))
    await asyncio.gather(*(index.upsert(namespace, records) for index in (one, other)))
    assert await one.count(namespace) == 60
    await one.delete_chunks(namespace, [records[0].chunk_id])
    assert await other.count(namespace) == 59
    [hit] = await other.search(namespace, records[5].vector, 1)
    assert hit.chunk_id == records[5].chunk_id
    assert await other.namespaces(namespace.tenant_id) == [namespace]
    await other.delete_namespace(namespace)  # while the one may still rewrite what it deleted from
    await one.aclose()
    await other.delete_namespace(namespace)  # as the sweep does with a namespace that nobody knows
    assert await other.namespaces(namespace.tenant_id) == []
    await other.aclose()
    assert s3_server.kept(bucket) == 0


def test_an_address_of_no_object_store_is_not_configured(tmp_path: Path) -> None:
    with pytest.raises(NotConfigured, match="CHATSPHERE_LANCEDB_URI"):
        plugin.build(Options(lancedb_uri="db://cloud"), Context(tmp_path))


def test_lancedb_is_imported_by_the_first_call_and_not_before() -> None:
    code = (
        "import sys; from pathlib import Path; from adapters.lancedb.plugin import *\n"
        "vector_index.build(Options(), Context(Path('nowhere')))\n"
        "assert not {'lancedb', 'pyarrow', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
