"""Server-sent events: a view of the event log, resumable by Last-Event-ID."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated

import orjson
from fastapi import Header, Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from application.ports.event_log import EventLog
from domain.errors import InvalidInput
from domain.events import Event
from entrypoints.api.departure import Departure

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


async def frames(
    batches: AsyncGenerator[list[Event], None], departure: Departure
) -> AsyncIterator[bytes]:
    """Yield the frames of a stream to its end, with a comment to keep quiet connections open.

    A departure is the end too: the client goes on elsewhere by its Last-Event-ID.
    """
    async with aclosing(batches):
        while True:
            try:
                async with departure.ends_wait():
                    batch = await anext(batches, None)
            except TimeoutError:
                if departure.begun:
                    return
                raise
            if batch is None:
                return
            yield b"".join(map(frame, batch)) if batch else b": keep-alive\n\n"


class _EventStream(StreamingResponse):
    """Ends with this process, and before it where the end is not up to this process."""

    def __init__(
        self,
        stream_id: str,
        batches: AsyncGenerator[list[Event], None],
        headers: dict[str, str],
    ) -> None:
        super().__init__((), media_type="text/event-stream", headers=headers)
        self._stream_id = stream_id
        self._batches = batches

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answers = scope["app"].state.answers
        # The end of an answer that is written here is near: its followers stay for it.
        ours = answers.running(self._stream_id) is not None
        departure = Departure() if ours else answers.departure
        self.body_iterator = frames(self._batches, departure)
        await super().__call__(scope, receive, send)


def event_stream(
    log: EventLog,
    tenant_id: str,
    stream_id: str,
    after: int,
    ends: frozenset[str],
    headers: dict[str, str] | None = None,
) -> StreamingResponse:
    """Return a stream from the event after `after` on."""
    return _EventStream(
        stream_id,
        log.follow(tenant_id, stream_id, after, ends),
        {"X-Accel-Buffering": "no", "Cache-Control": "no-store", **(headers or {})},
    )
