"""The bucket over a network that fails, and one that refuses: nothing half is kept, nothing hangs."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.s3 import plugin
from adapters.s3.blob_store import Bucket, S3BlobStore
from application.ports.blob_store import BlobStore, BlobStoreUnavailable
from application.ports.plugins import Context, NotConfigured
from application.testing.blob_store import PARTS, TENANT
from domain.errors import ChatSphereError, NotFound, StorageFull
from faults.proxy import BLACKHOLE, PASS, REFUSE, Fault, FaultProxy
from support.s3 import S3Server

BLOCK = 1 << 20
SECONDS = 1.0  # the deadline of a call in these tests
ABSENT = f"{TENANT}/00/{'0' * 30}"
BAD_SECRET = "not the secret"  # pragma: allowlist secret
Call = Callable[[BlobStore], Awaitable[object]]


async def _stream(*blocks: bytes) -> AsyncIterator[bytes]:
    for block in blocks:
        yield block


async def _put(store: BlobStore, content: bytes = b"x") -> str:
    blocks = [content[start : start + BLOCK] for start in range(0, len(content), BLOCK)]
    return (await store.put(TENANT, _stream(*blocks), max_bytes=1 << 26)).key


async def _read(store: BlobStore, key: str = ABSENT) -> bytes:
    return b"".join([block async for block in store.open(key)])


async def _list(store: BlobStore) -> list[str]:
    return [blob.key async for blob in store.list(TENANT)]


CALLS: dict[str, Call] = {
    "put": _put,
    "put parts": lambda store: _put(store, PARTS),
    "open": _read,
    "exists": lambda store: store.exists(ABSENT),
    "list": _list,
    "delete": lambda store: store.delete(ABSENT),
    "delete all": lambda store: store.delete_all(TENANT),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


def _impatient(bucket: Bucket) -> S3BlobStore:
    return S3BlobStore(bucket, call_seconds=SECONDS, part_seconds=SECONDS)


@pytest.fixture
def proxy(s3_server: S3Server) -> Iterator[FaultProxy]:
    with FaultProxy("127.0.0.1", s3_server.port) as proxy:
        yield proxy


@pytest.fixture
def bucket(s3_server: S3Server, proxy: FaultProxy) -> Bucket:
    return s3_server.bucket(proxy.port)


@pytest.fixture
def store(bucket: Bucket) -> S3BlobStore:
    return _impatient(bucket)


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(tmp_path)


async def _problem(work: Awaitable[object]) -> ChatSphereError:
    with pytest.raises(ChatSphereError) as raised:
        await work
    return raised.value


@every_call
@pytest.mark.parametrize("fault", [REFUSE, BLACKHOLE], ids=["refused", "silent"])
async def test_a_bucket_out_of_reach_is_told_before_the_deadline(
    store: S3BlobStore, proxy: FaultProxy, call: Call, fault: Fault
) -> None:
    proxy.become(fault)
    began = time.monotonic()
    problem = await _problem(call(store))
    assert isinstance(problem, BlobStoreUnavailable)
    assert (problem.code, problem.is_outage) == ("storage_unavailable", True)
    assert time.monotonic() - began < 2.5 * SECONDS  # a put is undone too


async def test_connections_that_are_cut_in_mid_upload_cost_nothing(
    store: S3BlobStore, proxy: FaultProxy
) -> None:
    async def unlucky() -> AsyncIterator[bytes]:
        for start in range(0, len(PARTS), BLOCK):
            yield PARTS[start : start + BLOCK]
            proxy.cut()
            await asyncio.sleep(0)

    blob = await store.put(TENANT, unlucky(), max_bytes=1 << 24)
    assert await _read(store, blob.key) == PARTS


async def test_a_part_that_cannot_be_stored_ends_the_upload_and_leaves_nothing(
    store: S3BlobStore, proxy: FaultProxy, s3_server: S3Server, bucket: Bucket
) -> None:
    proxy.become(Fault(lose_reply=lambda piece: b"partNumber=1&" in piece))
    problem = await _problem(_put(store, PARTS * 3))
    assert isinstance(problem, BlobStoreUnavailable)
    assert proxy.hits > 1, "it was tried again"
    proxy.become(PASS)
    assert s3_server.kept(bucket) == 0


async def test_what_was_stored_without_the_answer_coming_back_is_not_kept(
    store: S3BlobStore, proxy: FaultProxy, s3_server: S3Server, bucket: Bucket
) -> None:
    proxy.become(Fault(lose_reply=lambda piece: piece.startswith(b"PUT ")))
    assert isinstance(await _problem(_put(store)), BlobStoreUnavailable)
    assert proxy.hits > 1, "it was tried again"
    assert s3_server.kept(bucket) == 0


@pytest.mark.parametrize("content", [b"x", PARTS[: 6 * BLOCK]], ids=["one request", "parts"])
async def test_an_upload_that_is_cancelled_at_any_moment_leaves_nothing(
    s3_server: S3Server, proxy: FaultProxy, bucket: Bucket, content: bytes
) -> None:
    store = S3BlobStore(bucket)
    proxy.become(Fault(delay=0.01))
    for moment in (0.0, 0.005, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.2):
        task = asyncio.create_task(_put(store, content))
        await asyncio.sleep(moment)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await store.delete(await task)
    proxy.become(PASS)
    await asyncio.sleep(0.1)  # for what may still be under way
    assert s3_server.kept(bucket) == 0


async def test_an_answer_that_was_lost_once_is_asked_for_again(
    store: S3BlobStore, proxy: FaultProxy
) -> None:
    lost: list[bytes] = []

    def first(piece: bytes) -> bool:
        lost.append(piece)
        return len(lost) == 1

    proxy.become(Fault(lose_reply=first))
    key = await _put(store)
    assert len(lost) > 1
    assert await _read(store, key) == b"x"


@pytest.mark.parametrize(
    "fault",
    [Fault(reset_within=100_000), Fault(half_close_within=100_000), Fault(bytes_per_second=50_000)],
    ids=["reset", "half closed", "slow"],
)
async def test_what_is_read_is_whole_or_an_error(
    store: S3BlobStore, proxy: FaultProxy, fault: Fault
) -> None:
    key = await _put(store, PARTS)
    proxy.become(fault)
    began = time.monotonic()
    with pytest.raises(BlobStoreUnavailable):
        await _read(store, key)
    with pytest.raises(BlobStoreUnavailable):
        async with store.local_path(key):
            pass
    assert time.monotonic() - began < 2.5 * SECONDS
    proxy.become(PASS)
    assert await _read(store, key) == PARTS


async def test_who_reads_slowly_is_not_cut_off(store: S3BlobStore) -> None:
    key, read = await _put(store, PARTS), []
    async for block in store.open(key):
        read.append(block)
        await asyncio.sleep(SECONDS * 0.4)
    assert b"".join(read) == PARTS


async def test_a_blob_that_is_deleted_while_it_is_read_is_not_found(store: S3BlobStore) -> None:
    key = await _put(store, PARTS)
    blocks = aiter(store.open(key))
    await anext(blocks)
    await store.delete(key)
    with pytest.raises(NotFound):
        await anext(blocks)


@every_call
async def test_a_bucket_that_is_missing_is_told_in_a_sentence(bucket: Bucket, call: Call) -> None:
    problem = await _problem(call(_impatient(replace(bucket, name="missing"))))
    assert problem.code == "storage_misconfigured"
    assert "no such bucket as CHATSPHERE_BLOB_URL names" in problem.detail


@every_call
async def test_a_key_that_is_wrong_is_told_in_a_sentence(
    s3_server: S3Server, store: S3BlobStore, call: Call
) -> None:
    s3_server.demand_rights()
    try:
        problem = await _problem(call(store))
    finally:
        s3_server.demand_nothing()
    assert problem.code == "storage_misconfigured"
    assert "does not know the access key" in problem.detail
    assert "testing" not in problem.detail


@asynccontextmanager
async def _answering(status: str, body: str) -> AsyncIterator[Bucket]:
    """A server that says the same to everything."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        writer.write((head + body).encode())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield Bucket("any", "", f"http://127.0.0.1:{port}", "us-east-1", "key", BAD_SECRET)


def _xml(code: str) -> str:
    return f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>m</Message></Error>"


@pytest.mark.parametrize(
    ("status", "body", "code", "said"),
    [
        ("403 Forbidden", _xml("SignatureDoesNotMatch"), "storage_misconfigured", "secret"),
        ("403 Forbidden", _xml("RequestTimeTooSkewed"), "storage_misconfigured", "clock"),
        ("403 Forbidden", _xml("AccessDenied"), "storage_misconfigured", "does not allow"),
        ("400 Bad Request", _xml("ExpiredToken"), "storage_misconfigured", "expired"),
        ("301 Moved", _xml("PermanentRedirect"), "storage_misconfigured", "region"),
        ("503 Slow Down", _xml("SlowDown"), "storage_unavailable", "does not answer"),
        ("500 Internal", "<html>oops</html>", "storage_unavailable", "does not answer"),
        ("404 Not Found", "<html>a proxy's</html>", "storage_unavailable", "does not answer"),
        ("507 Full", _xml("XMinioStorageFull"), "storage_full", "no room"),
        ("403 Forbidden", _xml("QuotaExceeded"), "storage_full", "no room"),
    ],
)
async def test_what_a_bucket_refuses_with_is_said_in_our_words(
    status: str, body: str, code: str, said: str
) -> None:
    async with _answering(status, body) as bucket:
        problem = await _problem(_put(_impatient(bucket)))
    assert (problem.code, isinstance(problem, StorageFull)) == (code, code == "storage_full")
    assert said in problem.detail
    assert "127.0.0.1" not in problem.detail


async def test_a_page_in_the_place_of_a_list_is_no_empty_list() -> None:
    async with _answering("200 OK", "<html>log in to the hotel's network</html>") as bucket:
        assert isinstance(await _problem(_list(_impatient(bucket))), BlobStoreUnavailable)


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"blob_url": "file:///tmp"}, "CHATSPHERE_BLOB_URL"),
        ({"blob_url": "s3:///prefix"}, "CHATSPHERE_BLOB_URL"),
        ({"blob_url": "s3://key:secret@bucket"}, "CHATSPHERE_BLOB_URL"),  # pragma: allowlist secret
        ({"blob_url": "s3://bucket/../other"}, "CHATSPHERE_BLOB_URL"),
        ({"s3_endpoint": "minio:9000"}, "CHATSPHERE_S3_ENDPOINT"),
        ({"s3_access_key_id": ""}, "CHATSPHERE_S3_ACCESS_KEY_ID"),
        ({"s3_secret_access_key": ""}, "CHATSPHERE_S3_SECRET_ACCESS_KEY"),
    ],
)
def test_settings_that_do_not_fit_are_named(
    given: dict[str, str], named: str, context: Context
) -> None:
    with pytest.raises(NotConfigured, match=named):
        plugin.blob_store.build(replace(_options(), **given), context)


def _options(endpoint: str = "") -> plugin.Options:
    return plugin.Options(
        "s3://a-bucket/some/where/",
        s3_endpoint=endpoint,
        s3_region="us-east-1",
        s3_access_key_id="testing",
        s3_secret_access_key="testing",  # pragma: allowlist secret
    )


async def test_settings_lead_to_the_prefix_of_the_bucket(
    s3_server: S3Server, context: Context
) -> None:
    s3_server.client.create_bucket(Bucket="a-bucket")
    store = plugin.blob_store.build(_options(s3_server.url()), context)
    key = await _put(store)
    [there] = s3_server.client.list_objects_v2(Bucket="a-bucket")["Contents"]
    assert there["Key"] == f"some/where/{key}"


def test_a_secret_is_not_shown() -> None:
    assert "secret" not in repr(_options()).replace("s3_secret_access_key", "")
