"""The files of a multipart form, as a stream: no file is kept in memory or in a temporary place."""

from collections.abc import AsyncGenerator, AsyncIterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

FILES_MAX, FIELDS_MAX = 100, 20
_HEADER_MAX_BYTES, _HEADERS_MAX = 4224, 8
_BOUNDARY_MAX = 256


@dataclass(frozen=True, slots=True)
class FileBegun:
    """The next file of the field `file`; names as the client gave them."""

    filename: str
    media_type: str


@dataclass(frozen=True, slots=True)
class FileEnded:
    """The file that was begun last is complete."""


FormEvent = FileBegun | bytes | FileEnded


@dataclass(slots=True)
class _Part:
    """A part of a form, as far as its headers have come."""

    headers: dict[bytes, bytes] = field(default_factory=dict)
    name: bytes = b""
    value: bytes = b""
    is_taken: bool = False  # whether it is a file of the field `file`


async def files_of(
    content_type: str, body: AsyncIterable[bytes]
) -> AsyncGenerator[FormEvent, None]:
    """Yield each file's beginning, its bytes as they come, and its end; other fields are passed over.

    What is held is what came in one piece from the network. Raises HTTPException (400) for a form that
    is malformed, has too many or too large parts, or breaks off, then after some of its events.
    """
    reader = _Reader()
    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"")
    if not 0 < len(boundary) <= _BOUNDARY_MAX:
        raise HTTPException(400, "The form names no boundary.")
    try:
        parser = MultipartParser(
            boundary,
            reader.callbacks(),
            max_header_count=_HEADERS_MAX,
            max_header_size=_HEADER_MAX_BYTES,
        )
        async for chunk in body:
            parser.write(chunk)
            events, reader.events = reader.events, []
            for event in events:
                yield event
    except FormParserError as error:
        raise HTTPException(400, "This is no valid multipart form.") from error
    if not reader.is_complete:
        raise HTTPException(400, "The form breaks off before its end.")


class _Reader:
    """Turns the parser's callbacks into events."""

    def __init__(self) -> None:
        self.events: list[FormEvent] = []
        self.is_complete = False
        self._part = _Part()
        self._files = self._fields = 0

    def callbacks(self) -> "MultipartCallbacks":
        """Return what the parser calls, by name."""
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_name,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._complete,
        }

    def _begin(self) -> None:
        self._part = _Part()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._part.name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._part.value += data[start:end]

    def _header_end(self) -> None:
        part = self._part
        part.headers[part.name.lower()] = part.value
        part.name = part.value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._part.headers.get(b"content-disposition"))
        if b"name" not in options:
            raise HTTPException(400, "A part of the form has no name.")
        if b"filename" not in options:
            self._fields += 1
        else:
            self._files += 1
            self._part.is_taken = options[b"name"] == b"file"
        if self._files > FILES_MAX or self._fields > FIELDS_MAX:
            most = f"{FILES_MAX} files and {FIELDS_MAX} other fields"
            raise HTTPException(400, f"A form has at most {most}.")
        if self._part.is_taken:
            media_type = self._part.headers.get(b"content-type", b"")
            self.events.append(FileBegun(_text(options[b"filename"]), media_type.decode("latin-1")))

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._part.is_taken:
            self.events.append(data[start:end])

    def _end(self) -> None:
        if self._part.is_taken:
            self.events.append(FileEnded())

    def _complete(self) -> None:
        self.is_complete = True


def _text(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("latin-1")
