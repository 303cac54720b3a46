"""Blobs as files on a local disk, each written beside its place and then moved there whole."""

import asyncio
import errno
import os
import re
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from functools import partial
from hashlib import sha256
from io import FileIO
from pathlib import Path
from secrets import token_hex
from typing import TypeVar

from application.ports.blob_store import BlobStore, BlobStoreUnavailable, ListedBlob, StoredBlob
from domain.errors import NotFound, PayloadTooLarge, StorageFull

T = TypeVar("T")
BLOCK_BYTES = 1 << 20
_TENANT = re.compile(r"[a-z0-9_]{1,64}\Z")
_KEY = re.compile(r"[a-z0-9_]{1,64}/[0-9a-f]{2}/[0-9a-f]{30}\Z")
_INCOMING = ".incoming"
_ABANDONED_SECONDS = 24 * 3600.0
_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class LocalDiskBlobStore(BlobStore):
    """Keeps blobs under `root` as `tenant/xx/rest`, readable by the owner of the process only.

    File I/O runs in threads, a block at a time. What is acknowledged survives a power cut: file and
    folders are synchronised before `put` returns.
    """

    kind = "local_disk"

    def __init__(self, root: Path) -> None:
        self._root = root
        self._swept = False

    async def put(
        self, tenant_id: str, data: AsyncIterator[bytes], *, max_bytes: int
    ) -> StoredBlob:
        """Store a stream of bytes under a key made up here."""
        if not _TENANT.match(tenant_id):
            raise ValueError("this tenant id cannot name a folder")
        name = token_hex(16)
        key = f"{tenant_id}/{name[:2]}/{name[2:]}"
        upload = _Upload(self._root / _INCOMING / name, max_bytes)
        try:
            await _in_thread(self._prepare)
            await _in_thread(upload.make)
            async for block in data:
                if upload.take(block):
                    await _in_thread(upload.write)
            await _in_thread(lambda: upload.finish(self._root / key))
        except BaseException:
            await _in_thread(upload.discard)
            raise
        return StoredBlob(key, upload.size, upload.digest.hexdigest())

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """Yield the bytes in blocks of up to 1 MiB."""
        path = self._path(key)
        file = await _in_thread(lambda: _open_for_reading(path))
        try:
            while block := await _in_thread(lambda: file.read(BLOCK_BYTES)):
                yield block
        finally:
            file.close()

    @asynccontextmanager
    async def local_path(self, key: str) -> AsyncIterator[Path]:
        """Give the file itself: it is to be read only."""
        path = self._path(key)
        if not await _in_thread(path.is_file):
            raise NotFound
        yield path

    async def exists(self, key: str) -> bool:
        """Tell whether the file is there."""
        return bool(_KEY.match(key)) and await _in_thread(self._path(key).is_file)

    async def list(self, tenant_id: str) -> AsyncIterator[ListedBlob]:
        """Yield the tenant's files, one folder of them at a time; a file's age is by its last write."""
        if not _TENANT.match(tenant_id):
            raise ValueError("this tenant id cannot name a folder")
        for shard in await _in_thread(lambda: _entries(self._root / tenant_id)):
            for blob in await _in_thread(partial(_listed, shard)):
                yield blob

    async def delete(self, key: str) -> None:
        """Remove the file."""
        if _KEY.match(key):
            await _in_thread(lambda: self._path(key).unlink(missing_ok=True))

    async def delete_all(self, tenant_id: str) -> None:
        """Remove the tenant's folder."""
        if not _TENANT.match(tenant_id):
            raise ValueError("this tenant id cannot name a folder")
        await _in_thread(lambda: _remove_folder(self._root / tenant_id))

    def _path(self, key: str) -> Path:
        if not _KEY.match(key):
            raise NotFound
        return self._root / key

    def _prepare(self) -> None:
        """Make the folder of uploads; once a process, remove what a killed one left there."""
        incoming = self._root / _INCOMING
        _make_folders(incoming)
        if not self._swept:
            self._swept = True
            abandoned = time.time() - _ABANDONED_SECONDS
            for path in incoming.iterdir():
                with suppress(FileNotFoundError):  # another process sweeps too
                    if path.stat().st_mtime < abandoned:
                        path.unlink()


class _Upload:
    """A file that grows block by block; its size and SHA-256 are taken on the way."""

    def __init__(self, path: Path, max_bytes: int) -> None:
        self.size = 0
        self.digest = sha256()
        self._path = path
        self._max_bytes = max_bytes
        self._is_made = False
        self._buffer = bytearray()

    def make(self) -> None:
        """Make the file, for our eyes only."""
        os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        self._is_made = True

    def take(self, block: bytes) -> bool:
        """Note a block; tell whether there is enough to write. Raises PayloadTooLarge."""
        self.size += len(block)
        if self.size > self._max_bytes:
            raise PayloadTooLarge
        self._buffer += block
        return len(self._buffer) >= BLOCK_BYTES

    def write(self, *, to_disk: bool = False) -> None:
        """Write what was taken; with `to_disk` wait until the whole file is on the disk."""
        self.digest.update(self._buffer)
        with FileIO(self._path, "r+") as file:
            file.seek(0, os.SEEK_END)
            written = 0
            while written < len(self._buffer):
                written += file.write(self._buffer[written:])
            if to_disk:
                os.fsync(file.fileno())
        self._buffer.clear()

    def finish(self, place: Path) -> None:
        """Write the rest and move the file to its place, so that it survives a power cut."""
        self.write(to_disk=True)
        _make_folders(place.parent)
        self._path = self._path.rename(place)
        for folder in place.parents[:3]:  # shard, tenant, root: any of them may be new
            _synchronise(folder)

    def discard(self) -> None:
        """Remove the file, wherever it is by now."""
        if self._is_made:
            self._path.unlink(missing_ok=True)


def _make_folders(folder: Path) -> None:
    """Make a folder and those above it, for our eyes only."""
    for part in (*reversed(folder.parents), folder):
        part.mkdir(mode=0o700, exist_ok=True)


def _synchronise(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _entries(folder: Path) -> Sequence[Path]:
    with suppress(FileNotFoundError, NotADirectoryError):
        return list(folder.iterdir())
    return ()


def _listed(shard: Path) -> Sequence[ListedBlob]:
    """Return the blobs in a folder; another file is none of ours."""
    now, found = time.time(), []
    for path in _entries(shard):
        key = "/".join(path.parts[-3:])
        with suppress(FileNotFoundError):  # it was deleted meanwhile
            if _KEY.match(key):
                found.append(ListedBlob(key, now - path.stat().st_mtime))
    return found


def _remove_folder(folder: Path) -> None:
    with suppress(FileNotFoundError):
        shutil.rmtree(folder)


def _open_for_reading(path: Path) -> FileIO:
    try:
        return FileIO(path, "rb")
    except FileNotFoundError as error:
        raise NotFound from error


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StorageFull from error
        raise BlobStoreUnavailable from error


async def _in_thread(work: Callable[[], T]) -> T:
    """Run file I/O in a thread. A cancellation waits for it, so that files are closed after use."""
    task = asyncio.ensure_future(asyncio.to_thread(work))
    with _disk_errors():
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait([task])
            raise
