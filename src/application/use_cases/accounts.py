"""Register, and one's own profile."""

from collections.abc import Sequence

from application.ports.identity import IdentityUnits
from application.ports.mailer import Mail
from application.ports.security import PasswordHasher
from application.services.address_change import AddressChange
from application.services.etag import require_version
from application.services.logins import LoggedIn, Reception
from application.services.mails import Mails
from application.services.postman import Postman
from application.services.registration import AccountMaker, Admission, checked_name
from application.services.security_log import SecurityEvent, SecurityLog, person
from application.services.throttle import Attempt, Throttle
from application.services.verification import Verification
from domain.accounts import NOWHERE, Actor, Device, Membership, User, Workspace, normalise_email
from domain.errors import Conflict, NotFound, Unauthenticated
from domain.passwords import check_password


class RegisterUser:
    """Make an account with a workspace of its own, and log in to it."""

    def __init__(
        self,
        identities: IdentityUnits,
        hasher: PasswordHasher,
        admission: Admission,
        maker: AccountMaker,
        reception: Reception,
        throttle: Throttle,
        verification: Verification,
        mails: Mails,
        postman: Postman,
    ) -> None:
        self._identities = identities
        self._hasher = hasher
        self._admission = admission
        self._maker = maker
        self._reception = reception
        self._throttle = throttle
        self._verification = verification
        self._mails = mails
        self._postman = postman

    async def __call__(
        self, email: str, password: str, full_name: str, device: Device = NOWHERE
    ) -> LoggedIn | None:
        """Return who is logged in now.

        Where addresses must be confirmed, return None: a mail goes out, to who has an account with
        this address already too, and the answer is the same and as late. Raises InvalidInput
        (address, password, name), RateLimited, Forbidden (`registration_closed`), and else Conflict
        (address taken).
        """
        address = normalise_email(email)
        name = checked_name(full_name)
        check_password(password, address, name)
        await self._throttle.check(Attempt.REGISTER, ip=device.address)
        await self._admission.check(address)
        encoded = await self._hasher.hash(password)  # slow: before the transaction, not in it
        if self._reception.verified_only:
            self._postman.compose(lambda: self._unconfirmed(address, name, encoded, device))
            return None
        async with self._identities.open() as identities:
            user, _ = await self._maker(identities, address, name, encoded, device)
            return await self._reception.open(identities, user, device)

    async def _unconfirmed(self, address: str, name: str, encoded: str, device: Device) -> Mail:
        try:
            async with self._identities.open() as identities:
                user, _ = await self._maker(identities, address, name, encoded, device)
                return await self._verification.mail(identities, user.id, address)
        except Conflict:
            return self._mails.address_taken(address)


class CreateUser:
    """Make an account from the command line; whoever runs the installation vouches for the address."""

    def __init__(
        self, identities: IdentityUnits, hasher: PasswordHasher, maker: AccountMaker
    ) -> None:
        self._identities = identities
        self._hasher = hasher
        self._maker = maker

    async def __call__(
        self, email: str, password: str, full_name: str, *, instance_admin: bool = False
    ) -> tuple[User, Workspace]:
        """Raises InvalidInput (address, password, name) and Conflict (address taken)."""
        address = normalise_email(email)
        name = checked_name(full_name)
        check_password(password, address, name)
        encoded = await self._hasher.hash(password)
        async with self._identities.open() as identities:
            return await self._maker(
                identities,
                address,
                name,
                encoded,
                NOWHERE,
                verified=True,
                instance_admin=instance_admin,
            )


class GrantInstanceAdmin:
    """Let a person run the installation, from the machine itself; it holds from the next request."""

    def __init__(self, identities: IdentityUnits, log: SecurityLog) -> None:
        self._identities = identities
        self._log = log

    async def __call__(self, email: str) -> User:
        """Return the person; who runs it already stays as they are. Raises NotFound."""
        async with self._identities.open() as identities:
            found = await identities.users.by_email(email.strip().lower())
            user = await identities.users.get(found.id, lock=True) if found else None
            if user is None:
                raise NotFound("There is no account with this address.")
            if not user.instance_admin:
                user.instance_admin = True
                await identities.users.save(user)
                who = person(user.id, NOWHERE)
                await self._log.record(identities, SecurityEvent.INSTANCE_ADMIN_GRANTED, who)
        return user


class GetProfile:
    """Who am I, and where do I work."""

    def __init__(self, identities: IdentityUnits) -> None:
        self._identities = identities

    async def __call__(self, actor: Actor) -> tuple[User, Sequence[tuple[Workspace, Membership]]]:
        """Raises Unauthenticated where the account is gone."""
        async with self._identities.open() as identities:
            user = await identities.users.get(actor.user_id)
            if user is None:
                raise Unauthenticated
            return user, await identities.workspaces.of_user(user.id)


class UpdateProfile:
    """Change one's own name, or ask for another address."""

    def __init__(self, identities: IdentityUnits, address_change: AddressChange) -> None:
        self._identities = identities
        self._address_change = address_change

    async def __call__(
        self,
        actor: Actor,
        expected_version: int | None,
        *,
        full_name: str | None = None,
        email: str | None = None,
        password: str | None = None,
    ) -> User:
        """Return the profile; None leaves a part as it is. All of it is done, or nothing.

        Another address takes the `password`. Raises InvalidInput (name, address, password),
        PreconditionFailed, Forbidden (`log_in_again`) and RateLimited.
        """
        name = checked_name(full_name) if full_name is not None else None
        address = None
        if email is not None:
            address = await self._address_change.allowed(actor, email, password)
        async with self._identities.open() as identities:
            user = await identities.users.get(actor.user_id, lock=True)
            if user is None:
                raise Unauthenticated
            require_version(user.version, expected_version)
            if name is not None:
                user.full_name = name
                await identities.users.save(user)
        if address is not None:
            self._address_change.begin(user.id, address)
        return user
