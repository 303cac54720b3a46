"""What every store promises of erasing: receipts, and all that a tenant stores."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from application.testing.backend import Backend, add_tenant, in_unit, rolled_back
from application.testing.contract import Contract
from application.testing.credentials import add_credentials
from application.testing.feedback import add_feedback
from application.testing.samples import (
    add_bot,
    add_conversation,
    add_message,
    add_pending_answer,
    add_ready_document,
    make_generation,
    make_job,
)
from domain.erasures import Erasure
from domain.jobs import JobKind, Lease

MINUTE = 60.0


def make_receipt(backend: Backend) -> Erasure:
    """Return a receipt that is not stored yet."""
    new_id = backend.clock.new_id
    return Erasure(new_id("era"), "workspace", new_id("ws"), new_id("usr"), backend.clock.now())


async def furnish(backend: Backend, tenant: str) -> None:
    """Give a tenant a little of much; a bot and a document of it are tombstones."""
    bot, gone = await add_bot(backend, tenant), await add_bot(backend, tenant, "Gone")
    document = await add_ready_document(backend, bot)
    message = await add_message(backend, await add_conversation(backend, bot), "Hello?")
    await add_feedback(backend, message)
    await add_ready_document(backend, gone)
    await add_credentials(backend, tenant)
    await backend.embedding_cache.put(tenant, "space", {"00" * 32: [0.5, 0.25]})
    async with backend.units.open(tenant) as unit:
        await unit.documents.delete(document.id)
        await unit.bots.delete(gone.id)
        await unit.jobs.enqueue(make_job(backend, tenant))


async def count(backend: Backend, tenant: str) -> Mapping[str, int]:
    """Return what there is of a tenant, but for its members and history."""
    counts = await in_unit(backend, tenant, lambda unit: unit.estate.count())
    return {kind: n for kind, n in counts.items() if kind not in ("memberships", "audit_events")}


async def begin(backend: Backend, tenant: str) -> Lease:
    """Claim the job that erases a tenant."""
    job = make_job(backend, tenant, kind=JobKind.ERASE_WORKSPACE, subject_id=tenant, priority=0)
    await in_unit(backend, tenant, lambda unit: unit.jobs.enqueue(job))
    lease = await backend.job_queue.claim(MINUTE)
    assert lease is not None
    assert lease.job == job
    return lease


class ErasuresContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_a_receipt_is_found_by_its_id(self, backend: Backend) -> None:
        receipt = make_receipt(backend)
        async with backend.identities.open() as identities:
            await identities.erasures.add(receipt)
        async with backend.identities.open() as identities:
            assert await identities.erasures.get(receipt.id) == receipt
            assert await identities.erasures.get(backend.clock.new_id("era")) is None

    async def test_a_receipt_is_kept_with_its_counts(self, backend: Backend) -> None:
        receipt = make_receipt(backend)
        subject = (receipt.subject_type, receipt.subject_id)
        async with backend.identities.open() as identities:
            await identities.erasures.add(receipt)
            await identities.erasures.add(make_receipt(backend))
        counted = replace(receipt, counts={"bots": 2, "chunks": 10**10})
        async with backend.identities.open() as identities:
            assert await identities.erasures.pending(*subject) == receipt
            await identities.erasures.save(counted)
        async with backend.identities.open() as identities:
            assert await identities.erasures.pending(*subject) == counted
            assert await identities.erasures.of(*subject) == [counted]
            assert await identities.erasures.pending("user", receipt.subject_id) is None

    async def test_a_finished_receipt_is_not_pending_and_not_withdrawn(
        self, backend: Backend
    ) -> None:
        receipt, other = make_receipt(backend), make_receipt(backend)
        finished = replace(receipt, finished_at=backend.clock.now())
        async with backend.identities.open() as identities:
            await identities.erasures.add(receipt)
            await identities.erasures.add(other)
            await identities.erasures.save(finished)
        async with backend.identities.open() as identities:
            await identities.erasures.withdraw(receipt.id)
            await identities.erasures.withdraw(other.id)
        async with backend.identities.open() as identities:
            found = identities.erasures
            assert await found.pending("workspace", receipt.subject_id) is None
            assert await found.of("workspace", receipt.subject_id) == [finished]
            assert await found.of("workspace", other.subject_id) == []

    async def test_a_workspace_keeps_its_own_receipts_and_sees_no_others(
        self, backend: Backend
    ) -> None:
        tenant, other = await add_tenant(backend), await add_tenant(backend)
        receipt = replace(make_receipt(backend), subject_type="document")
        subject = (receipt.subject_type, receipt.subject_id)
        now = backend.clock.now()
        noted = replace(receipt, counts={"chunks": 2}, tenant_id=tenant)
        noted = noted.noted("vector_index", "pgvector", 2, now)
        finished = replace(noted.noted("vector_index", "pgvector", 0, now), finished_at=now)
        await in_unit(backend, tenant, lambda unit: unit.erasures.add(receipt))
        await in_unit(backend, tenant, lambda unit: unit.erasures.save(noted))
        assert await in_unit(backend, tenant, lambda u: u.erasures.pending(*subject)) == noted
        assert await in_unit(backend, other, lambda u: u.erasures.get(receipt.id)) is None
        await in_unit(backend, other, lambda unit: unit.erasures.save(finished))
        async with rolled_back(backend.units.open(tenant)) as unit:
            await unit.erasures.save(finished)
        assert await in_unit(backend, tenant, lambda u: u.erasures.get(receipt.id)) == noted
        await in_unit(backend, tenant, lambda unit: unit.erasures.save(finished))
        async with backend.identities.open() as identities:
            found = await identities.erasures.get(receipt.id)
        assert found == finished
        assert found.verified_at == now
        assert [(each.erased, each.left) for each in found.stores] == [(2, 0)]

    async def test_receipts_outlive_their_workspace(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        done, open_one = make_receipt(backend), make_receipt(backend)
        before = backend.clock.now() - timedelta(days=1)
        async with backend.units.open(tenant) as unit:
            await unit.erasures.add(replace(done, finished_at=before))
            await unit.erasures.add(open_one)
        now = backend.clock.now()
        async with backend.identities.open() as identities:
            await identities.erasures.outlive(tenant, now)
        async with backend.identities.open() as identities:
            assert await identities.erasures.get(done.id) == replace(done, finished_at=before)
            assert await identities.erasures.get(open_one.id) == replace(open_one, finished_at=now)
        assert await in_unit(backend, tenant, lambda u: u.erasures.get(done.id)) is None

    async def test_an_estate_is_erased_bit_by_bit_and_no_other(self, backend: Backend) -> None:
        tenant, other = await add_tenant(backend), await add_tenant(backend)
        await furnish(backend, tenant)
        await furnish(backend, other)
        theirs = await count(backend, other)
        assert await count(backend, tenant) == theirs
        assert len(theirs) >= 8
        lease = await begin(backend, tenant)
        rounds, more = 0, True
        while more:
            more = await in_unit(backend, tenant, lambda unit: unit.estate.erase(1))
            rounds += 1
        assert rounds > sum(theirs.values()) / 4
        assert await count(backend, tenant) == {}
        assert await count(backend, other) == theirs
        assert await backend.embedding_cache.get(tenant, "space", ["00" * 32]) == {}
        assert await backend.embedding_cache.get(other, "space", ["00" * 32]) != {}
        await in_unit(backend, tenant, lambda unit: unit.jobs.complete(lease))
        left = await backend.job_queue.claim(MINUTE)
        assert left is not None
        assert left.job.tenant_id == other

    async def test_what_is_rolled_back_is_not_erased(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        async with rolled_back(backend.units.open(tenant)) as unit:
            assert await unit.estate.erase(100)
        assert await backend.bot_queries.get(tenant, bot.id) == bot

    async def test_every_generation_is_found_of_deleted_bots_too(self, backend: Backend) -> None:
        tenant, other = await add_tenant(backend), await add_tenant(backend)
        bot, gone = await add_bot(backend, tenant), await add_bot(backend, tenant)
        made = [make_generation(backend, each) for each in (bot, gone)]
        async with backend.units.open(tenant) as unit:
            for generation in made:
                await unit.generations.add(generation)
            await unit.bots.delete(gone.id)
        foreign = make_generation(backend, await add_bot(backend, other))
        await in_unit(backend, other, lambda unit: unit.generations.add(foreign))
        found = await in_unit(backend, tenant, lambda unit: unit.estate.generations())
        assert sorted(g.id for g in found) == sorted(g.id for g in made)

    async def test_a_tenant_is_busy_while_a_job_is_done_or_an_answer_is_written(
        self, backend: Backend
    ) -> None:
        tenant, other = await add_tenant(backend), await add_tenant(backend)
        erasing = await begin(backend, tenant)
        assert await _busy(backend, tenant) is False
        await in_unit(backend, tenant, lambda unit: unit.jobs.enqueue(make_job(backend, tenant)))
        assert await _busy(backend, tenant) is False, "it waits"
        lease = await backend.job_queue.claim(MINUTE)
        assert lease is not None
        assert lease.job.id != erasing.job.id
        assert (await _busy(backend, tenant), await _busy(backend, other)) == (True, False)
        await in_unit(backend, tenant, lambda unit: unit.jobs.complete(lease))
        assert await _busy(backend, tenant) is False
        bot = await add_bot(backend, tenant)
        answer = await add_pending_answer(backend, await add_conversation(backend, bot))
        assert await _busy(backend, tenant) is False, "nobody writes it"
        await in_unit(backend, tenant, lambda unit: unit.messages.lease(answer.id, 1, MINUTE))
        assert (await _busy(backend, tenant), await _busy(backend, other)) == (True, False)


async def _busy(backend: Backend, tenant: str) -> bool:
    return await in_unit(backend, tenant, lambda unit: unit.estate.is_busy())
