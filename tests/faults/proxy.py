"""A TCP proxy that misbehaves on demand: it stands between the product and what the product calls.

It runs in a thread of its own, so that a busy test does not slow it. `become(fault)` takes effect at
once, for new connections and for those that are open; what was swallowed stays lost when it ends.

    with FaultProxy("127.0.0.1", 5432) as proxy:
        ... connect to 127.0.0.1:proxy.port ...
        proxy.become(BLACKHOLE)
        proxy.become(PASS)
"""

import asyncio
import random
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any, Self, TypeVar

T = TypeVar("T")
_CHUNK = 64 * 1024
_DRIP_SECONDS = 0.05
_LINGER_NOT = struct.pack("ii", 1, 0)  # close() sends a reset and drops what was not sent
_FILLERS = 4  # more than a backlog of zero takes
_HANDOVER_SECONDS = 10.0


@dataclass(frozen=True)
class Fault:
    """What is wrong, in any combination; nothing of it: everything passes.

    `refuse`: no connection is taken, open ones are reset, as with a server that died. `silent`: a
    connection attempt is not even answered (as when packets are dropped); open ones are swallowed.
    `swallow`: connections are taken, no byte passes. `delay`: seconds before each piece, each way.
    `bytes_per_second`: of the answers. `reset_within`, `half_close_within`: at a random byte of the
    answer, up to that many, the connection is reset, or its answer ends (FIN) while requests pass on.
    `lose_reply`: told each piece of a request, says whether its answer is to be lost; the request is
    delivered, and the connection reset when the answer comes.
    """

    refuse: bool = False
    silent: bool = False
    swallow: bool = False
    delay: float = 0.0
    bytes_per_second: float = 0.0
    reset_within: int = 0
    half_close_within: int = 0
    lose_reply: Callable[[bytes], bool] | None = None

    @property
    def stops_all(self) -> bool:
        """Whether no byte passes."""
        return self.swallow or self.silent


PASS = Fault()
REFUSE = Fault(refuse=True)
SILENT = Fault(silent=True)
BLACKHOLE = Fault(swallow=True)


class _Link:
    """One client's connection, and ours to the server."""

    def __init__(self, proxy: "FaultProxy", client: asyncio.StreamWriter) -> None:
        self._proxy = proxy
        self._client = client
        self._server: asyncio.StreamWriter | None = None
        self._fault: Fault | None = None
        self._left = 0  # bytes of answer until something happens
        self._reply_is_lost = False
        self._reply_has_ended = False

    def cut(self) -> None:
        """Reset both sides."""
        for writer in (self._client, self._server):
            if writer is not None:
                _reset(writer)

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Pass bytes both ways until one side ends."""
        try:
            replies, self._server = await asyncio.open_connection(*self._proxy.target)
        except OSError:
            self.cut()
            return
        pumps = [
            asyncio.ensure_future(self._pump(reader, self._server, is_reply=False)),
            asyncio.ensure_future(self._pump(replies, self._client, is_reply=True)),
        ]
        try:
            await asyncio.gather(*pumps)
        except (OSError, _CutShort):
            self.cut()
        finally:
            for pump in pumps:
                pump.cancel()
            self._client.close()
            self._server.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_reply: bool
    ) -> None:
        while piece := await reader.read(self._most_at_once(is_reply=is_reply)):
            piece = await self._damaged(piece, is_reply=is_reply)
            if piece and not writer.is_closing():
                writer.write(piece)
                await writer.drain()
                if is_reply:
                    await self._after(writer)
        if self._proxy.fault.stops_all:
            await self._proxy.until_it_passes()
        if not writer.is_closing():
            writer.write_eof()

    def _most_at_once(self, *, is_reply: bool) -> int:
        """Return how many bytes to read, so that a slow answer drips."""
        rate = self._proxy.fault.bytes_per_second if is_reply else 0
        return max(1, int(rate * _DRIP_SECONDS)) if rate else _CHUNK

    async def _damaged(self, piece: bytes, *, is_reply: bool) -> bytes:
        """Return what is left of a piece to pass on."""
        fault = self._now()
        if fault.delay or (fault.bytes_per_second and is_reply):
            rate = fault.bytes_per_second
            self._proxy.count_hit()
            await asyncio.sleep(fault.delay + (len(piece) / rate if rate and is_reply else 0.0))
            fault = self._now()
        if fault.stops_all or (is_reply and self._reply_has_ended):
            self._proxy.count_hit()
            return b""
        if fault.lose_reply is not None and not is_reply:
            self._reply_is_lost |= fault.lose_reply(piece)
        if is_reply and self._reply_is_lost:
            self._proxy.count_hit()
            raise _CutShort
        if is_reply and (fault.reset_within or fault.half_close_within):
            piece = piece[: self._left]
            self._left -= len(piece)
        return piece

    async def _after(self, writer: asyncio.StreamWriter) -> None:
        """Do what is to happen at a byte of the answer, where that byte has been passed on."""
        fault = self._now()
        if self._left or not (fault.reset_within or fault.half_close_within):
            return
        self._proxy.count_hit()
        await asyncio.sleep(0.005)  # so that what was written has left
        if fault.reset_within:
            raise _CutShort
        self._reply_has_ended = True
        writer.write_eof()

    def _now(self) -> Fault:
        """Return the fault of this moment; at its first sight, choose where it strikes."""
        fault = self._proxy.fault
        if fault is not self._fault:
            self._fault = fault
            most = fault.reset_within or fault.half_close_within
            self._left = self._proxy.random.randint(1, most) if most else 0
        return fault


class _CutShort(Exception):
    """The connection is to be reset."""


class FaultProxy:
    """Listens on loopback, and passes on to `host`:`port` what the fault of the moment lets through.

    `hits` counts what faults did to connections that carried something; `connections` those taken.
    """

    def __init__(self, host: str, port: int, *, seed: int = 0) -> None:
        self.target = (host, port)
        self.fault = PASS
        self.port = 0
        self.connections = 0
        self.hits = 0
        self.random = random.Random(seed)
        self._links: set[_Link] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._held = ExitStack()  # a port that is kept without listening, and what fills a backlog
        self._changed = asyncio.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault proxy")

    def __enter__(self) -> Self:
        self._thread.start()
        self._do(self._turn(PASS))
        return self

    def __exit__(self, *_: object) -> None:
        self._do(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def become(self, fault: Fault) -> None:
        """Misbehave so from now on."""
        self._do(self._turn(fault))

    def cut(self) -> int:
        """Reset every open connection; return how many there were."""
        return self._do(self._cut())

    def count_hit(self) -> None:
        """Count a connection's piece that a fault struck."""
        self.hits += 1

    async def until_it_passes(self) -> None:
        """Wait for the end of a fault that stops all."""
        while self.fault.stops_all:
            await self._changed.wait()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(_HANDOVER_SECONDS)

    async def _turn(self, fault: Fault) -> None:
        self.fault = fault
        self._changed.set()
        self._changed.clear()
        if fault.refuse or fault.silent:
            self._stop_listening()
            self._hold_port(fault)
            if fault.refuse:
                self.hits += await self._cut()
        elif self._server is None:
            self._held.close()
            self._server = await asyncio.start_server(self._serve, sock=self._bound())
        if fault.stops_all:
            self.hits += len(self._links)

    def _bound(self) -> socket.socket:
        bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", self.port))
        self.port = bound.getsockname()[1]
        return bound

    def _stop_listening(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        self._held.close()

    def _hold_port(self, fault: Fault) -> None:
        """Keep the port: unheard, so that who connects is refused; or with a backlog that is full."""
        bound = self._held.enter_context(self._bound())
        if not fault.silent:
            return
        bound.listen(0)
        for _ in range(_FILLERS):
            filler = self._held.enter_context(socket.socket())
            filler.setblocking(False)
            with suppress(BlockingIOError):
                filler.connect(("127.0.0.1", self.port))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        link = _Link(self, writer)
        self._links.add(link)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await link.run(reader)
        except asyncio.CancelledError:
            link.cut()
        finally:
            self._links.discard(link)
            self._tasks.discard(task)

    async def _cut(self) -> int:
        links = list(self._links)
        for link in links:
            link.cut()
        return len(links)

    async def _stop(self) -> None:
        self._stop_listening()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _reset(writer: asyncio.StreamWriter) -> None:
    raw = writer.get_extra_info("socket")
    with suppress(OSError):
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
    writer.transport.abort()
