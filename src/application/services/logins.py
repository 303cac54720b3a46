"""What every way of logging in has in common: sessions, tokens, and who is let in."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.identity import Identities, IdentityUnits
from application.ports.security import AccessClaims, TokenSigner
from application.services.security_log import SecurityEvent, SecurityLog, person
from domain.accounts import (
    NOWHERE,
    Device,
    MemberRole,
    OneTimeToken,
    RefreshToken,
    Session,
    TokenPurpose,
    User,
    Workspace,
)
from domain.errors import Forbidden, SecondFactorRequired, Unauthenticated

SESSION_LIFETIME = timedelta(days=30)
CHALLENGE_LIFETIME = timedelta(minutes=5)
WRONG = "The e-mail address or the password is wrong."


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client holds: a short-lived access token and a refresh token that is good once."""

    access_token: str
    refresh_token: str
    expires_in: int


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A person with the first workspace (None: in none) and fresh tokens."""

    user: User
    workspace: Workspace | None
    role: MemberRole | None
    tokens: Tokens


def token_hash(secret: str) -> str:
    """Return how a token is stored: it is random enough for a plain hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


class SessionKeeper:
    """Opens sessions and turns refresh tokens over."""

    def __init__(self, signer: TokenSigner, clock: Clock) -> None:
        self._signer = signer
        self._clock = clock

    async def open(
        self, identities: Identities, user_id: str, device: Device = NOWHERE
    ) -> tuple[str, Tokens]:
        """Begin a session; return its id and its tokens."""
        now = self._clock.now()
        session = Session(
            self._clock.new_id("ses"), user_id, now, now + SESSION_LIFETIME, now, device
        )
        await identities.sessions.add(session)
        return session.id, await self.issue(identities, session.id, user_id)

    async def issue(self, identities: Identities, session_id: str, user_id: str) -> Tokens:
        """Give out the next pair of tokens of a session."""
        secret = self._clock.new_secret()
        expires_at = self._clock.now() + SESSION_LIFETIME
        await identities.sessions.add_token(
            RefreshToken(token_hash(secret), session_id, user_id, expires_at)
        )
        return self.with_access(secret, session_id, user_id)

    def with_access(self, refresh_token: str, session_id: str, user_id: str) -> Tokens:
        """Return a refresh token with a fresh access token."""
        access = self._signer.sign(AccessClaims(user_id, session_id))
        return Tokens(access, refresh_token, self._signer.lifetime_seconds)


class Reception:
    """Lets in who has shown who they are, or asks for the second factor.

    `verified_only`: whoever has not confirmed the e-mail address is not let in.
    """

    def __init__(
        self,
        identities: IdentityUnits,
        keeper: SessionKeeper,
        log: SecurityLog,
        clock: Clock,
        *,
        verified_only: bool,
    ) -> None:
        self._identities = identities
        self._keeper = keeper
        self._log = log
        self._clock = clock
        self.verified_only = verified_only

    async def admit(
        self, user_id: str, device: Device, still: Callable[[User], bool] = lambda _: True
    ) -> LoggedIn:
        """Open a session, where the account is `still` as it was when the person was recognised.

        Raises Unauthenticated, Forbidden (code `email_not_verified`) and SecondFactorRequired.
        """
        async with self._identities.open() as identities:
            # Locked: a change of password that ends all sessions at this moment ends this one too.
            user = await identities.users.get(user_id, lock=True)
            if user is None or user.disabled or not still(user):
                raise Unauthenticated(WRONG)
            if self.verified_only and user.email_verified_at is None:
                raise Forbidden(
                    "Confirm your e-mail address first: open the link in the mail that we sent.",
                    code="email_not_verified",
                )
            if user.second_factor is None or not user.second_factor.is_active:
                return await self.open(identities, user, device)
            challenge = await self._challenge(identities, user)
        raise SecondFactorRequired(challenge)

    async def open(self, identities: Identities, user: User, device: Device) -> LoggedIn:
        """Open the session of who is let in, in the unit that locks the user; its last step."""
        workspaces = await identities.workspaces.of_user(user.id)
        session_id, tokens = await self._keeper.open(identities, user.id, device)
        who = person(user.id, device, session_id)
        await self._log.record(identities, SecurityEvent.LOGIN_SUCCEEDED, who)
        if not workspaces:
            return LoggedIn(user, None, None, tokens)
        workspace, membership = workspaces[0]
        return LoggedIn(user, workspace, membership.role, tokens)

    async def _challenge(self, identities: Identities, user: User) -> str:
        secret = self._clock.new_secret()
        await identities.tokens.add(
            OneTimeToken(
                token_hash(secret),
                TokenPurpose.SECOND_FACTOR,
                self._clock.now() + CHALLENGE_LIFETIME,
                user.id,
                {"tries": "0", "password": token_hash(user.password_hash or "")},
            )
        )
        return secret
