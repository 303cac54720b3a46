"""Logging in, turning tokens over, and ending sessions."""

import asyncio
from datetime import timedelta

import pytest

from adapters.memory.sessions import InMemorySessionQueries
from application.queries.page import PageRequest
from application.services.logins import SESSION_LIFETIME, LoggedIn
from domain.errors import NotFound, RateLimited, Unauthenticated
from unit.installation import Installation
from unit.people import ABROAD, EMAIL, HOME, OTHER_PASSWORD, PASSWORD, People, refused

KEY = "a key of the client's own"


@pytest.fixture
def people(installation: Installation) -> People:
    return People(installation)


async def test_logging_in_opens_another_session(people: People) -> None:
    ada = await people.ada()
    again = await people.log_in("  ADA@example.ORG ", PASSWORD, HOME)
    assert (again.user, again.workspace) == (ada.user, ada.workspace)
    first, second = await people.actor(ada), await people.actor(again)
    assert first.session_id != second.session_id


async def test_accounts_of_every_kind_look_alike_to_who_does_not_know_the_password(
    installation: Installation,
) -> None:
    people = People(installation, verified_only=True)
    await people.create(EMAIL, PASSWORD, "Ada")
    told = [
        await refused(people.log_in("nobody@example.org", PASSWORD, HOME)),
        await refused(people.log_in(EMAIL, PASSWORD + "!", HOME)),
    ]
    for change in (
        {"email_verified_at": None},
        {"password_hash": None},
        {"disabled": True},
    ):
        await people.change(**change)
        told.append(await refused(people.log_in(EMAIL, PASSWORD + "!", HOME)))
    told.append(await refused(people.log_in(EMAIL, PASSWORD, HOME)))  # disabled, without a password
    assert set(told) == {told[0]}
    assert told[0].startswith("unauthenticated: ")


async def test_a_disabled_account_is_not_let_in_by_the_right_password(people: People) -> None:
    await people.ada()
    await people.change(disabled=True)
    wrong = await refused(people.log_in(EMAIL, PASSWORD + "!", HOME))
    assert await refused(people.log_in(EMAIL, PASSWORD, HOME)) == wrong


async def test_who_is_in_no_workspace_logs_in_all_the_same(people: People) -> None:
    await people.ada()
    people.installation.state.accounts.memberships.clear()
    made = await people.log_in(EMAIL, PASSWORD, HOME)
    assert (made.workspace, made.role) == (None, None)


async def test_guessing_is_throttled_alike_for_known_and_unknown_accounts(
    people: People,
) -> None:
    await people.ada()
    for email in (EMAIL, "nobody@example.org"):
        for _ in range(10):
            await refused(people.log_in(email, OTHER_PASSWORD, ABROAD))
        with pytest.raises(RateLimited):
            await people.log_in(email, PASSWORD, ABROAD)
    await people.log_in(EMAIL, PASSWORD, HOME)  # the owner comes from another place


async def test_a_password_changed_during_a_log_in_keeps_it_out(people: People) -> None:
    """The password is compared outside of the transaction that opens the session."""
    await people.ada()
    verify = people.hasher.verify

    async def slowly(password: str, encoded: str | None) -> bool:
        fits = await verify(password, encoded)
        await people.change(password_hash=await people.hasher.hash(OTHER_PASSWORD))
        return fits

    people.hasher.verify = slowly  # type: ignore[method-assign]  # a moment that a test picks
    sessions = len(people.installation.state.accounts.sessions)
    with pytest.raises(Unauthenticated):
        await people.log_in(EMAIL, PASSWORD, HOME)
    assert len(people.installation.state.accounts.sessions) == sessions


async def test_a_refresh_token_gives_a_fresh_pair_of_the_same_session(people: People) -> None:
    ada = await people.ada()
    people.clock.advance(1000)
    fresh = await people.refresh(ada.tokens.refresh_token, ABROAD)
    assert fresh.refresh_token != ada.tokens.refresh_token
    with pytest.raises(Unauthenticated):
        people.signer.read(ada.tokens.access_token)
    assert await people.found(fresh.access_token) is not None
    [session] = people.installation.state.accounts.sessions.values()
    assert (session.device, session.last_used_at) == (ABROAD, people.clock.now())
    await people.refresh(fresh.refresh_token)


async def assert_over(people: People, ada: LoggedIn, *refresh_tokens: str) -> None:
    for token in refresh_tokens:
        with pytest.raises(Unauthenticated):
            await people.refresh(token)
    assert await people.found(ada.tokens.access_token) is None


@pytest.mark.parametrize("seconds_between", [-5, 0, 5])
async def test_a_refresh_token_used_twice_ends_its_session(
    people: People, seconds_between: float
) -> None:
    """Whatever the clocks of two processes say about which use came first."""
    ada = await people.ada()
    fresh = await people.refresh(ada.tokens.refresh_token)
    people.clock.advance(seconds_between)
    with pytest.raises(Unauthenticated):
        await people.refresh(ada.tokens.refresh_token)
    await assert_over(people, ada, fresh.refresh_token)


@pytest.mark.parametrize("seconds_between", [-2, 0, 10])
async def test_who_lost_the_answer_gets_the_same_successor_by_the_own_key(
    people: People, seconds_between: float
) -> None:
    ada = await people.ada()
    first = await people.refresh(ada.tokens.refresh_token, HOME, KEY)
    people.clock.advance(seconds_between)
    again = await people.refresh(ada.tokens.refresh_token, HOME, KEY)
    assert again.refresh_token == first.refresh_token
    assert await people.found(again.access_token) is not None
    await people.refresh(again.refresh_token)


@pytest.mark.parametrize(
    ("key", "seconds", "successor_used"),
    [("", 1, False), ("a guess", 1, False), (KEY, 10.1, False), (KEY, 1, True)],
)
async def test_who_only_has_the_token_gets_nothing_and_ends_the_session(
    people: People, key: str, seconds: float, successor_used: bool
) -> None:
    ada = await people.ada()
    first = await people.refresh(ada.tokens.refresh_token, HOME, KEY)
    newest = await people.refresh(first.refresh_token) if successor_used else first
    people.clock.advance(seconds)
    with pytest.raises(Unauthenticated):
        await people.refresh(ada.tokens.refresh_token, ABROAD, key)
    await assert_over(people, ada, first.refresh_token, newest.refresh_token)


async def test_a_successor_is_stored_sealed(people: People) -> None:
    ada = await people.ada()
    fresh = await people.refresh(ada.tokens.refresh_token, HOME, KEY)
    tokens = people.installation.state.accounts.refresh_tokens.values()
    assert all(fresh.refresh_token not in repr(token) for token in tokens)
    assert any(token.used_for is not None for token in tokens)


async def test_a_refresh_token_used_twice_at_once_gives_one_pair_at_most(people: People) -> None:
    ada = await people.ada()
    token = ada.tokens.refresh_token
    results = await asyncio.gather(
        *(people.refresh(token) for _ in range(3)), return_exceptions=True
    )
    assert sum(isinstance(result, Unauthenticated) for result in results) == 2


async def test_other_sessions_outlive_a_stolen_one(people: People) -> None:
    ada = await people.ada()
    other = await people.log_in(EMAIL, PASSWORD)
    await people.refresh(ada.tokens.refresh_token)
    with pytest.raises(Unauthenticated):
        await people.refresh(ada.tokens.refresh_token)
    await people.refresh(other.tokens.refresh_token)


async def test_unknown_and_expired_refresh_tokens_are_refused(people: People) -> None:
    ada = await people.ada()
    with pytest.raises(Unauthenticated):
        await people.refresh("unknown")
    people.clock.set(people.clock.now() + SESSION_LIFETIME)
    with pytest.raises(Unauthenticated):
        await people.refresh(ada.tokens.refresh_token)


async def test_a_disabled_account_is_not_refreshed(people: People) -> None:
    ada = await people.ada()
    await people.change(disabled=True)
    with pytest.raises(Unauthenticated):
        await people.refresh(ada.tokens.refresh_token)


async def test_logging_out_ends_the_session_and_its_tokens(people: People) -> None:
    ada = await people.ada()
    session = (await people.actor(ada)).session_id
    for _ in range(2):
        await people.log_out(session)
    await assert_over(people, ada, ada.tokens.refresh_token)
    await people.log_in(EMAIL, PASSWORD)


async def test_a_refresh_token_is_stored_as_a_hash_only(people: People) -> None:
    ada = await people.ada()
    [token] = people.installation.state.accounts.refresh_tokens.values()
    assert ada.tokens.refresh_token not in repr(token)
    assert token.expires_at - people.clock.now() == timedelta(days=30)


async def test_own_sessions_are_listed_and_ended_one_by_one(people: People) -> None:
    ada = await people.ada()
    people.clock.advance(60)
    other = await people.log_in(EMAIL, PASSWORD, ABROAD)
    actor, elsewhere = await people.actor(ada), await people.actor(other)
    queries = InMemorySessionQueries(people.installation.state)
    listed = (await queries.list(actor.user_id, PageRequest())).items
    assert [(s.id, s.device) for s in listed] == [
        (elsewhere.session_id, ABROAD),
        (actor.session_id, HOME),
    ]
    await people.end_session(actor, elsewhere.session_id)
    await assert_over(people, other, other.tokens.refresh_token)
    assert [s.id for s in (await queries.list(actor.user_id, PageRequest())).items] == [
        actor.session_id
    ]
    with pytest.raises(NotFound):
        await people.end_session(actor, elsewhere.session_id)


async def test_sessions_of_others_cannot_be_ended(people: People) -> None:
    ada = await people.ada()
    eve = await people.register("eve@example.org", PASSWORD, "Eve", ABROAD)
    assert eve is not None
    with pytest.raises(NotFound):
        await people.end_session(await people.actor(eve), (await people.actor(ada)).session_id)
    await people.end_others(await people.actor(eve))
    await people.refresh(ada.tokens.refresh_token)


async def test_ending_all_others_leaves_this_one(people: People) -> None:
    ada = await people.ada()
    others = [await people.log_in(EMAIL, PASSWORD) for _ in range(2)]
    await people.end_others(await people.actor(ada))
    for other in others:
        await assert_over(people, other, other.tokens.refresh_token)
    await people.refresh(ada.tokens.refresh_token)
