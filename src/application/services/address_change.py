"""Another e-mail address: it becomes the account's when the mail to it is answered."""

from application.ports.identity import IdentityUnits
from application.ports.mailer import Mail
from application.services.mails import Mails
from application.services.postman import Postman
from application.services.reauthentication import Reauthentication
from application.services.verification import Verification
from domain.accounts import Actor, normalise_email


class AddressChange:
    """Asks for the password first, and then for an answer from the new address."""

    def __init__(
        self,
        identities: IdentityUnits,
        reauthentication: Reauthentication,
        verification: Verification,
        mails: Mails,
        postman: Postman,
    ) -> None:
        self._identities = identities
        self._reauthentication = reauthentication
        self._verification = verification
        self._mails = mails
        self._postman = postman

    async def allowed(self, actor: Actor, email: str, password: str | None) -> str:
        """Return the address as it is stored. Raises InvalidInput (address, password), Forbidden
        (`log_in_again`) and RateLimited."""
        address = normalise_email(email)
        await self._reauthentication(actor, password, "/current_password")
        return address

    def begin(self, user_id: str, address: str) -> None:
        """Send the mail soon; that the address has an account is told to its owner only."""
        self._postman.compose(lambda: self._mail(user_id, address))

    async def _mail(self, user_id: str, address: str) -> Mail | None:
        async with self._identities.open() as identities:
            other = await identities.users.by_email(address)
            if other is not None and other.id != user_id:
                return self._mails.address_taken(address)
            if await identities.users.get(user_id) is None:
                return None  # gone meanwhile
            return await self._verification.mail(identities, user_id, address)
