"""A web server that says exactly what a test tells it to, proper HTTP or not.

In a test: `async with WebServer("127.0.0.2") as web: web.pages["/"] = html("<p>Hello"); web.url("/")`.
"""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from ssl import SSLContext
from typing import Self

Raw = Callable[[], AsyncIterator[bytes]]
Page = bytes | Raw


@dataclass(frozen=True)
class Recorded:
    """A request as it came: path with query, and header lines by lower-case name."""

    path: str
    headers: dict[str, str]


def answer(
    body: bytes = b"",
    *,
    status: int = 200,
    media_type: str | None = "text/html; charset=utf-8",
    length: int | None = None,
    **headers: str,
) -> bytes:
    """Return a whole answer; `length` claims another one than the body has."""
    lines = [f"HTTP/1.1 {status} Told"]
    if media_type is not None:
        lines.append(f"Content-Type: {media_type}")
    lines.append(f"Content-Length: {len(body) if length is None else length}")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode() + body


def html(markup: str, **headers: str) -> bytes:
    """Return a page."""
    return answer(markup.encode(), **headers)


def redirect(to: str, status: int = 302) -> bytes:
    """Return a redirect, with a body that nobody should read."""
    return answer(b"moved", status=status, Location=to)


def zipped(body: bytes, **headers: str) -> bytes:
    """Return a page sent as gzip."""
    return answer(gzip.compress(body), Content_Encoding="gzip", **headers)


def slowly(*pieces: bytes, pause: float) -> Raw:
    """Send the pieces of an answer with pauses in seconds."""

    async def send() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece
            await asyncio.sleep(pause)

    return send


def endlessly(head: bytes, piece: bytes) -> Raw:
    """Send a head, then a piece again and again."""

    async def send() -> AsyncIterator[bytes]:
        yield head
        while True:
            yield piece

    return send


@dataclass
class WebServer:
    """Serves `pages` by path on one loopback address; what is not there is a 404."""

    host: str = "127.0.0.1"
    tls: SSLContext | None = None
    pages: dict[str, Page] = field(default_factory=dict)
    requests: list[Recorded] = field(default_factory=list)
    sent: int = 0
    port: int = 0

    def url(self, path: str = "/", host: str | None = None) -> str:
        """Return the address of a page."""
        scheme = "https" if self.tls else "http"
        return f"{scheme}://{host or self.host}:{self.port}{path}"

    @property
    def asked(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [request.path for request in self.requests]

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        self._open: set[asyncio.Task[None]] = set()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._one(reader, writer))
        self._open.add(task)
        task.add_done_callback(self._open.discard)

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            path = head[0].split(" ")[1]
            fields = (line.partition(":") for line in head[1:] if line)
            headers = {name.strip().lower(): value.strip() for name, _, value in fields}
            self.requests.append(Recorded(path, headers))
            page = self.pages.get(path, answer(b"nothing here", status=404))
            if isinstance(page, bytes):
                page = slowly(page, pause=0)
            async for piece in page():
                writer.write(piece)
                await writer.drain()
                self.sent += len(piece)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
