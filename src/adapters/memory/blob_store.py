"""Bytes in a dictionary."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory

from application.ports.blob_store import BlobStore, ListedBlob, StoredBlob
from domain.errors import NotFound, PayloadTooLarge

_BLOCK = 64 * 1024


class InMemoryBlobStore(BlobStore):
    """Keeps everything it is given in `blobs`, by key; ages are by `clock`, in seconds."""

    kind = "memory"

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.blobs: dict[str, bytes] = {}
        self._clock = clock
        self._stored_at: dict[str, float] = {}

    async def put(
        self, tenant_id: str, data: AsyncIterator[bytes], *, max_bytes: int
    ) -> StoredBlob:
        """Store a stream of bytes, once it is complete."""
        content = bytearray()
        async for block in data:
            content += block
            if len(content) > max_bytes:
                raise PayloadTooLarge
        key = f"{tenant_id}/{token_hex(16)}"
        self.blobs[key] = bytes(content)
        self._stored_at[key] = self._clock()
        return StoredBlob(key, len(content), sha256(content).hexdigest())

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """Yield the bytes in blocks."""
        content = self._content(key)
        for start in range(0, len(content), _BLOCK):
            yield content[start : start + _BLOCK]

    @asynccontextmanager
    async def local_path(self, key: str) -> AsyncIterator[Path]:
        """Write the bytes to a temporary file for as long as the context is open."""
        content = self._content(key)
        with TemporaryDirectory(prefix="chatsphere-") as folder:
            path = Path(folder) / "blob"
            await asyncio.to_thread(path.write_bytes, content)
            yield path

    async def exists(self, key: str) -> bool:
        """Tell whether the key is known."""
        return key in self.blobs

    async def list(self, tenant_id: str) -> AsyncIterator[ListedBlob]:
        """Yield the tenant's blobs."""
        for key in [key for key in self.blobs if key.startswith(f"{tenant_id}/")]:
            yield ListedBlob(key, self._clock() - self._stored_at.get(key, 0.0))

    async def delete(self, key: str) -> None:
        """Remove the bytes."""
        self.blobs.pop(key, None)

    async def delete_all(self, tenant_id: str) -> None:
        """Remove all of a tenant."""
        for key in [key for key in self.blobs if key.startswith(f"{tenant_id}/")]:
            del self.blobs[key]

    def _content(self, key: str) -> bytes:
        if key not in self.blobs:
            raise NotFound
        return self.blobs[key]
