"""What every job queue promises about turns: fair between tenants, and within one in order."""

from datetime import timedelta

import pytest

from application.testing.backend import Backend, add_tenant
from application.testing.contract import Contract
from application.testing.job_queue import claim, complete, enqueue
from application.testing.samples import make_job
from domain.jobs import JobKind


class JobTurnsContract(Contract):
    """A subclass gives the fixture `backend`, its queue empty."""

    async def test_within_a_tenant_priority_goes_before_age(self, backend: Backend) -> None:
        tenant, now = await add_tenant(backend), backend.clock.now()
        ago = [now - timedelta(seconds=seconds) for seconds in (30, 20, 10)]
        oldest = make_job(backend, tenant, run_at=ago[0])
        newest = make_job(backend, tenant, run_at=ago[2])
        urgent = make_job(backend, tenant, run_at=ago[1], priority=1)
        await enqueue(backend, newest, oldest, urgent)
        claimed = [(await claim(backend)).job for _ in range(3)]
        assert claimed == [urgent, oldest, newest]

    @pytest.mark.parametrize("one_at_a_time", [True, False])
    async def test_a_tenant_with_many_urgent_jobs_does_not_keep_another_waiting(
        self, backend: Backend, one_at_a_time: bool
    ) -> None:
        busy, calm = await add_tenant(backend), await add_tenant(backend)
        now = backend.clock.now()
        long_ago = now - timedelta(hours=1)
        await enqueue(
            backend, *(make_job(backend, busy, run_at=long_ago, priority=1) for _ in range(4))
        )
        await enqueue(backend, make_job(backend, calm, run_at=now))
        served = []
        for _ in range(2):
            lease = await claim(backend)
            served.append(lease.job.tenant_id)
            if one_at_a_time:
                await complete(backend, lease)
        assert calm in served

    async def test_of_a_thousand_jobs_of_one_tenant_another_waits_for_one_at_most(
        self, backend: Backend
    ) -> None:
        busy, calm = await add_tenant(backend), await add_tenant(backend)
        long_ago = backend.clock.now() - timedelta(hours=1)
        async with backend.units.open(busy) as unit:
            for _ in range(1000):
                await unit.jobs.enqueue(make_job(backend, busy, run_at=long_ago, priority=1))
        await complete(backend, await claim(backend))
        await enqueue(backend, make_job(backend, calm, priority=200))
        served = [(await claim(backend)).job.tenant_id for _ in range(2)]
        assert calm in served

    async def test_what_failed_or_took_its_worker_along_goes_after_what_did_not(
        self, backend: Backend
    ) -> None:
        tenant, now = await add_tenant(backend), backend.clock.now()
        poison = make_job(backend, tenant, run_at=now - timedelta(seconds=30), priority=1)
        await enqueue(backend, poison)
        await claim(backend)
        await backend.expire_leases()
        good = [make_job(backend, tenant) for _ in range(2)]
        await enqueue(backend, *good)
        claimed = [(await claim(backend)).job.id for _ in range(3)]
        assert claimed == [*(job.id for job in good), poison.id]

    async def test_a_purge_goes_before_all_else_of_all_tenants(self, backend: Backend) -> None:
        busy, calm = await add_tenant(backend), await add_tenant(backend)
        await enqueue(backend, make_job(backend, busy), make_job(backend, busy, priority=1))
        await claim(backend)
        await enqueue(backend, make_job(backend, calm, priority=1))
        purges = [
            make_job(backend, busy, kind=kind)
            for kind in (JobKind.PURGE_BOT, JobKind.PURGE_DOCUMENT)
        ]
        await enqueue(backend, *purges)
        claimed = {(await claim(backend)).job.id for _ in purges}
        assert claimed == {job.id for job in purges}

    async def test_the_purge_of_a_document_goes_before_that_of_a_bot_of_whomever(
        self, backend: Backend
    ) -> None:
        first, second = await add_tenant(backend), await add_tenant(backend)
        ago = backend.clock.now() - timedelta(minutes=1)
        bots = [
            make_job(backend, tenant, kind=JobKind.PURGE_BOT, run_at=ago, priority=1)
            for tenant in (first, second)
        ]
        documents = [
            make_job(backend, tenant, kind=JobKind.PURGE_DOCUMENT) for tenant in (first, second)
        ]
        await enqueue(backend, *bots, *documents)
        claimed = [(await claim(backend)).job for _ in range(4)]
        assert {job.id for job in claimed[:2]} == {job.id for job in documents}

    async def test_who_deletes_much_keeps_no_other_purge_waiting(self, backend: Backend) -> None:
        busy, calm = await add_tenant(backend), await add_tenant(backend)
        kind, ago = JobKind.PURGE_DOCUMENT, backend.clock.now() - timedelta(minutes=1)
        await enqueue(backend, make_job(backend, calm))
        await claim(backend)  # it has a job in work, and the other none
        await enqueue(backend, *(make_job(backend, busy, kind=kind, run_at=ago) for _ in range(4)))
        await enqueue(backend, make_job(backend, calm, kind=kind))
        served = []
        for _ in range(2):
            lease = await claim(backend)
            served.append(lease.job.tenant_id)
            await complete(backend, lease)
        assert served == [busy, calm]
