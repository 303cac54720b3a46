"""Logging in with an identity provider: who is let in, and to which account."""

import pytest

from adapters.memory.identity_provider import InMemoryIdentityProvider
from application.ports.identity_provider import ProviderRefused, ProviderUnavailable
from application.services.mails import Mails
from application.services.security_log import SecurityLog
from application.use_cases.oidc_login import (
    BeginOidcLogin,
    Departure,
    FinishOidcLogin,
    Return,
    own_path,
)
from domain.accounts import ExternalIdentity
from domain.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from unit.installation import Installation
from unit.people import ABROAD, EMAIL, HOME, PASSWORD, People

ISSUER, BACK = "https://id.example", "https://chat.example/api/v1/auth/oidc/callback"
ADA = ExternalIdentity(ISSUER, "person-1", "Ada@Example.org", True, "Ada Lovelace")
UNSURE = ExternalIdentity(ISSUER, "person-1", "ada@example.org", False, "Ada Lovelace")


class SignOn:
    """Both halves of the log-in, with a provider in memory."""

    def __init__(self, installation: Installation, *, verified_only: bool = False) -> None:
        self.people = people = People(installation, verified_only=verified_only)
        self.provider = InMemoryIdentityProvider()
        units, clock = people.units, people.clock
        self.begin = BeginOidcLogin(units, self.provider, people.throttle, clock, BACK)
        self.finish = FinishOidcLogin(
            units,
            self.provider,
            people.reception,
            people.maker,
            Mails("https://chat.example"),
            people.postman,
            SecurityLog(clock),
            clock,
            BACK,
        )

    async def there(
        self, identity: ExternalIdentity, return_to: str = "/"
    ) -> tuple[Departure, str, str]:
        """Go to the provider and log in; return the departure, the code and the state."""
        departure = await self.begin(return_to, HOME)
        return departure, *self.provider.authorize(departure.url, identity)

    async def log_in(self, identity: ExternalIdentity, return_to: str = "/") -> Return:
        departure, code, state = await self.there(identity, return_to)
        return await self.finish(code, state, departure.browser_secret, HOME)


@pytest.fixture
def sign_on(installation: Installation) -> SignOn:
    return SignOn(installation)


async def test_a_newcomer_gets_an_account_with_a_workspace(sign_on: SignOn) -> None:
    back = await sign_on.log_in(ADA, "/bots?x=1")
    assert back.return_to == "/bots?x=1"
    assert back.made is not None
    user = back.made.user
    assert (user.email, user.full_name, user.password_hash) == (
        "ada@example.org",
        "Ada Lovelace",
        None,
    )
    assert user.email_verified_at is not None
    assert back.made.workspace is not None
    actor = await sign_on.people.actor(back.made)
    assert actor.user_id == user.id


async def test_who_comes_again_gets_the_same_account_whatever_the_address_is_now(
    sign_on: SignOn,
) -> None:
    first = await sign_on.log_in(ADA)
    moved = ExternalIdentity(ISSUER, "person-1", "elsewhere@example.org", True)
    again = await sign_on.log_in(moved)
    assert first.made is not None
    assert again.made is not None
    assert again.made.user.id == first.made.user.id
    assert again.made.user.email == "ada@example.org"


async def test_the_same_name_at_another_provider_is_somebody_else(sign_on: SignOn) -> None:
    first = await sign_on.log_in(ADA)
    other = await sign_on.log_in(
        ExternalIdentity("https://other.example", "person-1", "eve@example.org", True)
    )
    assert first.made is not None
    assert other.made is not None
    assert first.made.user.id != other.made.user.id


async def test_an_account_is_linked_where_both_sides_have_confirmed_the_address(
    sign_on: SignOn,
) -> None:
    people = sign_on.people
    user, _ = await people.create(EMAIL, PASSWORD, "Ada")
    back = await sign_on.log_in(ADA)
    assert back.made is not None
    assert back.made.user.id == user.id
    assert "another way to log in" in (await people.subjects())[-1]
    await people.log_in(EMAIL, PASSWORD, HOME)  # the password stays


@pytest.mark.parametrize(
    ("identity", "ours_confirmed"), [(ADA, False), (UNSURE, True), (UNSURE, False)]
)
async def test_else_an_account_is_nobody_elses(
    sign_on: SignOn, identity: ExternalIdentity, ours_confirmed: bool
) -> None:
    """Neither does who claims the address there get the account, nor who claimed it here first."""
    people = sign_on.people
    await people.create(EMAIL, PASSWORD, "Ada")
    if not ours_confirmed:
        await people.change(email_verified_at=None)
    sessions = len(people.installation.state.accounts.sessions)
    with pytest.raises(Conflict) as caught:
        await sign_on.log_in(identity)
    assert caught.value.code == "account_exists"
    assert len(people.installation.state.accounts.sessions) == sessions
    assert people.installation.state.accounts.externals == {}


async def test_a_disabled_account_is_neither_linked_nor_let_in(sign_on: SignOn) -> None:
    await sign_on.log_in(ADA)
    await sign_on.people.change(disabled=True)
    with pytest.raises(Unauthenticated):
        await sign_on.log_in(ADA)
    with pytest.raises(Conflict):
        await sign_on.log_in(ExternalIdentity(ISSUER, "person-2", EMAIL, True))


async def test_where_addresses_must_be_confirmed_an_unsure_one_is_not_enough(
    installation: Installation,
) -> None:
    sign_on = SignOn(installation, verified_only=True)
    with pytest.raises(Forbidden) as caught:
        await sign_on.log_in(UNSURE)
    assert caught.value.code == "email_not_verified"
    await sign_on.people.send_verification(EMAIL, HOME)
    await sign_on.people.verify(await sign_on.people.token("verify_email"), HOME)
    assert (await sign_on.log_in(UNSURE)).made is not None


async def test_a_second_factor_is_asked_for_here_too(sign_on: SignOn) -> None:
    people = sign_on.people
    first = await sign_on.log_in(ADA)
    assert first.made is not None
    secret, _ = await people.with_factor(first.made)
    back = await sign_on.log_in(ADA, "/x")
    assert (back.return_to, back.made) == ("/x", None)
    assert back.challenge is not None
    made = await people.second_step(back.challenge, people.code(secret), None, HOME)
    assert await people.found(made.tokens.access_token) is not None


async def test_another_browser_cannot_finish_a_log_in(sign_on: SignOn) -> None:
    """Else a link could make somebody work in the attacker's account."""
    _, code, state = await sign_on.there(ADA)
    other, _, _ = await sign_on.there(ADA)
    with pytest.raises(Unauthenticated):
        await sign_on.finish(code, state, other.browser_secret, ABROAD)
    assert sign_on.people.installation.state.accounts.sessions == {}


async def test_a_state_is_good_once_for_ten_minutes_and_cannot_be_made_up(
    sign_on: SignOn,
) -> None:
    departure, code, state = await sign_on.there(ADA)
    await sign_on.finish(code, state, departure.browser_secret, HOME)
    for used in (state, "made up"):
        with pytest.raises(Unauthenticated):
            await sign_on.finish(code, used, departure.browser_secret, HOME)
    departure, code, state = await sign_on.there(ADA)
    sign_on.people.clock.advance(600)
    with pytest.raises(Unauthenticated):
        await sign_on.finish(code, state, departure.browser_secret, HOME)


async def test_a_code_of_another_log_in_is_refused(sign_on: SignOn) -> None:
    departure, _, state = await sign_on.there(ADA)
    _, code, _ = await sign_on.there(ADA)
    with pytest.raises(ProviderRefused):
        await sign_on.finish(code, state, departure.browser_secret, HOME)


async def test_an_identity_without_an_address_makes_no_account(sign_on: SignOn) -> None:
    with pytest.raises(ProviderRefused):
        await sign_on.log_in(ExternalIdentity(ISSUER, "person-1", "", True))


async def test_a_name_that_is_none_is_taken_from_the_address(sign_on: SignOn) -> None:
    back = await sign_on.log_in(ExternalIdentity(ISSUER, "p", "ada@example.org", True, " \x00 "))
    assert back.made is not None
    assert back.made.user.full_name == "ada"


async def test_an_outage_and_no_provider_at_all_are_told(sign_on: SignOn) -> None:
    sign_on.provider.out = True
    with pytest.raises(ProviderUnavailable):
        await sign_on.begin("/", HOME)
    sign_on.begin._provider = sign_on.finish._provider = None
    with pytest.raises(NotFound):
        await sign_on.begin("/", HOME)
    with pytest.raises(NotFound):
        await sign_on.finish("code", "state", "secret", HOME)


@pytest.mark.parametrize("path", ["/", "/bots/1?x=%2F%2Fy", "/é", "/a//b", "/?u=https://x.example"])
def test_own_paths_are_gone_on_to(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    ["", "bots", "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example",
     "/\t/evil.example", "/\n/evil.example", "javascript:alert(1)", "/a#b", "/#", " /", "///x",
     "/" + "x" * 500, "\x00/", "/\x00", "/a\x7f", "http:/x"],
)  # fmt: skip
def test_other_sites_are_not(path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        own_path(path)
    assert caught.value.pointer == "/query/return_to"
