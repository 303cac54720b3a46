"""Server-sent events: a view of the event log, resumable by Last-Event-ID."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Annotated

import orjson
from fastapi import Header, Request
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from application.ports.event_log import EventLog
from application.services.views import error_problem
from domain.accounts import Actor
from domain.errors import ChatSphereError, DependencyUnavailable, InvalidInput
from domain.events import Event
from entrypoints.api.cutting import cut_off
from entrypoints.api.departure import Departure
from entrypoints.api.watch import Standing

SEND_SECONDS = 10.0  # a reader that takes nothing for so long is cut off
_SEQ_DIGITS = 9
EVENT_STREAM = {
    "text/event-stream": {
        "schema": {
            "type": "object",
            "description": "One event; `data` is JSON, and its `seq` is the `id`.",
            "required": ["id", "event", "data"],
            "properties": {
                "id": {"type": "string"},
                "event": {"type": "string", "examples": ["message.delta"]},
                "data": {"type": "string", "examples": ['{"text":"We open at","seq":3}']},
            },
        }
    }
}


def wants_stream(request: Request) -> bool:
    """Tell whether the client asked for an event stream by its Accept header."""
    return "text/event-stream" in request.headers.get("accept", "")


async def last_event_id_of(
    last_event_id: Annotated[
        str | None, Header(description="Go on after this event; absent: from the start.")
    ] = None,
) -> int:
    if last_event_id is None or last_event_id == "":
        return 0
    if not (
        last_event_id.isascii() and last_event_id.isdigit() and len(last_event_id) <= _SEQ_DIGITS
    ):
        raise InvalidInput(
            "Last-Event-ID must be the id of an event of this stream.",
            pointer="/header/Last-Event-ID",
        )
    return int(last_event_id)


def frame(event: Event) -> bytes:
    """Return an event in the text/event-stream format (WHATWG HTML, section 9.2)."""
    data = orjson.dumps({**event.data, "seq": event.seq})
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (event.seq, event.type.encode(), data)


def _last_frame(error: ChatSphereError, seq: int) -> bytes:
    """Return the frame that says why a stream ends here; its id is that of the event before."""
    return frame(Event(seq, "error", {"problem": error_problem(error)}))


async def frames(
    batches: AsyncGenerator[list[Event], None], departure: Departure, standing: Standing, after: int
) -> AsyncGenerator[bytes, None]:
    """Yield the frames of a stream to its end, with a comment to keep quiet connections open.

    A departure is the end too, and a log that cannot be read: the client goes on by its
    Last-Event-ID. So is the end of the right to read on: then the last frame is an error.
    """
    async with aclosing(batches):
        while True:
            try:
                async with departure.ends_wait(), standing.end.ends_wait():
                    batch = await anext(batches, None)
            except TimeoutError:
                if standing.error is None and not departure.begun:
                    raise
                batch = None
            except DependencyUnavailable:
                batch = None  # an event would say that the answer failed, and it did not
            if standing.error is not None:
                yield _last_frame(standing.error, after)
                return
            if batch is None:
                return
            after = batch[-1].seq if batch else after
            yield b"".join(map(frame, batch)) if batch else b": keep-alive\n\n"


class _TooSlow(Exception):
    """This client takes nothing."""


def _hasty(send: Send) -> Send:
    """Return a `send` that waits for a reader for a bounded time. Raises _TooSlow."""

    async def hasty(message: Message) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await send(message)
        except TimeoutError as error:
            raise _TooSlow from error

    return hasty


class _EventStream(StreamingResponse):
    """Ends with this process, and before it where the end is not up to this process."""

    def __init__(
        self,
        actor: Actor,
        stream_id: str,
        batches: AsyncGenerator[list[Event], None],
        after: int,
        headers: dict[str, str],
    ) -> None:
        super().__init__((), media_type="text/event-stream", headers=headers)
        self._actor = actor
        self._stream_id = stream_id
        self._batches = batches
        self._after = after

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = scope["app"].state
        answers = state.answers
        # The end of an answer that is written here is near: its followers stay for it.
        ours = answers.running(self._stream_id) is not None
        departure = Departure() if ours else answers.departure
        with state.watchers.over(self._actor, state.rules[scope["endpoint"]]) as standing:
            body = frames(self._batches, departure, standing, self._after)
            self.body_iterator = body
            async with aclosing(body):  # however it ends, nothing goes on following
                try:
                    await super().__call__(scope, receive, _hasty(send))
                except _TooSlow:
                    await cut_off(scope)


def event_stream(
    log: EventLog,
    actor: Actor,
    stream_id: str,
    after: int,
    ends: frozenset[str],
    headers: dict[str, str] | None = None,
) -> StreamingResponse:
    """Return a stream from the event after `after` on; it ends within 5 s where the actor's rights do."""
    return _EventStream(
        actor,
        stream_id,
        log.follow(actor.tenant_id, stream_id, after, ends),
        after,
        {"X-Accel-Buffering": "no", "Cache-Control": "no-store", **(headers or {})},
    )
