"""The fault proxy does what its faults say."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress

import pytest

from faults.proxy import BLACKHOLE, PASS, REFUSE, SILENT, Fault, FaultProxy

_ANSWER = b"0123456789" * 100
_heard: list[bytes] = []


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while question := await reader.read(1000):
            _heard.append(question)
            writer.write(_ANSWER)
            await writer.drain()
        writer.close()


@pytest.fixture
async def upstream() -> AsyncIterator[int]:
    """A server that answers each question with a thousand bytes; the port."""
    _heard.clear()
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
def proxy(upstream: int) -> Iterator[FaultProxy]:
    """The proxy before that server."""
    with FaultProxy("127.0.0.1", upstream, seed=7) as proxy:
        yield proxy


class _Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    @classmethod
    async def connected(cls, proxy: FaultProxy) -> "_Client":
        return cls(*await asyncio.open_connection("127.0.0.1", proxy.port))

    async def ask(self, seconds: float = 2.0) -> bytes:
        self.writer.write(b"?")
        return await self.hear(len(_ANSWER), seconds)

    async def hear(self, count: int, seconds: float = 2.0) -> bytes:
        async with asyncio.timeout(seconds):
            return await self.reader.readexactly(count)

    def close(self) -> None:
        self.writer.transport.abort()


async def _until_reset(client: _Client) -> bytes:
    client.writer.write(b"?")
    heard = b""
    try:
        while piece := await client.reader.read(1000):
            heard += piece
    except ConnectionResetError:
        return heard
    pytest.fail("the answer ended in order")


async def test_everything_passes_at_first(proxy: FaultProxy) -> None:
    client = await _Client.connected(proxy)
    assert await client.ask() == _ANSWER
    assert await client.ask() == _ANSWER
    assert proxy.hits == 0
    client.close()


async def test_a_refusal_resets_what_is_open_takes_nobody_and_ends(proxy: FaultProxy) -> None:
    client = await _Client.connected(proxy)
    await client.ask()
    port = proxy.port
    proxy.become(REFUSE)
    with pytest.raises(ConnectionResetError):
        await client.hear(1)
    with pytest.raises(ConnectionRefusedError):
        await _Client.connected(proxy)
    proxy.become(PASS)
    assert proxy.port == port
    again = await _Client.connected(proxy)
    assert await again.ask() == _ANSWER
    assert proxy.hits == 1
    again.close()


async def test_a_black_hole_takes_connections_and_nothing_comes_back(proxy: FaultProxy) -> None:
    before = await _Client.connected(proxy)
    await before.ask()
    proxy.become(BLACKHOLE)
    within = await _Client.connected(proxy)
    for client in (before, within):
        with pytest.raises(TimeoutError):
            await client.ask(0.05)
    proxy.become(PASS)
    assert _heard == [b"?"]
    after = await _Client.connected(proxy)
    assert await after.ask() == _ANSWER
    for client in (before, within, after):
        client.close()


async def test_a_silent_one_does_not_even_answer_who_connects(proxy: FaultProxy) -> None:
    proxy.become(SILENT)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await _Client.connected(proxy)
    proxy.become(PASS)
    client = await _Client.connected(proxy)
    assert await client.ask() == _ANSWER
    client.close()


async def test_a_reset_strikes_in_the_middle_of_the_answer(proxy: FaultProxy) -> None:
    lengths = set()
    proxy.become(Fault(reset_within=900))
    for _ in range(5):
        client = await _Client.connected(proxy)
        heard = await _until_reset(client)
        assert _ANSWER.startswith(heard)
        lengths.add(len(heard))
        client.close()
    assert len(lengths) > 1, "always the same byte"
    assert 0 < max(lengths) <= 900


async def test_a_half_closed_answer_ends_while_requests_pass_on(proxy: FaultProxy) -> None:
    proxy.become(Fault(half_close_within=900))
    client = await _Client.connected(proxy)
    client.writer.write(b"?")
    async with asyncio.timeout(2):
        heard = await client.reader.read()
    assert 0 < len(heard) <= 900
    client.writer.write(b"!")
    await asyncio.sleep(0.1)
    assert b"!" in _heard
    client.close()


async def test_a_lost_reply_is_to_a_request_that_arrived(proxy: FaultProxy) -> None:
    client = await _Client.connected(proxy)
    await client.ask()
    proxy.become(Fault(lose_reply=lambda piece: b"upsert" in piece))
    assert await client.ask() == _ANSWER
    client.writer.write(b"upsert")
    with pytest.raises(ConnectionResetError):
        await client.hear(1)
    assert _heard[-1] == b"upsert"
    client.close()


@pytest.mark.parametrize(
    "fault", [Fault(delay=0.1), Fault(bytes_per_second=8_000)], ids=["delay", "rate"]
)
async def test_a_slow_one_takes_its_time(proxy: FaultProxy, fault: Fault) -> None:
    client = await _Client.connected(proxy)
    proxy.become(fault)
    begun = time.monotonic()
    assert await client.ask() == _ANSWER
    assert time.monotonic() - begun > 0.1
    client.close()


async def test_open_connections_can_be_cut_without_any_fault(proxy: FaultProxy) -> None:
    client = await _Client.connected(proxy)
    await client.ask()
    assert proxy.cut() == 1
    with pytest.raises(ConnectionResetError):
        await client.hear(1)
    again = await _Client.connected(proxy)
    assert await again.ask() == _ANSWER
    again.close()
