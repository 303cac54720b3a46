"""Redis Streams between processes: committed events themselves, read there instead of in PostgreSQL (ADR 13).

Nothing is kept in Redis that matters. A gap in the numbers of a stream, a Redis that was emptied, that
is out or slow, or silence for too long: the follower looks into the database.
"""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from secrets import token_hex
from typing import cast

import orjson
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff

from adapters._events import JOBS, Commit, Notifier, Watch
from adapters.redis.announcer import CALL_SECONDS, JOBS_KEY, Announcer, stream_key
from domain.events import Event

_BLOCK_SECONDS = 1.0  # of one reading
_START_SECONDS = 2.0
_READ_MOST = 50  # entries of one stream in one reading
_PAUSE_SECONDS = 0.00004  # a stream, between two readings: each reading names every stream
_SILENCE_SECONDS = 1.0  # twice that after a look in vain, then four times
_DEAF_SECONDS = 0.5
_AGAIN_SECONDS = 0.1
_LOOKS_A_SECOND = 500.0  # of a whole process, while it is deaf
_DELAY_MOST_SECONDS = 2.0
_log = logging.getLogger(__name__)
Entries = Sequence[tuple[bytes, dict[bytes, bytes]]]  # what Redis answers, without decoding
Readings = Sequence[tuple[bytes, Entries]]


def _client(url: str, patience: float) -> "Redis":
    """Return a client of one connection that gives a command up after `patience` seconds."""
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=1,
        timeout=CALL_SECONDS,
        socket_timeout=patience,
        socket_connect_timeout=CALL_SECONDS,
        retry=Retry(NoBackoff(), 0),
        client_name="chatsphere-events",
        protocol=2,
    )
    return Redis.from_pool(pool)


class RedisNotifier(Notifier):
    """One connection that reads all streams followed here, and one that tells what was committed here."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._announcer = Announcer(_client(url, CALL_SECONDS))
        self._cursors: dict[
            tuple[str, str], int
        ] = {}  # up to where streams were read, or written here
        self._bell = f"chatsphere:bell:{token_hex(8)}"  # ends a reading that lacks a stream
        self._places = {JOBS_KEY: "0-0", self._bell: "0-0"}
        self._rung = False
        self._hears = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        """Begin to read; where Redis does not answer, go on without it after 2 s."""
        if not self._tasks:
            self._tasks = [
                asyncio.create_task(self._read_for_ever(), name="events from redis"),
                asyncio.create_task(self._announcer.run(), name="events to redis"),
            ]
        with suppress(TimeoutError):
            async with asyncio.timeout(_START_SECONDS):
                await self._hears.wait()

    async def stop(self) -> None:
        """Tell what is still to be told, end reading, and wake everyone."""
        pending, self._tasks = set(self._tasks), []
        while pending:
            for task in pending:  # again, where the client took it for a broken connection
                task.cancel()
            _, pending = await asyncio.wait(pending, timeout=_AGAIN_SECONDS)
        await self._announcer.aclose()
        self._wake_all()

    def patience(self, looks: int) -> float:
        """Silence is doubted soon: who commits may not have reached Redis."""
        if not self._hears.is_set():
            return max(_DEAF_SECONDS, len(self._watches) / _LOOKS_A_SECOND)
        return _SILENCE_SECONDS * float(2 ** min(looks, 2))

    def carry(self, watch: Watch, after: int) -> None:
        """Read this stream too, from the next reading on, and end the one under way."""
        if watch.tenant_id is None or (watch.tenant_id, watch.key) in self._cursors:
            return
        self._cursors[watch.tenant_id, watch.key] = after
        if not self._rung:
            self._rung = True
            self._announcer.ring(self._bell)

    def expect(self, commit: Commit) -> None:
        """What comes back is known by its number."""

    def tell(self, commits: Sequence[Commit], *, jobs: bool) -> None:
        """Leave it to the announcer."""
        for commit in commits:
            stream = (commit.tenant_id, commit.stream_id)
            if stream in self._cursors:
                self._cursors[stream] = max(self._cursors[stream], commit.last)
        self._announcer.add(commits)
        if jobs:
            self._wake(JOBS, None)
            self._announcer.ring(JOBS_KEY)

    async def _read_for_ever(self) -> None:
        delay = 0.1
        while True:
            client = _client(self._url, _BLOCK_SECONDS + CALL_SECONDS)
            try:
                await self._begin(client)
                delay = 0.1
                while True:
                    await self._read(client)
            except Exception as error:  # whatever it is, waiters depend on this going on
                _log.warning("reading events in Redis was interrupted: %s", type(error).__name__)
            finally:
                self._hears.clear()
                with suppress(Exception):
                    await client.aclose()
            self._wake_all()
            await asyncio.sleep(delay)
            delay = min(delay * 2, _DELAY_MOST_SECONDS)

    async def _begin(self, client: "Redis") -> None:
        """Start from what is newest; who waits looks for what was before."""
        for key in (JOBS_KEY, self._bell):
            newest = cast(Entries, await client.xrevrange(key, count=1))
            self._places[key] = newest[0][0].decode() if newest else "0-0"
        self._hears.set()
        self._wake_all()

    async def _read(self, client: "Redis") -> None:
        self._rung = False
        streams = self._followed()
        places: dict[str, str] = {**self._places}
        places |= {key: f"{self._cursors[stream]}-0" for key, stream in streams.items()}
        found = await client.xread(
            places,  # type: ignore[arg-type]  # invariant in the key's type
            count=_READ_MOST,
            block=int(_BLOCK_SECONDS * 1000),
        )
        for name, entries in cast(Readings, found or ()):
            key = name.decode()
            if key in streams:
                self._read_stream(streams[key], entries)
            else:
                self._places[key] = entries[-1][0].decode()
                if key == JOBS_KEY:
                    self._wake(JOBS, None)
        if found:
            await asyncio.sleep(len(streams) * _PAUSE_SECONDS)

    def _followed(self) -> dict[str, tuple[str, str]]:
        """Return the streams to read by their keys, and forget those that nobody follows any more."""
        for stream in [each for each in self._cursors if each[1] not in self._watches]:
            del self._cursors[stream]
        return {stream_key(*stream): stream for stream in self._cursors}

    def _read_stream(self, stream: tuple[str, str], entries: Entries) -> None:
        """Hand over what is new, up to the first event that is to be read in the database."""
        known = self._cursors.get(stream)
        if known is None:
            return
        events, payloads = [], []
        for name, fields in entries:
            seq = int(name.partition(b"-")[0])
            if seq <= known:
                continue
            self._cursors[stream] = seq
            payload = fields.get(b"d")
            if payload is None:
                self._wake(stream[1], seq)
                continue
            events.append(Event(seq, fields[b"t"].decode(), orjson.loads(payload)))
            payloads.append(payload)
        if events:
            self._hand_over(Commit(*stream, events, payloads))
