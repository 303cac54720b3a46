"""What every store of the audit log promises."""

import asyncio
from datetime import timedelta

from application.queries.audit import AuditFilter
from application.queries.page import PageRequest
from application.testing.backend import Backend, add_tenant, rolled_back
from application.testing.contract import Contract
from domain.accounts import Actor, MemberRole
from domain.audit import AuditEntry, AuditLink, entry_of, first_break


async def record(backend: Backend, scope: str, action: str = "bot.created") -> None:
    """Record an entry in a unit of its own."""
    async with backend.units.open(scope) as uow:
        await uow.audit.record(_entry(backend, action))


def _entry(backend: Backend, action: str) -> AuditEntry:
    actor = Actor("usr_1", "ws_1", MemberRole.OWNER, "ses_1", address="192.0.2.1")
    return entry_of(
        actor, backend.clock.new_id("aud"), backend.clock.now(), action, ("bot", "bot_1"), {"n": 1}
    )


async def _chain(backend: Backend, scope: str) -> list[AuditLink]:
    return [link async for link in backend.audit_queries.chain(scope)]


class AuditContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_entries_are_read_as_they_were_recorded(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        entry = _entry(backend, "bot.deleted")
        async with backend.units.open(tenant) as uow:
            await uow.audit.record(entry)
        assert [link.entry for link in await _chain(backend, tenant)] == [entry]

    async def test_entries_make_a_chain_that_holds(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        for number in range(3):
            await record(backend, tenant, f"bot.{number}")
        chain = await _chain(backend, tenant)
        assert [link.seq for link in chain] == [1, 2, 3]
        assert first_break(chain) is None

    async def test_concurrent_writers_leave_neither_gap_nor_fork(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        await asyncio.gather(*(record(backend, tenant, f"bot.{n}") for n in range(8)))
        chain = await _chain(backend, tenant)
        assert len(chain) == 8
        assert first_break(chain) is None

    async def test_what_is_rolled_back_is_not_told(self, backend: Backend) -> None:
        tenant = await add_tenant(backend)
        async with rolled_back(backend.units.open(tenant)) as uow:
            await uow.audit.record(_entry(backend, "bot.created"))
        assert await _chain(backend, tenant) == []

    async def test_each_workspace_has_a_chain_of_its_own(self, backend: Backend) -> None:
        one, other = await add_tenant(backend), await add_tenant(backend)
        await record(backend, one)
        await record(backend, other)
        for tenant in (one, other):
            assert [link.seq for link in await _chain(backend, tenant)] == [1]

    async def test_accounts_have_chains_too(self, backend: Backend) -> None:
        user_id = backend.clock.new_id("usr")
        async with backend.identities.open() as identities:
            await identities.audit.record(_entry(backend, "session.opened"), scope=user_id)
        assert len(await _chain(backend, user_id)) == 1

    async def test_entries_are_listed_newest_first_by_page_and_action(
        self, backend: Backend
    ) -> None:
        tenant = await add_tenant(backend)
        for action in ("bot.created", "document.added", "bot.deleted"):
            await record(backend, tenant, action)
        page = await backend.audit_queries.list(tenant, PageRequest(2))
        assert [link.entry.action for link in page.items] == ["bot.deleted", "document.added"]
        rest = await backend.audit_queries.list(tenant, PageRequest(2, page.next_after))
        assert [link.entry.action for link in rest.items] == ["bot.created"]
        bots = await backend.audit_queries.list(tenant, PageRequest(9), AuditFilter(action="bot."))
        assert [link.seq for link in bots.items] == [3, 1]

    async def test_entries_are_found_by_who_did_what_to_what_and_when(
        self, backend: Backend
    ) -> None:
        tenant, now = await add_tenant(backend), backend.clock.now()
        for hours, who, bot in (
            (-2, "usr_a", "bot_1"),
            (-1, "usr_b", "bot_1"),
            (0, "usr_a", "bot_2"),
        ):
            actor = Actor(who, tenant, MemberRole.OWNER, "ses_1")
            at, entry_id = now + timedelta(hours=hours), backend.clock.new_id("aud")
            entry = entry_of(
                actor, entry_id, at, "bot.updated", ("bot", bot), {"actor_id": "usr_c"}
            )
            async with backend.units.open(tenant) as uow:
                await uow.audit.record(entry)
        before = now - timedelta(hours=1)
        for where, places in {
            AuditFilter(actor_id="usr_a"): [3, 1],
            AuditFilter(actor_id="usr_c"): [],
            AuditFilter(subject_id="bot_1"): [2, 1],
            AuditFilter(since=before): [3, 2],
            AuditFilter(until=before): [1],
            AuditFilter("bot.", "usr_a", "bot_1", now - timedelta(hours=2), now): [1],
            AuditFilter("key.", "usr_a"): [],
        }.items():
            page = await backend.audit_queries.list(tenant, PageRequest(9), where)
            assert [link.seq for link in page.items] == places, where
        first = await backend.audit_queries.list(
            tenant, PageRequest(1), AuditFilter(actor_id="usr_a")
        )
        rest = PageRequest(1, first.next_after)
        second = await backend.audit_queries.list(tenant, rest, AuditFilter(actor_id="usr_a"))
        assert [link.seq for link in (*first.items, *second.items)] == [3, 1]
