"""What every store promises of telling by what the bots are indexed."""

from application.ports.index_census import Indexing, IndexUse
from application.testing.backend import Backend, add_tenant
from application.testing.contract import Contract
from application.testing.samples import add_bot, add_document, make_generation
from domain.bots import Bot


class IndexCensusContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def indexed(self, backend: Backend, space: str) -> Bot:
        """Add a bot of a tenant of its own with an index."""
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        async with backend.units.open(tenant) as unit:
            await unit.generations.add(make_generation(backend, bot, space=space))
        return bot

    async def test_bots_are_counted_by_space_and_store_until_they_are_purged(
        self, backend: Backend
    ) -> None:
        space = backend.clock.new_id("space")
        for _ in range(2):
            await self.indexed(backend, space)
        doomed = await self.indexed(backend, space)
        async with backend.units.open(doomed.tenant_id) as unit:
            await unit.bots.delete(doomed.id)
        found = await backend.index_census.uses()
        assert [use for use in found if use.space == space] == [IndexUse(space, "pgvector", 3)]
        async with backend.units.open(doomed.tenant_id) as unit:
            await unit.bots.erase(doomed.id)
        found = await backend.index_census.uses()
        assert [use for use in found if use.space == space] == [IndexUse(space, "pgvector", 2)]

    async def test_bots_without_a_document_go_over_and_others_stay(self, backend: Backend) -> None:
        before, after = backend.clock.new_id("space"), backend.clock.new_id("space")
        empty, full = await self.indexed(backend, before), await self.indexed(backend, before)
        await add_document(backend, full)
        first = await backend.bot_queries.generation(empty.tenant_id, empty.id)
        await backend.index_census.adopt(
            Indexing(after, 8, "elsewhere"), lambda: backend.clock.new_id("gen")
        )
        found = await backend.index_census.uses()
        assert [use for use in found if use.space == before] == [IndexUse(before, "pgvector", 1)]
        moved = await backend.bot_queries.generation(empty.tenant_id, empty.id)
        assert (moved.space, moved.dimensions, moved.store) == (after, 8, "elsewhere")
        assert moved.id != first.id  # its vectors are in a namespace that never held others
        stayed = await backend.bot_queries.generation(full.tenant_id, full.id)
        assert (stayed.space, stayed.store) == (before, "pgvector")
