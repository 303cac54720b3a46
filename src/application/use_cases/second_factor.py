"""Turn a second factor on and off, and log in with it."""

from dataclasses import dataclass, replace

from application.ports.clock import Clock
from application.ports.identity import IdentityUnits
from application.ports.secret_box import SecretBox
from application.ports.totp import Totp
from application.services.factors import FactorCheck, context_of
from application.services.logins import LoggedIn, Reception, token_hash
from application.services.mails import Mails
from application.services.postman import Postman
from application.services.reauthentication import Reauthentication, require_unchanged
from application.services.security_log import SecurityEvent, SecurityLog, person
from application.services.throttle import Attempt, Throttle
from domain.accounts import NOWHERE, Actor, Device, OneTimeToken, TokenPurpose
from domain.errors import Conflict, InvalidInput, NotFound, Unauthenticated
from domain.second_factor import RECOVERY_CODES, SecondFactor, otpauth_url

MAX_TRIES = 5
_WRONG = "This code is not good: each is good once, and for about a minute."


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an authenticator is told, shown once."""

    secret: str
    otpauth_url: str


class BeginTotp:
    """Give out a secret for an authenticator; it counts once a code of it was confirmed."""

    def __init__(self, identities: IdentityUnits, totp: Totp, box: SecretBox) -> None:
        self._identities = identities
        self._totp = totp
        self._box = box

    async def __call__(self, actor: Actor) -> Enrolment:
        """Raises Conflict where a second factor is on."""
        secret = self._totp.new_secret()
        async with self._identities.open() as identities:
            user = await identities.users.get(actor.user_id, lock=True)
            if user is None:
                raise Unauthenticated
            if user.second_factor is not None and user.second_factor.is_active:
                raise Conflict("A second factor is on already: take it away first.")
            user.second_factor = SecondFactor(self._box.seal(secret, context_of(user.id)))
            await identities.users.save(user)
        return Enrolment(secret, otpauth_url(secret, user.email))


class ConfirmTotp:
    """Turn the second factor on by a code that the authenticator shows."""

    def __init__(
        self,
        identities: IdentityUnits,
        check: FactorCheck,
        totp: Totp,
        throttle: Throttle,
        mails: Mails,
        postman: Postman,
        log: SecurityLog,
        clock: Clock,
    ) -> None:
        self._identities = identities
        self._check = check
        self._totp = totp
        self._throttle = throttle
        self._mails = mails
        self._postman = postman
        self._log = log
        self._clock = clock

    async def __call__(self, actor: Actor, code: str) -> list[str]:
        """Return the recovery codes, shown this once. Raises InvalidInput, Conflict, RateLimited."""
        await self._throttle.check(Attempt.SECOND_FACTOR, ip=actor.address, account=actor.user_id)
        codes = [self._totp.new_recovery_code() for _ in range(RECOVERY_CODES)]
        async with self._identities.open() as identities:
            user = await identities.users.get(actor.user_id, lock=True)
            if user is None:
                raise Unauthenticated
            factor = user.second_factor
            if factor is None or factor.is_active:
                raise Conflict("There is no second factor that waits to be confirmed.")
            step = self._check.step(user, factor, code)
            if step is None:
                raise InvalidInput(_WRONG, pointer="/code", code="wrong_code")
            user.second_factor = factor.confirmed(step, self._clock.now(), codes)
            await identities.users.save(user)
            await self._log.record(identities, SecurityEvent.SECOND_FACTOR_ON, actor)
        await self._throttle.succeeded(
            Attempt.SECOND_FACTOR, ip=actor.address, account=actor.user_id
        )
        self._postman.post(self._mails.notice(user.email, "a second factor was turned on"))
        return codes


class RemoveTotp:
    """Turn the second factor off, by password and code."""

    def __init__(
        self,
        identities: IdentityUnits,
        check: FactorCheck,
        reauthentication: Reauthentication,
        throttle: Throttle,
        mails: Mails,
        postman: Postman,
        log: SecurityLog,
    ) -> None:
        self._identities = identities
        self._check = check
        self._reauthentication = reauthentication
        self._throttle = throttle
        self._mails = mails
        self._postman = postman
        self._log = log

    async def __call__(
        self, actor: Actor, password: str | None, code: str | None, recovery_code: str | None
    ) -> None:
        """One of the codes is needed. Raises InvalidInput, Forbidden, Conflict, RateLimited."""
        seen = await self._reauthentication(actor, password, "/password")
        await self._throttle.check(Attempt.SECOND_FACTOR, ip=actor.address, account=actor.user_id)
        async with self._identities.open() as identities:
            user = require_unchanged(await identities.users.get(actor.user_id, lock=True), seen)
            if user.second_factor is None or not user.second_factor.is_active:
                raise Conflict("There is no second factor to take away.")
            if self._check.used(user, code, recovery_code) is None:
                pointer = "/code" if recovery_code is None else "/recovery_code"
                raise InvalidInput(_WRONG, pointer=pointer, code="wrong_code")
            user.second_factor = None
            await identities.users.save(user)
            await self._log.record(identities, SecurityEvent.SECOND_FACTOR_OFF, actor)
        await self._throttle.succeeded(
            Attempt.SECOND_FACTOR, ip=actor.address, account=actor.user_id
        )
        self._postman.post(self._mails.notice(user.email, "the second factor was turned off"))


class DropTotp:
    """Turn the second factor off from the machine itself; all sessions end."""

    def __init__(
        self,
        identities: IdentityUnits,
        mails: Mails,
        postman: Postman,
        log: SecurityLog,
        clock: Clock,
    ) -> None:
        self._identities = identities
        self._mails = mails
        self._postman = postman
        self._log = log
        self._clock = clock

    async def __call__(self, email: str) -> None:
        """Raises NotFound where there is no such account or no second factor."""
        async with self._identities.open() as identities:
            found = await identities.users.by_email(email.strip().lower())
            user = await identities.users.get(found.id, lock=True) if found else None
            if user is None or user.second_factor is None:
                raise NotFound("There is no account with this address and a second factor.")
            user.second_factor = None
            await identities.users.save(user)
            await identities.sessions.revoke_all(user.id, self._clock.now())
            who = person(user.id, NOWHERE)
            await self._log.record(identities, SecurityEvent.SECOND_FACTOR_OFF, who)
        self._postman.post(self._mails.notice(user.email, "the second factor was turned off"))


class LogInWithSecondFactor:
    """Exchange the challenge of a log-in and a code for tokens."""

    def __init__(
        self,
        identities: IdentityUnits,
        check: FactorCheck,
        reception: Reception,
        throttle: Throttle,
        log: SecurityLog,
        clock: Clock,
    ) -> None:
        self._identities = identities
        self._check = check
        self._reception = reception
        self._throttle = throttle
        self._log = log
        self._clock = clock

    async def __call__(
        self,
        challenge: str,
        code: str | None,
        recovery_code: str | None,
        device: Device = NOWHERE,
    ) -> LoggedIn:
        """Raises Unauthenticated (challenge or code) and RateLimited.

        A challenge stands five tries. They are counted before the code is looked at, so tries at the
        same time count too.
        """
        user_id, known_by = await self._charge(challenge)
        await self._throttle.check(Attempt.SECOND_FACTOR, ip=device.address, account=user_id)
        made = await self._admitted(user_id, known_by, code, recovery_code, device)
        if made is None:
            self._log.note(SecurityEvent.SECOND_FACTOR_FAILED, user_id=user_id, device=device)
            raise Unauthenticated(_WRONG, code="wrong_code")
        await self._throttle.succeeded(Attempt.SECOND_FACTOR, ip=device.address, account=user_id)
        await self._throttle.succeeded(Attempt.LOG_IN, ip=device.address, account=made.user.email)
        return made

    async def _charge(self, challenge: str) -> tuple[str, str]:
        """Count a try, and return whose log-in it is and the hash of the password it began with."""
        async with self._identities.open() as identities:
            token = await identities.tokens.take(
                token_hash(challenge), TokenPurpose.SECOND_FACTOR, self._clock.now()
            )
            if token is not None and token.user_id is not None:
                if (tries := int(token.data["tries"]) + 1) < MAX_TRIES:
                    await identities.tokens.add(_with_tries(token, tries))
                return token.user_id, token.data["password"]
        raise Unauthenticated("This log-in has taken too long, or too many tries: begin again.")

    async def _admitted(
        self,
        user_id: str,
        known_by: str,
        code: str | None,
        recovery_code: str | None,
        device: Device,
    ) -> LoggedIn | None:
        async with self._identities.open() as identities:
            user = await identities.users.get(user_id, lock=True)
            if user is None or user.disabled:
                return None
            if token_hash(user.password_hash or "") != known_by:
                return None  # changed meanwhile: begin again
            if user.second_factor is None or not user.second_factor.is_active:
                return None  # turned off meanwhile: likewise
            used = self._check.used(user, code, recovery_code)
            if used is None:
                return None
            user.second_factor = used
            await identities.users.save(user)
            await identities.tokens.forget(user_id, TokenPurpose.SECOND_FACTOR)
            if recovery_code is not None:
                event = SecurityEvent.RECOVERY_CODE_USED
                await self._log.record(identities, event, person(user_id, device))
            return await self._reception.open(identities, user, device)


def _with_tries(token: OneTimeToken, tries: int) -> OneTimeToken:
    return replace(token, data={**token.data, "tries": str(tries)})
