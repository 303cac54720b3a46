"""Confirming an e-mail address, and changing it."""

import pytest

from domain.errors import Conflict, InvalidInput, InvalidToken, PreconditionFailed
from unit.installation import Installation
from unit.people import ABROAD, EMAIL, HOME, OTHER_PASSWORD, PASSWORD, People, refused

NEW = "Ada.King@example.org"


@pytest.fixture
def people(installation: Installation) -> People:
    return People(installation)


@pytest.fixture
def careful(installation: Installation) -> People:
    """Where addresses must be confirmed."""
    return People(installation, verified_only=True)


async def test_nobody_logs_in_with_an_address_that_is_not_confirmed(careful: People) -> None:
    await careful.register(EMAIL, PASSWORD, "Ada", HOME)
    await careful.postman.delivered()
    told = await refused(careful.log_in(EMAIL, PASSWORD, HOME))
    assert told.startswith("email_not_verified: ")
    await careful.verify(await careful.token("verify_email"), HOME)
    await careful.log_in(EMAIL, PASSWORD, HOME)


async def test_where_it_is_off_nobody_is_asked(people: People) -> None:
    await people.ada()
    await people.log_in(EMAIL, PASSWORD, HOME)
    assert await people.subjects() == []


async def test_the_newest_mail_is_good_once(careful: People) -> None:
    await careful.register(EMAIL, PASSWORD, "Ada", HOME)
    first = await careful.token("verify_email")
    await careful.send_verification(EMAIL, HOME)
    second = await careful.token("verify_email")
    with pytest.raises(InvalidToken):
        await careful.verify(first, HOME)
    await careful.verify(second, HOME)
    with pytest.raises(InvalidToken):
        await careful.verify(second, HOME)


async def test_a_mail_is_good_for_a_day(careful: People) -> None:
    await careful.register(EMAIL, PASSWORD, "Ada", HOME)
    token = await careful.token("verify_email")
    careful.clock.advance(24 * 3600)
    with pytest.raises(InvalidToken):
        await careful.verify(token, HOME)


async def test_there_is_no_second_mail_for_confirmed_disabled_and_unknown_accounts(
    people: People,
) -> None:
    await people.create(EMAIL, PASSWORD, "Ada")
    await people.send_verification(EMAIL, HOME)
    await people.change(email_verified_at=None, disabled=True)
    await people.send_verification(EMAIL, HOME)
    await people.send_verification("nobody@example.org", HOME)
    assert await people.subjects() == []


async def test_an_address_changes_when_the_mail_to_the_new_one_is_answered(
    people: People,
) -> None:
    ada = await people.ada()
    await people.change_email(await people.actor(ada), NEW, PASSWORD)
    token = await people.token("verify_email")
    assert [mail.to for mail in people.mailer.sent] == ["ada.king@example.org"]
    assert (await people.user()).email == "ada@example.org"
    await people.verify(token, HOME)
    assert (await people.log_in(NEW, PASSWORD, HOME)).user.id == ada.user.id
    await refused(people.log_in(EMAIL, PASSWORD, HOME))
    await people.postman.delivered()
    assert people.mailer.sent[-1].to == "ada@example.org"  # who owned it hears of it


async def test_another_address_takes_the_password(people: People) -> None:
    actor = await people.actor(await people.ada())
    for password in (None, "a wrong password"):
        with pytest.raises(InvalidInput) as caught:
            await people.change_email(actor, NEW, password)
        assert caught.value.pointer == "/current_password"
    with pytest.raises(InvalidInput):
        await people.change_email(actor, "no address", PASSWORD)
    assert await people.subjects() == []


async def test_a_change_of_name_and_address_is_done_as_a_whole_or_not_at_all(
    people: People,
) -> None:
    ada = await people.ada()
    actor = await people.actor(ada)
    with pytest.raises(InvalidInput):
        await people.update(actor, None, full_name="Ada King", email=NEW, password="wrong")
    with pytest.raises(InvalidInput):
        await people.update(actor, None, full_name="", email=NEW, password=PASSWORD)
    with pytest.raises(PreconditionFailed):
        await people.update(actor, 99, full_name="Ada King", email=NEW, password=PASSWORD)
    assert (await people.user()).full_name == ada.user.full_name
    assert await people.subjects() == []
    await people.update(actor, None, full_name="Ada King", email=NEW, password=PASSWORD)
    assert (await people.user()).full_name == "Ada King"
    assert len(await people.subjects()) == 1


async def test_that_an_address_is_taken_is_told_to_its_owner_only(people: People) -> None:
    actor = await people.actor(await people.ada())
    await people.register("eve@example.org", PASSWORD, "Eve", ABROAD)
    await people.change_email(actor, "eve@example.org", PASSWORD)
    assert await people.subjects() == ["You have a ChatSphere account already"]
    assert people.mailer.sent[0].to == "eve@example.org"


async def test_an_address_that_was_taken_meanwhile_stays_with_its_owner(people: People) -> None:
    actor = await people.actor(await people.ada())
    await people.change_email(actor, NEW, PASSWORD)
    token = await people.token("verify_email")
    await people.register(NEW, OTHER_PASSWORD, "Eve", ABROAD)
    with pytest.raises(Conflict):
        await people.verify(token, HOME)
    assert (await people.user()).id == actor.user_id


async def test_links_that_went_to_the_old_address_end_with_it(people: People) -> None:
    actor = await people.actor(await people.ada())
    await people.forgot(EMAIL, HOME)
    reset = await people.token("reset_password")
    await people.change_email(actor, NEW, PASSWORD)
    await people.verify(await people.token("verify_email"), HOME)
    with pytest.raises(InvalidToken):
        await people.reset(reset, OTHER_PASSWORD, ABROAD)


async def test_a_reset_takes_back_the_change_that_an_intruder_asked_for(people: People) -> None:
    actor = await people.actor(await people.ada())
    await people.change_email(actor, NEW, PASSWORD)
    token = await people.token("verify_email")
    await people.forgot(EMAIL, HOME)
    await people.reset(await people.token("reset_password"), OTHER_PASSWORD, HOME)
    with pytest.raises(InvalidToken):
        await people.verify(token, ABROAD)


async def test_a_token_is_good_for_its_purpose_alone(people: People) -> None:
    actor = await people.actor(await people.ada())
    await people.change_email(actor, NEW, PASSWORD)
    with pytest.raises(InvalidToken):
        await people.reset(await people.token("verify_email"), OTHER_PASSWORD, HOME)
    await people.forgot(EMAIL, HOME)
    with pytest.raises(InvalidToken):
        await people.verify(await people.token("reset_password"), HOME)
