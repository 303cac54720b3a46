"""Changing a password, and setting one that was forgotten."""

import asyncio

import pytest

from application.services.logins import token_hash
from domain.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    InvalidToken,
    NotFound,
    RateLimited,
    Unauthenticated,
)
from unit.installation import Installation
from unit.people import ABROAD, EMAIL, HOME, OTHER_PASSWORD, PASSWORD, People, refused


@pytest.fixture
def people(installation: Installation) -> People:
    return People(installation)


async def test_another_password_ends_the_other_sessions_and_keeps_this_one(
    people: People,
) -> None:
    ada = await people.ada()
    other = await people.log_in(EMAIL, PASSWORD, ABROAD)
    await people.change_password(await people.actor(ada), PASSWORD, OTHER_PASSWORD)
    assert await people.found(other.tokens.access_token) is None
    assert await people.found(ada.tokens.access_token) is not None
    await people.refresh(ada.tokens.refresh_token)
    await refused(people.log_in(EMAIL, PASSWORD, HOME))
    await people.log_in(EMAIL, OTHER_PASSWORD, HOME)
    assert "the password was changed" in (await people.subjects())[-1]


@pytest.mark.parametrize(
    ("current", "new", "pointer", "code"),
    [
        ("a wrong password", OTHER_PASSWORD, "/current_password", "wrong_password"),
        (None, OTHER_PASSWORD, "/current_password", "invalid_request"),
        (PASSWORD, "short", "/new_password", "invalid_request"),
        (PASSWORD, "Ada Lovelace 1815", "/new_password", "invalid_request"),
    ],
)
async def test_a_change_needs_the_present_password_and_a_good_new_one(
    people: People, current: str | None, new: str, pointer: str, code: str
) -> None:
    actor = await people.actor(await people.ada())
    with pytest.raises(InvalidInput) as caught:
        await people.change_password(actor, current, new)
    assert (caught.value.pointer, caught.value.code) == (pointer, code)
    await people.log_in(EMAIL, PASSWORD, HOME)


async def test_a_missing_password_is_called_missing_and_costs_no_attempt(people: People) -> None:
    actor = await people.actor(await people.ada())
    for missing in [None, ""] * 10:
        with pytest.raises(InvalidInput, match="Your password is missing"):
            await people.change_password(actor, missing, OTHER_PASSWORD)
    await people.change_password(actor, PASSWORD, OTHER_PASSWORD)


async def test_a_stolen_session_cannot_guess_the_password(people: People) -> None:
    actor = await people.actor(await people.ada())
    for _ in range(10):
        with pytest.raises(InvalidInput):
            await people.change_password(actor, "a wrong password", OTHER_PASSWORD)
    with pytest.raises(RateLimited):
        await people.change_password(actor, PASSWORD, OTHER_PASSWORD)


async def test_an_account_without_a_password_takes_a_fresh_log_in_instead(people: People) -> None:
    actor = await people.actor(await people.ada())
    await people.change(password_hash=None)
    people.clock.advance(15 * 60 + 1)
    with pytest.raises(Forbidden) as caught:
        await people.change_password(actor, None, OTHER_PASSWORD)
    assert caught.value.code == "log_in_again"
    people.clock.advance(-2)
    await people.change_password(actor, None, OTHER_PASSWORD)
    await people.log_in(EMAIL, OTHER_PASSWORD, HOME)


async def test_of_two_changes_at_once_the_later_one_is_told(people: People) -> None:
    actor = await people.actor(await people.ada())
    hasher = people.hasher.hash

    async def slowly(password: str) -> str:
        await people.change(password_hash="changed meanwhile")
        return await hasher(password)

    people.hasher.hash = slowly  # type: ignore[method-assign]  # a moment that a test picks
    with pytest.raises(Conflict):
        await people.change_password(actor, PASSWORD, OTHER_PASSWORD)
    assert (await people.user()).password_hash == "changed meanwhile"


async def test_a_reset_sets_the_password_and_ends_every_session(people: People) -> None:
    ada = await people.ada()
    await people.forgot("  ADA@example.org ", ABROAD)
    token = await people.token("reset_password")
    await people.reset(token, OTHER_PASSWORD, ABROAD)
    assert await people.found(ada.tokens.access_token) is None
    await refused(people.log_in(EMAIL, PASSWORD, HOME))
    made = await people.log_in(EMAIL, OTHER_PASSWORD, HOME)
    assert made.user.email_verified_at is not None
    assert "a new password was set" in (await people.subjects())[-1]


async def test_a_link_is_good_once_and_so_are_its_older_brothers(people: People) -> None:
    await people.ada()
    await people.forgot(EMAIL, HOME)
    older = await people.token("reset_password")
    await people.forgot(EMAIL, HOME)
    newer = await people.token("reset_password")
    await people.reset(newer, OTHER_PASSWORD, HOME)
    for used in (newer, older, "never given out"):
        with pytest.raises(InvalidToken):
            await people.reset(used, "yet another phrase", HOME)


async def test_a_link_is_good_for_half_an_hour(people: People) -> None:
    await people.ada()
    await people.forgot(EMAIL, HOME)
    token = await people.token("reset_password")
    people.clock.advance(30 * 60)
    with pytest.raises(InvalidToken):
        await people.reset(token, OTHER_PASSWORD, HOME)


@pytest.mark.parametrize("password", ["short", "ada@example.org", "Ada Lovelace 1815"])
async def test_a_bad_password_leaves_the_link_good(people: People, password: str) -> None:
    await people.ada()
    await people.forgot(EMAIL, HOME)
    token = await people.token("reset_password")
    with pytest.raises(InvalidInput):
        await people.reset(token, password, HOME)
    await people.reset(token, OTHER_PASSWORD, HOME)


async def test_a_link_is_stored_as_a_hash_only(people: People) -> None:
    await people.ada()
    await people.forgot(EMAIL, HOME)
    token = await people.token("reset_password")
    stored = people.installation.state.accounts.one_time_tokens
    assert token_hash(token) in stored
    assert token not in repr(stored)


async def test_unknown_and_disabled_accounts_get_no_mail_and_the_same_answer(
    people: People,
) -> None:
    await people.ada()
    await people.change(disabled=True)
    sent = len(await people.subjects())
    for email in (EMAIL, "nobody@example.org", "no address", ""):
        assert await people.forgot(email, HOME) is None  # type: ignore[func-returns-value]
    assert len(await people.subjects()) == sent


async def test_nothing_of_an_account_is_looked_at_before_the_answer(people: People) -> None:
    await people.ada()
    # Whoever looks at accounts now waits for us.
    async with asyncio.timeout(2), people.units.open():
        await people.forgot(EMAIL, HOME)
        await people.send_verification(EMAIL, HOME)
    assert len(await people.subjects()) == 2


async def test_a_mail_server_that_is_out_changes_no_answer(people: People) -> None:
    people.postman._retry_seconds = ()
    ada = await people.ada()
    people.mailer.out = True
    await people.change_password(await people.actor(ada), PASSWORD, OTHER_PASSWORD)
    await people.forgot(EMAIL, HOME)
    assert await people.subjects() == []


async def test_reset_links_are_throttled_by_account(people: People) -> None:
    for _ in range(10):
        await people.forgot(EMAIL, HOME)
    with pytest.raises(RateLimited):
        await people.forgot(EMAIL, ABROAD)
    await people.forgot("eve@example.org", HOME)


async def test_a_disabled_account_cannot_be_reset(people: People) -> None:
    await people.ada()
    await people.forgot(EMAIL, HOME)
    token = await people.token("reset_password")
    await people.change(disabled=True)
    with pytest.raises(InvalidToken):
        await people.reset(token, OTHER_PASSWORD, HOME)


async def test_whoever_runs_the_installation_gets_a_link_without_mail(people: People) -> None:
    await people.ada()
    link = await people.forgot.link(EMAIL)
    assert link.startswith("https://chat.example/#reset_password=")
    assert await people.subjects() == []
    await people.reset(link.partition("=")[2], OTHER_PASSWORD, HOME)
    assert (await people.user()).email_verified_at is None  # no mail was read
    with pytest.raises(NotFound):
        await people.forgot.link("nobody@example.org")


async def test_a_changed_password_takes_back_links_and_half_finished_log_ins(
    people: People,
) -> None:
    ada = await people.ada()
    secret, _ = await people.with_factor(ada)
    challenge = await people.challenge()
    await people.forgot(EMAIL, HOME)
    token = await people.token("reset_password")
    await people.change_password(await people.actor(ada), PASSWORD, OTHER_PASSWORD)
    with pytest.raises(InvalidToken):
        await people.reset(token, "yet another phrase", HOME)
    with pytest.raises(Unauthenticated):
        await people.second_step(challenge, people.code(secret), None, HOME)
