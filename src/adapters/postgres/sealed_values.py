"""The sealed second factors of users in PostgreSQL."""

from collections.abc import Sequence

from sqlalchemy import text

from adapters._psycopg import Pool
from adapters.postgres.database import Reader
from application.ports.sealed_values import SealedValue, SealedValues

_PAGE = text("""
SELECT id, totp_secret FROM users
WHERE totp_secret IS NOT NULL AND id > :after ORDER BY id LIMIT :limit
""")
_REPLACE = text("""
UPDATE users SET totp_secret = :sealed WHERE id = :id AND totp_secret = :before
""")


class PostgresSealedFactors(SealedValues):
    """Reads and writes on a pool of the system role; their context is `users.totp_secret:<user id>`."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def page(self, after: str | None, limit: int) -> Sequence[SealedValue]:
        values = {"after": after or "", "limit": limit}
        async with self._reader.connect(None) as connection:
            rows = await connection.execute(_PAGE, values)
        return [SealedValue(row.id, f"users.totp_secret:{row.id}", row.totp_secret) for row in rows]

    async def replace(self, value: SealedValue, sealed: str) -> bool:
        values = {"id": value.place, "before": value.sealed, "sealed": sealed}
        async with self._reader.connect(None) as connection:
            return (await connection.execute(_REPLACE, values)).rowcount == 1
