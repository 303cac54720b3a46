"""What every blob store promises: exactly the bytes given, and nothing of what was refused."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from hashlib import sha256

import pytest

from application.ports.blob_store import BlobStore, StoredBlob
from application.testing.contract import Contract
from domain.errors import NotFound, PayloadTooLarge

TENANT = "ws_01jtnq3x5k7z9v2b4d6f8h0jkm"  # pragma: allowlist secret
CONTENT = bytes(range(256)) * 1024  # 256 KiB, no two neighbours alike
PARTS = CONTENT * 44 + b"the end"  # 11 MiB and a little: more than a store takes in one piece
HOSTILE_KEYS = (
    "",
    ".",
    "..",
    "/etc/passwd",
    "../../etc/passwd",
    f"{TENANT}/../x",
    "a\x00b",
    "é/字",
)
Stored = Callable[[], int]


async def _stream(content: bytes, block: int = 10_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), block):
        yield content[start : start + block]


async def _put(store: BlobStore, content: bytes, max_bytes: int = 1 << 24) -> StoredBlob:
    return await store.put(TENANT, _stream(content), max_bytes=max_bytes)


async def _read(store: BlobStore, key: str) -> bytes:
    return b"".join([block async for block in store.open(key)])


class BlobStoreContract(Contract):
    """A subclass gives the fixtures `store`, empty, and `stored`, which counts what it keeps.

    What counts is everything that takes room: temporary files too.
    """

    @pytest.mark.parametrize(
        "content", [b"", b"x", CONTENT, PARTS], ids=["empty", "byte", "large", "parts"]
    )
    async def test_bytes_come_back_as_they_were_given(
        self, store: BlobStore, content: bytes
    ) -> None:
        blob = await _put(store, content)
        assert (blob.size, blob.sha256) == (len(content), sha256(content).hexdigest())
        assert await _read(store, blob.key) == content
        async with store.local_path(blob.key) as path:
            assert await asyncio.to_thread(path.read_bytes) == content

    async def test_each_put_makes_a_key_of_its_own(self, store: BlobStore) -> None:
        first, second = await _put(store, b"same"), await _put(store, b"same")
        assert first.key != second.key
        await store.delete(first.key)
        assert await _read(store, second.key) == b"same"

    async def test_what_is_just_small_enough_is_taken(self, store: BlobStore) -> None:
        blob = await _put(store, CONTENT, max_bytes=len(CONTENT))
        assert blob.size == len(CONTENT)

    async def test_what_is_too_large_is_refused_as_soon_as_it_is_and_leaves_nothing(
        self, store: BlobStore, stored: Stored
    ) -> None:
        read = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal read
            while True:
                read += 1000
                yield b"x" * 1000

        with pytest.raises(PayloadTooLarge):
            await store.put(TENANT, endless(), max_bytes=10_000)
        assert read <= 11_000
        assert stored() == 0

    @pytest.mark.parametrize("content", [CONTENT, PARTS], ids=["large", "parts"])
    async def test_what_is_too_large_leaves_nothing_however_much_was_taken_already(
        self, store: BlobStore, stored: Stored, content: bytes
    ) -> None:
        with pytest.raises(PayloadTooLarge):
            await _put(store, content, max_bytes=len(content) - 1)
        assert stored() == 0

    @pytest.mark.parametrize("content", [CONTENT, PARTS], ids=["large", "parts"])
    async def test_a_stream_that_breaks_leaves_nothing(
        self, store: BlobStore, stored: Stored, content: bytes
    ) -> None:
        async def broken() -> AsyncIterator[bytes]:
            yield content
            raise ConnectionResetError

        with pytest.raises(ConnectionResetError):
            await store.put(TENANT, broken(), max_bytes=1 << 24)
        assert stored() == 0

    @pytest.mark.parametrize("content", [CONTENT, PARTS], ids=["large", "parts"])
    async def test_a_cancelled_put_is_never_listed_and_leaves_nothing(
        self, store: BlobStore, stored: Stored, content: bytes
    ) -> None:
        waits = asyncio.Event()

        async def stalled() -> AsyncIterator[bytes]:
            yield content
            waits.set()
            await asyncio.Event().wait()

        task = asyncio.create_task(store.put(TENANT, stalled(), max_bytes=1 << 24))
        await waits.wait()
        assert [blob async for blob in store.list(TENANT)] == []
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert stored() == 0

    async def test_a_put_may_be_cancelled_at_any_moment(
        self, store: BlobStore, stored: Stored
    ) -> None:
        for steps in range(12):
            task = asyncio.create_task(_put(store, CONTENT))
            for _ in range(steps * 5):
                await asyncio.sleep(0)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await store.delete((await task).key)
        assert stored() == 0

    async def test_deleted_bytes_are_gone_and_deleting_twice_is_no_error(
        self, store: BlobStore, stored: Stored
    ) -> None:
        blob = await _put(store, b"x")
        assert stored() == 1
        await store.delete(blob.key)
        await store.delete(blob.key)
        assert stored() == 0
        with pytest.raises(NotFound):
            await _read(store, blob.key)
        with pytest.raises(NotFound):
            async with store.local_path(blob.key):
                pass

    async def test_all_of_a_tenant_is_removed_and_nothing_of_another(
        self, store: BlobStore, stored: Stored
    ) -> None:
        blobs = [await _put(store, content) for content in (b"x", CONTENT)]
        longer = await store.put(f"{TENANT}2", _stream(b"y"), max_bytes=10)
        for _ in range(2):
            await store.delete_all(TENANT)
            assert stored() == 1
        for blob in blobs:
            with pytest.raises(NotFound):
                await _read(store, blob.key)
        assert await _read(store, longer.key) == b"y"
        assert await _read(store, (await _put(store, b"z")).key) == b"z"

    @pytest.mark.parametrize("tenant", ["", ".", "..", "../other", "/"])
    async def test_no_tenant_is_taken_for_a_folder_above(
        self, store: BlobStore, stored: Stored, tenant: str
    ) -> None:
        await _put(store, b"x")
        with suppress(ValueError):
            await store.delete_all(tenant)
        assert stored() == 1

    @pytest.mark.parametrize("key", HOSTILE_KEYS)
    async def test_a_key_it_did_not_make_leads_nowhere(self, store: BlobStore, key: str) -> None:
        with pytest.raises(NotFound):
            await _read(store, key)
        with pytest.raises(NotFound):
            async with store.local_path(key):
                pass
        await store.delete(key)

    async def test_what_is_there_is_listed_with_its_age(self, store: BlobStore) -> None:
        assert [blob async for blob in store.list(TENANT)] == []
        blobs = [await _put(store, bytes([number])) for number in range(5)]
        await store.put(f"{TENANT}2", _stream(b"y"), max_bytes=10)
        await store.delete(blobs.pop().key)
        found = [blob async for blob in store.list(TENANT)]
        assert sorted(blob.key for blob in found) == sorted(blob.key for blob in blobs)
        assert all(-5 < blob.age_seconds < 60 for blob in found)
        assert [await store.exists(blob.key) for blob in blobs] == [True] * 4

    @pytest.mark.parametrize("key", HOSTILE_KEYS)
    async def test_a_key_it_did_not_make_does_not_exist(self, store: BlobStore, key: str) -> None:
        await _put(store, b"x")
        assert await store.exists(key) is False

    async def test_looking_leaves_nothing_behind(self, store: BlobStore, stored: Stored) -> None:
        blob = await _put(store, b"x")
        assert [found.key async for found in store.list(TENANT)] == [blob.key]
        assert await store.exists(blob.key)
        async with store.local_path(blob.key):
            pass
        assert await _read(store, blob.key) == b"x"
        assert stored() == 1

    async def test_how_a_stream_is_cut_does_not_matter(self, store: BlobStore) -> None:
        async def strange() -> AsyncIterator[bytes]:
            for block in (b"", CONTENT, b"", b"x", CONTENT[:3], b""):
                yield block

        blob = await store.put(TENANT, strange(), max_bytes=1 << 20)
        assert await _read(store, blob.key) == CONTENT + b"x" + CONTENT[:3]

    async def test_what_was_deleted_is_neither_there_nor_listed(self, store: BlobStore) -> None:
        blobs = [await _put(store, b"x") for _ in range(3)]
        await store.delete(blobs[0].key)
        assert await store.exists(blobs[0].key) is False
        await store.delete_all(TENANT)
        assert [await store.exists(blob.key) for blob in blobs] == [False] * 3
        assert [blob async for blob in store.list(TENANT)] == []

    async def test_one_blob_may_be_read_by_many_at_once(self, store: BlobStore) -> None:
        blob = await _put(store, CONTENT)
        assert await asyncio.gather(*(_read(store, blob.key) for _ in range(5))) == [CONTENT] * 5

    async def test_many_at_once_do_not_mix(self, store: BlobStore) -> None:
        contents = [bytes([number]) * 50_000 for number in range(8)]
        blobs = await asyncio.gather(*(_put(store, content) for content in contents))
        assert [await _read(store, blob.key) for blob in blobs] == contents

    async def test_reading_may_stop_half_way(self, store: BlobStore) -> None:
        blob = await _put(store, CONTENT)
        async for block in store.open(blob.key):
            assert CONTENT.startswith(block)
            break
        await store.delete(blob.key)
