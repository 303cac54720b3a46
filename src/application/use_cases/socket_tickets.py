"""Tickets for the socket: a browser cannot send a header when it opens one, and a URL gets logged."""

from datetime import timedelta
from hashlib import sha256

from application.ports.clock import Clock
from application.ports.identity import IdentityUnits
from application.queries.identity import IdentityQueries
from domain.accounts import Actor, MemberRole, OneTimeToken, TokenPurpose
from domain.errors import Unauthenticated

TICKET_LIFETIME = timedelta(seconds=30)


class IssueTicket:
    """Give out a secret that opens one socket, soon, with the credential of the one who asks."""

    def __init__(self, identities: IdentityUnits, clock: Clock) -> None:
        self._identities = identities
        self._clock = clock

    async def __call__(self, actor: Actor) -> str:
        """Return the ticket; only its hash is kept."""
        ticket = self._clock.new_secret()
        bound_to = {
            "tenant_id": actor.tenant_id,
            "session_id": actor.session_id,
            "key_id": actor.key_id,
            "secret_hash": actor.secret_hash,
        }
        token = OneTimeToken(
            token_hash=_hash(ticket),
            purpose=TokenPurpose.SOCKET_TICKET,
            expires_at=self._clock.now() + TICKET_LIFETIME,
            user_id=actor.user_id,
            data=bound_to,
        )
        async with self._identities.open() as identities:
            await identities.tokens.add(token)
        return ticket


class RedeemTicket:
    """Find who a ticket was given to, and what that credential is worth now."""

    def __init__(self, identities: IdentityUnits, queries: IdentityQueries, clock: Clock) -> None:
        self._identities = identities
        self._queries = queries
        self._clock = clock

    async def __call__(self, ticket: str) -> Actor:
        """Raises Unauthenticated: also for a ticket that was used or whose credential has ended."""
        async with self._identities.open() as identities:
            token = await identities.tokens.take(
                _hash(ticket), TokenPurpose.SOCKET_TICKET, self._clock.now()
            )
        actor = None
        if token is not None and token.user_id is not None:
            data = token.data
            bound = Actor(
                token.user_id,
                data["tenant_id"],
                MemberRole.VIEWER,  # the look-up says which it is
                data["session_id"],
                data["key_id"],
                secret_hash=data["secret_hash"],
            )
            actor = await self._queries.still(bound)
        if actor is None:
            raise Unauthenticated("This ticket is unknown, used or expired: ask for another.")
        return actor


def _hash(ticket: str) -> str:
    return sha256(ticket.encode()).hexdigest()
