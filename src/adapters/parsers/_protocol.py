"""What the parser's process and the fork server agree on."""

import struct
from typing import TypedDict

LENGTH = struct.Struct("!I")  # bytes of JSON that follow
DESCRIPTORS = 3  # come with each request: the file, the place for the result, the link
MARKS_SPACE = 64 << 20  # bytes of a result beside its text


class Limits(TypedDict):
    """What one document may use; see ParserLimits."""

    cpu_seconds: int
    memory_mb: int
    wall_seconds: float
    max_text_chars: int


class Request(TypedDict):
    """Asks for one document."""

    filename: str
    media_type: str
    limits: Limits


class Report(TypedDict):
    """How a child ended: exit code (negative: the signal), CPU time, peak resident memory."""

    exit: int
    cpu_ms: float
    peak_kb: int
