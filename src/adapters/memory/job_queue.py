"""The job queue in a dictionary: leases by the clock, fences by counting."""

import asyncio
from collections import Counter
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime, timedelta

from adapters.memory.state import JobKey, JobRow, MemoryState
from application.ports.job_queue import JobOutbox, JobQueue, LeaseLost
from domain.jobs import ALL_KINDS, IN_TURN, PURGES, Job, JobKind, Lease, Setback


def _key(job: Job) -> JobKey:
    return (job.tenant_id, job.kind, job.subject_id)


def _holds(row: JobRow | None, lease: Lease, now: datetime) -> bool:
    """Tell whether the lease on this row, if there is one, is this one and has not run out."""
    if row is None or row.lease_until is None or row.lease_until <= now:
        return False
    return row.job.id == lease.job.id and row.fence == lease.fence


def order_within_tenant(row: JobRow) -> tuple[int, int, datetime, int]:
    """Return what a tenant's due jobs are sorted by."""
    blame = row.errors + row.losses + (row.lease_until is not None)  # then its worker vanished
    return (blame, row.job.priority, row.job.run_at, row.place)


def _given_back(row: JobRow) -> JobRow:
    return replace(row, lease_until=None, claimed_at=None, worker_id=None)


class InMemoryJobOutbox(JobOutbox):
    """The queue inside a unit of work. Jobs it touched are locked until the unit ends."""

    def __init__(self, state: MemoryState, tenant_id: str) -> None:
        self._state = state
        self._tenant_id = tenant_id
        self._now = state.clock.now()  # a transaction has one time: a lease does not end within it
        self._touched: dict[JobKey, JobRow | None] = {}

    async def enqueue(self, job: Job, *, at_once: bool = False) -> None:
        """Add a job, or put it in the place of one of its kind for its subject."""
        job = replace(job, run_at=self._now) if at_once else job
        old = self._touch(_key(job))
        place = 1 + max((row.place for row in self._rows()), default=0)
        fence = old.fence + 1 if old else 0
        self._touched[_key(job)] = JobRow(job, fence, place, enqueued_at=self._now)

    async def fence(self, lease: Lease) -> None:
        """Hold on to the job until the unit ends."""
        if not _holds(self._touch(_key(lease.job)), lease, self._now):
            raise LeaseLost

    async def complete(self, lease: Lease) -> None:
        """End the job."""
        await self.fence(lease)
        self._touched[_key(lease.job)] = None

    async def cancel(self, kind: JobKind, subject_id: str) -> None:
        """Remove the job of this kind for the subject."""
        key = (self._tenant_id, kind, subject_id)
        self._touch(key)
        self._touched[key] = None

    def knows(self, kind: JobKind, subject_id: str) -> bool:
        """Tell whether there is such a job, as the unit sees it."""
        key = (self._tenant_id, kind, subject_id)
        return self._touched.get(key, self._state.jobs.get(key)) is not None

    def commit(self) -> None:
        """Let others see what the unit did."""
        for key, row in self._touched.items():
            if row is None:
                self._state.jobs.pop(key, None)
            else:
                self._state.jobs[key] = row

    def unlock(self) -> None:
        """Let others have the jobs that the unit touched."""
        self._state.locked_jobs.difference_update(self._touched)

    def _touch(self, key: JobKey) -> JobRow | None:
        if key not in self._touched:
            self._state.locked_jobs.add(key)
            self._touched[key] = self._state.jobs.get(key)
        return self._touched[key]

    def _rows(self) -> list[JobRow]:
        return [row for row in (*self._state.jobs.values(), *self._touched.values()) if row]


class InMemoryJobQueue(JobQueue):
    """The workers' side. Tenants take turns: the one served longest ago comes first."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def claim(
        self,
        lease_seconds: float,
        worker_id: str | None = None,
        kinds: AbstractSet[JobKind] = ALL_KINDS,
    ) -> Lease | None:
        """Take the next job that is due."""
        now = self._state.clock.now()
        row = self._next(now, kinds)
        if row is None:
            return None
        turns, tenant_id = self._state.turns, row.job.tenant_id
        turns[tenant_id] = 1 + max(turns.values(), default=0)
        claimed = replace(
            row,
            fence=row.fence + 1,
            lease_until=now + timedelta(seconds=lease_seconds),
            claimed_at=now,
            worker_id=worker_id,
            losses=row.losses + (row.lease_until is not None),
        )
        self._state.jobs[_key(row.job)] = claimed
        return Lease(row.job, claimed.fence, claimed.errors, claimed.losses, claimed.outages)

    async def heartbeat(self, lease: Lease, lease_seconds: float) -> None:
        """Prolong the lease."""
        until = self._state.clock.now() + timedelta(seconds=lease_seconds)
        if not await self._change(lease, lambda row: replace(row, lease_until=until)):
            raise LeaseLost

    async def retry(self, lease: Lease, delay_seconds: float, why: Setback) -> None:
        """Give the job back until the delay has passed, and count what befell it."""
        run_at = self._state.clock.now() + timedelta(seconds=delay_seconds)
        await self._change(
            lease,
            lambda row: replace(
                _given_back(row),
                job=replace(row.job, run_at=run_at),
                errors=row.errors + why.blame,
                outages=row.outages + (not why.blame),
                last=why,
            ),
        )

    async def release(self, lease: Lease) -> None:
        """Give the job back at once."""
        await self._change(lease, _given_back)
        self._state.committed.ring()

    async def hasten(self, job_id: str) -> bool:
        """Let a job that waits be tried now."""
        now = self._state.clock.now()
        for key, row in self._state.jobs.items():
            if row.job.id == job_id and (row.lease_until is None or row.lease_until <= now):
                self._state.jobs[key] = replace(row, job=replace(row.job, run_at=now))
                self._state.committed.ring()
                return True
        return False

    async def wait(self, timeout_seconds: float) -> None:
        """Return when a job is due, after any commit, or after the timeout."""
        ring = self._state.committed.next_ring
        if self._next(self._state.clock.now(), IN_TURN) is not None:
            return
        try:
            async with asyncio.timeout(timeout_seconds):
                await ring.wait()
        except TimeoutError:
            return

    def _next(self, now: datetime, kinds: AbstractSet[JobKind]) -> JobRow | None:
        free = [
            row
            for key, row in self._state.jobs.items()
            if key not in self._state.locked_jobs
            and not self._rests(row.job)
            and row.is_due(now)
            and row.job.kind in kinds
        ]
        rows = self._state.jobs.values()
        working = Counter(
            row.job.tenant_id for row in rows if row.lease_until and row.lease_until > now
        )
        return min(free, key=lambda row: self._order(row, working), default=None)

    def _rests(self, job: Job) -> bool:
        """Tell whether the job is of a deleted workspace, but for the one that erases it."""
        workspace = self._state.accounts.workspaces.get(job.tenant_id)
        is_deleted = workspace is not None and workspace.deleted_at is not None
        return is_deleted and job.kind is not JobKind.ERASE_WORKSPACE

    def _order(self, row: JobRow, working: Counter[str]) -> tuple[object, ...]:
        tenant_id, kind = row.job.tenant_id, row.job.kind
        served = self._state.turns.get(tenant_id, 0)
        if kind.is_purge:
            return (PURGES.index(kind), served, row.job.run_at, row.place)
        return (len(PURGES), working[tenant_id], served, *order_within_tenant(row))

    async def _change(self, lease: Lease, change: Callable[[JobRow], JobRow]) -> bool:
        """Change the row where the lease holds, once no unit is at it; tell whether it did."""
        async with self._state.unit_lock:
            key = _key(lease.job)
            row = self._state.jobs.get(key)
            if row is None or not _holds(row, lease, self._state.clock.now()):
                return False
            self._state.jobs[key] = change(row)
            return True
