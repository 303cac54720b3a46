"""Cutting a connection off: closing it in order would wait for a reader that takes nothing."""

import asyncio

from starlette.types import Scope

EXTENSION = (
    "chatsphere.abort"  # in the ASGI scope: what drops the connection, from our own protocol
)


async def cut_off(scope: Scope) -> None:
    """Drop the connection of a request; without the extension the server closes it in order."""
    _abort(scope)
    await asyncio.sleep(0)  # the server learns of it in its next turn


def cut_off_later(scope: Scope, seconds: float) -> None:
    """Drop the connection then, unless it has been closed in order."""
    asyncio.get_running_loop().call_later(seconds, _abort, scope)


def _abort(scope: Scope) -> None:
    extension = scope.get("extensions", {}).get(EXTENSION)
    if extension is not None:
        extension["abort"]()
