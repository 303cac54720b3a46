"""Downloads that may take long: they end with the right to them, and with a reader that takes nothing."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing

from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from domain.accounts import Actor
from entrypoints.api.cutting import cut_off

SEND_SECONDS = 30.0  # for what is in the buffers, 64 KiB or so: slow lines are slow


class _BrokenOff(Exception):
    """Nothing more is sent."""


class Download(StreamingResponse):
    """Breaks off within 5 s where the actor's rights end; the client sees that it is not whole."""

    def __init__(
        self,
        actor: Actor,
        body: AsyncGenerator[bytes, None],
        media_type: str,
        headers: Mapping[str, str],
    ) -> None:
        super().__init__(body, media_type=media_type, headers=headers)
        self._actor = actor
        self._body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the body for as long as that is allowed."""
        state = scope["app"].state
        with state.watchers.over(self._actor, state.rules[scope["endpoint"]]) as standing:

            async def send_while_allowed(message: Message) -> None:
                if standing.error is not None:
                    raise _BrokenOff
                try:
                    async with standing.end.ends_wait(), asyncio.timeout(SEND_SECONDS):
                        await send(message)
                except TimeoutError as error:
                    raise _BrokenOff from error

            try:
                async with aclosing(self._body):
                    await super().__call__(scope, receive, send_while_allowed)
            except _BrokenOff:
                await cut_off(scope)
