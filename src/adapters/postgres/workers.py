"""The processes that do jobs, in PostgreSQL."""

from sqlalchemy import text

from adapters._psycopg import Pool
from adapters.postgres.database import Reader
from application.ports.workers import WorkerRegistry
from domain.jobs import WorkerProcess

_BEAT = text("""
WITH old AS (
  DELETE FROM workers WHERE seen_at < now() - interval '1 hour' AND id <> :id
)
INSERT INTO workers (id, host, pid, concurrency) VALUES (:id, :host, :pid, :concurrency)
ON CONFLICT (id) DO UPDATE SET seen_at = now()
""")
_LEAVE = text("DELETE FROM workers WHERE id = :id")


class PostgresWorkerRegistry(WorkerRegistry):
    """Works through the pool of the system role."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def beat(self, worker: WorkerProcess) -> None:
        values = {
            "id": worker.id,
            "host": worker.host,
            "pid": worker.pid,
            "concurrency": worker.concurrency,
        }
        async with self._reader.connect(None) as connection:
            await connection.execute(_BEAT, values)

    async def leave(self, worker_id: str) -> None:
        async with self._reader.connect(None) as connection:
            await connection.execute(_LEAVE, {"id": worker_id})
