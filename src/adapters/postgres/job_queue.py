"""The job queue in PostgreSQL: leases by the database clock, fences, fair turns (ADR 0007)."""

from collections.abc import Set as AbstractSet

from sqlalchemy import text

from adapters._events import JOBS, Notifier
from adapters._psycopg import Connection, Pool
from adapters.postgres.database import Reader
from adapters.postgres.notifier import CHANNEL
from application.ports.job_queue import JobOutbox, JobQueue, LeaseLost
from domain.jobs import ALL_KINDS, Job, JobKind, Lease, Setback
from domain.jobs import PURGES as FIRST

_ENQUEUE = text(f"""
WITH added AS (
  INSERT INTO jobs (id, tenant_id, kind, subject_id, revision, priority, run_at)
  VALUES (:id, :tenant_id, :kind, :subject_id, :revision, :priority,
    CASE WHEN :at_once THEN now() ELSE :run_at END)
  ON CONFLICT (tenant_id, kind, subject_id) DO UPDATE SET
    id = excluded.id, revision = excluded.revision, priority = excluded.priority,
    run_at = excluded.run_at, lease_until = NULL, fence = jobs.fence + 1,
    worker = NULL, claimed_at = NULL, created_at = now(),
    errors = 0, losses = 0, outages = 0,
    last_code = NULL, last_error = NULL, last_blame = NULL
  RETURNING 1
)
SELECT pg_notify('{CHANNEL}', '{JOBS}') FROM added
""")  # noqa: S608  # constants only
PURGES = ", ".join(f"'{kind.value}'" for kind in FIRST)
# As the index jobs_turn has it; a due job that has a lease still has lost its worker.
BLAME = "(j.errors + j.losses + (j.lease_until IS NOT NULL)::int)"
_DUE = "j.run_at <= now() AND (j.lease_until IS NULL OR j.lease_until <= now())"
# What was deleted is purged first, for that is promised within a minute: in the order of the kinds, and of
# the tenants by who was served longest ago, so that who deletes much keeps no other waiting. Else tenants
# take turns: whoever has the fewest jobs in work goes first, then whoever waited longest. The tenants are
# found by skipping through an index, and each one's next job by another, so that a claim costs by the
# number of tenants that wait and not of jobs. The rows of `turns` and `purges` come in their order: a
# lateral query that locks can only be joined row by row. The work of a deleted workspace rests until it
# is restored; what erases it does not.
_CLAIM = text(f"""
WITH RECURSIVE waiting(tenant_id) AS (
  (SELECT tenant_id FROM jobs WHERE run_at <= now() ORDER BY tenant_id LIMIT 1)
  UNION ALL
  SELECT (SELECT j.tenant_id FROM jobs j WHERE j.tenant_id > waiting.tenant_id
    AND j.run_at <= now() ORDER BY j.tenant_id LIMIT 1)
  FROM waiting WHERE waiting.tenant_id IS NOT NULL
), busy AS (
  SELECT tenant_id, count(*) AS working FROM jobs
  WHERE lease_until IS NOT NULL AND lease_until > now() GROUP BY tenant_id
), turns AS (
  SELECT tenant_id, workspaces.deleted_at IS NOT NULL AS rests, job_turns.served_at
  FROM waiting LEFT JOIN busy USING (tenant_id) LEFT JOIN job_turns USING (tenant_id)
    LEFT JOIN workspaces ON workspaces.id = tenant_id
  WHERE tenant_id IS NOT NULL
  ORDER BY coalesce(busy.working, 0), job_turns.served_at NULLS FIRST, tenant_id
), purges AS (
  SELECT tenant_id, kind
  FROM unnest(CAST(:purges AS text[])) WITH ORDINALITY first(kind, place), turns WHERE NOT rests
  ORDER BY place, served_at NULLS FIRST, tenant_id
), purge AS (
  SELECT found.id FROM purges, LATERAL (
    SELECT j.id FROM jobs j
    WHERE j.tenant_id = purges.tenant_id AND j.kind = purges.kind AND j.kind IN ({PURGES}) AND {_DUE}
    ORDER BY j.run_at, j.id LIMIT 1 FOR UPDATE OF j SKIP LOCKED
  ) found LIMIT 1
), fair AS (
  SELECT found.id FROM turns, LATERAL (
    SELECT j.id FROM jobs j
    WHERE j.tenant_id = turns.tenant_id AND j.kind = ANY(CAST(:others AS text[])) AND {_DUE}
      AND (NOT turns.rests OR j.kind = '{JobKind.ERASE_WORKSPACE.value}')
    ORDER BY {BLAME}, j.priority, j.run_at, j.id LIMIT 1 FOR UPDATE OF j SKIP LOCKED
  ) found
  WHERE cardinality(CAST(:others AS text[])) > 0 AND NOT EXISTS (SELECT FROM purge) LIMIT 1
), claimed AS (
UPDATE jobs SET
  losses = losses + (lease_until IS NOT NULL)::int, worker = :worker, claimed_at = now(),
  lease_until = now() + make_interval(secs => :seconds), fence = fence + 1
WHERE id = (SELECT id FROM purge UNION ALL SELECT id FROM fair)
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
_GIVE_BACK = "lease_until = NULL, worker = NULL, claimed_at = NULL"
_RETRY = text(
    f"UPDATE jobs SET {_GIVE_BACK}, errors = errors + :error, outages = outages + :outage, "  # noqa: S608
    "last_code = :code, last_error = :detail, last_blame = :blame, "
    f"run_at = now() + make_interval(secs => :delay) WHERE {_HOLD}"
)
_RELEASE = text(f"UPDATE jobs SET {_GIVE_BACK} WHERE {_HOLD}")  # noqa: S608
_HASTEN = text(f"""
WITH hastened AS (
  UPDATE jobs SET run_at = now()
  WHERE id = :id AND (lease_until IS NULL OR lease_until <= now()) RETURNING 1
)
SELECT pg_notify('{CHANNEL}', '{JOBS}') FROM hastened
""")  # noqa: S608  # constants only
_CANCEL = text(
    "DELETE FROM jobs WHERE tenant_id = :tenant_id AND kind = :kind AND subject_id = :subject_id"
)
_DETAIL_MAX = 500


def _holder(lease: Lease) -> dict[str, object]:
    return {"id": lease.job.id, "fence": lease.fence}


class PostgresJobOutbox(JobOutbox):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id
        self.added = False  # for workers elsewhere, once it is committed

    async def enqueue(self, job: Job, *, at_once: bool = False) -> None:
        self.added = True
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
                "at_once": at_once,
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

    async def claim(
        self,
        lease_seconds: float,
        worker_id: str | None = None,
        kinds: AbstractSet[JobKind] = ALL_KINDS,
    ) -> Lease | None:
        others = [kind.value for kind in kinds if not kind.is_purge]
        if others:  # else what it announced is not for this one
            self._notifier.forget(JOBS)
        purges = [kind.value for kind in FIRST if kind in kinds]
        values: dict[str, object] = {"purges": purges, "others": others}
        values |= {"seconds": lease_seconds, "worker": worker_id}
        async with self._reader.connect(None) as connection:
            row = (await connection.execute(_CLAIM, values)).one_or_none()
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
        return Lease(job, row.fence, row.errors, row.losses, row.outages)

    async def heartbeat(self, lease: Lease, lease_seconds: float) -> None:
        async with self._reader.connect(None) as connection:
            done = await connection.execute(
                _HEARTBEAT, {**_holder(lease), "seconds": lease_seconds}
            )
            if done.rowcount == 0:
                raise LeaseLost

    async def retry(self, lease: Lease, delay_seconds: float, why: Setback) -> None:
        values = {
            **_holder(lease),
            "delay": delay_seconds,
            "code": why.code,
            "detail": why.detail[:_DETAIL_MAX],
            "blame": why.blame,
            "error": int(why.blame),
            "outage": int(not why.blame),
        }
        async with self._reader.connect(None) as connection:
            await connection.execute(_RETRY, values)

    async def release(self, lease: Lease) -> None:
        async with self._reader.connect(None) as connection:
            await connection.execute(_RELEASE, _holder(lease))

    async def hasten(self, job_id: str) -> bool:
        async with self._reader.connect(None) as connection:
            return (await connection.execute(_HASTEN, {"id": job_id})).one_or_none() is not None

    async def wait(self, timeout_seconds: float) -> None:
        if self._notifier.remembers(JOBS):
            return
        with self._notifier.watch(JOBS) as watch:
            await watch.wait(timeout_seconds)
