"""Register, log in, stay logged in, log out."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.identity import Identities, IdentityUnits
from application.ports.security import AccessClaims, PasswordHasher, TokenSigner
from application.services.etag import require_version
from domain.accounts import (
    Actor,
    MemberRole,
    Membership,
    RefreshToken,
    Session,
    User,
    Workspace,
    check_password,
    normalise_email,
)
from domain.errors import InvalidInput, Unauthenticated

SESSION_LIFETIME = timedelta(days=30)
NAME_MAX = 200


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client holds: a short-lived access token and a refresh token that is good once."""

    access_token: str
    refresh_token: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A person with the first workspace and fresh tokens."""

    user: User
    workspace: Workspace
    role: MemberRole
    tokens: Tokens


def token_hash(secret: str) -> str:
    """Return how a refresh token is stored: it is random enough for a plain hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


class SessionKeeper:
    """Opens sessions and turns refresh tokens over."""

    def __init__(self, signer: TokenSigner, clock: Clock) -> None:
        self._signer = signer
        self._clock = clock

    async def open(self, identities: Identities, user_id: str) -> Tokens:
        """Begin a session."""
        now = self._clock.now()
        session = Session(self._clock.new_id("ses"), user_id, now, now + SESSION_LIFETIME)
        await identities.add_session(session)
        return await self.issue(identities, session.id, user_id)

    async def issue(self, identities: Identities, session_id: str, user_id: str) -> Tokens:
        """Give out the next pair of tokens of a session."""
        secret = self._clock.new_secret()
        expires_at = self._clock.now() + SESSION_LIFETIME
        await identities.add_refresh_token(
            RefreshToken(token_hash(secret), session_id, user_id, expires_at)
        )
        access = self._signer.sign(AccessClaims(user_id, session_id))
        return Tokens(access, secret, self._signer.lifetime_seconds)


class RegisterUser:
    """Make an account with a workspace of its own."""

    def __init__(
        self, identities: IdentityUnits, hasher: PasswordHasher, keeper: SessionKeeper, clock: Clock
    ) -> None:
        self._identities = identities
        self._hasher = hasher
        self._keeper = keeper
        self._clock = clock

    async def __call__(self, email: str, password: str, full_name: str) -> LoggedIn:
        """Raises InvalidInput (address, password, name) and Conflict (address taken)."""
        address = normalise_email(email)
        check_password(password, address)
        name = _checked_name(full_name)
        encoded = await self._hasher.hash(password)  # slow: before the transaction, not in it
        now = self._clock.now()
        user = User(self._clock.new_id("usr"), address, name, encoded, now)
        workspace = Workspace(self._clock.new_id("ws"), f"{name}'s workspace", "free", now)
        owner = Membership(workspace.id, user.id, MemberRole.OWNER)
        async with self._identities.open() as identities:
            await identities.add_user(user)
            await identities.add_workspace(workspace, owner)
            tokens = await self._keeper.open(identities, user.id)
        return LoggedIn(user, workspace, owner.role, tokens)


class LogIn:
    """Exchange an e-mail address and a password for tokens."""

    def __init__(
        self, identities: IdentityUnits, hasher: PasswordHasher, keeper: SessionKeeper
    ) -> None:
        self._identities = identities
        self._hasher = hasher
        self._keeper = keeper

    async def __call__(self, email: str, password: str) -> LoggedIn:
        """Raises Unauthenticated, the same and as late for an unknown account as for a wrong password."""
        async with self._identities.open() as identities:
            user = await identities.user_by_email(email.strip().lower())
        fits = await self._hasher.verify(password, user.password_hash if user else None)
        if user is None or not fits or user.disabled:
            raise Unauthenticated("The e-mail address or the password is wrong.")
        async with self._identities.open() as identities:
            workspace, membership = (await identities.workspaces(user.id))[0]
            tokens = await self._keeper.open(identities, user.id)
        return LoggedIn(user, workspace, membership.role, tokens)


class RefreshSession:
    """Exchange a refresh token for a fresh pair."""

    def __init__(self, identities: IdentityUnits, keeper: SessionKeeper, clock: Clock) -> None:
        self._identities = identities
        self._keeper = keeper
        self._clock = clock

    async def __call__(self, refresh_token: str) -> Tokens:
        """Raises Unauthenticated. A token used twice ends its session (RFC 9700 section 4.14)."""
        now = self._clock.now()
        async with self._identities.open() as identities:
            token = await identities.refresh_token(token_hash(refresh_token))
            # The times of two requests may cross: that it was used counts, not when.
            if token is not None and token.used_at is not None:
                await identities.revoke_session(token.session_id, now)
                token = None
            user = await identities.user(token.user_id) if token else None
            may_go_on = user is not None and not user.disabled
            if token is not None and may_go_on and not token.is_expired(now):
                await identities.use_refresh_token(token.token_hash, now)
                return await self._keeper.issue(identities, token.session_id, token.user_id)
        raise Unauthenticated("This refresh token is not valid any more: log in again.")


class LogOut:
    """End the session; its access tokens end with it."""

    def __init__(self, identities: IdentityUnits, clock: Clock) -> None:
        self._identities = identities
        self._clock = clock

    async def __call__(self, session_id: str) -> None:
        """Ending an ended session is no error."""
        async with self._identities.open() as identities:
            await identities.revoke_session(session_id, self._clock.now())


class GetProfile:
    """Who am I, and where do I work."""

    def __init__(self, identities: IdentityUnits) -> None:
        self._identities = identities

    async def __call__(self, actor: Actor) -> tuple[User, Sequence[tuple[Workspace, Membership]]]:
        """Raises Unauthenticated where the account is gone."""
        async with self._identities.open() as identities:
            user = await identities.user(actor.user_id)
            if user is None:
                raise Unauthenticated
            return user, await identities.workspaces(user.id)


class UpdateProfile:
    """Change one's own name."""

    def __init__(self, identities: IdentityUnits) -> None:
        self._identities = identities

    async def __call__(self, actor: Actor, full_name: str, expected_version: int | None) -> User:
        """Raises InvalidInput and PreconditionFailed."""
        async with self._identities.open() as identities:
            user = await identities.user(actor.user_id, lock=True)
            if user is None:
                raise Unauthenticated
            require_version(user.version, expected_version)
            user.full_name = _checked_name(full_name)
            await identities.save_user(user)
        return user


def _checked_name(full_name: str) -> str:
    name = " ".join(full_name.split())
    if not 1 <= len(name) <= NAME_MAX or "\x00" in name:
        raise InvalidInput(f"A name has 1 to {NAME_MAX} characters.", pointer="/full_name")
    return name
