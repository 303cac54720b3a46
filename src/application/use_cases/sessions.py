"""Log in, stay logged in, log out, and end sessions elsewhere."""

from datetime import datetime, timedelta

from application.ports.clock import Clock
from application.ports.identity import Identities, IdentityUnits
from application.ports.secret_box import SecretBox, SecretUnreadable
from application.ports.security import PasswordHasher
from application.services.logins import (
    WRONG,
    LoggedIn,
    Reception,
    SessionKeeper,
    Tokens,
    token_hash,
)
from application.services.security_log import SecurityEvent, SecurityLog
from application.services.throttle import Attempt, Throttle
from domain.accounts import NOWHERE, Actor, Device, RefreshToken
from domain.errors import NotFound, Unauthenticated

REPEAT_WINDOW = timedelta(seconds=10)


class LogIn:
    """Exchange an e-mail address and a password for tokens."""

    def __init__(
        self,
        identities: IdentityUnits,
        hasher: PasswordHasher,
        reception: Reception,
        throttle: Throttle,
        log: SecurityLog,
    ) -> None:
        self._identities = identities
        self._hasher = hasher
        self._reception = reception
        self._throttle = throttle
        self._log = log

    async def __call__(self, email: str, password: str, device: Device = NOWHERE) -> LoggedIn:
        """Raises Unauthenticated, the same and as late for an unknown account as for a wrong password.

        So it is for accounts that are disabled, not verified, without a password or with a second
        factor: what they are is told only to who knows the password (Forbidden with the code
        `email_not_verified`, SecondFactorRequired). Raises RateLimited.
        """
        address = email.strip().lower()
        await self._throttle.check(Attempt.LOG_IN, ip=device.address, account=address)
        async with self._identities.open() as identities:
            user = await identities.users.by_email(address)
        known_hash = user.password_hash if user else None
        fits = await self._hasher.verify(password, known_hash)
        if user is None or not fits or user.disabled:
            user_id = user.id if user else ""
            self._log.note(SecurityEvent.LOGIN_FAILED, user_id=user_id, device=device)
            raise Unauthenticated(WRONG)
        made = await self._reception.admit(
            user.id, device, lambda now: now.password_hash == known_hash
        )
        await self._throttle.succeeded(Attempt.LOG_IN, ip=device.address, account=address)
        return made


class RefreshSession:
    """Exchange a refresh token for a fresh pair."""

    def __init__(
        self,
        identities: IdentityUnits,
        keeper: SessionKeeper,
        throttle: Throttle,
        box: SecretBox,
        log: SecurityLog,
        clock: Clock,
    ) -> None:
        self._identities = identities
        self._keeper = keeper
        self._throttle = throttle
        self._box = box
        self._log = log
        self._clock = clock

    async def __call__(
        self, refresh_token: str, device: Device = NOWHERE, repeat_key: str = ""
    ) -> Tokens:
        """Raises Unauthenticated. A token used twice ends its session (RFC 9700 section 4.14).

        But for a client whose answer got lost: who sends the same `repeat_key` again within 10
        seconds, while the successor was not used, gets the same successor. The key is the client's
        own secret, so who has only stolen the token gets nothing and gives the theft away.
        Raises RateLimited.
        """
        await self._throttle.check(Attempt.REFRESH, ip=device.address)
        now = self._clock.now()
        async with self._identities.open() as identities:
            token = await identities.sessions.token(token_hash(refresh_token))
            user = await identities.users.get(token.user_id) if token else None
            if token is not None and user is not None and not user.disabled:
                tokens = await self._turned_over(identities, token, device, repeat_key, now)
                if tokens is not None:
                    return tokens
        raise Unauthenticated("This refresh token is not valid any more: log in again.")

    async def _turned_over(
        self,
        identities: Identities,
        token: RefreshToken,
        device: Device,
        repeat_key: str,
        now: datetime,
    ) -> Tokens | None:
        if token.is_expired(now):
            return None
        sessions = identities.sessions
        # The times of two requests may cross: that it was used counts, not when.
        if token.used_at is not None:
            again = await self._lost_answer(identities, token, repeat_key, now)
            if again is None:
                await sessions.revoke(token.session_id, now)
                self._log.note(SecurityEvent.REFRESH_REUSED, user_id=token.user_id, device=device)
            return again
        tokens = await self._keeper.issue(identities, token.session_id, token.user_id)
        used_for = None
        if repeat_key:
            used_for = self._box.seal(tokens.refresh_token, _context(token, repeat_key))
        await sessions.use_token(token.token_hash, now, used_for)
        await sessions.touch(token.session_id, now, device)
        return tokens

    async def _lost_answer(
        self, identities: Identities, token: RefreshToken, repeat_key: str, now: datetime
    ) -> Tokens | None:
        """Return the tokens that were given for this one before, where they may be given again."""
        if not repeat_key or token.used_for is None or token.used_at is None:
            return None
        if abs(now - token.used_at) > REPEAT_WINDOW:
            return None
        try:
            successor = self._box.open(token.used_for, _context(token, repeat_key))
        except SecretUnreadable:  # another key: somebody else
            return None
        found = await identities.sessions.token(token_hash(successor))
        if found is None or found.used_at is not None:
            return None
        return self._keeper.with_access(successor, token.session_id, token.user_id)


def _context(token: RefreshToken, repeat_key: str) -> str:
    """Return what a sealed successor opens under: its predecessor's place and the client's key."""
    return f"refresh_tokens.used_for:{token.token_hash}:{repeat_key}"


class LogOut:
    """End the session; its access tokens end with it."""

    def __init__(self, identities: IdentityUnits, clock: Clock) -> None:
        self._identities = identities
        self._clock = clock

    async def __call__(self, session_id: str) -> None:
        """Ending an ended session is no error."""
        async with self._identities.open() as identities:
            await identities.sessions.revoke(session_id, self._clock.now())


class EndSession:
    """End one of one's own sessions, wherever it is."""

    def __init__(self, identities: IdentityUnits, log: SecurityLog, clock: Clock) -> None:
        self._identities = identities
        self._log = log
        self._clock = clock

    async def __call__(self, actor: Actor, session_id: str) -> None:
        """Raises NotFound, for somebody else's session too."""
        async with self._identities.open() as identities:
            if await identities.sessions.get(session_id, actor.user_id) is None:
                raise NotFound("There is no such session.")
            await identities.sessions.revoke(session_id, self._clock.now())
            await self._log.record(identities, SecurityEvent.SESSION_REVOKED, actor)


class EndOtherSessions:
    """End all of one's own sessions but this one."""

    def __init__(self, identities: IdentityUnits, log: SecurityLog, clock: Clock) -> None:
        self._identities = identities
        self._log = log
        self._clock = clock

    async def __call__(self, actor: Actor) -> None:
        """Where there are no others, nothing happens."""
        async with self._identities.open() as identities:
            await identities.sessions.revoke_all(
                actor.user_id, self._clock.now(), keep=actor.session_id
            )
            await self._log.record(identities, SecurityEvent.SESSIONS_REVOKED, actor)
