"""F10: many readers that take nothing: they are cut off, cost little, and nobody else notices."""

import asyncio
import json
import socket
import statistics
import time

import psutil  # type: ignore[import-untyped]  # it has no types of its own
import pytest

from faults.harness import Installation, Owner, Process, Report, full, scaled, seed
from faults.harness.client import API, events
from standins.openai_server import Script

pytestmark = pytest.mark.timeout(300 if full() else 120)
EVENTS, EVENT_BYTES = 300, 20_000  # what each could read: far more than the system buffers
RSS_MOST = 50 * 1024 * 1024
P95_RATIO = 3.0
CUT_SECONDS = 10.0 + 5.0 + 3.0  # to notice, to close in order, and for a busy machine
FILL_SECONDS = 0.1  # for each reader, until the system buffers no more for it
PROBES = 60
_FILL = """
INSERT INTO events (tenant_id, stream_id, seq, type, data)
SELECT tenant_id, stream_id, n, 'message.delta', jsonb_build_object('text', repeat('x', %s))
FROM events, generate_series(2, %s) AS n WHERE stream_id = %s AND seq = 1
"""


class Lazy:
    """Asks for a stream, and reads nothing of it until it is told to read what is left."""

    def __init__(self, process: Process, owner: Owner, message_id: str) -> None:
        self._port, self._token, self._message_id = process.port, owner.headers, message_id
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self._socket.setblocking(False)

    async def ask(self, kind: str) -> None:
        """Ask over SSE or WebSocket."""
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._socket, ("127.0.0.1", self._port))
        if kind == "sse":
            await self._send(
                f"GET {API}/messages/{self._message_id}/stream HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Authorization: {self._token['Authorization']}\r\n\r\n"
            )
            return
        await self._send(
            f"GET {API}/ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"  # pragma: allowlist secret
        )
        await loop.sock_recv(self._socket, 2048)
        token = self._token["Authorization"].removeprefix("Bearer ")
        await self._send(_frame({"type": "auth", "token": token}))
        await loop.sock_recv(self._socket, 2048)
        await self._send(_frame({"type": "resume", "message_id": self._message_id, "last_seq": 0}))

    async def _send(self, data: str | bytes) -> None:
        data = data.encode() if isinstance(data, str) else data
        await asyncio.get_running_loop().sock_sendall(self._socket, data)

    def close(self) -> None:
        """Go away."""
        self._socket.close()


def _frame(value: object) -> bytes:
    """Return a masked text frame (RFC 6455, 5.2); the mask is zero."""
    data = json.dumps(value).encode()
    if len(data) < 126:
        head = bytes([0x81, 0x80 | len(data)])
    else:
        head = bytes([0x81, 0x80 | 126]) + len(data).to_bytes(2, "big")
    return head + bytes(4) + data


def connections(process: Process) -> int:
    """Return how many connections a process has from clients."""
    open_ones = psutil.Process(process.pid).net_connections("tcp")
    return sum(
        each.status == psutil.CONN_ESTABLISHED and each.laddr.port == process.port
        for each in open_ones
    )


async def p95(owner: Owner, path: str) -> float:
    """Return the 95th percentile of a quick request's time in seconds."""
    times = []
    for _ in range(PROBES):
        begun = time.monotonic()
        assert (await owner.get(path)).status == 200
        times.append(time.monotonic() - begun)
        await asyncio.sleep(0.01)
    return statistics.quantiles(times, n=20)[-1]


async def _endless(site: Installation, owner: Owner, bot: str) -> str:
    """Return an answer under way with a long stream, of which more is always to come."""
    async with owner.streaming(
        "POST", f"/bots/{bot}/chat", None, {"message": "Go on?"}
    ) as response:
        message_id = str((await anext(events(response))).data["message_id"])
    await site.postgres.sql(_FILL, EVENT_BYTES, EVENTS, message_id)
    return message_id


async def run(report: Report, count: int, mutant: str | None = None) -> Report:
    """Let `count` lazy readers come, and look at the server meanwhile."""
    async with Installation(report, script=Script(first_delay=50)) as site:
        api = await site.api("api", mutant=mutant)
        owner = await site.owner()
        bot = await owner.bot(agent_type="chat")
        message_id = await _endless(site, owner, bot)
        async with owner.streaming("GET", f"/messages/{message_id}/stream") as response:
            await anext(events(response))  # the code is warm: what grows now is buffers
        await p95(owner, "/bots")
        before, quick = api.rss_bytes(), await p95(owner, "/bots")
        others, most = connections(api), before
        lazy = [Lazy(api, owner, message_id) for _ in range(count)]
        begun = time.monotonic()
        for number, reader in enumerate(lazy):
            await reader.ask(("sse", "ws")[number % 2])
        report.injected = count
        report.hits = connections(api) - others
        busy = asyncio.create_task(p95(owner, "/bots"))
        cut_seconds = (CUT_SECONDS if mutant is None else 8.0) + FILL_SECONDS * count
        while time.monotonic() - begun < cut_seconds and connections(api) > others:
            most = max(most, api.rss_bytes())
            await asyncio.sleep(0.1)
        report.healed(time.monotonic() - begun)
        left, slower = connections(api) - others, (await busy) / quick
        for reader in lazy:
            reader.close()
    report.notes |= {"grown by": f"{(most - before) / 2**20:.1f} MB", "p95": f"x {slower:.2f}"}
    if left > 0:
        report.violations.append(f"{left} readers were not cut off")
    if most - before > RSS_MOST:
        report.violations.append(f"the server grew by {(most - before) >> 20} MB")
    if slower > P95_RATIO and count >= 100:
        report.violations.append(f"others were {slower:.1f} times slower")
    return report


async def test_readers_that_take_nothing_are_cut_off_and_cost_little() -> None:
    report = Report("F10 slow readers", seed())
    await run(report, scaled(12, 200), "cuts_sooner" if not full() else None)
    report.check(least_hits=scaled(8, 180))  # the first may be cut off before the last has asked


@pytest.mark.parametrize(
    ("mutant", "words"), [("no_send_timeout", "not cut off"), ("no_cap", "grew by")]
)
async def test_a_build_that_waits_or_hoards_is_caught(mutant: str, words: str) -> None:
    report = Report(f"F10 {mutant}", seed())
    await run(report, 12, mutant)
    report.check_caught(words)
