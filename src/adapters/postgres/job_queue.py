"""The job queue in PostgreSQL: leases by the database clock, fences, fair turns (ADR 0007)."""

from sqlalchemy import text

from adapters._psycopg import Connection, Pool
from adapters.postgres.database import Reader
from adapters.postgres.notifier import CHANNEL, JOBS, Notifier
from application.ports.job_queue import JobOutbox, JobQueue, LeaseLost
from domain.jobs import Job, JobKind, Lease

_ENQUEUE = text(f"""
WITH added AS (
  INSERT INTO jobs (id, tenant_id, kind, subject_id, revision, priority, run_at)
  VALUES (:id, :tenant_id, :kind, :subject_id, :revision, :priority, :run_at)
  ON CONFLICT (tenant_id, kind, subject_id) DO UPDATE SET
    id = excluded.id, revision = excluded.revision, priority = excluded.priority,
    run_at = excluded.run_at, lease_until = NULL, fence = jobs.fence + 1,
    errors = 0, losses = 0, last_error = NULL
  RETURNING 1
)
SELECT pg_notify('{CHANNEL}', '{JOBS}') FROM added
""")  # noqa: S608  # constants only
# Turns between tenants: whoever has the fewest jobs in work goes first, then whoever waited longest.
# The work of a deleted workspace rests until it is restored; what erases it does not.
_CLAIM = text(f"""
WITH busy AS (
  SELECT tenant_id, count(*) AS working FROM jobs WHERE lease_until > now() GROUP BY tenant_id
), next AS (
  SELECT j.id FROM jobs j LEFT JOIN busy USING (tenant_id) LEFT JOIN job_turns USING (tenant_id)
  WHERE j.run_at <= now() AND (j.lease_until IS NULL OR j.lease_until <= now())
    AND (j.kind = '{JobKind.ERASE_WORKSPACE.value}' OR NOT EXISTS (
      SELECT FROM workspaces w WHERE w.id = j.tenant_id AND w.deleted_at IS NOT NULL))
  ORDER BY coalesce(busy.working, 0), job_turns.served_at NULLS FIRST, j.priority, j.run_at, j.id
  LIMIT 1 FOR UPDATE OF j SKIP LOCKED
), claimed AS (
UPDATE jobs SET
  losses = losses + (lease_until IS NOT NULL)::int,
  lease_until = now() + make_interval(secs => :seconds), fence = fence + 1
FROM next WHERE jobs.id = next.id
RETURNING jobs.*
), turn AS (
  INSERT INTO job_turns (tenant_id, served_at) SELECT tenant_id, clock_timestamp() FROM claimed
  ON CONFLICT (tenant_id) DO UPDATE SET served_at = excluded.served_at
)
SELECT * FROM claimed
""")  # noqa: S608  # constants only
_HOLD = "id = :id AND fence = :fence AND lease_until > now()"
_HEARTBEAT = text(
    f"UPDATE jobs SET lease_until = now() + make_interval(secs => :seconds) WHERE {_HOLD}"  # noqa: S608
)
_FENCE = text(f"SELECT 1 FROM jobs WHERE {_HOLD} FOR UPDATE")  # noqa: S608
_COMPLETE = text(f"DELETE FROM jobs WHERE {_HOLD}")  # noqa: S608
_RETRY = text(
    "UPDATE jobs SET lease_until = NULL, errors = errors + :blame, last_error = :reason, "  # noqa: S608
    f"run_at = now() + make_interval(secs => :delay) WHERE {_HOLD}"
)
_RELEASE = text(f"UPDATE jobs SET lease_until = NULL WHERE {_HOLD}")  # noqa: S608
_CANCEL = text(
    "DELETE FROM jobs WHERE tenant_id = :tenant_id AND kind = :kind AND subject_id = :subject_id"
)
_REASON_MAX = 500


def _holder(lease: Lease) -> dict[str, object]:
    return {"id": lease.job.id, "fence": lease.fence}


class PostgresJobOutbox(JobOutbox):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def enqueue(self, job: Job) -> None:
        await self._connection.execute(
            _ENQUEUE,
            {
                "id": job.id,
                "tenant_id": self._tenant_id,
                "kind": job.kind.value,
                "subject_id": job.subject_id,
                "revision": job.revision,
                "priority": job.priority,
                "run_at": job.run_at,
            },
        )

    async def fence(self, lease: Lease) -> None:
        if await self._connection.scalar(_FENCE, _holder(lease)) is None:
            raise LeaseLost

    async def complete(self, lease: Lease) -> None:
        if (await self._connection.execute(_COMPLETE, _holder(lease))).rowcount == 0:
            raise LeaseLost

    async def cancel(self, kind: JobKind, subject_id: str) -> None:
        await self._connection.execute(
            _CANCEL, {"tenant_id": self._tenant_id, "kind": kind.value, "subject_id": subject_id}
        )


class PostgresJobQueue(JobQueue):
    """Claims over all tenants."""

    def __init__(self, pool: Pool, notifier: Notifier) -> None:
        self._reader = Reader(pool)
        self._notifier = notifier

    async def claim(self, lease_seconds: float) -> Lease | None:
        self._notifier.forget(JOBS)
        async with self._reader.connect(None) as connection:
            row = (await connection.execute(_CLAIM, {"seconds": lease_seconds})).one_or_none()
        if row is None:
            return None
        job = Job(
            id=row.id,
            tenant_id=row.tenant_id,
            kind=JobKind(row.kind),
            subject_id=row.subject_id,
            run_at=row.run_at,
            priority=row.priority,
            revision=row.revision,
        )
        return Lease(job, row.fence, row.errors, row.losses)

    async def heartbeat(self, lease: Lease, lease_seconds: float) -> None:
        async with self._reader.connect(None) as connection:
            done = await connection.execute(
                _HEARTBEAT, {**_holder(lease), "seconds": lease_seconds}
            )
            if done.rowcount == 0:
                raise LeaseLost

    async def retry(
        self, lease: Lease, delay_seconds: float, reason: str, *, blame: bool = True
    ) -> None:
        values = {
            **_holder(lease),
            "delay": delay_seconds,
            "reason": reason[:_REASON_MAX],
            "blame": int(blame),
        }
        async with self._reader.connect(None) as connection:
            await connection.execute(_RETRY, values)

    async def release(self, lease: Lease) -> None:
        async with self._reader.connect(None) as connection:
            await connection.execute(_RELEASE, _holder(lease))

    async def wait(self, timeout_seconds: float) -> None:
        if self._notifier.remembers(JOBS):
            return
        with self._notifier.watch(JOBS) as watch:
            await watch.wait(timeout_seconds)
