"""LISTEN/NOTIFY: wakes whoever waits for a key, in any process. Only keys and numbers travel.

What this process commits itself is handed to its own followers directly, without a look into the
database; the notification of it, which comes back a little later, is then ignored.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

import psycopg

from domain.events import Event

CHANNEL = "chatsphere"
JOBS = "jobs"
REMEMBERED = frozenset({JOBS})  # keys that are asked about later, not only waited for
_HELD_MOST = 1000  # events handed over and not yet taken; beyond that the follower reads them
_log = logging.getLogger(__name__)


class Watch:
    """What one waiter knows of a key: events handed over, and up to where there are any."""

    def __init__(self) -> None:
        self._woken = asyncio.Event()
        self._events: list[Event] = []
        self._newest = 0
        self._must_look = False

    def hand_over(self, events: Sequence[Event]) -> None:
        """Take events that were committed in this process."""
        if len(self._events) < _HELD_MOST:
            self._events.extend(events)
        self.wake(events[-1].seq)

    def wake(self, seq: int | None) -> None:
        """Note that there are events up to `seq`; None: that something may have happened."""
        if seq is None:
            self._must_look = True
        else:
            self._newest = max(self._newest, seq)
        self._woken.set()

    def take(self, after: int) -> list[Event]:
        """Return the events that follow `after` without a gap, as far as they were handed over."""
        held, self._events = self._events, []
        taken: list[Event] = []
        for event in held:
            if event.seq == after + 1:
                taken.append(event)
                after = event.seq
        return taken

    def must_look(self, after: int) -> bool:
        """Tell whether the database has, or may have, something after `after`."""
        looks, self._must_look = self._must_look or self._newest > after, False
        return looks

    async def wait(self, seconds: float) -> bool:
        """Wait until woken; tell whether that was before the time was over."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True


class Notifier:
    """One listening connection a process. Where it is lost, everyone is woken to look for himself."""

    def __init__(self, conninfo: str) -> None:
        self._conninfo = conninfo
        self._watches: defaultdict[str, set[Watch]] = defaultdict(set)
        self._own: set[str] = set()
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
    def watch(self, key: str) -> Iterator[Watch]:
        """Give a watch that is woken whenever something happens under `key`."""
        watch = Watch()
        self._watches[key].add(watch)
        try:
            yield watch
        finally:
            self._watches[key].discard(watch)
            if not self._watches[key]:
                del self._watches[key]

    def expect(self, stream_id: str, seq: int) -> None:
        """Announce that this process is about to commit events up to `seq`."""
        if self._listening.is_set():
            self._own.add(f"{stream_id} {seq}")

    def hand_over(self, stream_id: str, events: Sequence[Event]) -> None:
        """Give committed events to this process's followers."""
        for watch in list(self._watches.get(stream_id, ())):
            watch.hand_over(events)

    def give_up(self, stream_id: str, seq: int) -> None:
        """Say that an expected commit failed, or may have failed."""
        self._own.discard(f"{stream_id} {seq}")
        self._wake(stream_id, None)

    def remembers(self, key: str) -> bool:
        """Tell whether something happened under a remembered key while nobody waited."""
        return key in self._remembered

    def forget(self, key: str) -> None:
        """Forget what happened so far: whoever calls this looks for himself next."""
        self._remembered.discard(key)

    def _heard(self, payload: str) -> None:
        if payload in self._own:
            self._own.discard(payload)
            return
        key, _, seq = payload.partition(" ")
        self._wake(key, int(seq) if seq else None)

    def _wake(self, key: str, seq: int | None) -> None:
        if key not in self._watches and key in REMEMBERED:
            self._remembered.add(key)
        for watch in list(self._watches.get(key, ())):
            watch.wake(seq)

    def _wake_all(self) -> None:
        self._own.clear()
        for key in list(self._watches):
            self._wake(key, None)

    async def _listen_for_ever(self) -> None:
        delay = 0.1
        while True:
            try:
                connection = await psycopg.AsyncConnection.connect(
                    self._conninfo, autocommit=True, connect_timeout=5, keepalives_idle=30
                )
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._listening.set()
                    self._wake_all()
                    delay = 0.1
                    async for notification in connection.notifies():
                        self._heard(notification.payload)
            except Exception as error:  # whatever it is, waiters depend on this going on
                _log.warning("listening was interrupted: %s", type(error).__name__)
            self._listening.clear()
            self._wake_all()
            await asyncio.sleep(delay)
            delay = min(delay * 2, 5)
