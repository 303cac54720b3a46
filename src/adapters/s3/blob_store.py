"""Blobs as objects in a bucket, by the keys that they would have as files on a disk."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from io import FileIO
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from adapters.s3._errors import bucket_errors, is_beyond_the_end
from adapters.s3._store_clock import StoreClock
from adapters.s3._upload import Upload
from application.ports.blob_store import BlobStore, BlobStoreUnavailable, ListedBlob, StoredBlob
from domain.errors import NotFound, PayloadTooLarge, StorageFull

if TYPE_CHECKING:
    from obstore import GetOptions, ObjectMeta
    from obstore.store import S3Credential

T = TypeVar("T")
BLOCK_BYTES = 4 << 20  # of a read; each is a request of its own
CALL_SECONDS = 20.0
PART_SECONDS = 60.0
_PAGE = 1_000
_DELETED_AT_ONCE = 100
_TENANT = re.compile(r"[a-z0-9_]{1,64}\Z")
_KEY = re.compile(r"[a-z0-9_]{1,64}/[0-9a-f]{2}/[0-9a-f]{30}\Z")


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where it is and who asks. What is "" comes from AWS's own variables, or from the machine's role.

    An `endpoint` that says http is spoken to without TLS.
    """

    name: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    access_key_id: str = ""
    secret_access_key: str = ""


class S3BlobStore(BlobStore):
    """Keeps blobs as `prefix/tenant/xx/rest`.

    Each call is over after `call_seconds`, each part of an upload after `part_seconds`: a request may
    take half of it, so that one that hangs can be tried again. Nothing is kept open between two
    blocks of a download, so a slow reader costs the bucket nothing.
    """

    kind = "s3"

    def __init__(
        self,
        bucket: Bucket,
        *,
        call_seconds: float = CALL_SECONDS,
        part_seconds: float = PART_SECONDS,
    ) -> None:
        self._call_seconds = call_seconds
        self._part_seconds = part_seconds
        self._store = _connected(bucket, call_seconds / 2)
        self._uploads = _connected(bucket, part_seconds / 2)
        self._clock = StoreClock(self._store)

    async def put(
        self, tenant_id: str, data: AsyncIterator[bytes], *, max_bytes: int
    ) -> StoredBlob:
        """Store a stream of bytes under a key made up here."""
        name = token_hex(16)
        key = f"{_folder(tenant_id)}{name[:2]}/{name[2:]}"
        size, digest = 0, sha256()
        async with Upload(self._uploads, key, self._part_seconds) as upload:
            async for block in data:
                size += len(block)
                if size > max_bytes:
                    raise PayloadTooLarge
                digest.update(block)
                await upload.write(block)
        return StoredBlob(key, size, digest.hexdigest())

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """Yield the bytes in blocks of up to 4 MiB."""
        read, size = 0, 1
        while read < size:
            block, size = await self._call(self._read(_checked(key), read, BLOCK_BYTES))
            if len(block) < min(BLOCK_BYTES, size - read):
                raise BlobStoreUnavailable("The storage gave less than it has.")
            read += len(block)
            yield block

    @asynccontextmanager
    async def local_path(self, key: str) -> AsyncIterator[Path]:
        """Write the bytes to a temporary file for as long as the context is open."""
        with TemporaryDirectory(prefix="chatsphere-") as folder:
            path = Path(folder) / "blob"
            with FileIO(path, "wb") as file:
                async for block in self.open(key):
                    await _written(file, block)
            yield path

    async def exists(self, key: str) -> bool:
        """Tell whether the object is there; of a bucket that is missing HEAD would say as much."""
        try:
            await self._call(self._read(_checked(key), 0, 1))
        except NotFound:
            return False
        return True

    async def list(self, tenant_id: str) -> AsyncIterator[ListedBlob]:
        """Yield the tenant's objects, a thousand of them at a time."""
        now = await self._call(self._clock.now())
        async for page in self._pages(tenant_id):
            for meta in page:
                if _KEY.match(meta["path"]):
                    yield ListedBlob(meta["path"], (now - meta["last_modified"]).total_seconds())

    async def delete(self, key: str) -> None:
        """Remove the object."""
        if _KEY.match(key):
            await self._delete([key])

    async def delete_all(self, tenant_id: str) -> None:
        """Remove all objects whose keys begin with the tenant."""
        async for page in self._pages(tenant_id):
            keys = [meta["path"] for meta in page]
            for start in range(0, len(keys), _DELETED_AT_ONCE):
                await self._delete(keys[start : start + _DELETED_AT_ONCE])

    async def _pages(self, tenant_id: str) -> "AsyncIterator[Sequence[ObjectMeta]]":
        pages = obstore.list(self._store, prefix=_folder(tenant_id), chunk_size=_PAGE)
        while True:
            try:
                yield await self._call(pages.__anext__())
            except StopAsyncIteration:
                return

    async def _delete(self, keys: Sequence[str]) -> None:
        with suppress(NotFound):
            await self._call(obstore.delete_async(self._store, keys))

    async def _read(self, key: str, start: int, most: int) -> tuple[bytes, int]:
        """Return up to `most` bytes from `start`, and the size of the whole."""
        try:
            options: GetOptions = {"range": (start, start + most)}
            found = await obstore.get_async(self._store, key, options=options)
            return bytes(await found.bytes_async()), found.meta["size"]
        except BaseError as error:
            if start == 0 and is_beyond_the_end(error):
                return b"", 0
            raise

    async def _call(self, work: Awaitable[T]) -> T:
        with bucket_errors():
            async with asyncio.timeout(self._call_seconds):
                return await work


def _connected(bucket: Bucket, seconds: float) -> S3Store:
    """Return a client whose requests take `seconds`, and begin no later than that.

    With a key of ours nothing of the environment is mixed in, such as another key's session token.
    """
    given = {"endpoint": bucket.endpoint, "region": bucket.region}
    longest = timedelta(seconds=seconds)
    store: S3Store = S3Store(
        bucket.name,
        prefix=bucket.prefix or None,
        config={name: value for name, value in given.items() if value},  # type: ignore[arg-type]
        disable_bulk_delete=True,  # not everybody who speaks S3 has it
        client_options={
            "allow_http": bucket.endpoint.lower().startswith("http://"),
            "connect_timeout": timedelta(seconds=min(5.0, seconds)),
            "timeout": longest,
        },
        retry_config={
            "max_retries": 3,
            "retry_timeout": longest,
            "backoff": {
                "init_backoff": timedelta(seconds=0.1),
                "max_backoff": timedelta(seconds=1),
            },
        },
        credential_provider=_keys(bucket) if bucket.access_key_id else None,
    )
    return store


def _keys(bucket: Bucket) -> "Callable[[], S3Credential]":
    return lambda: {
        "access_key_id": bucket.access_key_id,
        "secret_access_key": bucket.secret_access_key,
        "expires_at": None,
    }


def _folder(tenant_id: str) -> str:
    if not _TENANT.match(tenant_id):
        raise ValueError("this tenant id cannot name a folder")
    return f"{tenant_id}/"


def _checked(key: str) -> str:
    if not _KEY.match(key):
        raise NotFound
    return key


async def _written(file: FileIO, block: bytes) -> None:
    """Write a block in a thread. Raises StorageFull: what is full is the disk of this machine."""

    def write() -> None:
        written = 0
        while written < len(block):
            written += file.write(block[written:])

    try:
        await asyncio.to_thread(write)
    except OSError as error:
        raise StorageFull("There is no room left for a temporary file.") from error
