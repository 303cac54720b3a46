"""Mails that let somebody show that an address is their own."""

from datetime import timedelta

from application.ports.clock import Clock
from application.ports.identity import Identities
from application.ports.mailer import Mail
from application.services.logins import token_hash
from application.services.mails import Mails
from domain.accounts import OneTimeToken, TokenPurpose

LIFETIME = timedelta(hours=24)


class Verification:
    """Makes the tokens; the newest alone is good."""

    def __init__(self, mails: Mails, clock: Clock) -> None:
        self._mails = mails
        self._clock = clock

    async def mail(self, identities: Identities, user_id: str, address: str) -> Mail:
        """Return the mail with a link that makes `address` the confirmed one of the user."""
        secret = self._clock.new_secret()
        purpose = TokenPurpose.EMAIL_VERIFICATION
        await identities.tokens.forget(user_id, purpose)
        until = self._clock.now() + LIFETIME
        token = OneTimeToken(token_hash(secret), purpose, until, user_id, {"email": address})
        await identities.tokens.add(token)
        return self._mails.email_verification(
            address, secret, int(LIFETIME.total_seconds()) // 3600
        )
