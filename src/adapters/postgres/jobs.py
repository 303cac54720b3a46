"""Reads of the queue in PostgreSQL, by the database's clock."""

from sqlalchemy import text

from adapters._psycopg import Pool, Row
from adapters.postgres.database import Reader
from adapters.postgres.job_queue import BLAME, PURGES
from application.queries.jobs import JobFilter, JobQueries
from domain.diagnosis import ALIVE_SECONDS, JobState, QueueFacts, WorkerState
from domain.jobs import Job, JobKind, Setback

_ALIVE = f"seen_at > now() - make_interval(secs => {ALIVE_SECONDS})"
_DUE = "j.run_at <= now() AND (j.lease_until IS NULL OR j.lease_until <= now())"
_RESTING = "SELECT FROM workspaces w WHERE w.id = {0}.tenant_id AND w.deleted_at IS NOT NULL"
_ORDER = f"{BLAME}, j.priority, j.run_at, j.id"
_OF_SUBJECT = text("""
SELECT * FROM jobs WHERE tenant_id = :tenant_id AND subject_id = :subject_id
  AND (CAST(:job_id AS text) IS NULL OR id = :job_id)
ORDER BY created_at DESC, id DESC LIMIT 1
""")
_WORKER = text("SELECT * FROM workers WHERE id = :id")
# The queue as one sees it who waits in it: the row `mine` may be missing.
_FACTS = text(f"""
WITH mine AS (SELECT j.*, {BLAME} AS blame FROM jobs j WHERE j.id = :id),
alive AS (SELECT count(*) AS workers, coalesce(sum(concurrency), 0) AS room
  FROM workers WHERE {_ALIVE}),
held AS (SELECT count(*) AS working, count(*) FILTER (WHERE tenant_id = :tenant_id) AS here
  FROM jobs WHERE lease_until IS NOT NULL AND lease_until > now() AND kind NOT IN ({PURGES})),
ahead AS (SELECT count(*) AS ahead FROM jobs j, mine
  WHERE j.tenant_id = :tenant_id AND {_DUE} AND j.id <> mine.id
    AND ({_ORDER}) < (mine.blame, mine.priority, mine.run_at, mine.id))
SELECT now() AS now, alive.*, held.*, ahead.*,
  EXISTS (SELECT FROM jobs j WHERE j.tenant_id <> :tenant_id AND {_DUE}
    AND NOT EXISTS ({_RESTING.format("j")})) AS others,
  EXISTS (SELECT FROM workspaces w WHERE w.id = :tenant_id AND w.deleted_at IS NOT NULL) AS rests
FROM alive, held, ahead
""")  # noqa: S608  # constants only
_FIND = text("SELECT * FROM jobs WHERE id = :id")
_ALL_OF_SUBJECT = text("SELECT * FROM jobs WHERE subject_id = :id ORDER BY created_at, id")
_LISTS = {
    None: "",
    JobFilter.WAITING: "WHERE lease_until IS NULL OR lease_until <= now()",
    JobFilter.RUNNING: "WHERE lease_until > now()",
}
_LIST = {
    which: text(f"SELECT * FROM jobs {where} ORDER BY run_at, id LIMIT :limit")  # noqa: S608
    for which, where in _LISTS.items()
}


def _to_job(row: Row) -> JobState:
    job = Job(
        row.id,
        row.tenant_id,
        JobKind(row.kind),
        row.subject_id,
        row.run_at,
        row.priority,
        row.revision,
    )
    last = Setback(row.last_code, row.last_error, row.last_blame) if row.last_code else None
    return JobState(
        job,
        row.created_at,
        claimed_at=row.claimed_at,
        lease_until=row.lease_until,
        worker_id=row.worker,
        errors=row.errors,
        losses=row.losses,
        outages=row.outages,
        last=last,
    )


class PostgresJobQueries(JobQueries):
    """Works through the pool of the system role, which sees every tenant's jobs."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def facts(self, tenant_id: str, subject_id: str, job_id: str | None = None) -> QueueFacts:
        scope = {"tenant_id": tenant_id}
        wanted = {**scope, "subject_id": subject_id, "job_id": job_id}
        async with self._reader.connect(None) as connection:
            found = await connection.execute(_OF_SUBJECT, wanted)
            row = found.one_or_none()
            job = None if row is None else _to_job(row)
            queue = (await connection.execute(_FACTS, {**scope, "id": job and job.job.id})).one()
            holder = None
            if job is not None and job.worker_id is not None:
                found = await connection.execute(_WORKER, {"id": job.worker_id})
                holder = found.one_or_none()
        return QueueFacts(
            now=queue.now,
            job=job,
            holder=None if holder is None else WorkerState(*holder),
            workers=queue.workers,
            room=int(queue.room),
            working=queue.working,
            working_here=queue.here,
            ahead=queue.ahead,
            others_waiting=queue.others,
            rests=queue.rests,
        )

    async def find(self, job_id: str) -> JobState | None:
        async with self._reader.connect(None) as connection:
            row = (await connection.execute(_FIND, {"id": job_id})).one_or_none()
        return None if row is None else _to_job(row)

    async def of_subject(self, subject_id: str) -> list[JobState]:
        async with self._reader.connect(None) as connection:
            rows = await connection.execute(_ALL_OF_SUBJECT, {"id": subject_id})
            return [_to_job(row) for row in rows]

    async def list(self, which: JobFilter | None, limit: int) -> list[JobState]:
        async with self._reader.connect(None) as connection:
            rows = await connection.execute(_LIST[which], {"limit": limit})
            return [_to_job(row) for row in rows]
