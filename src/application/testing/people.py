"""What every store of people, their sessions and one-time tokens promises."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest

from application.queries.page import PageRequest
from application.testing.backend import (
    Backend,
    add_user,
    add_workspace,
    make_user,
    rolled_back,
)
from application.testing.contract import Contract
from domain.accounts import (
    Device,
    ExternalIdentity,
    OneTimeToken,
    RefreshToken,
    Session,
    TokenPurpose,
    User,
)
from domain.errors import Conflict
from domain.second_factor import SecondFactor

RESET = TokenPurpose.PASSWORD_RESET


async def _add_session(backend: Backend, user: User, *, hours: float = 1) -> Session:
    now = backend.clock.now()
    session = Session(
        id=backend.clock.new_id("ses"),
        user_id=user.id,
        created_at=now,
        expires_at=now + timedelta(hours=hours),
        last_used_at=now,
        device=Device("2001:db8::1", "Browser é/1"),
    )
    async with backend.identities.open() as identities:
        await identities.sessions.add(session)
    return session


async def _listed(backend: Backend, user: User) -> list[Session]:
    return (await backend.session_queries.list(user.id, PageRequest(100))).items


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


async def _add_one_time(
    backend: Backend, user: User | None, purpose: TokenPurpose = RESET, minutes: float = 30
) -> OneTimeToken:
    until = backend.clock.now() + timedelta(minutes=minutes)
    user_id = user.id if user else None
    data = {"email": "é@example.org"}
    token = OneTimeToken(_hash(backend.clock.new_secret()), purpose, until, user_id, data)
    async with backend.identities.open() as identities:
        await identities.tokens.add(token)
    return token


async def _take(
    backend: Backend, token: OneTimeToken, purpose: TokenPurpose = RESET
) -> OneTimeToken | None:
    async with backend.identities.open() as identities:
        return await identities.tokens.take(token.token_hash, purpose, backend.clock.now())


class PeopleContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def test_everything_about_a_user_is_kept(self, backend: Backend) -> None:
        now = backend.clock.now()
        user = make_user(backend)
        user.password_hash, user.email_verified_at, user.instance_admin = None, now, True
        user.second_factor = SecondFactor("sealed", now, 57_000_000, ("a" * 64, "b" * 64))
        async with backend.identities.open() as identities:
            await identities.users.add(user)
        async with backend.identities.open() as identities:
            assert await identities.users.get(user.id) == user
            user.second_factor = replace(user.second_factor, recovery_hashes=())
            await identities.users.save(user)
            assert await identities.users.get(user.id, lock=True) == user
            user.second_factor, user.email_verified_at, user.instance_admin = None, None, False
            await identities.users.save(user)
        async with backend.identities.open() as identities:
            assert await identities.users.get(user.id) == user

    async def test_a_taken_address_cannot_be_changed_to(self, backend: Backend) -> None:
        user, other = await add_user(backend), await add_user(backend)
        async with backend.identities.open() as identities:
            found = await identities.users.get(user.id, lock=True)
            assert found is not None
            found.email = other.email
            with pytest.raises(Conflict):
                await identities.users.save(found)
            found.email, found.full_name = user.email, "Another"  # the unit can go on
            await identities.users.save(found)
        async with backend.identities.open() as identities:
            stored = await identities.users.get(user.id)
        assert stored is not None
        assert (stored.email, stored.full_name) == (user.email, "Another")

    async def test_a_removed_user_takes_everything_along(self, backend: Backend) -> None:
        user, other = await add_user(backend), await add_user(backend)
        await add_workspace(backend, user)
        session = await _add_session(backend, user)
        kept = await _add_session(backend, other)
        token, others = await _add_one_time(backend, user), await _add_one_time(backend, other)
        identity = ExternalIdentity("https://id.example", backend.clock.new_id("sub"))
        async with backend.identities.open() as identities:
            await identities.externals.link(identity, user.id, backend.clock.now())
            await identities.users.remove(user.id)
        async with backend.identities.open() as identities:
            assert await identities.users.get(user.id) is None
            assert await identities.workspaces.of_user(user.id) == []
            assert await identities.externals.user_id(identity) is None
        assert await backend.identity_queries.actor(user.id, session.id, None) is None
        assert await _take(backend, token) is None
        assert await _take(backend, others) == others
        assert await _listed(backend, other) == [kept]

    async def test_an_identity_elsewhere_belongs_to_one_account(self, backend: Backend) -> None:
        user, other = await add_user(backend), await add_user(backend)
        subject = backend.clock.new_id("sub")
        identity = ExternalIdentity("https://id.example", subject)
        now = backend.clock.now()
        async with backend.identities.open() as identities:
            assert await identities.externals.user_id(identity) is None
            await identities.externals.link(identity, user.id, now)
            with pytest.raises(Conflict):
                await identities.externals.link(identity, other.id, now)
        async with backend.identities.open() as identities:
            assert await identities.externals.user_id(identity) == user.id
            for issuer, name in (("https://other.example", subject), (identity.issuer, "x")):
                elsewhere = ExternalIdentity(issuer, name)
                assert await identities.externals.user_id(elsewhere) is None

    async def test_sessions_are_listed_newest_first_by_pages(self, backend: Backend) -> None:
        user, other = await add_user(backend), await add_user(backend)
        await _add_session(backend, other)
        made = [await _add_session(backend, user) for _ in range(3)]
        first = await backend.session_queries.list(user.id, PageRequest(2))
        assert first.items == [made[2], made[1]]
        rest = await backend.session_queries.list(user.id, PageRequest(2, first.next_after))
        assert (rest.items, rest.next_after) == ([made[0]], None)

    async def test_sessions_that_are_over_are_not_listed_nor_found(self, backend: Backend) -> None:
        user = await add_user(backend)
        expired = await _add_session(backend, user, hours=-1)
        revoked, kept = await _add_session(backend, user), await _add_session(backend, user)
        async with backend.identities.open() as identities:
            await identities.sessions.revoke(revoked.id, backend.clock.now())
        assert await _listed(backend, user) == [kept]
        async with backend.identities.open() as identities:
            assert await identities.sessions.get(kept.id, user.id) == kept
            for session in (expired, revoked):
                assert await identities.sessions.get(session.id, user.id) is None

    async def test_a_session_is_found_for_its_own_user_alone(self, backend: Backend) -> None:
        user, other = await add_user(backend), await add_user(backend)
        session = await _add_session(backend, user)
        async with backend.identities.open() as identities:
            assert await identities.sessions.get(session.id, other.id) is None
            assert await identities.sessions.get(backend.clock.new_id("ses"), user.id) is None

    async def test_all_sessions_of_a_user_but_one_end_together(self, backend: Backend) -> None:
        user, other = await add_user(backend), await add_user(backend)
        kept, foreign = await _add_session(backend, user), await _add_session(backend, other)
        for _ in range(2):
            await _add_session(backend, user)
        now = backend.clock.now()
        async with backend.identities.open() as identities:
            await identities.sessions.revoke_all(user.id, now, keep=kept.id)
        assert await _listed(backend, user) == [kept]
        async with backend.identities.open() as identities:
            await identities.sessions.revoke_all(user.id, now)
        assert await _listed(backend, user) == []
        assert await _listed(backend, other) == [foreign]

    async def test_a_session_tells_when_and_from_where_it_was_last_used(
        self, backend: Backend
    ) -> None:
        user = await add_user(backend)
        session, other = await _add_session(backend, user), await _add_session(backend, user)
        later, device = backend.clock.now() + timedelta(minutes=5), Device("192.0.2.9", "App/2")
        async with backend.identities.open() as identities:
            await identities.sessions.touch(session.id, later, device)
        used = replace(session, last_used_at=later, device=device)
        assert await _listed(backend, user) == [other, used]

    async def test_a_used_refresh_token_keeps_its_sealed_successor(self, backend: Backend) -> None:
        user = await add_user(backend)
        session = await _add_session(backend, user)
        digest = _hash(backend.clock.new_secret())
        now = backend.clock.now()
        async with backend.identities.open() as identities:
            await identities.sessions.add_token(
                RefreshToken(digest, session.id, user.id, session.expires_at)
            )
            await identities.sessions.use_token(digest, now, "sealed")
        async with backend.identities.open() as identities:
            found = await identities.sessions.token(digest)
        assert found is not None
        assert (found.used_at, found.used_for) == (now, "sealed")

    async def test_a_one_time_token_is_taken_once(self, backend: Backend) -> None:
        for owner in (await add_user(backend), None):
            token = await _add_one_time(backend, owner)
            assert await _take(backend, token) == token
            assert await _take(backend, token) is None

    async def test_of_many_takers_at_once_one_gets_it(self, backend: Backend) -> None:
        token = await _add_one_time(backend, await add_user(backend))
        taken = await asyncio.gather(*(_take(backend, token) for _ in range(4)))
        assert sorted(taken, key=bool) == [None, None, None, token]

    async def test_a_token_of_another_purpose_or_time_is_none(self, backend: Backend) -> None:
        user = await add_user(backend)
        token = await _add_one_time(backend, user)
        assert await _take(backend, token, TokenPurpose.EMAIL_VERIFICATION) is None
        assert await _take(backend, token) == token
        assert await _take(backend, await _add_one_time(backend, user, minutes=0)) is None

    async def test_a_token_that_was_taken_in_vain_is_still_there(self, backend: Backend) -> None:
        token = await _add_one_time(backend, await add_user(backend))
        async with rolled_back(backend.identities.open()) as identities:
            await identities.tokens.take(token.token_hash, RESET, backend.clock.now())
        assert await _take(backend, token) == token

    async def test_tokens_of_a_purpose_are_forgotten_together(self, backend: Backend) -> None:
        user, other = await add_user(backend), await add_user(backend)
        doomed = [await _add_one_time(backend, user) for _ in range(2)]
        kept = await _add_one_time(backend, user, TokenPurpose.EMAIL_VERIFICATION)
        foreign = await _add_one_time(backend, other)
        async with backend.identities.open() as identities:
            await identities.tokens.forget(user.id, RESET)
        assert [await _take(backend, token) for token in doomed] == [None, None]
        assert await _take(backend, kept, TokenPurpose.EMAIL_VERIFICATION) == kept
        assert await _take(backend, foreign) == foreign
