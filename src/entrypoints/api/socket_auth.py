"""Who may open a socket: pages of our origin, with a ticket in the URL or a credential in the first frame."""

from collections.abc import Mapping
from typing import cast

from fastapi import WebSocket

from domain.access import check_access, rule_of
from domain.accounts import Actor
from domain.errors import (
    ChatSphereError,
    Forbidden,
    InvalidInput,
    NotFound,
    RateLimited,
    Unauthenticated,
)
from entrypoints.api.access import actor_of_token, from_here
from entrypoints.api.limits import charge_frame
from entrypoints.container import Container

ENTRY = rule_of("WS auth")
_TICKET_MAX = 200
BAD_FRAME, UNAUTHENTICATED, FORBIDDEN, NOT_FOUND = 4400, 4401, 4403, 4404
TOO_SLOW, TOO_MANY, TRY_AGAIN = 4408, 4429, 1013
_CODES: Mapping[type[ChatSphereError], int] = {
    InvalidInput: BAD_FRAME,
    Unauthenticated: UNAUTHENTICATED,
    Forbidden: FORBIDDEN,
    NotFound: NOT_FOUND,
    RateLimited: TOO_MANY,
}


class Closed(Exception):
    """The connection is to be closed."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def closed_for(error: ChatSphereError) -> Closed:
    """Return with which code an error ends a connection."""
    code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), TRY_AGAIN)
    return Closed(code, error.detail.encode()[:100].decode(errors="ignore"))


def ticket_of(socket: WebSocket) -> str | None:
    """Return the ticket in the URL. Raises Unauthenticated for anything else that is there.

    A URL is logged on its way: an access token or a key in it is not taken, however good.
    """
    given = socket.query_params.multi_items()
    if not given:
        return None
    if [name for name, _ in given] != ["ticket"] or not 1 <= len(given[0][1]) <= _TICKET_MAX:
        raise Unauthenticated("An address of a socket has a ticket, or nothing, after the `?`.")
    return given[0][1]


async def actor_of_ticket(socket: WebSocket, container: Container, ticket: str) -> Actor:
    """Return who the ticket lets in. Raises Unauthenticated, Forbidden and RateLimited."""
    return await _let_in(socket, container, await container.redeem_ticket()(ticket))


async def actor_of_frame(
    socket: WebSocket, container: Container, frame: Mapping[str, object]
) -> Actor:
    """Return who the `auth` frame lets in. Raises NotFound (no such workspace) and as for tickets."""
    if frame["type"] != "auth":
        raise Unauthenticated("The first frame must be auth.")
    workspace_id = cast("str | None", frame.get("workspace_id"))
    actor = await actor_of_token(container, cast(str, frame["token"]), workspace_id)
    return await _let_in(socket, container, actor)


async def _let_in(socket: WebSocket, container: Container, actor: Actor) -> Actor:
    await charge_frame(container, socket, actor)
    check_access(ENTRY, actor)
    return from_here(actor, socket)
