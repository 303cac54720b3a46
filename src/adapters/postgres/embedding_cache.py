"""The embedding cache in PostgreSQL: vectors by content hash."""

from array import array
from collections.abc import Mapping, Sequence

from sqlalchemy import text

from adapters._psycopg import Pool
from adapters.postgres.database import Reader
from application.ports.embedder import Vector
from application.ports.embedding_cache import EmbeddingCache

_GET = text("""
SELECT content_hash, vector FROM embedding_cache
WHERE tenant_id = :tenant_id AND space = :space AND content_hash = ANY(:hashes)
""")
_PUT = text("""
INSERT INTO embedding_cache (tenant_id, space, content_hash, vector)
SELECT :tenant_id, :space, u.hash, u.vector
FROM unnest(cast(:hashes AS text[]), cast(:vectors AS bytea[])) AS u(hash, vector)
ON CONFLICT DO NOTHING
""")
_HASHES = text("""
SELECT DISTINCT content_hash FROM embedding_cache
WHERE tenant_id = :tenant_id AND content_hash > :after ORDER BY content_hash LIMIT :limit
""")
_FORGET = text("""
DELETE FROM embedding_cache WHERE tenant_id = :tenant_id AND content_hash = ANY(:hashes)
AND NOT EXISTS (
  SELECT FROM chunks c JOIN documents d ON d.tenant_id = c.tenant_id AND d.id = c.document_id
  WHERE c.tenant_id = embedding_cache.tenant_id
    AND c.content_hash = embedding_cache.content_hash AND d.deleted_at IS NULL)
""")


class PostgresEmbeddingCache(EmbeddingCache):
    """Stores single-precision floats as bytes; small enough and exact."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def get(self, tenant_id: str, space: str, hashes: Sequence[str]) -> dict[str, Vector]:
        async with self._reader.connect(tenant_id) as connection:
            found = await connection.execute(
                _GET, {"tenant_id": tenant_id, "space": space, "hashes": list(hashes)}
            )
            return {row.content_hash: array("f", bytes(row.vector)) for row in found}

    async def put(self, tenant_id: str, space: str, vectors: Mapping[str, Vector]) -> None:
        async with self._reader.connect(tenant_id) as connection:
            await connection.execute(
                _PUT,
                {
                    "tenant_id": tenant_id,
                    "space": space,
                    "hashes": list(vectors),
                    "vectors": [array("f", vector).tobytes() for vector in vectors.values()],
                },
            )

    async def hashes(self, tenant_id: str, after: str | None, limit: int) -> Sequence[str]:
        values = {"tenant_id": tenant_id, "after": after or "", "limit": limit}
        async with self._reader.connect(tenant_id) as connection:
            return (await connection.execute(_HASHES, values)).scalars()

    async def forget_unused(self, tenant_id: str, hashes: Sequence[str]) -> int:
        values = {"tenant_id": tenant_id, "hashes": list(hashes)}
        async with self._reader.connect(tenant_id) as connection:
            return (await connection.execute(_FORGET, values)).rowcount
