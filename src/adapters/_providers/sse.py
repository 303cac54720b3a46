"""Server-sent events as bytes come in. Source: WHATWG HTML, section 9.2.6."""

_BOM = b"\xef\xbb\xbf"


class EventParser:
    """Cuts a stream of bytes into the data of its events; comments and other fields are dropped.

    It works on bytes, so that a character split between two reads is whole again in the event.
    """

    def __init__(self) -> None:
        self._line = bytearray()  # the beginning of a line whose end has not come
        self._data: list[bytes] = []
        self._started = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the data of the events that `chunk` completes."""
        self._line += chunk
        if b"\n" not in chunk:
            return []
        lines = bytes(self._line).split(b"\n")
        self._line = bytearray(lines.pop())
        if not self._started:
            self._started = True
            lines[0] = lines[0].removeprefix(_BOM)
        events: list[bytes] = []
        for line in lines:
            self._take(line, events)
        return events

    def end(self) -> list[bytes]:
        """Return what the end of the stream completes: some servers omit the last blank line."""
        events: list[bytes] = []
        for line in (bytes(self._line), b""):
            self._take(line, events)
        self._line.clear()
        return events

    def _take(self, line: bytes, events: list[bytes]) -> None:
        if line.startswith(b"data:"):
            self._data.append(line[5:].strip())
        elif line in (b"", b"\r") and self._data:
            events.append(b"\n".join(self._data))
            self._data.clear()
