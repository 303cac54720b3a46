"""Receipts of erasures in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

import orjson
from sqlalchemy import text

from adapters._psycopg import Connection, Row
from application.ports.erasures import ErasureReceipts
from domain.erasures import Erasure, StoreErasure

_ADD = text("""
INSERT INTO erasures
  (id, tenant_id, subject_type, subject_id, requested_by, requested_at, finished_at, counts, stores)
VALUES (:id, :tenant_id, :subject_type, :subject_id, :requested_by, :requested_at, :finished_at,
  cast(:counts AS jsonb), cast(:stores AS jsonb))
""")
_SAVE = text("""
UPDATE erasures SET counts = cast(:counts AS jsonb), stores = cast(:stores AS jsonb),
  finished_at = :finished_at
WHERE id = :id
""")
_OF = "SELECT * FROM erasures WHERE subject_type = :subject_type AND subject_id = :subject_id"
_ALL_OF = text(f"{_OF} ORDER BY requested_at, id")
_GET = text("SELECT * FROM erasures WHERE id = :id")
_PENDING = text(f"{_OF} AND finished_at IS NULL ORDER BY requested_at DESC LIMIT 1")
_OUTLIVE = text("""
UPDATE erasures SET tenant_id = NULL, finished_at = coalesce(finished_at, :finished_at)
WHERE tenant_id = :tenant_id
""")
_WITHDRAW = text("DELETE FROM erasures WHERE id = :id AND finished_at IS NULL")


def _to_erasure(row: Row) -> Erasure:
    values = row._asdict()
    stores = tuple(
        StoreErasure(**{**store, "at": datetime.fromisoformat(store["at"])})
        for store in values.pop("stores")
    )
    return Erasure(**values, stores=stores)


class PostgresErasureReceipts(ErasureReceipts):
    """Works in the connection's transaction: on the system role, or within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str | None = None) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, erasure: Erasure) -> None:
        values = {
            "id": erasure.id,
            "tenant_id": self._tenant_id,
            "subject_type": erasure.subject_type,
            "subject_id": erasure.subject_id,
            "requested_by": erasure.requested_by,
            "requested_at": erasure.requested_at,
        }
        await self._connection.execute(_ADD, {**values, **_state(erasure)})

    async def save(self, erasure: Erasure) -> None:
        await self._connection.execute(_SAVE, {"id": erasure.id, **_state(erasure)})

    async def get(self, erasure_id: str) -> Erasure | None:
        row = (await self._connection.execute(_GET, {"id": erasure_id})).one_or_none()
        return None if row is None else _to_erasure(row)

    async def pending(self, subject_type: str, subject_id: str) -> Erasure | None:
        values = {"subject_type": subject_type, "subject_id": subject_id}
        row = (await self._connection.execute(_PENDING, values)).one_or_none()
        return None if row is None else _to_erasure(row)

    async def of(self, subject_type: str, subject_id: str) -> Sequence[Erasure]:
        values = {"subject_type": subject_type, "subject_id": subject_id}
        return [_to_erasure(row) for row in await self._connection.execute(_ALL_OF, values)]

    async def outlive(self, tenant_id: str, finished_at: datetime) -> None:
        values = {"tenant_id": tenant_id, "finished_at": finished_at}
        await self._connection.execute(_OUTLIVE, values)

    async def withdraw(self, erasure_id: str) -> None:
        await self._connection.execute(_WITHDRAW, {"id": erasure_id})


def _state(erasure: Erasure) -> dict[str, object]:
    counts = orjson.dumps(dict(erasure.counts)).decode()
    stores = orjson.dumps([asdict(store) for store in erasure.stores]).decode()
    return {"counts": counts, "stores": stores, "finished_at": erasure.finished_at}
