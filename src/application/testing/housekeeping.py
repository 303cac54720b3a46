"""What every store promises of the work that one process does for all."""

from dataclasses import replace

from application.queries.page import PageRequest
from application.testing.backend import Backend, add_tenant, in_unit
from application.testing.contract import Contract
from application.testing.samples import make_job
from domain.jobs import JobKind
from domain.sweeps import Sweep

MINUTE = 60.0


class HousekeepingContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_one_holds_and_the_others_wait_for_the_end_of_the_lease(
        self, backend: Backend
    ) -> None:
        singletons, name = backend.singletons, backend.clock.new_id("name")
        first = await singletons.hold(name, "one", MINUTE)
        assert first is not None
        assert await singletons.hold(name, "two", MINUTE) is None
        assert await singletons.hold(name, "one", MINUTE) == first
        assert await singletons.hold(f"{name}2", "two", MINUTE) is not None
        assert await singletons.hold(name, "one", 0) == first
        second = await singletons.hold(name, "two", MINUTE)
        assert second is not None
        assert second > first
        assert await singletons.hold(name, "one", MINUTE) is None

    async def test_who_leaves_is_followed_at_once(self, backend: Backend) -> None:
        singletons, name = backend.singletons, backend.clock.new_id("name")
        await singletons.hold(name, "one", MINUTE)
        await singletons.leave(name, "two")
        assert await singletons.hold(name, "two", MINUTE) is None
        await singletons.leave(name, "one")
        assert await singletons.hold(name, "two", MINUTE) is not None

    async def test_what_was_done_is_not_due_again_for_whoever_holds(self, backend: Backend) -> None:
        singletons, name = backend.singletons, backend.clock.new_id("name")
        first = await singletons.hold(name, "one", MINUTE)
        assert first is not None
        assert await singletons.is_due(name, first, 3600)
        await singletons.done(name, first)
        assert not await singletons.is_due(name, first, 3600)
        assert await singletons.is_due(name, first, 0)
        await singletons.leave(name, "one")
        second = await singletons.hold(name, "two", MINUTE)
        assert second is not None
        assert not await singletons.is_due(name, second, 3600)

    async def test_who_lost_the_lease_has_nothing_to_do_and_did_nothing(
        self, backend: Backend
    ) -> None:
        singletons, name = backend.singletons, backend.clock.new_id("name")
        first = await singletons.hold(name, "one", 0)
        second = await singletons.hold(name, "two", MINUTE)
        assert first is not None
        assert second is not None
        assert not await singletons.is_due(name, first, 3600)
        await singletons.done(name, first)
        assert await singletons.is_due(name, second, 3600)

    async def test_each_workspace_in_use_gets_one_sweep(self, backend: Backend) -> None:
        tenants = [await add_tenant(backend) for _ in range(3)]
        deleted = await add_tenant(backend)
        async with backend.identities.open() as identities:
            workspace = await identities.workspaces.get(deleted, lock=True)
            assert workspace is not None
            now = backend.clock.now()
            gone = replace(workspace, deleted_at=now, erase_after=now)
            await identities.workspaces.save(gone)

        def jobs() -> dict[str, str]:
            everything = [*tenants, deleted, backend.clock.new_id("ws")]
            return {each: backend.clock.new_id("job") for each in everything}

        assert await backend.housekeeping.plan_sweeps(jobs(), 0) == 3
        claimed = await backend.job_queue.claim(MINUTE)
        assert claimed is not None
        assert await backend.housekeeping.plan_sweeps(jobs(), 0) == 0, "one is under way, two wait"
        found = [claimed, *[await backend.job_queue.claim(MINUTE) for _ in range(2)]]
        assert {lease.job.subject_id for lease in found if lease} == set(tenants)
        assert {lease.job.kind for lease in found if lease} == {JobKind.SWEEP}
        assert await backend.job_queue.claim(MINUTE) is None
        for lease in found:
            assert lease is not None
            async with backend.units.open(lease.job.tenant_id) as unit:
                await unit.jobs.complete(lease)

    async def test_sweeps_are_spread_and_come_after_documents(self, backend: Backend) -> None:
        tenant, later = await add_tenant(backend), await add_tenant(backend)
        planned = {each: backend.clock.new_id("job") for each in (tenant, later)}
        await backend.housekeeping.plan_sweeps(planned, 10 * MINUTE)
        document = make_job(backend, tenant, priority=200)
        await in_unit(backend, tenant, lambda u: u.jobs.enqueue(document))
        first, second = [await backend.job_queue.claim(MINUTE) for _ in range(2)]
        assert first is not None
        assert first.job.id == document.id
        assert second is not None
        assert second.job.kind is JobKind.SWEEP
        assert second.job.tenant_id == tenant
        assert await backend.job_queue.claim(MINUTE) is None, "the other one is for later"

    async def test_nothing_goes_that_is_not_past_its_time(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        now = backend.clock.now()
        sweep = Sweep(backend.clock.new_id("swp"), tenant, now, now, {})
        await in_unit(backend, tenant, lambda u: u.upkeep.record(sweep))
        gone = await backend.housekeeping.trim(1_000)
        assert "sweeps" not in gone
        assert (await backend.sweep_queries.list(tenant, PageRequest())).items == [sweep]
