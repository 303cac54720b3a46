"""Accounts: registering, logging in, turning tokens over, logging out."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.memory.security import InMemoryPasswordHasher, InMemoryTokenSigner
from application.use_cases.accounts import (
    SESSION_LIFETIME,
    GetProfile,
    LoggedIn,
    LogIn,
    LogOut,
    RefreshSession,
    RegisterUser,
    SessionKeeper,
    UpdateProfile,
)
from domain.accounts import Actor, MemberRole
from domain.errors import Conflict, InvalidInput, PreconditionFailed, Unauthenticated
from unit.installation import Installation

EMAIL, PASSWORD = "Ada@Example.org", "a long pass phrase"


class Accounts:
    """The use cases of accounts over one installation."""

    def __init__(self, installation: Installation) -> None:
        units, clock = installation.identities, installation.clock
        hasher, self.signer = InMemoryPasswordHasher(), InMemoryTokenSigner(clock)
        keeper = SessionKeeper(self.signer, clock)
        self.queries = installation.identity_queries
        self.register = RegisterUser(units, hasher, keeper, clock)
        self.log_in = LogIn(units, hasher, keeper)
        self.refresh = RefreshSession(units, keeper, clock)
        self.log_out = LogOut(units, clock)
        self.profile = GetProfile(units)
        self.update = UpdateProfile(units)

    async def ada(self) -> LoggedIn:
        return await self.register(EMAIL, PASSWORD, "Ada  Lovelace ")

    async def actor(self, access_token: str) -> Actor | None:
        """Return who the token stands for at the edge."""
        claims = self.signer.read(access_token)
        return await self.queries.actor(claims.user_id, claims.session_id, None)


@pytest.fixture
def accounts(installation: Installation) -> Accounts:
    return Accounts(installation)


async def test_registering_makes_an_account_with_a_workspace_and_a_session(
    accounts: Accounts,
) -> None:
    ada = await accounts.ada()
    assert (ada.user.email, ada.user.full_name) == ("ada@example.org", "Ada Lovelace")
    assert (ada.workspace.name, ada.role) == ("Ada Lovelace's workspace", MemberRole.OWNER)
    assert PASSWORD not in ada.user.password_hash
    actor = await accounts.actor(ada.tokens.access_token)
    assert actor is not None
    assert (actor.user_id, actor.tenant_id) == (ada.user.id, ada.workspace.id)
    assert ada.tokens.expires_in == 900


@pytest.mark.parametrize(
    ("email", "password", "name", "pointer"),
    [
        ("ada", PASSWORD, "Ada", "/email"),
        (EMAIL, "short", "Ada", "/password"),
        (EMAIL, EMAIL.upper(), "Ada", "/password"),
        (EMAIL, PASSWORD, " ", "/full_name"),
        (EMAIL, PASSWORD, "x" * 201, "/full_name"),
        (EMAIL, PASSWORD, "A\x00", "/full_name"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name(
    accounts: Accounts, email: str, password: str, name: str, pointer: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await accounts.register(email, password, name)
    assert caught.value.pointer == pointer
    assert password not in caught.value.detail


async def test_an_address_registers_once(accounts: Accounts) -> None:
    await accounts.ada()
    with pytest.raises(Conflict):
        await accounts.register(EMAIL.upper(), "another pass phrase", "Eve")
    with pytest.raises(Unauthenticated):
        await accounts.log_in(EMAIL, "another pass phrase")


async def test_logging_in_opens_another_session(accounts: Accounts) -> None:
    ada = await accounts.ada()
    again = await accounts.log_in("  ADA@example.ORG ", PASSWORD)
    assert (again.user, again.workspace) == (ada.user, ada.workspace)
    first = accounts.signer.read(ada.tokens.access_token)
    second = accounts.signer.read(again.tokens.access_token)
    assert first.session_id != second.session_id


async def test_an_unknown_account_a_wrong_password_and_a_disabled_one_look_alike(
    accounts: Accounts, installation: Installation
) -> None:
    ada = await accounts.ada()
    details = set()
    for email, password in ((EMAIL, PASSWORD + "!"), ("eve@example.org", PASSWORD)):
        with pytest.raises(Unauthenticated) as caught:
            await accounts.log_in(email, password)
        details.add(caught.value.detail)
    async with installation.identities.open() as identities:
        await identities.save_user(replace(ada.user, disabled=True))
    with pytest.raises(Unauthenticated) as caught:
        await accounts.log_in(EMAIL, PASSWORD)
    assert details == {caught.value.detail}


async def test_a_refresh_token_gives_a_fresh_pair_of_the_same_session(
    accounts: Accounts, installation: Installation
) -> None:
    ada = await accounts.ada()
    installation.clock.advance(1000)
    fresh = await accounts.refresh(ada.tokens.refresh_token)
    assert fresh.refresh_token != ada.tokens.refresh_token
    with pytest.raises(Unauthenticated):
        accounts.signer.read(ada.tokens.access_token)
    assert await accounts.actor(fresh.access_token) is not None
    assert len(installation.state.accounts.sessions) == 1
    await accounts.refresh(fresh.refresh_token)


@pytest.mark.parametrize("seconds_between", [-5, 0, 5])
async def test_a_refresh_token_used_twice_ends_its_session(
    accounts: Accounts, installation: Installation, seconds_between: float
) -> None:
    """Whatever the clocks of two processes say about which use came first."""
    ada = await accounts.ada()
    fresh = await accounts.refresh(ada.tokens.refresh_token)
    installation.clock.advance(seconds_between)
    with pytest.raises(Unauthenticated):
        await accounts.refresh(ada.tokens.refresh_token)
    with pytest.raises(Unauthenticated):
        await accounts.refresh(fresh.refresh_token)
    assert await accounts.actor(fresh.access_token) is None


async def test_a_refresh_token_used_twice_at_once_gives_one_pair_at_most(
    accounts: Accounts,
) -> None:
    ada = await accounts.ada()
    token = ada.tokens.refresh_token
    results = await asyncio.gather(
        *(accounts.refresh(token) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(result, Unauthenticated) for result in results) == 2


async def test_other_sessions_outlive_a_stolen_one(accounts: Accounts) -> None:
    ada = await accounts.ada()
    other = await accounts.log_in(EMAIL, PASSWORD)
    await accounts.refresh(ada.tokens.refresh_token)
    with pytest.raises(Unauthenticated):
        await accounts.refresh(ada.tokens.refresh_token)
    await accounts.refresh(other.tokens.refresh_token)


async def test_unknown_and_expired_refresh_tokens_are_refused(
    accounts: Accounts, installation: Installation
) -> None:
    ada = await accounts.ada()
    with pytest.raises(Unauthenticated):
        await accounts.refresh("unknown")
    installation.clock.set(installation.clock.now() + SESSION_LIFETIME)
    with pytest.raises(Unauthenticated):
        await accounts.refresh(ada.tokens.refresh_token)


async def test_a_disabled_account_is_not_refreshed(
    accounts: Accounts, installation: Installation
) -> None:
    ada = await accounts.ada()
    async with installation.identities.open() as identities:
        await identities.save_user(replace(ada.user, disabled=True))
    with pytest.raises(Unauthenticated):
        await accounts.refresh(ada.tokens.refresh_token)


async def test_logging_out_ends_the_session_and_its_tokens(accounts: Accounts) -> None:
    ada = await accounts.ada()
    session = accounts.signer.read(ada.tokens.access_token).session_id
    for _ in range(2):
        await accounts.log_out(session)
    assert await accounts.actor(ada.tokens.access_token) is None
    with pytest.raises(Unauthenticated):
        await accounts.refresh(ada.tokens.refresh_token)
    await accounts.log_in(EMAIL, PASSWORD)


async def test_a_refresh_token_is_stored_as_a_hash_only(
    accounts: Accounts, installation: Installation
) -> None:
    ada = await accounts.ada()
    [token] = installation.state.accounts.refresh_tokens.values()
    assert ada.tokens.refresh_token not in repr(token)
    assert token.expires_at - installation.clock.now() == timedelta(days=30)


async def test_a_profile_shows_and_changes_the_own_name(accounts: Accounts) -> None:
    ada = await accounts.ada()
    actor = await accounts.actor(ada.tokens.access_token)
    assert actor is not None
    user, [(workspace, membership)] = await accounts.profile(actor)
    assert (user, workspace, membership.role) == (ada.user, ada.workspace, MemberRole.OWNER)
    changed = await accounts.update(actor, " Ada   King ", user.version)
    assert (changed.full_name, changed.version) == ("Ada King", user.version + 1)
    assert (await accounts.profile(actor))[0] == changed
    with pytest.raises(PreconditionFailed):
        await accounts.update(actor, "Ada", user.version)
    with pytest.raises(InvalidInput):
        await accounts.update(actor, "", None)


async def test_an_account_that_is_gone_has_no_profile(accounts: Accounts) -> None:
    nobody = Actor("usr_gone", "ws_1", MemberRole.OWNER)
    with pytest.raises(Unauthenticated):
        await accounts.profile(nobody)
    with pytest.raises(Unauthenticated):
        await accounts.update(nobody, "Ada", None)
