"""Accounts: registering, and one's own profile."""

import logging
from dataclasses import replace

import pytest

from application.services.logins import LoggedIn
from domain.accounts import Actor, MemberRole, Membership, Workspace, normalise_email
from domain.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    PreconditionFailed,
    RateLimited,
    Unauthenticated,
)
from domain.workspaces import Invitation, invited_until
from unit.installation import Installation
from unit.people import ABROAD, EMAIL, HOME, OTHER_PASSWORD, PASSWORD, People


@pytest.fixture
def people(installation: Installation) -> People:
    return People(installation)


@pytest.fixture
def careful(installation: Installation) -> People:
    """Where addresses must be confirmed."""
    return People(installation, verified_only=True)


async def test_registering_makes_an_account_with_a_workspace_and_a_session(
    people: People,
) -> None:
    ada = await people.ada()
    assert (ada.user.email, ada.user.full_name) == ("ada@example.org", "Ada Lovelace")
    assert ada.workspace is not None
    assert (ada.workspace.name, ada.role) == ("Ada Lovelace's workspace", MemberRole.OWNER)
    assert PASSWORD not in (ada.user.password_hash or "")
    actor = await people.actor(ada)
    assert (actor.user_id, actor.tenant_id) == (ada.user.id, ada.workspace.id)
    assert not actor.instance_admin
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
    people: People, email: str, password: str, name: str, pointer: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        await people.register(email, password, name)
    assert caught.value.pointer == pointer
    assert password not in caught.value.detail


async def test_where_registration_is_closed_only_the_invited_make_accounts(
    installation: Installation,
) -> None:
    people = People(installation, is_open=False)
    with pytest.raises(Forbidden) as caught:
        await people.register(EMAIL, PASSWORD, "Ada")
    assert caught.value.code == "registration_closed"
    now = installation.clock.now()
    workspace = Workspace("ws_1", "Engines", "free", now)
    invitation = Invitation(
        "inv_1",
        "ws_1",
        normalise_email(EMAIL),
        MemberRole.EDITOR,
        "hash",
        None,
        now,
        invited_until(now),
    )
    async with installation.identities.open() as identities:
        await identities.workspaces.add(workspace, Membership("ws_1", "usr_1", MemberRole.OWNER))
        await identities.invitations.put(invitation)
    assert await people.register(EMAIL.upper(), PASSWORD, "Ada") is not None


async def test_an_address_registers_once(people: People) -> None:
    await people.ada()
    with pytest.raises(Conflict):
        await people.register(EMAIL.upper(), OTHER_PASSWORD, "Eve")
    with pytest.raises(Unauthenticated):
        await people.log_in(EMAIL, OTHER_PASSWORD)


async def test_registrations_from_one_place_are_throttled(people: People) -> None:
    people.throttle._per_ip = people.throttle._login
    for n in range(10):
        await people.register(f"p{n}@example.org", PASSWORD, "P", HOME)
    with pytest.raises(RateLimited):
        await people.register("p10@example.org", PASSWORD, "P", HOME)
    await people.register("p10@example.org", PASSWORD, "P", ABROAD)


async def test_where_addresses_must_be_confirmed_registering_opens_no_session(
    careful: People,
) -> None:
    assert await careful.register(EMAIL, PASSWORD, "Ada", HOME) is None
    token = await careful.token("verify_email")
    assert careful.installation.state.accounts.sessions == {}
    await careful.verify(token)
    assert isinstance(await careful.log_in(EMAIL, PASSWORD, HOME), LoggedIn)


async def test_there_a_taken_address_looks_like_a_free_one_but_to_its_owner(
    careful: People,
) -> None:
    await careful.register(EMAIL, PASSWORD, "Ada", HOME)
    await careful.postman.delivered()
    assert await careful.register(EMAIL, OTHER_PASSWORD, "Eve", ABROAD) is None
    assert (await careful.subjects())[-1] == "You have a ChatSphere account already"
    user = await careful.user()
    assert user.full_name == "Ada"
    assert await careful.hasher.verify(PASSWORD, user.password_hash)


async def test_who_runs_the_installation_vouches_for_the_address(careful: People) -> None:
    user, workspace = await careful.create(EMAIL, PASSWORD, "Ada", instance_admin=True)
    made = await careful.log_in(EMAIL, PASSWORD, HOME)
    assert made.workspace == workspace
    assert (await careful.actor(made)).instance_admin
    assert user.email_verified_at is not None


async def test_a_profile_shows_and_changes_the_own_name(people: People) -> None:
    ada = await people.ada()
    actor = await people.actor(ada)
    user, [(workspace, membership)] = await people.profile(actor)
    assert (user, workspace, membership.role) == (ada.user, ada.workspace, MemberRole.OWNER)
    changed = await people.update(actor, user.version, full_name=" Ada   King ")
    assert (changed.full_name, changed.version) == ("Ada King", user.version + 1)
    assert (await people.profile(actor))[0] == changed
    with pytest.raises(PreconditionFailed):
        await people.update(actor, user.version, full_name="Ada")
    with pytest.raises(InvalidInput):
        await people.update(actor, None, full_name="")


async def test_an_account_that_is_gone_has_no_profile(people: People) -> None:
    nobody = Actor("usr_gone", "ws_1", MemberRole.OWNER)
    with pytest.raises(Unauthenticated):
        await people.profile(nobody)
    with pytest.raises(Unauthenticated):
        await people.update(nobody, None, full_name="Ada")


async def test_security_events_are_told_by_ids_only(
    people: People, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    ada = await people.ada()
    for email in (EMAIL, "nobody@example.org"):
        with pytest.raises(Unauthenticated):
            await people.log_in(email, OTHER_PASSWORD, ABROAD)
    here = replace(HOME, request_id="request-9")
    await people.log_in(EMAIL, PASSWORD, here)
    await people.forgot(EMAIL, here)
    await people.reset(await people.token("reset_password"), OTHER_PASSWORD, here)
    said = caplog.text
    assert said.count("request=request-9") == 3
    for event in (
        "account.registered", "login.failed", "login.succeeded", "password.reset_asked",
        "password.reset",
    ):  # fmt: skip
        assert event in said
    assert ada.user.id in said
    assert ABROAD.address in said
    for secret in ("example.org", PASSWORD, OTHER_PASSWORD, ada.tokens.refresh_token, "Lovelace"):
        assert secret not in said
