"""LISTEN/NOTIFY: wakes whoever waits for a key, in any process. Only the key travels, never data."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psycopg

CHANNEL = "chatsphere"
JOBS = "jobs"
REMEMBERED = frozenset({JOBS})  # keys that are asked about later, not only waited for
_log = logging.getLogger(__name__)


class Notifier:
    """One listening connection a process. Where it is lost, everyone is woken to look for himself."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._waiting: defaultdict[str, set[asyncio.Event]] = defaultdict(set)
        self._remembered: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    async def start(self) -> None:
        """Begin to listen; returns once the database listens, or after 5 s."""
        if self._task is None:
            self._task = asyncio.create_task(self._listen_for_ever(), name="notifier")
        with suppress(TimeoutError):
            async with asyncio.timeout(5):
                await self._listening.wait()

    async def stop(self) -> None:
        """End listening and wake everyone."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        self._wake_all()

    @contextmanager
    def watch(self, key: str) -> Iterator[asyncio.Event]:
        """Give an event that is set whenever something happened under `key`."""
        event = asyncio.Event()
        self._waiting[key].add(event)
        try:
            yield event
        finally:
            self._waiting[key].discard(event)
            if not self._waiting[key]:
                del self._waiting[key]

    def wake(self, key: str) -> None:
        """Wake those who wait for `key` in this process, or remember it for the next who asks."""
        if key not in self._waiting and key in REMEMBERED:
            self._remembered.add(key)
        for event in self._waiting.get(key, ()):
            event.set()

    def remembers(self, key: str) -> bool:
        """Tell whether something happened under a remembered key while nobody waited."""
        return key in self._remembered

    def forget(self, key: str) -> None:
        """Forget what happened so far: whoever calls this looks for himself next."""
        self._remembered.discard(key)

    def _wake_all(self) -> None:
        for key in list(self._waiting):
            self.wake(key)

    async def _listen_for_ever(self) -> None:
        delay = 0.1
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(
                    self._conninfo, autocommit=True, connect_timeout=5
                )
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._listening.set()
                    self._wake_all()
                    delay = 0.1
                    async for notification in connection.notifies():
                        self.wake(notification.payload)
            except psycopg.Error as error:
                _log.warning("listening was interrupted: %s", type(error).__name__)
            self._wake_all()
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5)
