"""What every store of workspaces, members and invitations promises."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from application.queries.page import PageRequest
from application.testing.audit import record
from application.testing.backend import (
    Backend,
    add_user,
    add_workspace,
    outcome,
    rolled_back,
)
from application.testing.contract import Contract
from application.testing.invitations import make_invitation, put
from application.testing.samples import make_job
from domain.accounts import Actor, MemberRole, Membership, Session, User, Workspace
from domain.errors import NotFound
from domain.jobs import JobKind
from domain.workspaces import deleted, in_erasure

ALL = PageRequest(100)
MINUTE = 60.0
WEEK = timedelta(days=7)


async def join(backend: Backend, workspace: Workspace, role: MemberRole, days: float = 0) -> User:
    """Store a person who joins a workspace `days` after now."""
    user = await add_user(backend)
    async with backend.identities.open() as identities:
        await identities.workspaces.add_member(
            Membership(workspace.id, user.id, role), backend.clock.now() + timedelta(days=days)
        )
    return user


async def delete(backend: Backend, workspace: Workspace, now: datetime) -> Workspace:
    """Delete a workspace."""
    async with backend.identities.open() as identities:
        return await identities.workspaces.save(deleted(workspace, now, WEEK))


async def read(backend: Backend, workspace_id: str) -> Workspace | None:
    """Return what is stored of a workspace."""
    async with backend.identities.open() as identities:
        return await identities.workspaces.get(workspace_id)


class WorkspacesContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_a_saved_workspace_is_read_back_with_its_version_raised(
        self, backend: Backend
    ) -> None:
        made = await add_workspace(backend, await add_user(backend))
        other = await add_workspace(backend, await add_user(backend))
        assert await read(backend, made.id) == made
        changed = deleted(replace(made, name="Engines é", plan="pro"), backend.clock.now(), WEEK)
        async with backend.identities.open() as identities:
            saved = await identities.workspaces.save(changed)
        assert saved == replace(changed, version=made.version + 1)
        assert await read(backend, made.id) == saved
        assert await read(backend, other.id) == other
        assert await read(backend, backend.clock.new_id("ws")) is None

    async def test_a_locked_workspace_is_changed_by_one_at_a_time(self, backend: Backend) -> None:
        made = await add_workspace(backend, await add_user(backend))

        async def rename() -> None:
            async with backend.identities.open() as identities:
                found = await identities.workspaces.get(made.id, lock=True)
                assert found is not None
                await asyncio.sleep(0.01)
                await identities.workspaces.save(replace(found, name=found.name + "+"))

        await asyncio.gather(rename(), rename(), rename())
        found = await read(backend, made.id)
        assert found is not None
        assert (found.name, found.version) == (made.name + "+++", made.version + 3)

    async def test_nobody_acts_in_a_deleted_workspace(self, backend: Backend) -> None:
        user = await add_user(backend)
        made = await add_workspace(backend, user)
        session = Session(
            backend.clock.new_id("ses"), user.id, made.created_at, made.created_at + WEEK
        )
        async with backend.identities.open() as identities:
            await identities.sessions.add(session)
        actor = await backend.identity_queries.actor(user.id, session.id, made.id)
        assert actor == Actor(user.id, made.id, MemberRole.OWNER, session.id)
        await delete(backend, made, backend.clock.now())
        for workspace_id in (made.id, None):
            found = await backend.identity_queries.actor(user.id, session.id, workspace_id)
            assert found is not None
            assert found.tenant_id == ""
        still = await backend.identity_queries.still(actor)
        assert still is not None
        assert still.tenant_id == ""
        assert await backend.identity_queries.local_actor(user.email, made.id) is None
        async with backend.identities.open() as identities:
            assert await identities.workspaces.of_user(user.id) == []
        assert await outcome(backend.workspace_queries.get(made.id)) is NotFound

    async def test_a_person_sees_workspaces_in_use_and_own_ones_that_can_be_restored(
        self, backend: Backend
    ) -> None:
        user, now = await add_user(backend), backend.clock.now()
        used = await add_workspace(backend, user, role=MemberRole.VIEWER)
        gone = await delete(backend, await add_workspace(backend, user), now)
        late = await delete(backend, await add_workspace(backend, user), now - WEEK)
        begun = await add_workspace(backend, user)
        async with backend.identities.open() as identities:
            await identities.workspaces.save(in_erasure(deleted(begun, now, WEEK)))
        foreign = await add_workspace(backend, user, role=MemberRole.ADMIN)
        await delete(backend, foreign, now)
        await add_workspace(backend, await add_user(backend))
        queries = backend.workspace_queries
        found = await queries.of_user(user.id, now, ALL)
        assert {w.id: (w, m.role) for w, m in found.items} == {
            used.id: (used, MemberRole.VIEWER),
            gone.id: (gone, MemberRole.OWNER),
        }
        assert late.id not in {w.id for w, _ in found.items}
        first = await queries.of_user(user.id, now, PageRequest(1))
        second = await queries.of_user(user.id, now, PageRequest(1, first.next_after))
        assert [*first.items, *second.items] == found.items
        assert second.next_after is None

    async def test_members_are_added_once_changed_and_removed(self, backend: Backend) -> None:
        owner, other = await add_user(backend), await add_user(backend)
        made, elsewhere = await add_workspace(backend, owner), await add_workspace(backend, other)
        user = await join(backend, made, MemberRole.EDITOR, days=1)
        first = Membership(made.id, owner.id, MemberRole.OWNER)
        editor = Membership(made.id, user.id, MemberRole.EDITOR)
        async with backend.identities.open() as identities:
            again = replace(editor, role=MemberRole.OWNER)
            await identities.workspaces.add_member(again, backend.clock.now())
            assert set(await identities.workspaces.members(made.id)) == {first, editor}
            saved = await identities.workspaces.save_member(replace(editor, role=MemberRole.ADMIN))
            assert saved == replace(editor, role=MemberRole.ADMIN, version=2)
            await identities.workspaces.remove_member(elsewhere.id, user.id)
        async with backend.identities.open() as identities:
            assert set(await identities.workspaces.members(made.id)) == {first, saved}
            await identities.workspaces.remove_member(made.id, user.id)
            await identities.workspaces.remove_member(made.id, user.id)
            assert list(await identities.workspaces.members(made.id)) == [first]
            assert len(await identities.workspaces.members(elsewhere.id)) == 1

    async def test_members_see_each_other_page_by_page(self, backend: Backend) -> None:
        owner = await add_user(backend)
        made = await add_workspace(backend, owner)
        await add_workspace(backend, await add_user(backend))
        user = await join(backend, made, MemberRole.VIEWER, days=1)
        queries = backend.workspace_queries
        found = (await queries.members(made.id, ALL)).items
        assert [m.membership.user_id for m in found] == sorted([owner.id, user.id])
        viewer = next(m for m in found if m.membership.user_id == user.id)
        assert (viewer.email, viewer.full_name) == (user.email, user.full_name)
        assert viewer.membership.role is MemberRole.VIEWER
        assert viewer.joined_at > made.created_at
        first = await queries.members(made.id, PageRequest(1))
        second = await queries.members(made.id, PageRequest(1, first.next_after))
        assert [*first.items, *second.items] == found
        assert second.next_after is None

    async def test_an_erased_workspace_takes_members_and_invitations_along_and_no_others(
        self, backend: Backend
    ) -> None:
        owner = await add_user(backend)
        gone, kept = await add_workspace(backend, owner), await add_workspace(backend, owner)
        invitations = [
            await put(backend, make_invitation(backend, workspace, owner, "a@example.org"))
            for workspace in (gone, kept)
        ]
        async with backend.identities.open() as identities:
            await identities.workspaces.erase(gone.id)
            await identities.workspaces.erase(gone.id)
        async with backend.identities.open() as identities:
            assert await identities.workspaces.get(gone.id) is None
            assert await identities.workspaces.members(gone.id) == []
            assert await identities.workspaces.of_user(owner.id) == [
                (kept, Membership(kept.id, owner.id, MemberRole.OWNER))
            ]
            found = [await identities.invitations.of_token(i.token_hash) for i in invitations]
        assert found == [None, invitations[1]]

    async def test_the_history_of_an_erased_workspace_is_erased_bit_by_bit(
        self, backend: Backend
    ) -> None:
        owner = await add_user(backend)
        gone, kept = await add_workspace(backend, owner), await add_workspace(backend, owner)
        for workspace in (gone, gone, gone, kept):
            await record(backend, workspace.id)
        async with backend.identities.open() as identities:
            await identities.workspaces.erase(gone.id)
        for _ in range(3):
            async with backend.identities.open() as identities:
                await identities.workspaces.erase_history(gone.id, 1)
        async with backend.identities.open() as identities:
            assert not await identities.workspaces.erase_history(gone.id, 1)
        assert [link async for link in backend.audit_queries.chain(gone.id)] == []
        assert len([link async for link in backend.audit_queries.chain(kept.id)]) == 1

    async def test_a_job_leaves_with_the_commit_of_accounts_or_not_at_all(
        self, backend: Backend
    ) -> None:
        made = await add_workspace(backend, await add_user(backend))
        job = make_job(backend, made.id, kind=JobKind.ERASE_WORKSPACE, subject_id=made.id)
        async with rolled_back(backend.identities.open()) as identities:
            await identities.jobs(made.id).enqueue(job)
        assert await backend.job_queue.claim(MINUTE) is None
        async with backend.identities.open() as identities:
            await identities.jobs(made.id).enqueue(job)
        lease = await backend.job_queue.claim(MINUTE)
        assert lease is not None
        assert lease.job == job
        async with backend.identities.open() as identities:
            await identities.jobs(made.id).cancel(JobKind.ERASE_WORKSPACE, made.id)
        await backend.expire_leases()
        assert await backend.job_queue.claim(MINUTE) is None

    async def test_the_work_of_a_deleted_workspace_rests_but_for_its_erasure(
        self, backend: Backend
    ) -> None:
        made = await add_workspace(backend, await add_user(backend))
        ingestion = make_job(backend, made.id)
        async with backend.units.open(made.id) as unit:
            await unit.jobs.enqueue(ingestion)
        gone = await delete(backend, made, backend.clock.now())
        assert await backend.job_queue.claim(MINUTE) is None
        erasure = make_job(backend, made.id, kind=JobKind.ERASE_WORKSPACE, subject_id=made.id)
        async with backend.units.open(made.id) as unit:
            await unit.jobs.enqueue(erasure)
        lease = await backend.job_queue.claim(MINUTE)
        assert lease is not None
        assert lease.job == erasure
        async with backend.identities.open() as identities:
            await identities.workspaces.save(replace(gone, deleted_at=None, erase_after=None))
        lease = await backend.job_queue.claim(MINUTE)
        assert lease is not None
        assert lease.job == ingestion
