"""The frames a client may send, checked before anything acts on them."""

from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from domain.errors import InvalidInput

FRAME_MAX_CHARS = 256 * 1024
_ID_MAX, _TOKEN_MAX, _KEY_MAX, _CONTENT_MAX = 100, 8192, 255, 100_000


@dataclass(frozen=True, slots=True)
class Field:
    """A member of a frame: text of at most `longest` characters, or a number."""

    kind: type
    longest: int = 0
    required: bool = True


FRAMES: Mapping[str, Mapping[str, Field]] = {
    "auth": {
        "token": Field(str, _TOKEN_MAX),
        "workspace_id": Field(str, _ID_MAX, required=False),
    },
    "message.create": {
        "content": Field(str, _CONTENT_MAX),
        "idempotency_key": Field(str, _KEY_MAX),
        "bot_id": Field(str, _ID_MAX, required=False),
        "conversation_id": Field(str, _ID_MAX, required=False),
        "parent_id": Field(str, _ID_MAX, required=False),
    },
    "message.stop": {"message_id": Field(str, _ID_MAX)},
    "resume": {"message_id": Field(str, _ID_MAX), "last_seq": Field(int)},
    "ping": {},
}


def parse_frame(text: str) -> Mapping[str, object]:
    """Return a well-formed frame. Raises InvalidInput (code `bad_frame`) with a JSON pointer."""
    if len(text) > FRAME_MAX_CHARS:
        raise _bad("This frame is too long.", "")
    try:
        frame = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise _bad("A frame is a JSON object.", "") from None
    if not isinstance(frame, dict):
        raise _bad("A frame is a JSON object.", "")
    kind = frame.get("type")
    fields = FRAMES.get(kind) if isinstance(kind, str) else None
    if fields is None:
        raise _bad(f"`type` is one of {', '.join(FRAMES)}.", "/type")
    for name in frame:
        if name != "type" and name not in fields:
            raise _bad("This frame has no such member.", f"/{name[:60]}")
    for name, field in fields.items():
        _check(frame, name, field)
    return frame


def _check(frame: Mapping[str, object], name: str, field: Field) -> None:
    value = frame.get(name)
    if value is None:
        if field.required:
            raise _bad("This member is missing.", f"/{name}")
        return
    if not isinstance(value, field.kind) or isinstance(value, bool):
        raise _bad("This member is of another type.", f"/{name}")
    if isinstance(value, str) and (not value or len(value) > field.longest or "\x00" in value):
        raise _bad(f"This member has 1 to {field.longest} characters.", f"/{name}")
    if isinstance(value, int) and not 0 <= value < 2**31:
        raise _bad("This number is out of range.", f"/{name}")


def _bad(detail: str, pointer: str) -> InvalidInput:
    return InvalidInput(f"{pointer or '/'}: {detail}", pointer=pointer, code="bad_frame")
