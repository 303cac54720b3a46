"""What every store of plans, counters and usage records promises."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from application.services.quotas import hold_seat, take
from application.testing.backend import (
    Backend,
    add_tenant,
    add_user,
    in_unit,
    outcome,
    rolled_back,
)
from application.testing.contract import Contract
from application.testing.samples import (
    add_bot,
    add_document,
    flip,
    give_new_content,
    make_document,
    make_source,
)
from domain.accounts import MemberRole, Membership
from domain.documents import Document
from domain.errors import NotFound, QuotaExceeded
from domain.plans import (
    DEFAULT_PLANS,
    Footprint,
    Grouping,
    Plan,
    Quota,
    Standing,
    Usage,
    UsageKind,
    UsageRecord,
)

NOVEMBER = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
TODAY = NOVEMBER.date()


async def add_plan(backend: Backend, **limits: int) -> Plan:
    """Store a plan with these limits and no others."""
    plan_id = backend.clock.new_id("plan")
    plan = Plan(plan_id, "Made for a test", {quota: limits.get(quota.value) for quota in Quota})
    async with backend.identities.open() as identities:
        await identities.plans.save(plan)
    return plan


async def add_limited(backend: Backend, **limits: int) -> str:
    """Store a workspace with a plan of these limits; return its id."""
    tenant, plan = await add_tenant(backend), await add_plan(backend, **limits)
    async with backend.identities.open() as identities:
        await identities.plans.assign(tenant, plan.id)
    return tenant


async def _count(
    backend: Backend, tenant: str, amounts: Mapping[Quota, int], now: datetime = NOVEMBER
) -> list[int]:
    standings = await in_unit(backend, tenant, lambda u: u.usage.count(amounts, now))
    return [standing.used for standing in standings]


async def _take(backend: Backend, tenant: str, amounts: Mapping[Quota, int]) -> None:
    async with backend.units.open(tenant) as unit:
        await asyncio.sleep(0)
        await take(unit, amounts, NOVEMBER)


async def _join(backend: Backend, tenant: str, user_id: str) -> None:
    async with backend.identities.open() as identities:
        await hold_seat(identities, tenant, NOVEMBER)
        member = Membership(tenant, user_id, MemberRole.VIEWER)
        await identities.workspaces.add_member(member, NOVEMBER)


async def _stored(backend: Backend, document: Document) -> int:
    return await in_unit(
        backend, document.tenant_id, lambda u: u.documents.stored_bytes(document.id)
    )


def make_record(record_id: str, **changes: object) -> UsageRecord:
    """Return a record of an answer of 7 and 3 tokens."""
    record = UsageRecord(
        record_id,
        UsageKind.ANSWER,
        "bot_1",
        "a/one",
        NOVEMBER,
        prompt_tokens=7,
        completion_tokens=3,
    )
    return replace(record, **changes)  # type: ignore[arg-type]  # fields by name


class UsageContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_the_default_plans_are_there_from_the_start(self, backend: Backend) -> None:
        plans = {plan.id: plan for plan in await backend.plan_queries.list()}
        for default in DEFAULT_PLANS:
            assert plans[default.id] == default
        assert list(plans)[: len(DEFAULT_PLANS)] == [plan.id for plan in DEFAULT_PLANS]

    async def test_a_plan_is_made_changed_and_given_to_a_workspace(self, backend: Backend) -> None:
        made = await add_plan(backend, bots=3)
        changed = replace(made, name="Another", limits={**made.limits, Quota.BOTS: 4}, version=2)
        tenant = await add_tenant(backend)
        assert (await backend.plan_queries.of_workspace(tenant)).id == "free"
        async with backend.identities.open() as identities:
            assert await identities.plans.find("nothing") is None
            assert await identities.plans.find(made.id) == made
            await identities.plans.save(changed)
            await identities.plans.assign(tenant, made.id)
        assert await backend.plan_queries.of_workspace(tenant) == changed
        assert (await backend.plan_queries.list())[-1] == changed

    async def test_a_workspace_that_is_not_there_is_not_found(self, backend: Backend) -> None:
        nobody = backend.clock.new_id("ws")
        with pytest.raises(NotFound):
            async with backend.identities.open() as identities:
                await identities.plans.assign(nobody, "free")
        with pytest.raises(NotFound):
            async with backend.identities.open() as identities:
                await identities.plans.seats(nobody)
        with pytest.raises(NotFound):
            await _count(backend, nobody, {Quota.BOTS: 1})
        with pytest.raises(NotFound):
            await backend.plan_queries.of_workspace(nobody)
        with pytest.raises(NotFound):
            await backend.usage_queries.standings(nobody, NOVEMBER)

    async def test_what_is_counted_adds_up_and_never_falls_below_nothing(
        self, backend: Backend
    ) -> None:
        tenant = await add_limited(backend, bots=3)
        assert await _count(backend, tenant, {Quota.DOCUMENTS: -1}) == [0]
        assert await _count(backend, tenant, {Quota.DOCUMENTS: 2, Quota.BYTES: 100}) == [2, 100]
        assert await _count(backend, tenant, {Quota.BYTES: -30, Quota.DOCUMENTS: 0}) == [70, 2]
        assert await _count(backend, tenant, {Quota.BYTES: -100, Quota.DOCUMENTS: -1}) == [0, 1]
        async with backend.units.open(tenant) as unit:
            found = await unit.usage.count({Quota.BOTS: 5, Quota.BYTES: 0}, NOVEMBER)
        assert found == [Standing(Quota.BOTS, 5, 3), Standing(Quota.BYTES, 0, None)]

    async def test_each_month_and_each_workspace_counts_by_itself(self, backend: Backend) -> None:
        one, other = await add_tenant(backend), await add_tenant(backend)
        december = datetime(2026, 12, 1, tzinfo=UTC)
        amounts = {Quota.MESSAGES_MONTH: 1, Quota.BOTS: 1}
        assert await _count(backend, one, amounts) == [1, 1]
        assert await _count(backend, one, amounts, december) == [1, 2]
        assert await _count(backend, one, amounts) == [2, 3]
        assert await _count(backend, other, amounts) == [1, 1]

    async def test_what_is_rolled_back_was_not_counted(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        async with rolled_back(backend.units.open(tenant)) as unit:
            await unit.usage.count({Quota.BOTS: 1}, NOVEMBER)
            await unit.usage.record(make_record("msg_1"))
        assert await _count(backend, tenant, {Quota.BOTS: 0, Quota.TOKENS_MONTH: 0}) == [0, 0]
        assert (
            await backend.usage_queries.used(tenant, NOVEMBER.date(), NOVEMBER.date(), Grouping.DAY)
            == []
        )

    async def test_of_many_at_once_exactly_as_many_get_through_as_there_is_room_for(
        self, backend: Backend
    ) -> None:
        tenant = await add_limited(backend, messages_month=10, bytes=1000)
        amounts = {Quota.MESSAGES_MONTH: 1, Quota.BYTES: 1}
        backwards = dict(reversed(amounts.items()))
        found = await asyncio.gather(
            *(outcome(_take(backend, tenant, backwards if n % 2 else amounts)) for n in range(50))
        )
        assert [found.count(None), found.count(QuotaExceeded)] == [10, 40]
        assert await _count(backend, tenant, dict.fromkeys(amounts, 0)) == [10, 10]

    async def test_of_many_who_join_at_once_as_many_get_in_as_there_are_seats(
        self, backend: Backend
    ) -> None:
        tenant = await add_limited(backend, members=3)
        people = [(await add_user(backend)).id for _ in range(6)]
        found = await asyncio.gather(*(outcome(_join(backend, tenant, one)) for one in people))
        assert [found.count(None), found.count(QuotaExceeded)] == [2, 4]
        standings = await backend.usage_queries.standings(tenant, NOVEMBER)
        assert standings[-1] == Standing(Quota.MEMBERS, 3, 3)

    async def test_what_something_cost_is_recorded_once(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        for tokens in (7, 700):
            async with backend.units.open(tenant) as unit:
                await unit.usage.record(make_record("msg_1", prompt_tokens=tokens))
        assert await _count(backend, tenant, {Quota.TOKENS_MONTH: 0}) == [10]

    async def test_usage_is_summed_by_day_by_bot_and_by_model(self, backend: Backend) -> None:
        tenant, other = await add_tenant(backend), await add_tenant(backend)
        day = timedelta(days=1)
        late = NOVEMBER.replace(hour=23, minute=59, second=59, microsecond=999_999)
        records = [
            make_record("msg_0", at=NOVEMBER - day),
            make_record("msg_1"),
            make_record("msg_2", bot_id="bot_2", model=None, prompt_tokens=0, completion_tokens=0),
            UsageRecord("doc_1:1", UsageKind.DOCUMENT, "bot_2", "space", late, size=42, chunks=2),
            make_record("msg_3", at=NOVEMBER + day),
        ]
        async with backend.units.open(tenant) as unit:
            for record in records:
                await unit.usage.record(record)
        await in_unit(backend, other, lambda u: u.usage.record(make_record("msg_1")))

        async def used(by: Grouping, first: date = TODAY) -> list[Usage]:
            return list(await backend.usage_queries.used(tenant, first, TODAY, by))

        before = (NOVEMBER - day).date()
        assert await used(Grouping.DAY, before) == [
            Usage("2026-11-22", 1, 7, 3, 0, 0, 0),
            Usage("2026-11-23", 2, 7, 3, 1, 42, 2),
        ]
        assert await used(Grouping.BOT) == [
            Usage("bot_1", 1, 7, 3, 0, 0, 0),
            Usage("bot_2", 1, 0, 0, 1, 42, 2),
        ]
        assert await used(Grouping.MODEL) == [
            Usage("a/one", 1, 7, 3, 0, 0, 0),
            Usage("space", 0, 0, 0, 1, 42, 2),
            Usage(None, 1, 0, 0, 0, 0, 0),
        ]

    async def test_the_standings_name_every_limit_with_what_is_used(self, backend: Backend) -> None:
        tenant = await add_limited(backend, bots=3, tokens_month=100)
        await _count(backend, tenant, {Quota.BOTS: 2})
        await in_unit(backend, tenant, lambda u: u.usage.record(make_record("msg_1")))
        assert await backend.usage_queries.standings(tenant, NOVEMBER) == [
            Standing(Quota.BOTS, 2, 3),
            Standing(Quota.DOCUMENTS, 0, None),
            Standing(Quota.BYTES, 0, None),
            Standing(Quota.MESSAGES_MONTH, 0, None),
            Standing(Quota.TOKENS_MONTH, 10, 100),
            Standing(Quota.MEMBERS, 1, None),
        ]

    async def test_the_bytes_of_a_document_are_those_of_its_live_and_newer_revisions(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        document = await add_document(backend, bot)
        assert await _stored(backend, document) == 42
        await flip(backend, document)
        await give_new_content(backend, document)
        assert await _stored(backend, document) == 84
        await flip(backend, document)
        assert await _stored(backend, document) == 42
        document.replace(document.source, backend.clock.now())  # the same bytes once more
        await in_unit(backend, tenant, lambda u: u.documents.save(document))
        assert await _stored(backend, document) == 42
        await in_unit(backend, tenant, lambda u: u.documents.delete(document.id))
        assert await _stored(backend, document) == 0

    async def test_the_largest_document_of_a_bot_is_known(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot, other = await add_bot(backend, tenant), await add_bot(backend, tenant)
        for size in (100, 300, 200):
            source = replace(make_source(backend), size=size)
            await add_document(backend, bot, make_document(backend, bot, source=source))
        assert await in_unit(backend, tenant, lambda u: u.documents.largest(bot.id)) == 300
        assert await in_unit(backend, tenant, lambda u: u.documents.largest(other.id)) == 0

    async def test_deleting_a_bot_tells_what_went_with_it_once(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        documents = [await add_document(backend, bot) for _ in range(3)]
        await give_new_content(backend, documents[0])
        await in_unit(backend, tenant, lambda u: u.documents.delete(documents[1].id))
        assert await in_unit(backend, tenant, lambda u: u.bots.delete(bot.id)) == Footprint(2, 126)
        assert await in_unit(backend, tenant, lambda u: u.bots.delete(bot.id)) == Footprint(0, 0)

    async def test_content_that_comes_while_its_bot_is_deleted_goes_with_it(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        bot = await add_bot(backend, tenant)
        document = await add_document(backend, bot)
        async with backend.units.open(tenant) as unit:
            held = await unit.documents.get(document.id, lock=True)
            held.replace(make_source(backend), backend.clock.now())
            await unit.documents.save(held)
            delete = in_unit(backend, tenant, lambda u: u.bots.delete(bot.id))
            deleting = asyncio.create_task(delete)
            await asyncio.sleep(0.1)
        assert await deleting == Footprint(1, 84)
