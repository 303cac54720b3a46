"""How followers learn what was committed: handed over within a process, by a notifier between processes.

Nothing here has to be reliable: what a notifier loses, a follower finds in the database.
"""

import asyncio
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from domain.events import Event

JOBS = "jobs"
REMEMBERED = frozenset({JOBS})  # keys that are asked about later, not only waited for
EVENT_BYTES = 400  # what an event takes in memory beside its JSON
HELD_BYTES = 64 * 1024  # what is kept for a follower that does not take it


@dataclass(frozen=True, slots=True)
class Commit:
    """Events that were appended to one stream in one transaction, with the JSON of their data."""

    tenant_id: str
    stream_id: str
    events: Sequence[Event]
    payloads: Sequence[bytes]

    @property
    def last(self) -> int:
        """The `seq` of the last of them."""
        return self.events[-1].seq

    @property
    def size(self) -> int:
        """Roughly the bytes that they take in memory."""
        return sum(map(len, self.payloads)) + EVENT_BYTES * len(self.events)


class Watch:
    """What one waiter knows of a key: events handed over, and up to where there are any."""

    def __init__(self, key: str, tenant_id: str | None) -> None:
        self.key = key
        self.tenant_id = tenant_id
        self._woken = asyncio.Event()
        self._events: list[Event] = []
        self._size = 0
        self._newest = 0
        self._must_look = False

    def hand_over(self, commit: Commit) -> None:
        """Take committed events; where too much is held already, the follower will read them."""
        if self._size + commit.size <= HELD_BYTES:
            self._events.extend(commit.events)
            self._size += commit.size
        self.wake(commit.last)

    def wake(self, seq: int | None) -> None:
        """Note that there are events up to `seq`; None: that something may have happened."""
        if seq is None:
            self._must_look = True
        else:
            self._newest = max(self._newest, seq)
        self._woken.set()

    def take(self, after: int) -> list[Event]:
        """Return the events that follow `after` without a gap, as far as they were handed over."""
        held, self._events, self._size = self._events, [], 0
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


class Notifier(ABC):
    """Wakes whoever waits for a key, in any process.

    What this process commits itself is handed to its own followers directly, without a look into
    the database.
    """

    by_database = False  # whether the transaction itself has to tell the other processes

    def __init__(self) -> None:
        self._watches: defaultdict[str, set[Watch]] = defaultdict(set)
        self._remembered: set[str] = set()

    @abstractmethod
    async def start(self) -> None:
        """Begin to hear of other processes; returns after a few seconds where that cannot be."""

    @abstractmethod
    async def stop(self) -> None:
        """End it, and wake everyone."""

    @abstractmethod
    def patience(self, looks: int) -> float:
        """Return for how many seconds silence may be believed, after so many looks in vain."""

    @abstractmethod
    def carry(self, watch: Watch, after: int) -> None:
        """Bring the watch what other processes commit after `after`; it has read what was before."""

    @abstractmethod
    def expect(self, commit: Commit) -> None:
        """Note what this process is about to commit."""

    @abstractmethod
    def tell(self, commits: Sequence[Commit], *, jobs: bool) -> None:
        """Tell other processes what was committed here, and whether there are new jobs."""

    @contextmanager
    def watch(self, key: str, tenant_id: str | None = None) -> Iterator[Watch]:
        """Give a watch that is woken whenever something happens under `key`."""
        watch = Watch(key, tenant_id)
        self._watches[key].add(watch)
        try:
            yield watch
        finally:
            self._watches[key].discard(watch)
            if not self._watches[key]:
                del self._watches[key]

    def committed(self, commits: Sequence[Commit], *, jobs: bool) -> None:
        """Give committed events to this process's followers, and tell the other processes."""
        for commit in commits:
            self._hand_over(commit)
        if commits or jobs:
            self.tell(commits, jobs=jobs)

    def give_up(self, commit: Commit) -> None:
        """Say that an expected commit failed, or may have failed."""
        self._wake(commit.stream_id, None)

    def remembers(self, key: str) -> bool:
        """Tell whether something happened under a remembered key while nobody waited."""
        return key in self._remembered

    def forget(self, key: str) -> None:
        """Forget what happened so far: whoever calls this looks for himself next."""
        self._remembered.discard(key)

    def _hand_over(self, commit: Commit) -> None:
        for watch in list(self._watches.get(commit.stream_id, ())):
            if watch.tenant_id == commit.tenant_id:
                watch.hand_over(commit)

    def _wake(self, key: str, seq: int | None) -> None:
        if key not in self._watches and key in REMEMBERED:
            self._remembered.add(key)
        for watch in list(self._watches.get(key, ())):
            watch.wake(seq)

    def _wake_all(self) -> None:
        for key in list(self._watches):
            self._wake(key, None)
