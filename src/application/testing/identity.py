"""What every store of accounts promises."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from application.testing.backend import (
    Backend,
    add_user,
    add_workspace,
    make_user,
    outcome,
    rolled_back,
)
from application.testing.contract import Contract
from domain.accounts import Actor, MemberRole, Membership, RefreshToken, Session, User
from domain.errors import Conflict


async def _add_session(backend: Backend, user: User, hours: float = 1) -> Session:
    now = backend.clock.now()
    session = Session(backend.clock.new_id("ses"), user.id, now, now + timedelta(hours=hours))
    async with backend.identities.open() as identities:
        await identities.sessions.add(session)
    return session


async def _add_token(backend: Backend, session: Session, hours: float = 0) -> RefreshToken:
    secret = backend.clock.new_secret()
    token = RefreshToken(
        token_hash=sha256(secret.encode()).hexdigest(),
        session_id=session.id,
        user_id=session.user_id,
        expires_at=session.expires_at + timedelta(hours=hours),
    )
    async with backend.identities.open() as identities:
        await identities.sessions.add_token(token)
    return token


async def _read_token(backend: Backend, token: RefreshToken) -> RefreshToken | None:
    async with backend.identities.open() as identities:
        return await identities.sessions.token(token.token_hash)


class IdentityContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_a_user_is_found_by_id_and_address(self, backend: Backend) -> None:
        user = await add_user(backend)
        async with backend.identities.open() as identities:
            assert await identities.users.get(user.id) == user
            assert await identities.users.by_email(user.email) == user
            assert await identities.users.get(backend.clock.new_id("usr")) is None
            assert await identities.users.by_email("nobody@example.org") is None

    async def test_an_address_belongs_to_one_account(self, backend: Backend) -> None:
        user = await add_user(backend)
        with pytest.raises(Conflict):
            async with backend.identities.open() as identities:
                await identities.users.add(make_user(backend, email=user.email))
        async with backend.identities.open() as identities:
            assert await identities.users.by_email(user.email) == user

    async def test_a_locked_user_is_changed_by_one_at_a_time(self, backend: Backend) -> None:
        user = await add_user(backend)

        async def rename() -> None:
            async with backend.identities.open() as identities:
                found = await identities.users.get(user.id, lock=True)
                assert found is not None
                await asyncio.sleep(0.01)
                found.full_name += "+"
                await identities.users.save(found)

        await asyncio.gather(rename(), rename(), rename())
        async with backend.identities.open() as identities:
            found = await identities.users.get(user.id)
        assert found is not None
        assert (found.full_name, found.version) == (user.full_name + "+++", user.version + 3)

    async def test_of_registrations_at_once_one_wins(self, backend: Backend) -> None:
        email = make_user(backend).email

        async def register() -> None:
            async with backend.identities.open() as identities:
                await identities.users.add(make_user(backend, email=email))

        results = await asyncio.gather(*(outcome(register()) for _ in range(4)))
        assert results.count(Conflict) == 3

    async def test_an_error_rolls_back(self, backend: Backend) -> None:
        user = make_user(backend)
        async with rolled_back(backend.identities.open()) as identities:
            await identities.users.add(user)
        async with backend.identities.open() as identities:
            assert await identities.users.get(user.id) is None

    async def test_changes_of_a_user_are_kept_when_saved_only(self, backend: Backend) -> None:
        user = await add_user(backend)
        async with backend.identities.open() as identities:
            changed = await identities.users.get(user.id)
            assert changed is not None
            changed.full_name = "Not saved"
        async with backend.identities.open() as identities:
            assert await identities.users.get(user.id) == user
            user.full_name, user.password_hash, user.disabled = "Ada King é", "other", True
            await identities.users.save(user)
        async with backend.identities.open() as identities:
            assert await identities.users.get(user.id) == user

    async def test_workspaces_come_with_the_role_oldest_first(self, backend: Backend) -> None:
        user, other = await add_user(backend), await add_user(backend)
        first = await add_workspace(backend, user)
        second = await add_workspace(backend, user, days=1, role=MemberRole.VIEWER)
        await add_workspace(backend, other)
        async with backend.identities.open() as identities:
            found = await identities.workspaces.of_user(user.id)
        assert [workspace for workspace, _ in found] == [first, second]
        roles = [(m.tenant_id, m.user_id, m.role) for _, m in found]
        assert roles == [
            (first.id, user.id, MemberRole.OWNER),
            (second.id, user.id, MemberRole.VIEWER),
        ]

    async def test_an_actor_works_in_the_named_or_the_first_workspace(
        self, backend: Backend
    ) -> None:
        user = await add_user(backend)
        first = await add_workspace(backend, user)
        second = await add_workspace(backend, user, days=1, role=MemberRole.EDITOR)
        session = await _add_session(backend, user)
        look_up = backend.identity_queries.actor
        owner = Actor(user.id, first.id, MemberRole.OWNER, session.id)
        editor = Actor(user.id, second.id, MemberRole.EDITOR, session.id)
        assert await look_up(user.id, session.id, None) == owner
        assert await look_up(user.id, session.id, first.id) == owner
        assert await look_up(user.id, session.id, second.id) == editor

    async def test_nobody_acts_in_a_foreign_or_unknown_workspace(self, backend: Backend) -> None:
        user, other = await add_user(backend), await add_user(backend)
        await add_workspace(backend, user)
        foreign = await add_workspace(backend, other)
        session = await _add_session(backend, user)
        look_up = backend.identity_queries.actor
        for workspace_id in (foreign.id, backend.clock.new_id("ws")):
            found = await look_up(user.id, session.id, workspace_id)
            assert found is not None
            assert found.tenant_id == ""

    async def test_nobody_acts_without_a_session_of_his_own(self, backend: Backend) -> None:
        user, other = await add_user(backend), await add_user(backend)
        for member in (user, other):
            await add_workspace(backend, member)
        session = await _add_session(backend, other)
        look_up = backend.identity_queries.actor
        assert await look_up(user.id, session.id, None) is None
        assert await look_up(user.id, backend.clock.new_id("ses"), None) is None
        assert await look_up(backend.clock.new_id("usr"), session.id, None) is None

    async def test_a_revoked_or_expired_session_or_a_disabled_user_is_nobody(
        self, backend: Backend
    ) -> None:
        user = await add_user(backend)
        await add_workspace(backend, user)
        kept, revoked = await _add_session(backend, user), await _add_session(backend, user)
        expired = await _add_session(backend, user, hours=-1)
        look_up = backend.identity_queries.actor
        async with backend.identities.open() as identities:
            await identities.sessions.revoke(revoked.id, backend.clock.now())
        assert await look_up(user.id, revoked.id, None) is None
        assert await look_up(user.id, expired.id, None) is None
        assert await look_up(user.id, kept.id, None) is not None
        async with backend.identities.open() as identities:
            user.disabled = True
            await identities.users.save(user)
        assert await look_up(user.id, kept.id, None) is None

    async def test_a_user_without_a_workspace_acts_in_none(self, backend: Backend) -> None:
        user = await add_user(backend)
        session = await _add_session(backend, user)
        found = await backend.identity_queries.actor(user.id, session.id, None)
        assert found is not None
        assert (found.user_id, found.tenant_id) == (user.id, "")

    async def test_a_local_command_acts_as_the_named_user_or_an_owner(
        self, backend: Backend
    ) -> None:
        user = await add_user(backend)
        workspace = await add_workspace(backend, user)
        queries = backend.identity_queries
        expected = Actor(user.id, workspace.id, MemberRole.OWNER)
        assert await queries.local_actor(None, workspace.id) == expected
        assert await queries.local_actor(user.email, None) == expected
        assert await queries.local_actor("nobody@example.com", workspace.id) is None
        assert await queries.local_actor(None, backend.clock.new_id("ws")) is None

    async def test_a_local_command_works_in_the_workspace_that_was_made_first(
        self, backend: Backend
    ) -> None:
        user, founder = await add_user(backend), await add_user(backend)
        own = await add_workspace(backend, user)
        older = await add_workspace(backend, founder, days=-20_000)  # older than any other test's
        joined = Membership(older.id, user.id, MemberRole.OWNER)
        async with backend.identities.open() as identities:
            await identities.workspaces.add_member(joined, backend.clock.now())
        queries = backend.identity_queries
        expected = Actor(user.id, older.id, MemberRole.OWNER)
        assert await queries.local_actor(user.email, None) == expected
        first = Actor(founder.id, older.id, MemberRole.OWNER)
        assert await queries.local_actor(None, None) == first
        assert await queries.local_actor(user.email, own.id) == replace(expected, tenant_id=own.id)

    async def test_a_refresh_token_remembers_that_it_was_used(self, backend: Backend) -> None:
        token = await _add_token(backend, await _add_session(backend, await add_user(backend)))
        now = backend.clock.now()
        assert await _read_token(backend, token) == token
        async with backend.identities.open() as identities:
            await identities.sessions.use_token(token.token_hash, now)
        used = await _read_token(backend, token)
        assert used is not None
        assert used.used_at == now

    async def test_an_unknown_refresh_token_is_none(self, backend: Backend) -> None:
        async with backend.identities.open() as identities:
            assert await identities.sessions.token("00" * 32) is None

    async def test_revoking_a_session_kills_all_its_tokens_and_no_others(
        self, backend: Backend
    ) -> None:
        user = await add_user(backend)
        doomed, kept = await _add_session(backend, user), await _add_session(backend, user)
        family = [await _add_token(backend, doomed) for _ in range(2)]
        other = await _add_token(backend, kept)
        async with backend.identities.open() as identities:
            await identities.sessions.revoke(doomed.id, backend.clock.now())
            await identities.sessions.revoke(doomed.id, backend.clock.now())
        assert [await _read_token(backend, token) for token in family] == [None, None]
        assert await _read_token(backend, other) == other

    async def test_a_token_of_an_expired_session_is_none(self, backend: Backend) -> None:
        session = await _add_session(backend, await add_user(backend), hours=-1)
        token = await _add_token(backend, session, hours=2)
        assert await _read_token(backend, token) is None

    async def test_a_token_used_twice_at_once_is_seen_as_used_by_the_second(
        self, backend: Backend
    ) -> None:
        token = await _add_token(backend, await _add_session(backend, await add_user(backend)))

        async def rotate() -> bool:
            async with backend.identities.open() as identities:
                found = await identities.sessions.token(token.token_hash)
                assert found is not None
                await asyncio.sleep(0.01)
                await identities.sessions.use_token(token.token_hash, backend.clock.now())
                return found.used_at is None

        assert sorted(await asyncio.gather(rotate(), rotate(), rotate())) == [False, False, True]
