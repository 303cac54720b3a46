"""Confirm an e-mail address."""

from application.ports.clock import Clock
from application.ports.identity import IdentityUnits
from application.ports.mailer import Mail
from application.services.logins import token_hash
from application.services.mails import Mails
from application.services.postman import Postman
from application.services.security_log import SecurityEvent, SecurityLog, person
from application.services.throttle import Attempt, Throttle
from application.services.verification import Verification
from domain.accounts import NOWHERE, Device, TokenPurpose
from domain.errors import InvalidToken


class VerifyEmail:
    """Take the token of a mail: the address that it was sent to is the account's from now on."""

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

    async def __call__(self, token: str, device: Device = NOWHERE) -> None:
        """Raises InvalidToken, RateLimited, and Conflict where the address has another account by now."""
        await self._throttle.check(Attempt.RESET, ip=device.address)
        now = self._clock.now()
        async with self._identities.open() as identities:
            taken = await identities.tokens.take(
                token_hash(token), TokenPurpose.EMAIL_VERIFICATION, now
            )
            user_id = taken.user_id if taken else None
            user = await identities.users.get(user_id, lock=True) if user_id else None
            if taken is None or user is None or user.disabled:
                raise InvalidToken
            before, user.email = user.email, taken.data["email"]
            user.email_verified_at = now
            await identities.users.save(user)
            event = SecurityEvent.EMAIL_VERIFIED
            if user.email != before:
                # What was mailed to the old address is worth nothing any more.
                await identities.tokens.forget(user.id, TokenPurpose.PASSWORD_RESET)
                event = SecurityEvent.EMAIL_CHANGED
            await self._log.record(identities, event, person(user.id, device))
        if user.email != before:
            self._postman.post(self._mails.notice(before, "the e-mail address was changed"))


class SendVerification:
    """Send the mail that confirms the present address once more."""

    def __init__(
        self,
        identities: IdentityUnits,
        throttle: Throttle,
        verification: Verification,
        postman: Postman,
    ) -> None:
        self._identities = identities
        self._throttle = throttle
        self._verification = verification
        self._postman = postman

    async def __call__(self, email: str, device: Device = NOWHERE) -> None:
        """Nobody learns whether there is such an account, or what it is like. Raises RateLimited.

        It takes no log-in: where confirmed addresses are required, there is none before.
        """
        address = email.strip().lower()
        await self._throttle.check(Attempt.FORGOT, ip=device.address, account=address)
        self._postman.compose(lambda: self._mail(address))

    async def _mail(self, address: str) -> Mail | None:
        async with self._identities.open() as identities:
            user = await identities.users.by_email(address)
            if user is None or user.disabled or user.email_verified_at is not None:
                return None
            return await self._verification.mail(identities, user.id, address)
