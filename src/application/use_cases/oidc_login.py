"""Log in with an identity provider."""

from dataclasses import dataclass
from datetime import timedelta
from secrets import compare_digest
from urllib.parse import urlsplit

from application.ports.clock import Clock
from application.ports.identity import Identities, IdentityUnits
from application.ports.identity_provider import Errand, IdentityProvider, ProviderRefused
from application.services.logins import LoggedIn, Reception, token_hash
from application.services.mails import Mails
from application.services.postman import Postman
from application.services.registration import NAME_MAX, AccountMaker, checked_name
from application.services.security_log import SecurityEvent, SecurityLog, person
from application.services.throttle import Attempt, Throttle
from domain.accounts import (
    NOWHERE,
    Device,
    ExternalIdentity,
    OneTimeToken,
    TokenPurpose,
    User,
    normalise_email,
)
from domain.errors import Conflict, InvalidInput, NotFound, SecondFactorRequired, Unauthenticated

LIFETIME = timedelta(minutes=10)
_RETURN_MAX = 500


@dataclass(frozen=True, slots=True)
class Departure:
    """Where to send the browser, and the secret by which it is known again."""

    url: str
    browser_secret: str


@dataclass(frozen=True, slots=True)
class Return:
    """Where the browser wanted to go, and who logged in, or the challenge of the second factor."""

    return_to: str
    made: LoggedIn | None
    challenge: str | None = None


class BeginOidcLogin:
    """Send a browser to the provider."""

    def __init__(
        self,
        identities: IdentityUnits,
        provider: IdentityProvider | None,
        throttle: Throttle,
        clock: Clock,
        redirect_uri: str,
    ) -> None:
        self._identities = identities
        self._provider = provider
        self._throttle = throttle
        self._clock = clock
        self._redirect_uri = redirect_uri

    async def __call__(self, return_to: str, device: Device = NOWHERE) -> Departure:
        """Raises InvalidInput (`return_to`), NotFound (no provider), ProviderUnavailable, RateLimited."""
        path = own_path(return_to)
        provider = require_provider(self._provider)
        await self._throttle.check(Attempt.LOG_IN, ip=device.address)
        state, browser = self._clock.new_secret(), self._clock.new_secret()
        errand = Errand(self._redirect_uri, self._clock.new_secret(), self._clock.new_secret())
        url = await provider.authorization_url(errand, state)
        data = {
            "browser": token_hash(browser),
            "nonce": errand.nonce,
            "verifier": errand.verifier,
            "return_to": path,
        }
        until = self._clock.now() + LIFETIME
        token = OneTimeToken(token_hash(state), TokenPurpose.OIDC_LOGIN, until, None, data)
        async with self._identities.open() as identities:
            await identities.tokens.add(token)
        return Departure(url, browser)


class FinishOidcLogin:
    """Let in who comes back from the provider."""

    def __init__(
        self,
        identities: IdentityUnits,
        provider: IdentityProvider | None,
        reception: Reception,
        maker: AccountMaker,
        mails: Mails,
        postman: Postman,
        log: SecurityLog,
        clock: Clock,
        redirect_uri: str,
    ) -> None:
        self._identities = identities
        self._provider = provider
        self._reception = reception
        self._maker = maker
        self._mails = mails
        self._postman = postman
        self._log = log
        self._clock = clock
        self._redirect_uri = redirect_uri

    async def __call__(
        self, code: str, state: str, browser_secret: str, device: Device = NOWHERE
    ) -> Return:
        """Return where to go on, in a session or with the challenge of a second factor.

        Raises Unauthenticated (not this browser's log-in, used, too late, or not vouched for),
        Conflict (an account with this address that is not proven to be the same person's),
        Forbidden (`email_not_verified`), NotFound (no provider) and ProviderUnavailable.
        """
        provider = require_provider(self._provider)
        begun = await self._begun(state, browser_secret)
        errand = Errand(self._redirect_uri, begun["nonce"], begun["verifier"])
        identity = await provider.exchange(errand, code)
        user_id = await self._account(identity, device)
        try:
            return Return(begun["return_to"], await self._reception.admit(user_id, device))
        except SecondFactorRequired as wanted:
            return Return(begun["return_to"], None, wanted.challenge)

    async def _begun(self, state: str, browser_secret: str) -> dict[str, str]:
        async with self._identities.open() as identities:
            token = await identities.tokens.take(
                token_hash(state), TokenPurpose.OIDC_LOGIN, self._clock.now()
            )
        # Known by the cookie: else somebody could make another log in to the wrong account.
        if token is None or not compare_digest(token.data["browser"], token_hash(browser_secret)):
            raise Unauthenticated(
                "This log-in was begun elsewhere, is used or too old: begin again."
            )
        return dict(token.data)

    async def _account(self, identity: ExternalIdentity, device: Device) -> str:
        async with self._identities.open() as identities:
            user_id = await identities.externals.user_id(identity)
            if user_id is not None:
                return user_id
            address = _address(identity)
            known = await identities.users.by_email(address)
            if known is None:
                return await self._new_account(identities, identity, address, device)
            await self._link(identities, identity, known, device)
        self._postman.post(self._mails.notice(known.email, "another way to log in was added"))
        return known.id

    async def _new_account(
        self, identities: Identities, identity: ExternalIdentity, address: str, device: Device
    ) -> str:
        name = " ".join(identity.full_name.replace("\x00", "").split())[:NAME_MAX]
        user, _ = await self._maker(
            identities,
            address,
            checked_name(name or address.split("@", maxsplit=1)[0]),
            None,
            device,
            verified=identity.email_verified,
        )
        await identities.externals.link(identity, user.id, self._clock.now())
        return user.id

    async def _link(
        self, identities: Identities, identity: ExternalIdentity, known: User, device: Device
    ) -> None:
        """Link only what both sides have proven: else whoever claims an address gets its account."""
        if not identity.email_verified or known.email_verified_at is None or known.disabled:
            raise Conflict(
                "There is an account with this e-mail address. Log in to it with its password, and "
                "confirm the address; then this log-in works too.",
                code="account_exists",
            )
        await identities.externals.link(identity, known.id, self._clock.now())
        who = person(known.id, device)
        await self._log.record(identities, SecurityEvent.IDENTITY_LINKED, who)


def require_provider(provider: IdentityProvider | None) -> IdentityProvider:
    """Return the provider. Raises NotFound where none is configured."""
    if provider is None:
        raise NotFound("There is no provider to log in with.")
    return provider


def own_path(text: str) -> str:
    """Return a path of this site, to go on to after a log-in. Raises InvalidInput.

    Browsers read a backslash as a slash and leave out tabs and line ends: `/\\evil.example` and
    `/<tab>/evil.example` would be other sites.
    """
    parts = urlsplit(text) if text.isprintable() and len(text) <= _RETURN_MAX else None
    own = parts is not None and not (parts.scheme or parts.netloc or parts.fragment)
    if not own or not text.startswith("/") or text.startswith("//") or "\\" in text or "#" in text:
        raise InvalidInput("Name a path of this site, such as /.", pointer="/query/return_to")
    return text


def _address(identity: ExternalIdentity) -> str:
    try:
        return normalise_email(identity.email)
    except InvalidInput as error:
        raise ProviderRefused("The provider tells no e-mail address of yours.") from error
