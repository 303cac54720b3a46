"""A cache that all processes share, in a table that is not worth a log."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import text

from adapters._psycopg import Connection, Pool
from adapters.postgres._keys import indexable
from adapters.postgres.database import Reader
from application.ports.cache import Cache, CacheUnavailable
from domain.errors import DependencyUnavailable

CALL_SECONDS = 1.0  # a cache that is slower than what it saves is no help

_GET = text("SELECT key, value FROM cache_entries WHERE key = ANY(:keys) AND expires_at > now()")
# Whoever writes several takes them in the order of their keys, so that nobody waits in a circle.
_PUT = text("""
INSERT INTO cache_entries (key, value, expires_at)
SELECT u.key, u.value, now() + make_interval(secs => :seconds)
FROM unnest(cast(:keys AS text[]), cast(:contents AS bytea[])) AS u(key, value) ORDER BY u.key
ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at
""")
_DELETE = text("""
DELETE FROM cache_entries WHERE key IN (
  SELECT key FROM cache_entries WHERE key = ANY(:keys) ORDER BY key FOR UPDATE)
""")


class PostgresCache(Cache):
    """Single statements on a pool of the system role. What is over stays until housekeeping comes."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        if not keys:
            return {}
        names = {indexable(key): key for key in keys}
        async with self._connect() as connection:
            found = await connection.execute(_GET, {"keys": list(names)})
        return {names[row.key]: bytes(row.value) for row in found}

    async def put_many(self, values: Mapping[str, bytes], seconds: float) -> None:
        if not values:
            return
        entries = {indexable(key): value for key, value in values.items()}
        async with self._connect() as connection:
            await connection.execute(
                _PUT,
                {"keys": list(entries), "contents": list(entries.values()), "seconds": seconds},
            )

    async def delete_many(self, keys: Sequence[str]) -> None:
        if not keys:
            return
        async with self._connect() as connection:
            await connection.execute(_DELETE, {"keys": [indexable(key) for key in keys]})

    @asynccontextmanager
    async def _connect(self) -> AsyncIterator[Connection]:
        try:
            async with asyncio.timeout(CALL_SECONDS), self._reader.connect(None) as connection:
                yield connection
        except (DependencyUnavailable, TimeoutError) as error:
            raise CacheUnavailable from error
