"""Port: vectors by what was embedded, so that equal content is embedded once."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

from application.ports.embedder import Vector


class EmbeddingCache(ABC):
    """Scoped by tenant and vector space; `hashes` are hex SHA-256 of the embedded texts."""

    @abstractmethod
    async def get(self, tenant_id: str, space: str, hashes: Sequence[str]) -> dict[str, Vector]:
        """Return the known ones."""

    @abstractmethod
    async def put(self, tenant_id: str, space: str, vectors: Mapping[str, Vector]) -> None:
        """Store vectors; known ones stay."""

    @abstractmethod
    async def hashes(self, tenant_id: str, after: str | None, limit: int) -> Sequence[str]:
        """Return up to `limit` known hashes of any space in order, those that follow `after`."""

    @abstractmethod
    async def forget_unused(self, tenant_id: str, hashes: Sequence[str]) -> int:
        """Remove those of the hashes that no chunk of the tenant has any more; return how many vectors.

        The chunks of deleted documents do not count, erased or not.
        """
