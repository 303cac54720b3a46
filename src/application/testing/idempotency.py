"""What all idempotency records promise: a key makes one thing, and both are there or none."""

import asyncio

import pytest

from application.testing.backend import Backend, add_tenant, in_unit, outcome, rolled_back
from application.testing.contract import Contract
from application.testing.samples import add_bot
from domain.errors import IdempotencyConflict

ACTOR, KEY, PRINT = "usr_ada", "key-1", "POST /bots a1b2"


async def _make(backend: Backend, tenant: str, resource: str, pause: float = 0.0) -> list[str]:
    """Make a resource under the key, or return what was made before."""
    async with backend.units.open(tenant) as unit:
        made = await unit.idempotency.claim(ACTOR, KEY, PRINT)
        if made is None:
            await asyncio.sleep(pause)
            made = [resource]
            await unit.idempotency.made(ACTOR, KEY, made)
        return made


class IdempotencyContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_a_fresh_key_is_taken_and_a_known_one_gives_what_it_made(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        async with backend.units.open(tenant) as unit:
            assert await unit.idempotency.claim(ACTOR, KEY, PRINT) is None
            await unit.idempotency.made(ACTOR, KEY, ["conv_1", "msg_2"])
        claim = in_unit(backend, tenant, lambda u: u.idempotency.claim(ACTOR, KEY, PRINT))
        assert await claim == ["conv_1", "msg_2"]

    async def test_another_request_under_the_same_key_is_a_conflict(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        await _make(backend, tenant, "bot_1")
        with pytest.raises(IdempotencyConflict):
            await in_unit(backend, tenant, lambda u: u.idempotency.claim(ACTOR, KEY, "other"))
        assert await _make(backend, tenant, "bot_2") == ["bot_1"]

    async def test_a_key_belongs_to_its_actor_and_tenant(self, backend: Backend) -> None:
        tenant, other = await add_tenant(backend), await add_tenant(backend)
        await _make(backend, tenant, "bot_1")
        for where, actor, key in (
            (tenant, "usr_bob", KEY),
            (tenant, ACTOR, "key-2"),
            (other, ACTOR, KEY),
        ):
            async with backend.units.open(where) as unit:
                assert await unit.idempotency.claim(actor, key, "another print") is None

    async def test_a_rollback_frees_the_key(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        async with rolled_back(backend.units.open(tenant)) as unit:
            assert await unit.idempotency.claim(ACTOR, KEY, PRINT) is None
            await unit.idempotency.made(ACTOR, KEY, ["bot_1"])
        assert await _make(backend, tenant, "bot_2") == ["bot_2"]

    async def test_of_requests_at_once_exactly_one_makes(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        names = [f"bot_{number}" for number in range(5)]
        made = await asyncio.gather(*(_make(backend, tenant, name, 0.02) for name in names))
        assert len({tuple(ids) for ids in made}) == 1

    async def test_who_waited_for_a_request_that_fails_makes_it_himself(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        async with asyncio.timeout(10):
            async with rolled_back(backend.units.open(tenant)) as unit:
                await unit.idempotency.claim(ACTOR, KEY, PRINT)
                second = asyncio.create_task(_make(backend, tenant, "bot_2"))
                await asyncio.sleep(0.05)
                assert not second.done()
            assert await second == ["bot_2"]

    async def test_a_unit_that_finds_a_conflict_makes_nothing(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        await _make(backend, tenant, "bot_1")
        bot = await add_bot(backend, tenant)

        async def delete() -> None:
            async with backend.units.open(tenant) as unit:
                await unit.bots.delete(bot.id)
                await unit.idempotency.claim(ACTOR, KEY, "other")

        assert await outcome(delete()) is IdempotencyConflict
        assert await backend.bot_queries.get(tenant, bot.id) == bot
