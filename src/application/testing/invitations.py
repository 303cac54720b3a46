"""What every store of invitations promises."""

from dataclasses import replace
from hashlib import sha256

from application.queries.page import PageRequest
from application.testing.backend import Backend, add_user, add_workspace
from application.testing.contract import Contract
from domain.accounts import MemberRole, User, Workspace
from domain.workspaces import Invitation, invited_until

ALL = PageRequest(100)


def make_invitation(backend: Backend, workspace: Workspace, by: User, email: str) -> Invitation:
    """Return an invitation that is not stored yet."""
    now = backend.clock.now()
    return Invitation(
        id=backend.clock.new_id("inv"),
        tenant_id=workspace.id,
        email=email,
        role=MemberRole.EDITOR,
        token_hash=sha256(backend.clock.new_secret().encode()).hexdigest(),
        invited_by=by.id,
        created_at=now,
        expires_at=invited_until(now),
    )


async def put(backend: Backend, invitation: Invitation) -> Invitation:
    """Store an invitation."""
    async with backend.identities.open() as identities:
        await identities.invitations.put(invitation)
    return invitation


class InvitationsContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_an_invitation_is_found_by_address_and_by_token(self, backend: Backend) -> None:
        owner = await add_user(backend)
        made, other = await add_workspace(backend, owner), await add_workspace(backend, owner)
        invitation = await put(backend, make_invitation(backend, made, owner, "a@example.org"))
        async with backend.identities.open() as identities:
            found = identities.invitations
            assert await found.of_address(made.id, "a@example.org") == invitation
            assert await found.of_token(invitation.token_hash) == invitation
            assert await found.of_address(other.id, "a@example.org") is None
            assert await found.of_address(made.id, "b@example.org") is None
            assert await found.of_token("00" * 32) is None

    async def test_an_address_is_awaited_while_its_invitation_is_open(
        self, backend: Backend
    ) -> None:
        owner, now = await add_user(backend), backend.clock.now()
        made, gone = await add_workspace(backend, owner), await add_workspace(backend, owner)
        email = f"{owner.id}@example.com"
        open_one = make_invitation(backend, made, owner, email)

        async def awaited(address: str = email) -> bool:
            async with backend.identities.open() as identities:
                return await identities.invitations.awaits(address, now)

        assert await awaited() is False
        await put(backend, open_one)
        assert await awaited() is True
        assert await awaited(f"other-{email}") is False
        await put(backend, replace(open_one, expires_at=now))
        assert await awaited() is False
        await put(backend, replace(open_one, accepted_at=now))
        assert await awaited() is False
        await put(backend, make_invitation(backend, gone, owner, email))
        assert await awaited() is True
        async with backend.identities.open() as identities:
            await identities.workspaces.save(replace(gone, deleted_at=now))
        assert await awaited() is False

    async def test_a_renewed_invitation_takes_the_place_of_the_old_one(
        self, backend: Backend
    ) -> None:
        owner = await add_user(backend)
        made = await add_workspace(backend, owner)
        old = await put(backend, make_invitation(backend, made, owner, "a@example.org"))
        later = make_invitation(backend, made, owner, "a@example.org")
        renewed = replace(later, id=old.id, role=MemberRole.VIEWER, accepted_at=later.created_at)
        await put(backend, renewed)
        async with backend.identities.open() as identities:
            assert await identities.invitations.of_token(old.token_hash) is None
            assert await identities.invitations.of_token(renewed.token_hash) == renewed

    async def test_an_open_invitation_is_removed_and_an_accepted_one_is_not(
        self, backend: Backend
    ) -> None:
        owner, other = await add_user(backend), await add_user(backend)
        made, foreign = await add_workspace(backend, owner), await add_workspace(backend, owner)
        opened = await put(backend, make_invitation(backend, made, owner, "a@example.org"))
        used = make_invitation(backend, made, owner, "b@example.org")
        used = await put(backend, replace(used, accepted_at=used.created_at))
        theirs = await put(backend, make_invitation(backend, made, other, "c@example.org"))
        elsewhere = await put(backend, make_invitation(backend, foreign, owner, "d@example.org"))
        async with backend.identities.open() as identities:
            assert not await identities.invitations.remove(foreign.id, opened.id)
            assert not await identities.invitations.remove(made.id, used.id)
            assert await identities.invitations.remove(made.id, opened.id)
            assert not await identities.invitations.remove(made.id, opened.id)
        await put(backend, opened)
        async with backend.identities.open() as identities:
            await identities.invitations.remove_by(made.id, owner.id)
            every = (opened, used, theirs, elsewhere)
            left = [await identities.invitations.of_token(i.token_hash) for i in every]
        assert left == [None, used, theirs, elsewhere]

    async def test_open_invitations_are_listed_newest_first(self, backend: Backend) -> None:
        owner = await add_user(backend)
        made, foreign = await add_workspace(backend, owner), await add_workspace(backend, owner)
        opened = [
            await put(backend, make_invitation(backend, made, owner, f"{n}@example.org"))
            for n in range(3)
        ]
        used = make_invitation(backend, made, owner, "used@example.org")
        await put(backend, replace(used, accepted_at=used.created_at))
        await put(backend, make_invitation(backend, foreign, owner, "0@example.org"))
        queries = backend.workspace_queries
        expected = sorted(opened, key=lambda invitation: invitation.id, reverse=True)
        assert (await queries.invitations(made.id, ALL)).items == expected
        first = await queries.invitations(made.id, PageRequest(2))
        second = await queries.invitations(made.id, PageRequest(2, first.next_after))
        assert [*first.items, *second.items] == expected
