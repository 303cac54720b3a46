"""Erasing a workspace: all of it, after any crash, and never one that was restored."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.identity import InMemoryIdentities, InMemoryIdentityUnits
from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.job_queue import LeaseLost
from application.ports.vector_index import Namespace
from application.use_cases.erase_workspace import EraseWorkspace
from application.use_cases.workspaces import DeleteWorkspace, RestoreWorkspace
from domain.accounts import Membership, Workspace
from domain.erasures import Erasure
from domain.errors import DependencyUnavailable, NotFound
from domain.jobs import JobKind, Lease
from unit.installation import Installation, StepwiseIndex

DAY = 86_400.0
GRACE = timedelta(days=7)


class Crash(BaseException):
    """The process dies here."""


class HookedIdentityUnits(InMemoryIdentityUnits):
    """Tells `before` of every unit that is opened."""

    before: Callable[[], None] = staticmethod(lambda: None)

    def open(self) -> InMemoryIdentities:
        self.before()
        return super().open()


class House:
    """A workspace with a bot, documents, a conversation, and another workspace beside it."""

    def __init__(self, vectors: InMemoryVectorIndex | None = None) -> None:
        self.here = here = Installation()
        here.vectors = vectors or here.vectors
        self.identities = HookedIdentityUnits(here.state)
        self.delete = DeleteWorkspace(self.identities, here.clock, GRACE)
        self.restore = RestoreWorkspace(self.identities, here.clock)
        self.erase = EraseWorkspace(
            self.identities, here.units, here.blobs, here.vectors, here.clock
        )
        self.namespaces: list[Namespace] = []

    async def furnish(self) -> "House":
        here = self.here
        for actor in (here.stranger, here.actor):
            async with self.identities.open() as identities:
                await identities.workspaces.add(
                    Workspace(actor.tenant_id, "Engines", "free", here.clock.now()),
                    Membership(actor.tenant_id, actor.user_id, actor.role),
                )
            own, here.actor = here.actor, actor
            bot = await here.add_bot()
            await here.add_ready(bot, "The library opens at nine in the morning.")
            await here.answered("When?", bot_id=bot.id)
            self.namespaces += [
                Namespace(actor.tenant_id, bot.id, generation.id)
                for generation in here.tables.generations.values()
            ]
            here.actor = own
        return self

    async def due(self) -> Lease:
        """Delete the workspace and let its grace pass."""
        await self.delete(self.here.actor, None)
        self.here.clock.advance(7 * DAY)
        return await self.here.claim()

    @property
    def receipt(self) -> Erasure:
        (found,) = self.here.state.receipts.values()
        return found

    async def contents(self, tenant_id: str) -> list[int]:
        """Count what there is of a tenant in each store."""
        here, state = self.here, self.here.state
        async with here.units.open(tenant_id) as uow:
            counts = await uow.estate.count()
        return [
            sum(counts.values()),
            sum(key.startswith(tenant_id) for key in here.blobs.blobs),
            sum([await here.vectors.count(n) for n in self.namespaces if n.tenant_id == tenant_id]),
            sum(key[0] == tenant_id for key in state.vectors),
            sum(key[0] == tenant_id for key in state.postings.documents),
            sum(key[0] == tenant_id for key in state.jobs),
            sum(key[0] == tenant_id for key in state.accounts.memberships),
            int(tenant_id in state.accounts.workspaces),
            len(state.audit.get(tenant_id, [])),
        ]


@pytest.fixture
async def house() -> House:
    return await House().furnish()


async def test_nothing_is_left_but_the_receipt_and_the_neighbour_keeps_all(house: House) -> None:
    mine, theirs = house.here.actor.tenant_id, house.here.stranger.tenant_id
    before = await house.contents(theirs)
    assert all(count > 0 for count in before[:5])
    lease = await house.due()
    await house.erase(lease)
    assert await house.contents(mine) == [0] * 9
    assert await house.contents(theirs) == before
    receipt = house.receipt
    assert (receipt.subject_id, receipt.requested_by) == (mine, house.here.actor.user_id)
    assert receipt.finished_at == house.here.clock.now()
    assert receipt.counts["bots"] == 1
    stores = {each.store: (each.kind, each.erased, each.left) for each in receipt.stores}
    assert stores == {"vector_index": ("memory", 1, 0), "blob_store": ("memory", 1, 0)}
    assert receipt.verified_at == receipt.finished_at


async def test_the_vectors_of_a_large_workspace_go_in_as_many_steps_as_it_takes() -> None:
    house = House(StepwiseIndex())
    await house.furnish()
    (bot,) = house.here.tables.bots.values()
    await house.here.add_ready(bot, "Nobody may shout in the reading room.", "b.txt")
    await house.erase(await house.due())
    assert await house.contents(house.here.actor.tenant_id) == [0] * 9
    assert (await house.contents(house.here.stranger.tenant_id))[2] > 0


@pytest.mark.parametrize("store", ["vectors", "blobs"])
async def test_no_row_goes_while_a_store_still_shows_what_it_was_told_to_delete(
    house: House, store: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forget(_: object) -> bool:
        return False

    lease = await house.due()
    mine = house.here.actor.tenant_id
    before = await house.contents(mine)
    with monkeypatch.context() as patch:
        method = {"vectors": "delete_namespace", "blobs": "delete_all"}[store]
        patch.setattr(getattr(house.here, store), method, forget)
        with pytest.raises(DependencyUnavailable) as refused:
            await house.erase(lease)
    assert refused.value.code == "not_erased"
    assert (await house.contents(mine))[0] == before[0]
    assert (house.receipt.finished_at, house.receipt.verified_at) == (None, None)
    await house.erase(lease)
    assert house.receipt.verified_at is not None
    assert [(each.erased, each.left) for each in house.receipt.stores] == [(1, 0), (1, 0)]


async def test_nothing_is_erased_before_the_grace_is_over(house: House) -> None:
    mine = house.here.actor.tenant_id
    before = await house.contents(mine)
    await house.delete(house.here.actor, None)
    house.here.clock.advance(7 * DAY - 1)
    assert await house.here.queue.claim(1) is None
    await house.restore(house.here.actor, mine)
    house.here.clock.advance(30 * DAY)
    assert await house.here.queue.claim(1) is None
    assert (await house.contents(mine))[:5] == before[:5]
    assert house.here.state.receipts == {}


async def test_an_erasure_that_crashed_anywhere_is_finished_by_the_next() -> None:
    for crash_at in range(1, 60):
        house = await House().furnish()
        lease = await house.due()
        passed = 0

        def count(at: int = crash_at) -> None:
            nonlocal passed
            passed += 1
            if passed == at:
                raise Crash

        async def count_unit(_: int, count: Callable[[], None] = count) -> None:
            count()

        house.identities.before, house.here.units.before = count, count_unit
        try:
            await house.erase(lease)
        except Crash:
            passed = 1000
            house.here.clock.advance(3600)
            again = await house.here.claim()
            await house.erase(again)
            assert await house.contents(house.here.actor.tenant_id) == [0] * 9, crash_at
            assert house.receipt.finished_at is not None
            assert house.receipt.counts["bots"] == 1
        else:
            assert crash_at > 10
            return
    pytest.fail("it never came to its end")


async def test_what_an_outage_kept_is_erased_by_the_next_try(house: House) -> None:
    lease = await house.due()
    delete = house.here.blobs.delete_all

    async def out(_: str) -> None:
        raise DependencyUnavailable

    house.here.blobs.delete_all = out  # type: ignore[method-assign]
    with pytest.raises(DependencyUnavailable):
        await house.erase(lease)
    mine = house.here.actor.tenant_id
    assert house.here.state.accounts.workspaces[mine].erase_after is None, "whatever the time"
    with pytest.raises(NotFound):
        await house.restore(house.here.actor, mine)
    house.here.blobs.delete_all = delete  # type: ignore[method-assign]
    await house.erase(lease)
    assert await house.contents(house.here.actor.tenant_id) == [0] * 9


async def test_an_erasure_waits_for_who_works_for_the_workspace(house: House) -> None:
    here = house.here
    mine = here.actor.tenant_id
    (bot,) = here.tables.bots.values()
    await here.upload(bot, "Something more.", "more.txt")
    at_work = await here.queue.claim(30 * DAY)
    assert at_work is not None
    lease = await house.due()
    with pytest.raises(DependencyUnavailable):
        await house.erase(lease)
    assert (await house.contents(mine))[0] > 0
    async with here.units.open(mine) as uow:
        await uow.jobs.complete(at_work)
    await house.erase(lease)
    assert await house.contents(mine) == [0] * 9


async def test_a_job_of_before_the_restoring_erases_nothing(house: House) -> None:
    mine = house.here.actor.tenant_id
    lease = await house.due()
    deleted = house.here.state.accounts.workspaces[mine]
    restored = replace(deleted, deleted_at=None, erase_after=None)
    house.here.state.accounts.workspaces[mine] = restored
    await house.erase(lease)
    assert (await house.contents(mine))[0] > 0
    assert await house.here.queue.claim(1) is None


async def test_a_longer_grace_puts_the_erasure_off(house: House) -> None:
    mine = house.here.actor.tenant_id
    lease = await house.due()
    deleted = house.here.state.accounts.workspaces[mine]
    later = house.here.clock.now() + timedelta(days=1)
    house.here.state.accounts.workspaces[mine] = replace(deleted, erase_after=later)
    await house.erase(lease)
    assert (await house.contents(mine))[0] > 0
    assert await house.here.queue.claim(1) is None
    house.here.clock.advance(DAY)
    again = await house.here.claim()
    assert again.job.kind is JobKind.ERASE_WORKSPACE
    await house.erase(again)
    assert await house.contents(mine) == [0] * 9


async def test_who_lost_the_lease_erases_nothing(house: House) -> None:
    mine = house.here.actor.tenant_id
    lease = await house.due()
    house.here.clock.advance(3600)
    before = await house.contents(mine)
    with pytest.raises(LeaseLost):
        await house.erase(lease)
    assert await house.contents(mine) == before
