"""What every job queue promises: one holder at a time, fair turns, nothing lost."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from time import monotonic

from application.ports.job_queue import LeaseLost
from application.testing.backend import Backend, add_tenant, in_unit, outcome
from application.testing.contract import Contract
from application.testing.samples import make_job
from domain.jobs import PURGES, Job, JobKind, Lease, Setback

MINUTE = 60.0
CRASH = Setback("internal_error", "The parser crashed.")
OUTAGE = Setback("embedder_unavailable", "The embedder does not answer.", blame=False)


async def enqueue(backend: Backend, *jobs: Job) -> None:
    """Store jobs, each in a unit of its own."""
    for job in jobs:
        async with backend.units.open(job.tenant_id) as unit:
            await unit.jobs.enqueue(job)


async def claim(backend: Backend) -> Lease:
    """Claim the next job; there must be one."""
    lease = await backend.job_queue.claim(MINUTE)
    assert lease is not None
    return lease


async def complete(backend: Backend, lease: Lease) -> None:
    """End a job."""
    async with backend.units.open(lease.job.tenant_id) as unit:
        await unit.jobs.complete(lease)


async def _fence(backend: Backend, lease: Lease) -> None:
    async with backend.units.open(lease.job.tenant_id) as unit:
        await unit.jobs.fence(lease)


async def _assert_lost(backend: Backend, lease: Lease) -> None:
    """Assert that the holder of this lease can write nothing any more."""
    assert await outcome(_fence(backend, lease)) is LeaseLost
    assert await outcome(complete(backend, lease)) is LeaseLost
    assert await outcome(backend.job_queue.heartbeat(lease, MINUTE)) is LeaseLost


class JobQueueContract(Contract):
    """A subclass gives the fixture `backend`, its queue empty."""

    async def test_what_is_to_be_done_at_once_goes_by_no_clock_of_a_process(
        self, backend: Backend
    ) -> None:
        tomorrow = backend.clock.now() + timedelta(days=1)
        job = make_job(backend, await add_tenant(backend), run_at=tomorrow)
        async with backend.units.open(job.tenant_id) as unit:
            await unit.jobs.enqueue(job, at_once=True)
        assert (await claim(backend)).job.id == job.id

    async def test_a_job_is_claimed_as_it_was_enqueued_and_by_one_only(
        self, backend: Backend
    ) -> None:
        job = make_job(backend, await add_tenant(backend), revision=3, priority=7)
        await enqueue(backend, job)
        claims = await asyncio.gather(*(backend.job_queue.claim(MINUTE) for _ in range(4)))
        leases = [lease for lease in claims if lease is not None]
        assert [lease.job for lease in leases] == [job]
        assert (leases[0].errors, leases[0].losses) == (0, 0)

    async def test_a_completed_job_is_gone(self, backend: Backend) -> None:
        await enqueue(backend, make_job(backend, await add_tenant(backend)))
        lease = await claim(backend)
        await complete(backend, lease)
        await backend.expire_leases()
        assert await backend.job_queue.claim(MINUTE) is None
        await _assert_lost(backend, lease)

    async def test_a_job_is_not_claimed_before_its_time(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        later = backend.clock.now() + timedelta(hours=1)
        await enqueue(backend, make_job(backend, tenant, run_at=later))
        assert await backend.job_queue.claim(MINUTE) is None

    async def test_a_lease_that_holds_can_be_prolonged_and_fences(self, backend: Backend) -> None:
        await enqueue(backend, make_job(backend, await add_tenant(backend)))
        lease = await claim(backend)
        await backend.job_queue.heartbeat(lease, MINUTE)
        await _fence(backend, lease)
        assert await backend.job_queue.claim(MINUTE) is None

    async def test_an_expired_lease_is_lost_and_the_next_claim_counts_a_loss(
        self, backend: Backend
    ) -> None:
        await enqueue(backend, make_job(backend, await add_tenant(backend)))
        first = await claim(backend)
        await backend.expire_leases()
        await _assert_lost(backend, first)
        second = await claim(backend)
        assert (second.job, second.errors, second.losses) == (first.job, 0, 1)
        assert second.fence > first.fence
        await _assert_lost(backend, first)
        await _fence(backend, second)

    async def test_a_retried_job_waits_and_counts_an_error(self, backend: Backend) -> None:
        await enqueue(backend, make_job(backend, await add_tenant(backend)))
        first = await claim(backend)
        await backend.job_queue.retry(first, 0, CRASH)
        await _assert_lost(backend, first)
        second = await claim(backend)
        assert (second.job.id, second.errors, second.losses) == (first.job.id, 1, 0)
        await backend.job_queue.retry(second, 3600, CRASH)
        assert await backend.job_queue.claim(MINUTE) is None

    async def test_a_job_that_met_an_outage_waits_and_counts_no_error(
        self, backend: Backend
    ) -> None:
        await enqueue(backend, make_job(backend, await add_tenant(backend)))
        first = await claim(backend)
        await backend.job_queue.retry(first, 0, OUTAGE)
        await _assert_lost(backend, first)
        second = await claim(backend)
        assert (second.job.id, second.errors, second.losses) == (first.job.id, 0, 0)
        assert (first.outages, second.outages) == (0, 1)
        await backend.job_queue.retry(second, 3600, OUTAGE)
        assert await backend.job_queue.claim(MINUTE) is None

    async def test_a_released_job_is_free_without_blame(self, backend: Backend) -> None:
        await enqueue(backend, make_job(backend, await add_tenant(backend)))
        first = await claim(backend)
        await backend.job_queue.release(first)
        await _assert_lost(backend, first)
        second = await claim(backend)
        assert (second.job, second.errors, second.losses) == (first.job, 0, 0)

    async def test_who_lost_the_lease_cannot_give_the_job_back(self, backend: Backend) -> None:
        await enqueue(backend, make_job(backend, await add_tenant(backend)))
        first = await claim(backend)
        await backend.expire_leases()
        second = await claim(backend)
        await backend.job_queue.retry(first, 0, CRASH)
        await backend.job_queue.release(first)
        assert await backend.job_queue.claim(MINUTE) is None
        await _fence(backend, second)

    async def test_an_unclaimed_job_for_the_same_subject_is_replaced(
        self, backend: Backend
    ) -> None:
        old = make_job(backend, await add_tenant(backend), revision=1)
        new = replace(old, id=backend.clock.new_id("job"), revision=2, priority=5)
        await enqueue(backend, old, new)
        assert (await claim(backend)).job == new
        assert await backend.job_queue.claim(MINUTE) is None

    async def test_a_claimed_job_for_the_same_subject_is_fenced_off(self, backend: Backend) -> None:
        old = make_job(backend, await add_tenant(backend), revision=1)
        await enqueue(backend, old)
        await backend.job_queue.retry(await claim(backend), 0, OUTAGE)
        await backend.job_queue.retry(await claim(backend), 0, CRASH)
        first = await claim(backend)
        await enqueue(backend, replace(old, id=backend.clock.new_id("job"), revision=2))
        await _assert_lost(backend, first)
        second = await claim(backend)
        assert (second.job.revision, second.errors, second.losses) == (2, 0, 0)
        assert second.outages == 0
        await _assert_lost(backend, first)

    async def test_other_kinds_and_tenants_of_a_subject_stand_apart(self, backend: Backend) -> None:
        job = make_job(backend, await add_tenant(backend))
        purge = replace(job, id=backend.clock.new_id("job"), kind=JobKind.PURGE_DOCUMENT)
        other = await add_tenant(backend)
        foreign = replace(job, id=backend.clock.new_id("job"), tenant_id=other)
        await enqueue(backend, job, purge, foreign)
        claimed = [(await claim(backend)).job for _ in range(3)]
        assert {job.id for job in claimed} == {job.id, purge.id, foreign.id}

    async def test_a_cancelled_job_is_gone_and_its_worker_fenced_off(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        job, waiting = make_job(backend, tenant), make_job(backend, tenant)
        await enqueue(backend, job)
        lease = await claim(backend)
        await enqueue(backend, waiting)
        async with backend.units.open(tenant) as unit:
            for cancelled in (job, waiting):
                await unit.jobs.cancel(JobKind.INGEST, cancelled.subject_id)
        await _assert_lost(backend, lease)
        assert await backend.job_queue.claim(MINUTE) is None
        await enqueue(backend, replace(job, id=backend.clock.new_id("job")))
        await claim(backend)
        await _assert_lost(backend, lease)

    async def test_another_tenant_cannot_cancel_a_job(self, backend: Backend) -> None:
        job, stranger = make_job(backend, await add_tenant(backend)), await add_tenant(backend)
        await enqueue(backend, job)
        await in_unit(backend, stranger, lambda u: u.jobs.cancel(JobKind.INGEST, job.subject_id))
        assert (await claim(backend)).job == job

    async def test_nobody_claims_a_fenced_job_before_the_commit(self, backend: Backend) -> None:
        await enqueue(backend, make_job(backend, await add_tenant(backend)))
        lease = await claim(backend)
        async with backend.units.open(lease.job.tenant_id) as unit:
            await unit.jobs.fence(lease)
            assert await backend.job_queue.claim(MINUTE) is None
            await unit.jobs.complete(lease)
        assert await backend.job_queue.claim(MINUTE) is None

    async def test_who_asks_for_some_kinds_gets_no_other(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        jobs = {
            kind: make_job(backend, tenant, kind=kind, priority=place)
            for place, kind in enumerate((JobKind.INGEST, JobKind.CRAWL, *PURGES))
        }
        await enqueue(backend, *jobs.values())
        for kinds in ({JobKind.FETCH}, set[JobKind]()):
            assert await backend.job_queue.claim(MINUTE, None, kinds) is None
        for kind in (JobKind.PURGE_BOT, JobKind.CRAWL, JobKind.PURGE_DOCUMENT, JobKind.INGEST):
            lease = await backend.job_queue.claim(MINUTE, None, {kind})
            assert lease is not None
            assert lease.job == jobs[kind]
            assert await backend.job_queue.claim(MINUTE, None, {kind}) is None

    async def test_a_waiting_job_can_be_let_go_now_and_a_claimed_one_not(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        later = make_job(backend, tenant, run_at=backend.clock.now() + timedelta(hours=1))
        await enqueue(backend, later)
        assert await backend.job_queue.hasten(later.id)
        assert (await claim(backend)).job.id == later.id
        assert not await backend.job_queue.hasten(later.id)
        assert not await backend.job_queue.hasten("job_nothing")

    async def test_waiting_ends_when_a_job_comes(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        waiting = asyncio.create_task(backend.job_queue.wait(30))
        await asyncio.sleep(0.05)
        await enqueue(backend, make_job(backend, tenant))
        async with asyncio.timeout(10):
            await waiting
        await claim(backend)

    async def test_waiting_ends_at_once_where_a_job_is_due_already(self, backend: Backend) -> None:
        await enqueue(backend, make_job(backend, await add_tenant(backend)))
        async with asyncio.timeout(10):
            await backend.job_queue.wait(30)

    async def test_waiting_ends_after_the_timeout(self, backend: Backend) -> None:
        start = monotonic()
        await backend.job_queue.wait(0.05)
        assert monotonic() - start < 5
