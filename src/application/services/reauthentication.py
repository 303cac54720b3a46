"""Asks who is logged in for the password once more, before what an intruder would do first."""

from datetime import timedelta

from application.ports.clock import Clock
from application.ports.identity import IdentityUnits
from application.ports.security import PasswordHasher
from application.services.throttle import Attempt, Throttle
from domain.accounts import Actor, User
from domain.errors import Conflict, Forbidden, InvalidInput, Unauthenticated

FRESH = timedelta(minutes=15)


class Reauthentication:
    """Compares passwords as a log-in does: throttled by the same counters."""

    def __init__(
        self, identities: IdentityUnits, hasher: PasswordHasher, throttle: Throttle, clock: Clock
    ) -> None:
        self._identities = identities
        self._hasher = hasher
        self._throttle = throttle
        self._clock = clock

    async def __call__(self, actor: Actor, password: str | None, pointer: str) -> User:
        """Return the actor's account as it is now.

        An account without a password (its owner logs in elsewhere) takes a log-in of the last 15
        minutes instead. Raises InvalidInput (at `pointer`; code `wrong_password`, or `invalid_request`
        where there is none), Forbidden (code `log_in_again`), RateLimited, Unauthenticated.
        """
        async with self._identities.open() as identities:
            user = await identities.users.get(actor.user_id)
            session = await identities.sessions.get(actor.session_id, actor.user_id)
        if user is None or session is None:
            raise Unauthenticated
        if user.password_hash is None:
            if self._clock.now() - session.created_at > FRESH:
                raise Forbidden("Log in again, then repeat this.", code="log_in_again")
            return user
        if not password:  # nothing was guessed, so it costs no attempt
            raise InvalidInput("Your password is missing: this takes it again.", pointer=pointer)
        attempt = {"ip": actor.address, "account": user.email}
        await self._throttle.check(Attempt.LOG_IN, **attempt)
        if not await self._hasher.verify(password, user.password_hash):
            raise InvalidInput("This is not your password.", pointer=pointer, code="wrong_password")
        await self._throttle.succeeded(Attempt.LOG_IN, **attempt)
        return user


def require_unchanged(user: User | None, seen: User) -> User:
    """Return the user that was read anew under its lock. Raises Conflict where the password changed."""
    if user is None or user.password_hash != seen.password_hash:
        raise Conflict("Your account was changed at the same time: try again.")
    return user
