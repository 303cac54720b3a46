"""What every unit of work promises, whatever it is made of."""

import asyncio

import pytest

from application.testing.backend import Backend, Interruption, add_tenant, in_unit, rolled_back
from application.testing.contract import Contract
from application.testing.samples import add_bot, make_job
from domain.errors import NotFound
from domain.events import NewEvent


class UnitsOfWorkContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_a_clean_exit_commits(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        assert await backend.bot_queries.get(tenant, bot.id) == bot

    async def test_an_error_rolls_back_and_comes_through(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)

        async def change() -> None:
            async with backend.units.open(tenant) as unit:
                changed = await unit.bots.get(bot.id)
                changed.name = "Changed"
                await unit.bots.save(changed)
                raise Interruption

        with pytest.raises(Interruption):
            await change()
        assert await backend.bot_queries.get(tenant, bot.id) == bot

    async def test_a_cancelled_unit_rolls_back(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        deleted = asyncio.Event()

        async def delete_and_wait() -> None:
            async with backend.units.open(tenant) as unit:
                await unit.bots.delete(bot.id)
                deleted.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(delete_and_wait())
        await deleted.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await backend.bot_queries.get(tenant, bot.id) == bot

    async def test_a_unit_sees_its_own_changes_and_others_see_none_before_the_commit(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        async with backend.units.open(tenant) as unit:
            await unit.bots.delete(bot.id)
            with pytest.raises(NotFound):
                await unit.bots.get(bot.id)
            assert await backend.bot_queries.get(tenant, bot.id) == bot
        with pytest.raises(NotFound):
            await backend.bot_queries.get(tenant, bot.id)

    async def test_events_and_jobs_leave_only_with_the_commit(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        job = make_job(backend, tenant)
        async with rolled_back(backend.units.open(tenant)) as unit:
            await unit.events.append(job.subject_id, [NewEvent("document.progress", {})])
            await unit.jobs.enqueue(job)
            assert await backend.job_queue.claim(60) is None
        assert await backend.job_queue.claim(60) is None
        assert await backend.event_log.read(tenant, job.subject_id, 0) == []

    async def test_changing_an_entity_without_saving_it_changes_nothing(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        bot.name = "Changed"
        async with backend.units.open(tenant) as unit:
            (await unit.bots.get(bot.id)).name = "Changed"
        assert (await in_unit(backend, tenant, lambda u: u.bots.get(bot.id))).name == "Librarian"

    async def test_who_locks_a_row_loses_no_change_of_another(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant, name="")

        async def append(letter: str) -> None:
            async with backend.units.open(tenant) as unit:
                locked = await unit.bots.get(bot.id, lock=True)
                await asyncio.sleep(0.01)
                locked.name += letter
                await unit.bots.save(locked)

        await asyncio.gather(*(append(letter) for letter in "abcd"))
        changed = await backend.bot_queries.get(tenant, bot.id)
        assert sorted(changed.name) == ["a", "b", "c", "d"]
        assert changed.version == bot.version + 4
