"""Port: the original bytes of documents."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from domain.errors import DependencyUnavailable


class BlobStoreUnavailable(DependencyUnavailable):
    """The storage does not answer."""

    code = "storage_unavailable"


@dataclass(frozen=True, slots=True)
class StoredBlob:
    """What was stored: size in bytes and hex SHA-256."""

    key: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ListedBlob:
    """A blob that is there; its age counts in seconds, by the store's clock, from when it was whole."""

    key: str
    age_seconds: float


class BlobStore(ABC):
    """Keeps bytes under keys it makes up itself; client-given names never reach it.

    `kind` names the technology in receipts. Every call raises BlobStoreUnavailable where the store does
    not answer; its code is `storage_misconfigured` where it will not until somebody changes a setting.
    """

    kind: ClassVar[str]

    @abstractmethod
    async def put(
        self, tenant_id: str, data: AsyncIterator[bytes], *, max_bytes: int
    ) -> StoredBlob:
        """Store a stream of bytes. Raises PayloadTooLarge, StorageFull.

        Nothing is kept of a stream that was refused, that broke, or that nobody waits for any more.
        """

    @abstractmethod
    def open(self, key: str) -> AsyncIterator[bytes]:
        """Yield the bytes. Raises NotFound."""

    @abstractmethod
    def local_path(self, key: str) -> AbstractAsyncContextManager[Path]:
        """Give the bytes as a file to read while the context is open. Raises NotFound."""

    @abstractmethod
    async def exists(self, key: str) -> bool:
        """Tell whether there are bytes under this key."""

    @abstractmethod
    def list(self, tenant_id: str) -> AsyncIterator[ListedBlob]:
        """Yield all that was put for a tenant and is not deleted, in any order.

        What comes or goes meanwhile may be among it or not.
        """

    @abstractmethod
    async def delete(self, key: str) -> None:
        """Remove the bytes; an unknown key is no error."""

    @abstractmethod
    async def delete_all(self, tenant_id: str) -> None:
        """Remove all that was ever put for a tenant, whether or not anybody still knows the key."""
