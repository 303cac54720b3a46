"""A client that takes nothing is cut off: it holds no memory, and no connection for ever."""

import asyncio
import json
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from dependency_injector import providers

from application.ports.event_log import EventLog
from domain.events import Event
from entrypoints.api.server import keep_little
from integration.api.client import API, Client
from integration.api.test_socket import authenticated

LARGE = {"text": "x" * 200_000}


class Flood(EventLog):
    """Has always more to tell; counts what was taken, and says when a follower has gone."""

    def __init__(self) -> None:
        self.told = 0
        self.left = asyncio.Event()

    async def read(
        self, tenant_id: str, stream_id: str, after: int, limit: int = 1000
    ) -> list[Event]:
        raise NotImplementedError

    async def follow(
        self, tenant_id: str, stream_id: str, after: int, ends: frozenset[str]
    ) -> AsyncGenerator[list[Event], None]:
        try:
            while True:
                self.told += 1
                yield [Event(self.told, "message.delta", LARGE)]
                await asyncio.sleep(0)
        finally:
            self.left.set()


@pytest.fixture
async def message(ada: Client) -> str:
    return str((await ada.ask(await ada.bot(), "When?"))["id"])


@asynccontextmanager
async def flooded(client: Client, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Flood]:
    """Put the flood in the place of the event log, and a short patience in that of ten seconds."""
    for name in ("streams.SEND_SECONDS", "socket.SEND_SECONDS", "socket.CLOSE_SECONDS"):
        monkeypatch.setattr(f"entrypoints.api.{name}", 0.5)
    flood = Flood()
    with client.service.container.answer_log.override(providers.Object(flood)):
        yield flood


async def _to_the_end(reader: socket.socket) -> int:
    """Read on, and return how many bytes there were."""
    received = 0
    async with asyncio.timeout(5):
        while data := await asyncio.get_running_loop().sock_recv(reader, 65_536):
            received += len(data)
    return received


async def test_a_stream_that_nobody_reads_is_cut_off(
    ada: Client, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    async with flooded(ada, monkeypatch) as flood:
        with socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.setblocking(False)
            await loop.sock_connect(reader, ("127.0.0.1", ada.service.port))
            head = (
                f"GET {API}/messages/{message}/stream HTTP/1.1\r\n"
                f"Host: 127.0.0.1:{ada.service.port}\r\n"
                f"Authorization: {ada.headers['Authorization']}\r\n\r\n"
            )
            await loop.sock_sendall(reader, head.encode())
            async with asyncio.timeout(10):
                await flood.left.wait()
            assert flood.told < 100
            await asyncio.sleep(0.1)
            # Closed in order, it would go on to give all that was kept for this reader.
            assert await _to_the_end(reader) < (flood.told - 1) * len(LARGE["text"])


async def test_a_socket_that_nobody_reads_is_cut_off(
    ada: Client, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with flooded(ada, monkeypatch) as flood, authenticated(ada) as client:
        transport = client.connection._conn.transport  # type: ignore[union-attr]
        await client.send(type="resume", message_id=message, last_seq=0)
        transport.pause_reading()
        async with asyncio.timeout(10):
            await flood.left.wait()
        assert flood.told < 100
        await asyncio.sleep(1)
        transport.resume_reading()
        received = 0
        async with asyncio.timeout(5):
            async for frame in client.connection:
                received += json.loads(frame.data)["type"] == "message.delta"
        assert received < flood.told - 1
        assert client.connection.close_code == 1006  # dropped: not closed in order


async def test_a_socket_that_is_read_again_in_time_learns_why_it_ends(
    ada: Client, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with flooded(ada, monkeypatch) as flood, authenticated(ada) as client:
        monkeypatch.setattr("entrypoints.api.socket.CLOSE_SECONDS", 5)
        transport = client.connection._conn.transport  # type: ignore[union-attr]
        await client.send(type="resume", message_id=message, last_seq=0)
        transport.pause_reading()
        async with asyncio.timeout(10):
            await flood.left.wait()
        transport.resume_reading()
        assert await client.closed() == 4408


async def test_the_system_keeps_little_for_a_reader_that_takes_nothing() -> None:
    loop = asyncio.get_running_loop()
    waiting = asyncio.Event()
    told = 0

    async def tell(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal told
        with suppress(TimeoutError):
            async with asyncio.timeout(0.5):
                while True:
                    writer.write(bytes(20_000))
                    await writer.drain()
                    told += 20_000
        writer.transport.abort()
        waiting.set()

    async with await asyncio.start_server(tell, "127.0.0.1", 0) as server:
        keep_little(server)
        with socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.setblocking(False)
            await loop.sock_connect(reader, server.sockets[0].getsockname())
            await waiting.wait()
    assert told < 500_000  # 2.8 million without
