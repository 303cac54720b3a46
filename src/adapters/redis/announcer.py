"""Tells other processes through Redis, in the background: nobody who commits waits for it."""

import asyncio
import logging
from collections import deque
from collections.abc import Iterable
from contextlib import suppress

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.exceptions import RedisError

from adapters._events import Commit

CALL_SECONDS = 0.5  # what is slower than a look into the database is no help
KEPT_SECONDS = 60  # after its last event a stream is forgotten: nobody is that far behind
KEPT_EVENTS = 256  # of a stream, and up to one node (100) more
LARGEST_BYTES = 16 * 1024  # a larger event is announced, and read in the database
OUTBOX_BYTES = 4 * 1024 * 1024
_ROUND_TRIP = 200  # commits
_TOO_LATE = "equal or smaller than the target stream top item"
JOBS_KEY = "chatsphere:jobs"
_log = logging.getLogger(__name__)


def stream_key(tenant_id: str, stream_id: str) -> str:
    """Return the key of a stream; its entries' ids are `seq`-0."""
    return f"chatsphere:events:{tenant_id}:{stream_id}"


class Announcer:
    """An outbox of bounded size. What does not fit, or does not arrive, others find by looking."""

    def __init__(self, client: "Redis") -> None:
        self._client = client
        self._outbox: deque[Commit] = deque()
        self._size = 0
        self._rings: set[str] = set()
        self._filled = asyncio.Event()

    def add(self, commits: Iterable[Commit]) -> None:
        """Send these; the oldest of those that wait are dropped for them where room is short."""
        for commit in commits:
            self._outbox.append(commit)
            self._size += commit.size
        while self._size > OUTBOX_BYTES:
            self._size -= self._outbox.popleft().size
        self._filled.set()

    def ring(self, key: str) -> None:
        """Let whoever reads `key` know that something is new."""
        self._rings.add(key)
        self._filled.set()

    async def run(self) -> None:
        """Send until cancelled."""
        delay = 0.1
        while True:
            await self._filled.wait()
            self._filled.clear()
            try:
                while self._outbox or self._rings:
                    await self._send()
                delay = 0.1
            except (RedisError, OSError, TimeoutError) as error:
                _log.warning("events were not announced in Redis: %s", type(error).__name__)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 2.0)

    async def aclose(self) -> None:
        """Send what waits, if that is soon done, and close the connection."""
        with suppress(RedisError, OSError, TimeoutError):
            if self._outbox or self._rings:
                await self._send()
        await self._client.aclose()

    async def _send(self) -> None:
        """Send a round trip's worth. Raises RedisError, OSError, TimeoutError; it is gone then."""
        pipeline = self._client.pipeline(transaction=False)
        keys = set()
        for _ in range(min(len(self._outbox), _ROUND_TRIP)):
            commit = self._outbox.popleft()
            self._size -= commit.size
            keys.add(_add(pipeline, commit))
        for key in keys:
            pipeline.expire(key, KEPT_SECONDS)
        while self._rings:
            key = self._rings.pop()
            pipeline.xadd(key, {"": ""}, maxlen=1, approximate=False)
            pipeline.expire(key, KEPT_SECONDS)
        async with asyncio.timeout(CALL_SECONDS):
            replies = await pipeline.execute(raise_on_error=False)
        for reply in replies:
            # An event that was overtaken by its successor leaves a gap, which is looked into.
            if isinstance(reply, RedisError) and _TOO_LATE not in str(reply):
                raise reply


def _add(pipeline: "Pipeline", commit: Commit) -> str:
    """Add a commit to its stream, and return the stream's key."""
    key = stream_key(commit.tenant_id, commit.stream_id)
    for event, payload in zip(commit.events, commit.payloads, strict=True):
        fields: dict[bytes | str, bytes | str] = {"t": event.type}
        if len(payload) <= LARGEST_BYTES:
            fields["d"] = payload
        pipeline.xadd(key, fields, id=f"{event.seq}-0", maxlen=KEPT_EVENTS, approximate=True)  # type: ignore[arg-type]
    return key
