"""Change a password, and set a new one that was forgotten."""

from collections.abc import Mapping
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.identity import Identities, IdentityUnits
from application.ports.mailer import Mail
from application.ports.security import PasswordHasher
from application.services.logins import token_hash
from application.services.mails import Mails
from application.services.postman import Postman
from application.services.reauthentication import Reauthentication, require_unchanged
from application.services.security_log import SecurityEvent, SecurityLog, person
from application.services.throttle import Attempt, Throttle
from domain.accounts import NOWHERE, Actor, Device, OneTimeToken, TokenPurpose, User
from domain.errors import InvalidToken, NotFound
from domain.passwords import check_password

RESET_LIFETIME = timedelta(minutes=30)
RESET_MINUTES = int(RESET_LIFETIME.total_seconds()) // 60
_MAILED = {"sent_by": "mail"}  # who brings such a link has read the mail


class ChangePassword:
    """Set another password; every other session ends."""

    def __init__(
        self,
        identities: IdentityUnits,
        hasher: PasswordHasher,
        reauthentication: Reauthentication,
        mails: Mails,
        postman: Postman,
        log: SecurityLog,
        clock: Clock,
    ) -> None:
        self._identities = identities
        self._hasher = hasher
        self._reauthentication = reauthentication
        self._mails = mails
        self._postman = postman
        self._log = log
        self._clock = clock

    async def __call__(self, actor: Actor, current: str | None, new: str) -> None:
        """Raises InvalidInput (either password), Forbidden (`log_in_again`), RateLimited, Conflict."""
        seen = await self._reauthentication(actor, current, "/current_password")
        check_password(new, seen.email, seen.full_name, pointer="/new_password")
        encoded = await self._hasher.hash(new)
        async with self._identities.open() as identities:
            user = require_unchanged(await identities.users.get(actor.user_id, lock=True), seen)
            user.password_hash = encoded
            await identities.users.save(user)
            await identities.sessions.revoke_all(user.id, self._clock.now(), keep=actor.session_id)
            await forget_tokens(identities, user.id)
            await self._log.record(identities, SecurityEvent.PASSWORD_CHANGED, actor)
        self._postman.post(self._mails.notice(user.email, "the password was changed"))


class AskForReset:
    """Send a link that sets a new password to who forgot it."""

    def __init__(
        self,
        identities: IdentityUnits,
        throttle: Throttle,
        mails: Mails,
        postman: Postman,
        log: SecurityLog,
        clock: Clock,
    ) -> None:
        self._identities = identities
        self._throttle = throttle
        self._mails = mails
        self._postman = postman
        self._log = log
        self._clock = clock

    async def __call__(self, email: str, device: Device = NOWHERE) -> None:
        """Nobody learns from it whether there is such an account: the work is done afterwards.

        Raises RateLimited.
        """
        address = email.strip().lower()
        await self._throttle.check(Attempt.FORGOT, ip=device.address, account=address)
        self._postman.compose(lambda: self._mail(address, device))

    async def link(self, email: str) -> str:
        """Return a link at once, for whoever runs the installation; it confirms no address.

        Raises NotFound.
        """
        address = email.strip().lower()
        async with self._identities.open() as identities:
            user = await identities.users.by_email(address)
            if user is None:
                raise NotFound("There is no account with this e-mail address.")
            secret = await self._token(identities, user, {})
            await self._log.record(
                identities, SecurityEvent.PASSWORD_RESET_ASKED, person(user.id, NOWHERE)
            )
        return self._mails.link("reset_password", secret)

    async def _mail(self, address: str, device: Device) -> Mail | None:
        async with self._identities.open() as identities:
            user = await identities.users.by_email(address)
            if user is None or user.disabled:
                return None
            secret = await self._token(identities, user, _MAILED)
            await self._log.record(
                identities, SecurityEvent.PASSWORD_RESET_ASKED, person(user.id, device)
            )
        return self._mails.password_reset(address, secret, RESET_MINUTES)

    async def _token(self, identities: Identities, user: User, data: Mapping[str, str]) -> str:
        secret = self._clock.new_secret()
        until = self._clock.now() + RESET_LIFETIME
        purpose = TokenPurpose.PASSWORD_RESET
        await identities.tokens.add(OneTimeToken(token_hash(secret), purpose, until, user.id, data))
        return secret


class ResetPassword:
    """Set a new password by a link; all sessions end."""

    def __init__(
        self,
        identities: IdentityUnits,
        hasher: PasswordHasher,
        throttle: Throttle,
        mails: Mails,
        postman: Postman,
        log: SecurityLog,
        clock: Clock,
    ) -> None:
        self._identities = identities
        self._hasher = hasher
        self._throttle = throttle
        self._mails = mails
        self._postman = postman
        self._log = log
        self._clock = clock

    async def __call__(self, token: str, password: str, device: Device = NOWHERE) -> None:
        """A second factor stays; API keys stay. A link that came by mail confirms the address.

        Raises InvalidToken, RateLimited, and InvalidInput (password), which leaves the link good.
        """
        await self._throttle.check(Attempt.RESET, ip=device.address)
        check_password(password)
        encoded = await self._hasher.hash(password)
        now = self._clock.now()
        async with self._identities.open() as identities:
            taken = await identities.tokens.take(
                token_hash(token), TokenPurpose.PASSWORD_RESET, now
            )
            user_id = taken.user_id if taken else None
            user = await identities.users.get(user_id, lock=True) if user_id else None
            if taken is None or user is None or user.disabled:
                raise InvalidToken
            check_password(password, user.email, user.full_name)
            user.password_hash = encoded
            if taken.data == _MAILED:
                user.email_verified_at = user.email_verified_at or now
            await identities.users.save(user)
            await identities.sessions.revoke_all(user.id, now)
            await forget_tokens(identities, user.id)
            await self._log.record(
                identities, SecurityEvent.PASSWORD_RESET, person(user.id, device)
            )
        self._postman.post(self._mails.notice(user.email, "a new password was set"))


async def forget_tokens(identities: Identities, user_id: str) -> None:
    """Take back what was given out under the old password: links, and log-ins halfway through."""
    for purpose in (
        TokenPurpose.PASSWORD_RESET,
        TokenPurpose.EMAIL_VERIFICATION,
        TokenPurpose.SECOND_FACTOR,
        TokenPurpose.SOCKET_TICKET,
    ):
        await identities.tokens.forget(user_id, purpose)
