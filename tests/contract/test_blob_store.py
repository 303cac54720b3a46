"""Blob stores keep their contract; the one on disk keeps its files in order too."""

import errno
import os
import stat
import time
from collections.abc import AsyncIterator, Callable
from io import FileIO
from pathlib import Path

import pytest

from adapters.local_disk.blob_store import BLOCK_BYTES, LocalDiskBlobStore
from adapters.memory.blob_store import InMemoryBlobStore
from application.testing.blob_store import TENANT, BlobStoreContract
from domain.errors import DependencyUnavailable


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
