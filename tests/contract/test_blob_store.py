"""Blob stores keep their contract; the one on disk keeps its files in order too."""

import asyncio
import errno
import os
import stat
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from io import FileIO
from pathlib import Path

import pytest

from adapters.local_disk.blob_store import BLOCK_BYTES, LocalDiskBlobStore
from adapters.memory.blob_store import InMemoryBlobStore
from adapters.s3.blob_store import BLOCK_BYTES as S3_BLOCK_BYTES
from adapters.s3.blob_store import Bucket, S3BlobStore
from application.testing.blob_store import PARTS, TENANT, BlobStoreContract
from domain.errors import DependencyUnavailable
from support.s3 import S3Server


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


async def _stream(*blocks: bytes) -> AsyncIterator[bytes]:
    for block in blocks:
        yield block


class TestInMemoryBlobStore(BlobStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryBlobStore:
        return InMemoryBlobStore()

    @pytest.fixture
    def stored(self, store: InMemoryBlobStore) -> Callable[[], int]:
        return lambda: len(store.blobs)


class TestLocalDiskBlobStore(BlobStoreContract):
    @pytest.fixture
    def store(self, tmp_path: Path) -> LocalDiskBlobStore:
        return LocalDiskBlobStore(tmp_path / "blobs")

    @pytest.fixture
    def stored(self, tmp_path: Path) -> Callable[[], int]:
        return lambda: len(_files(tmp_path))

    async def test_several_blocks_are_written_whole(
        self, store: LocalDiskBlobStore, tmp_path: Path
    ) -> None:
        blocks = [os.urandom(BLOCK_BYTES // 2 + 1) for _ in range(5)]
        blob = await store.put(TENANT, _stream(*blocks), max_bytes=1 << 24)
        assert [path.read_bytes() for path in _files(tmp_path)] == [b"".join(blocks)]
        read = [block async for block in store.open(blob.key)]
        assert b"".join(read) == b"".join(blocks)
        assert max(map(len, read)) <= BLOCK_BYTES

    async def test_nobody_else_can_read_the_files(
        self, store: LocalDiskBlobStore, tmp_path: Path
    ) -> None:
        await store.put(TENANT, _stream(b"x"), max_bytes=10)
        root = tmp_path / "blobs"
        modes = {stat.S_IMODE(path.stat().st_mode) for path in [root, *root.rglob("*")]}
        assert modes == {0o700, 0o600}

    async def test_a_full_disk_is_told_and_leaves_nothing(
        self, store: LocalDiskBlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class FullDisk(FileIO):
            def write(self, data: object) -> int:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr("adapters.local_disk.blob_store.FileIO", FullDisk)
        with pytest.raises(DependencyUnavailable) as raised:
            await store.put(TENANT, _stream(b"x" * BLOCK_BYTES), max_bytes=1 << 24)
        assert raised.value.code == "storage_full"
        assert _files(tmp_path) == []

    async def test_a_put_that_is_cancelled_when_its_file_has_just_moved_leaves_nothing(
        self, store: LocalDiskBlobStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        loop, moved = asyncio.get_running_loop(), list[Path]()

        def cancel(folder: Path) -> None:
            if not moved:
                loop.call_soon_threadsafe(task.cancel)
                time.sleep(0.02)
            moved.append(folder)

        monkeypatch.setattr("adapters.local_disk.blob_store._synchronise", cancel)
        task = asyncio.create_task(store.put(TENANT, _stream(b"x"), max_bytes=10))
        with pytest.raises(asyncio.CancelledError):
            await task
        assert len(moved) == 3
        assert _files(tmp_path) == []

    async def test_a_disk_that_fails_is_told(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        store = LocalDiskBlobStore(tmp_path / "file" / "blobs")
        with pytest.raises(DependencyUnavailable) as raised:
            await store.put(TENANT, _stream(b"x"), max_bytes=10)
        assert raised.value.code == "storage_unavailable"

    @pytest.mark.parametrize("tenant", ["", "..", "a/b", "A", "a\n", "/"])
    async def test_a_tenant_id_that_is_a_path_is_refused(
        self, store: LocalDiskBlobStore, tmp_path: Path, tenant: str
    ) -> None:
        with pytest.raises(ValueError, match="folder"):
            await store.put(tenant, _stream(b"x"), max_bytes=10)
        assert _files(tmp_path) == []

    async def test_what_a_killed_process_left_is_removed_after_a_day(
        self, store: LocalDiskBlobStore, tmp_path: Path
    ) -> None:
        incoming = tmp_path / "blobs" / ".incoming"
        incoming.mkdir(parents=True)
        old, young = incoming / "old", incoming / "young"
        old.touch()
        young.touch()
        yesterday = time.time() - 25 * 3600
        os.utime(old, (yesterday, yesterday))
        await store.put(TENANT, _stream(b"x"), max_bytes=10)
        assert (old.exists(), young.exists()) == (False, True)


class TestS3BlobStore(BlobStoreContract):
    @pytest.fixture
    def bucket(self, s3_server: S3Server) -> Bucket:
        return s3_server.bucket()

    @pytest.fixture
    def store(self, bucket: Bucket) -> S3BlobStore:
        return S3BlobStore(bucket)

    @pytest.fixture
    def stored(self, s3_server: S3Server, bucket: Bucket) -> Callable[[], int]:
        return lambda: s3_server.kept(bucket)

    async def test_an_object_has_the_key_that_the_file_would_have_below_the_prefix(
        self, store: S3BlobStore, s3_server: S3Server, bucket: Bucket
    ) -> None:
        blob = await store.put(TENANT, _stream(b"x"), max_bytes=10)
        [there] = s3_server.client.list_objects_v2(Bucket=bucket.name)["Contents"]
        assert there["Key"] == f"files/all/{blob.key}"

    async def test_two_prefixes_of_a_bucket_do_not_see_each_other(
        self, store: S3BlobStore, bucket: Bucket
    ) -> None:
        blob = await store.put(TENANT, _stream(b"x"), max_bytes=10)
        for prefix in ("", "files", "files/al", "other"):
            other = S3BlobStore(replace(bucket, prefix=prefix))
            assert await other.exists(blob.key) is False
            await other.delete_all(TENANT)
        assert await store.exists(blob.key)

    async def test_it_is_read_a_block_at_a_time(self, store: S3BlobStore) -> None:
        blob = await store.put(TENANT, _stream(PARTS), max_bytes=1 << 24)
        read = [block async for block in store.open(blob.key)]
        assert b"".join(read) == PARTS
        assert [len(block) for block in read[:-1]] == [S3_BLOCK_BYTES] * 2

    async def test_the_temporary_file_is_removed_also_where_its_reader_fails(
        self, store: S3BlobStore
    ) -> None:
        blob = await store.put(TENANT, _stream(PARTS), max_bytes=1 << 24)
        seen: list[Path] = []

        async def reader() -> None:
            async with store.local_path(blob.key) as path:
                assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
                seen.append(path.parent)
                raise EOFError

        with pytest.raises(EOFError):
            await reader()
        assert not seen[0].exists()

    async def test_all_of_a_tenant_is_many_pages(
        self, store: S3BlobStore, stored: Callable[[], int], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("adapters.s3.blob_store._PAGE", 40)
        monkeypatch.setattr("adapters.s3.blob_store._DELETED_AT_ONCE", 30)
        for _ in range(5):
            puts = (store.put(TENANT, _stream(b"x"), max_bytes=10) for _ in range(20))
            await asyncio.gather(*puts)
        assert len({blob.key async for blob in store.list(TENANT)}) == 100
        await store.delete_all(TENANT)
        assert stored() == 0
