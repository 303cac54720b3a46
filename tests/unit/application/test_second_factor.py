"""The second factor: turned on, asked for, turned off."""

import asyncio

import pytest

from application.services.logins import LoggedIn
from application.use_cases.second_factor import MAX_TRIES
from domain.errors import Conflict, InvalidInput, NotFound, RateLimited, Unauthenticated
from domain.second_factor import STEP_SECONDS
from unit.installation import Installation
from unit.people import ABROAD, EMAIL, HOME, OTHER_PASSWORD, PASSWORD, People, refused


@pytest.fixture
def people(installation: Installation) -> People:
    return People(installation)


async def test_a_secret_counts_once_a_code_of_it_was_confirmed(people: People) -> None:
    ada = await people.ada()
    actor = await people.actor(ada)
    begun = await people.begin_totp(actor)
    assert begun.secret in begun.otpauth_url
    await people.log_in(EMAIL, PASSWORD, HOME)  # not asked for yet
    with pytest.raises(InvalidInput) as caught:
        await people.confirm_totp(actor, people.code(begun.secret, 2))
    assert caught.value.code == "wrong_code"
    codes = await people.confirm_totp(actor, people.code(begun.secret))
    assert len(set(codes)) == 10
    await people.challenge()
    assert "turned on" in (await people.subjects())[-1]


async def test_secret_and_recovery_codes_are_not_stored_as_they_are(people: People) -> None:
    secret, codes = await people.with_factor(await people.ada())
    stored = repr(await people.user())
    assert secret not in stored
    assert not any(code in stored or code.replace("-", "") in stored for code in codes)


async def test_a_secret_of_another_person_does_not_open(people: People) -> None:
    """A sealed secret that is copied from one row to another is worth nothing there."""
    ada = await people.ada()
    secret, _ = await people.with_factor(ada)
    eve = await people.register("eve@example.org", PASSWORD, "Eve", ABROAD)
    assert eve is not None
    factor = (await people.user()).second_factor
    async with people.units.open() as identities:
        eve.user.second_factor = factor
        await identities.users.save(eve.user)
    with pytest.raises(Exception, match="cannot be read"):
        people.second_step._check.used(eve.user, people.code(secret))


async def test_a_code_finishes_the_log_in_and_is_good_once(people: People) -> None:
    secret, _ = await people.with_factor(await people.ada())
    code = people.code(secret)
    made = await people.second_step(await people.challenge(), code, None, HOME)
    assert await people.found(made.tokens.access_token) is not None
    challenge = await people.challenge()
    await refused(people.second_step(challenge, code, None, HOME))
    people.clock.advance(STEP_SECONDS)
    await people.second_step(challenge, people.code(secret), None, HOME)


async def test_the_code_that_confirmed_is_used_up(people: People) -> None:
    ada = await people.ada()
    actor = await people.actor(ada)
    secret = (await people.begin_totp(actor)).secret
    code = people.code(secret)
    await people.confirm_totp(actor, code)
    await refused(people.second_step(await people.challenge(), code, None, HOME))


@pytest.mark.parametrize(
    ("steps", "good"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)]
)
async def test_clocks_may_differ_by_one_step(people: People, steps: int, good: bool) -> None:
    secret, _ = await people.with_factor(await people.ada())
    people.clock.advance(10 * STEP_SECONDS)
    step = people.second_step(await people.challenge(), people.code(secret, steps), None, HOME)
    if good:
        assert isinstance(await step, LoggedIn)
    else:
        await refused(step)


async def test_a_code_older_than_the_last_one_is_not_good_either(people: People) -> None:
    secret, _ = await people.with_factor(await people.ada())
    people.clock.advance(10 * STEP_SECONDS)
    await people.second_step(await people.challenge(), people.code(secret, 1), None, HOME)
    await refused(people.second_step(await people.challenge(), people.code(secret), None, HOME))


async def test_a_recovery_code_is_good_once_however_it_is_typed(people: People) -> None:
    _, codes = await people.with_factor(await people.ada())
    typed = codes[3].upper().replace("-", " ")
    await people.second_step(await people.challenge(), None, typed, HOME)
    challenge = await people.challenge()
    await refused(people.second_step(challenge, None, codes[3], HOME))
    await people.second_step(challenge, None, codes[4], HOME)


async def test_a_challenge_stands_five_tries(people: People) -> None:
    secret, _ = await people.with_factor(await people.ada())
    challenge = await people.challenge()
    for _ in range(MAX_TRIES):
        await refused(people.second_step(challenge, "000000", None, HOME))
    await refused(people.second_step(challenge, people.code(secret), None, HOME))


async def test_tries_at_once_count_too(people: People) -> None:
    secret, _ = await people.with_factor(await people.ada())
    challenge = await people.challenge()
    wrong = [people.second_step(challenge, "000000", None, HOME) for _ in range(MAX_TRIES)]
    await asyncio.gather(*wrong, return_exceptions=True)
    await refused(people.second_step(challenge, people.code(secret), None, HOME))


async def test_the_same_code_at_once_opens_one_session(people: People) -> None:
    secret, _ = await people.with_factor(await people.ada())
    challenges = [await people.challenge() for _ in range(3)]
    code = people.code(secret)
    results = await asyncio.gather(
        *(people.second_step(c, code, None, HOME) for c in challenges), return_exceptions=True
    )
    assert sum(isinstance(result, LoggedIn) for result in results) == 1


async def test_guessing_codes_is_throttled_over_all_challenges_and_places(people: People) -> None:
    secret, _ = await people.with_factor(await people.ada())
    challenges = [await people.challenge() for _ in range(4)]
    for n in range(10):
        await refused(people.second_step(challenges[n // 4], "000000", None, ABROAD))
    with pytest.raises(RateLimited):
        await people.second_step(challenges[3], people.code(secret), None, HOME)


async def test_a_challenge_is_good_for_five_minutes_and_once(people: People) -> None:
    secret, _ = await people.with_factor(await people.ada())
    late, used = await people.challenge(), await people.challenge()
    await people.second_step(used, people.code(secret), None, HOME)
    people.clock.advance(STEP_SECONDS)
    await refused(people.second_step(used, people.code(secret), None, HOME))
    late = await people.challenge()
    people.clock.advance(300)
    await refused(people.second_step(late, people.code(secret), None, HOME))
    await refused(people.second_step("no challenge", people.code(secret), None, HOME))


async def test_a_disabled_account_is_kept_out_by_the_second_step_too(people: People) -> None:
    secret, _ = await people.with_factor(await people.ada())
    challenge = await people.challenge()
    await people.change(disabled=True)
    await refused(people.second_step(challenge, people.code(secret), None, HOME))


async def test_a_password_changed_between_the_steps_keeps_the_log_in_out(people: People) -> None:
    secret, _ = await people.with_factor(await people.ada())
    challenge = await people.challenge()
    await people.change(password_hash="another")
    await refused(people.second_step(challenge, people.code(secret), None, HOME))


async def test_it_is_turned_off_by_password_and_code(people: People) -> None:
    ada = await people.ada()
    secret, codes = await people.with_factor(ada)
    actor = await people.actor(ada)
    for password, code, recovery, pointer in (
        ("a wrong password", people.code(secret), None, "/password"),
        (PASSWORD, "000000", None, "/code"),
        (PASSWORD, None, None, "/code"),
        (PASSWORD, None, "aaaa-bbbb-cccc-dddd", "/recovery_code"),
    ):
        with pytest.raises(InvalidInput) as caught:
            await people.remove_totp(actor, password, code, recovery)
        assert caught.value.pointer == pointer
    await people.remove_totp(actor, PASSWORD, None, codes[0])
    await people.log_in(EMAIL, PASSWORD, HOME)
    with pytest.raises(Conflict):
        await people.remove_totp(actor, PASSWORD, people.code(secret), None)


async def test_one_that_is_on_is_not_replaced(people: People) -> None:
    ada = await people.ada()
    secret, _ = await people.with_factor(ada)
    actor = await people.actor(ada)
    with pytest.raises(Conflict):
        await people.begin_totp(actor)
    with pytest.raises(Conflict):
        await people.confirm_totp(actor, people.code(secret))


async def test_a_reset_of_the_password_leaves_it_on(people: People) -> None:
    await people.with_factor(await people.ada())
    await people.forgot(EMAIL, HOME)
    await people.reset(await people.token("reset_password"), OTHER_PASSWORD, HOME)
    await people.challenge(OTHER_PASSWORD)


async def test_whoever_runs_the_installation_turns_it_off(people: People) -> None:
    ada = await people.ada()
    await people.with_factor(ada)
    await people.drop_totp(EMAIL)
    assert await people.found(ada.tokens.access_token) is None
    await people.log_in(EMAIL, PASSWORD, HOME)
    for email in (EMAIL, "nobody@example.org"):
        with pytest.raises(NotFound):
            await people.drop_totp(email)


async def test_the_wrong_password_tells_nothing_of_a_second_factor(people: People) -> None:
    await people.with_factor(await people.ada())
    with pytest.raises(Unauthenticated) as caught:
        await people.log_in(EMAIL, OTHER_PASSWORD, HOME)
    assert caught.value.code == "unauthenticated"
