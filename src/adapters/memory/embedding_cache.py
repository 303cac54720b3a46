"""Vectors by content in a dictionary."""

from collections.abc import Mapping, Sequence

from adapters.memory.state import MemoryState
from application.ports.embedder import Vector
from application.ports.embedding_cache import EmbeddingCache


class InMemoryEmbeddingCache(EmbeddingCache):
    """Holds the vectors beside the chunks of the same state."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def get(self, tenant_id: str, space: str, hashes: Sequence[str]) -> dict[str, Vector]:
        """Return the known ones."""
        vectors = self._state.vectors
        return {h: vectors[tenant_id, space, h] for h in hashes if (tenant_id, space, h) in vectors}

    async def put(self, tenant_id: str, space: str, vectors: Mapping[str, Vector]) -> None:
        """Store vectors; known ones stay."""
        for content_hash, vector in vectors.items():
            self._state.vectors.setdefault((tenant_id, space, content_hash), tuple(vector))

    async def hashes(self, tenant_id: str, after: str | None, limit: int) -> list[str]:
        """Return a page of what is known."""
        known = {key[2] for key in self._state.vectors if key[0] == tenant_id}
        return sorted(each for each in known if each > (after or ""))[:limit]

    async def forget_unused(self, tenant_id: str, hashes: Sequence[str]) -> int:
        """Remove those that no chunk of a document of the tenant has; deleted documents do not count."""
        tables = self._state.tenant(tenant_id)
        parts = (part for key, part in tables.chunks.items() if key[0] not in tables.tombstones)
        doomed = set(hashes) - {chunk.content_hash for part in parts for chunk in part}
        before = len(self._state.vectors)
        self._state.vectors = {
            key: vector
            for key, vector in self._state.vectors.items()
            if key[0] != tenant_id or key[2] not in doomed
        }
        return before - len(self._state.vectors)
