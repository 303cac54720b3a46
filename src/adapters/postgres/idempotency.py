"""Idempotency records in PostgreSQL."""

from collections.abc import Sequence

from sqlalchemy import text

from adapters._psycopg import Connection
from application.ports.idempotency import IdempotencyRecords
from domain.errors import IdempotencyConflict

# A concurrent insert of the same key makes this one wait until the other commits or rolls back.
_CLAIM = text("""
INSERT INTO idempotency_keys (tenant_id, actor_id, key, fingerprint, resource_ids)
VALUES (:tenant_id, :actor_id, :key, :fingerprint, '{}') ON CONFLICT DO NOTHING
""")
_FIND = text("""
SELECT fingerprint, resource_ids FROM idempotency_keys
WHERE tenant_id = :tenant_id AND actor_id = :actor_id AND key = :key
""")
_MADE = text("""
UPDATE idempotency_keys SET resource_ids = :resource_ids
WHERE tenant_id = :tenant_id AND actor_id = :actor_id AND key = :key
""")


class PostgresIdempotencyRecords(IdempotencyRecords):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def claim(self, actor_id: str, key: str, fingerprint: str) -> list[str] | None:
        values = {"tenant_id": self._tenant_id, "actor_id": actor_id, "key": key}
        taken = await self._connection.execute(_CLAIM, {**values, "fingerprint": fingerprint})
        if taken.rowcount == 1:
            return None
        row = (await self._connection.execute(_FIND, values)).one()
        if row.fingerprint != fingerprint:
            raise IdempotencyConflict
        return list(row.resource_ids)

    async def made(self, actor_id: str, key: str, resource_ids: Sequence[str]) -> None:
        await self._connection.execute(
            _MADE,
            {
                "tenant_id": self._tenant_id,
                "actor_id": actor_id,
                "key": key,
                "resource_ids": list(resource_ids),
            },
        )
