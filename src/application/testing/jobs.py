"""What everyone promises who tells of the queue and of those who work on it."""

from dataclasses import replace
from datetime import timedelta

from application.queries.jobs import JobFilter
from application.testing.backend import Backend, add_tenant
from application.testing.contract import Contract
from application.testing.samples import make_job
from domain.diagnosis import QueueFacts
from domain.jobs import Job, JobKind, Lease, Setback, WorkerProcess

MINUTE = 60.0
CRASH = Setback("internal_error", "Something went wrong on our side (KeyError).")
OUTAGE = Setback("embedder_unavailable", "The embedder does not answer.", blame=False)


async def _enqueue(backend: Backend, *jobs: Job) -> None:
    for job in jobs:
        async with backend.units.open(job.tenant_id) as unit:
            await unit.jobs.enqueue(job)


async def _claim(backend: Backend, worker: WorkerProcess | None = None) -> Lease:
    lease = await backend.job_queue.claim(MINUTE, worker.id if worker else None)
    assert lease is not None
    return lease


async def _worker(backend: Backend, concurrency: int = 1) -> WorkerProcess:
    worker = WorkerProcess(backend.clock.new_id("wrk"), "host.example", 4711, concurrency)
    await backend.workers.beat(worker)
    return worker


async def _facts(backend: Backend, job: Job) -> QueueFacts:
    return await backend.job_queries.facts(job.tenant_id, job.subject_id)


class JobQueriesContract(Contract):
    """A subclass gives the fixture `backend`, its queue and its list of workers empty."""

    async def test_of_a_waiting_job_everything_is_known(self, backend: Backend) -> None:
        job = make_job(backend, await add_tenant(backend), revision=2, priority=7)
        await _enqueue(backend, job)
        facts = await _facts(backend, job)
        assert facts.job is not None
        assert facts.job.job == job
        assert abs(facts.job.enqueued_at - facts.now) < timedelta(minutes=1)
        assert (facts.job.claimed_at, facts.job.lease_until, facts.job.worker_id) == (None,) * 3
        assert (facts.job.errors, facts.job.losses, facts.job.outages) == (0, 0, 0)
        assert facts.job.last is None
        assert (facts.workers, facts.room, facts.working, facts.ahead) == (0, 0, 0, 0)
        assert not facts.others_waiting
        assert not facts.rests

    async def test_of_several_jobs_of_a_subject_any_can_be_asked_for(
        self, backend: Backend
    ) -> None:
        older = make_job(backend, await add_tenant(backend), priority=7)
        purge = replace(older, id=backend.clock.new_id("job"), kind=JobKind.PURGE_DOCUMENT)
        await _enqueue(backend, older, purge)
        place = (older.tenant_id, older.subject_id)
        found = [await backend.job_queries.facts(*place, each) for each in (older.id, purge.id)]
        assert [facts.job and facts.job.job for facts in found] == [older, purge]
        assert (await backend.job_queries.facts(*place)).job == found[1].job
        assert (await backend.job_queries.facts(*place, "job_nothing")).job is None

    async def test_without_a_job_the_queue_is_known_all_the_same(self, backend: Backend) -> None:
        worker = await _worker(backend, concurrency=3)
        tenant = await add_tenant(backend)
        await _enqueue(backend, make_job(backend, tenant))
        await _claim(backend, worker)
        facts = await backend.job_queries.facts(tenant, "doc_nothing")
        assert facts.job is None
        assert (facts.workers, facts.room, facts.working, facts.working_here) == (1, 3, 1, 1)

    async def test_of_a_claimed_job_its_worker_is_known(self, backend: Backend) -> None:
        worker = await _worker(backend, concurrency=2)
        job = make_job(backend, await add_tenant(backend))
        await _enqueue(backend, job)
        await _claim(backend, worker)
        facts = await _facts(backend, job)
        assert facts.job is not None
        assert facts.job.is_running(facts.now)
        assert facts.job.claimed_at is not None
        assert facts.holder is not None
        known = (facts.holder.host, facts.holder.pid, facts.holder.concurrency)
        assert (facts.holder.id, *known) == (worker.id, "host.example", 4711, 2)
        assert facts.holder.is_alive(facts.now)

    async def test_a_vanished_worker_is_still_named(self, backend: Backend) -> None:
        worker = await _worker(backend)
        job = make_job(backend, await add_tenant(backend))
        await _enqueue(backend, job)
        await _claim(backend, worker)
        await backend.expire_leases()
        facts = await _facts(backend, job)
        assert facts.job is not None
        assert not facts.job.is_running(facts.now)
        assert facts.job.worker_id == worker.id

    async def test_what_befell_a_job_is_counted_apart_and_the_last_is_told(
        self, backend: Backend
    ) -> None:
        job = make_job(backend, await add_tenant(backend))
        await _enqueue(backend, job)
        await _claim(backend)
        await backend.expire_leases()
        await backend.job_queue.retry(await _claim(backend), 0, CRASH)
        await backend.job_queue.retry(await _claim(backend), 3600, OUTAGE)
        facts = await _facts(backend, job)
        assert facts.job is not None
        assert (facts.job.errors, facts.job.losses, facts.job.outages) == (1, 1, 1)
        assert facts.job.last == OUTAGE
        assert facts.job.job.run_at > facts.now
        assert (facts.job.worker_id, facts.job.claimed_at) == (None, None)
        await _enqueue(backend, replace(job, id=backend.clock.new_id("job")))
        facts = await _facts(backend, job)
        assert facts.job is not None
        assert (facts.job.errors, facts.job.losses, facts.job.outages) == (0, 0, 0)
        assert facts.job.last is None

    async def test_what_is_due_before_it_in_its_workspace_is_counted(
        self, backend: Backend
    ) -> None:
        tenant, other = await add_tenant(backend), await add_tenant(backend)
        mine = make_job(backend, tenant)
        later = make_job(backend, tenant, run_at=backend.clock.now() + timedelta(hours=1))
        before = [make_job(backend, tenant, priority=1) for _ in range(2)]
        await _enqueue(backend, mine, later, *before, make_job(backend, tenant, priority=200))
        facts = await _facts(backend, mine)
        assert (facts.ahead, facts.others_waiting) == (2, False)
        await _enqueue(backend, make_job(backend, other, priority=1))
        facts = await _facts(backend, mine)
        assert (facts.ahead, facts.others_waiting) == (2, True)

    async def test_another_tenants_subject_has_no_job(self, backend: Backend) -> None:
        job, stranger = make_job(backend, await add_tenant(backend)), await add_tenant(backend)
        await _enqueue(backend, job)
        assert (await backend.job_queries.facts(stranger, job.subject_id)).job is None

    async def test_a_worker_that_leaves_is_forgotten_and_one_that_beats_counts_once(
        self, backend: Backend
    ) -> None:
        job = make_job(backend, await add_tenant(backend))
        worker, other = await _worker(backend), await _worker(backend, concurrency=4)
        await backend.workers.beat(worker)
        assert (await _facts(backend, job)).room == 5
        await backend.workers.leave(worker.id)
        facts = await _facts(backend, job)
        assert (facts.workers, facts.room) == (1, 4)
        await backend.workers.leave(other.id)
        await backend.workers.leave(other.id)
        assert (await _facts(backend, job)).workers == 0

    async def test_jobs_of_all_tenants_are_listed(self, backend: Backend) -> None:
        now = backend.clock.now()
        jobs = [
            make_job(backend, await add_tenant(backend), run_at=now - timedelta(minutes=minutes))
            for minutes in (3, 2, 1)
        ]
        await _enqueue(backend, *jobs)
        first = (await _claim(backend)).job.id
        listed = await backend.job_queries.list(None, 10)
        assert [one.job.id for one in listed] == [job.id for job in jobs]
        running = await backend.job_queries.list(JobFilter.RUNNING, 10)
        assert [one.job.id for one in running] == [first]
        waiting = await backend.job_queries.list(JobFilter.WAITING, 10)
        assert [one.job.id for one in waiting] == [job.id for job in jobs if job.id != first]
        assert len(await backend.job_queries.list(None, 2)) == 2

    async def test_a_job_is_found_by_its_id_and_by_its_subject(self, backend: Backend) -> None:
        job = make_job(backend, await add_tenant(backend))
        await _enqueue(backend, job)
        found = await backend.job_queries.find(job.id)
        assert found is not None
        assert found.job == job
        assert await backend.job_queries.of_subject(job.subject_id) == [found]
        assert await backend.job_queries.find("job_nothing") is None
        assert await backend.job_queries.of_subject("doc_nothing") == []
