"""Reads of the queue in its dictionary."""

from collections.abc import Iterable

from adapters.memory.job_queue import order_within_tenant
from adapters.memory.state import JobRow, MemoryState, WorkerRow
from application.queries.jobs import JobFilter, JobQueries
from domain.diagnosis import JobState, QueueFacts, WorkerState


def _state_of(row: JobRow) -> JobState:
    return JobState(
        row.job,
        row.enqueued_at,
        claimed_at=row.claimed_at,
        lease_until=row.lease_until,
        worker_id=row.worker_id,
        errors=row.errors,
        losses=row.losses,
        outages=row.outages,
        last=row.last,
    )


def _worker(row: WorkerRow) -> WorkerState:
    it = row.process
    return WorkerState(it.id, it.host, it.pid, it.concurrency, row.started_at, row.seen_at)


class InMemoryJobQueries(JobQueries):
    """Goes by the state's clock."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def facts(self, tenant_id: str, subject_id: str, job_id: str | None = None) -> QueueFacts:
        """Return what is known about the work on a subject."""
        now = self._state.clock.now()
        rows = list(self._state.jobs.values())
        own = [row for row in rows if row.job.tenant_id == tenant_id]
        mine = max(
            (
                row
                for row in own
                if row.job.subject_id == subject_id and job_id in (None, row.job.id)
            ),
            key=lambda row: row.place,
            default=None,
        )
        workers = [w for w in map(_worker, self._state.workers.values()) if w.is_alive(now)]
        holder = self._state.workers.get(mine.worker_id) if mine and mine.worker_id else None
        due = [row for row in rows if row.is_due(now)]
        return QueueFacts(
            now=now,
            job=_state_of(mine) if mine else None,
            holder=_worker(holder) if holder else None,
            workers=len(workers),
            room=sum(worker.concurrency for worker in workers),
            working=_working(rows, self._state),
            working_here=_working(own, self._state),
            ahead=sum(
                order_within_tenant(row) < order_within_tenant(mine)
                for row in due
                if mine and row is not mine and row.job.tenant_id == tenant_id
            ),
            others_waiting=any(
                row.job.tenant_id != tenant_id and not self._rests(row.job.tenant_id) for row in due
            ),
            rests=self._rests(tenant_id),
        )

    async def find(self, job_id: str) -> JobState | None:
        """Return a job, or None."""
        rows = self._state.jobs.values()
        return next((_state_of(row) for row in rows if row.job.id == job_id), None)

    async def of_subject(self, subject_id: str) -> list[JobState]:
        """Return the jobs of a subject."""
        rows = self._state.jobs.values()
        return [_state_of(row) for row in rows if row.job.subject_id == subject_id]

    async def list(self, which: JobFilter | None, limit: int) -> list[JobState]:
        """Return jobs of all tenants."""
        now = self._state.clock.now()
        found = map(_state_of, self._state.jobs.values())
        wanted = [
            job
            for job in found
            if which is None or job.is_running(now) is (which is JobFilter.RUNNING)
        ]
        return sorted(wanted, key=lambda one: (one.job.run_at, one.job.id))[:limit]

    def _rests(self, tenant_id: str) -> bool:
        workspace = self._state.accounts.workspaces.get(tenant_id)
        return workspace is not None and workspace.deleted_at is not None


def _working(rows: Iterable[JobRow], state: MemoryState) -> int:
    now = state.clock.now()
    held = (row for row in rows if row.lease_until is not None and row.lease_until > now)
    return sum(not row.job.kind.is_purge for row in held)
