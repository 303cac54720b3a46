"""A way to PostgreSQL's socket that can fall silent: connections stand, and nothing comes through."""

import asyncio
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs, quote, unquote, urlsplit, urlunsplit

_SOCKET = ".s.PGSQL.5432"


class SilentProxy:
    """`url` leads to the server of `url`; clear `speaks` to silence it, set it to let all through."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = str(Path(unquote(parse_qs(parts.query)["host"][0])) / _SOCKET)
        self._folder = Path(mkdtemp(prefix="cs-"))
        query = f"host={quote(str(self._folder), safe='')}"
        self.url = urlunsplit(parts._replace(query=query))
        self.speaks = asyncio.Event()
        self.speaks.set()
        self.connections = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        path = str(self._folder / _SOCKET)
        self._listening = await asyncio.start_unix_server(self._serve, path)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._listening.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        (self._folder / _SOCKET).unlink(missing_ok=True)
        self._folder.rmdir()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        with suppress(OSError, asyncio.CancelledError):
            there, back = await asyncio.open_unix_connection(self._server)
            ways = [
                asyncio.create_task(self._pass_on(reader, back)),
                asyncio.create_task(self._pass_on(there, writer)),
            ]
            try:
                await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for way in ways:
                    way.cancel()
                back.close()
                writer.close()
        self._tasks.discard(task)

    async def _pass_on(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while block := await source.read(65536):
            await self.speaks.wait()
            sink.write(block)
            await sink.drain()
