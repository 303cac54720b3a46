"""Server-sent events: a view of the event log, resumable by Last-Event-ID."""

from collections.abc import AsyncIterator
from typing import Annotated

import orjson
from fastapi import Header, Request
from starlette.responses import StreamingResponse

from application.ports.event_log import EventLog
from domain.errors import InvalidInput
from domain.events import Event

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
    log: EventLog, tenant_id: str, stream_id: str, after: int, ends: frozenset[str]
) -> AsyncIterator[bytes]:
    """Yield the frames of a stream to its end, with a comment to keep quiet connections open."""
    async for batch in log.follow(tenant_id, stream_id, after, ends):
        yield b"".join(map(frame, batch)) if batch else b": keep-alive\n\n"


def event_stream(
    log: EventLog,
    tenant_id: str,
    stream_id: str,
    after: int,
    ends: frozenset[str],
    headers: dict[str, str] | None = None,
) -> StreamingResponse:
    """Return a stream from the event after `after` on."""
    return StreamingResponse(
        frames(log, tenant_id, stream_id, after, ends),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no", "Cache-Control": "no-store", **(headers or {})},
    )
