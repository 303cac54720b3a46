"""LISTEN/NOTIFY between processes: it comes with the commit. Only keys and numbers travel.

The notification of what this process committed itself comes back a little after it was handed over,
and is then ignored.
"""

import asyncio
import logging
import math
from collections.abc import Sequence
from contextlib import suppress

from adapters._driver import WATCHFUL, Driver
from adapters._events import Commit, Notifier, Watch

CHANNEL = "chatsphere"
_SILENCE_SECONDS = 5.0  # after so long without a word the listener asks whether anybody is there
_PONG_SECONDS = 3.0
_DEAF_SECONDS = 0.5  # how long a follower waits before it looks while nobody listens
_log = logging.getLogger(__name__)


class PostgresNotifier(Notifier):
    """One listening connection a process. Where it is lost, everyone is woken to look for himself."""

    by_database = True

    def __init__(self, conninfo: str) -> None:
        super().__init__()
        self._conninfo = conninfo
        self._own: set[str] = set()
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

    def patience(self, looks: int) -> float:
        """A notification cannot get lost while its connection stands."""
        return math.inf if self._listening.is_set() else _DEAF_SECONDS * 2 ** min(looks, 3)

    def carry(self, watch: Watch, after: int) -> None:
        """Every notification comes here by itself."""

    def expect(self, commit: Commit) -> None:
        """Ignore the notification of this commit when it comes back."""
        if self._listening.is_set():
            self._own.add(_payload(commit))

    def tell(self, commits: Sequence[Commit], *, jobs: bool) -> None:
        """The transaction told them."""

    def give_up(self, commit: Commit) -> None:
        """Expect no more of it."""
        self._own.discard(_payload(commit))
        super().give_up(commit)

    def _heard(self, payload: str) -> None:
        if payload in self._own:
            self._own.discard(payload)
            return
        key, _, seq = payload.partition(" ")
        self._wake(key, int(seq) if seq else None)

    def _wake_all(self) -> None:
        self._own.clear()
        super()._wake_all()

    async def _listen_for_ever(self) -> None:
        delay = 0.1
        while True:
            try:
                connection = await Driver.connect(self._conninfo, autocommit=True, **WATCHFUL)
                async with connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._listening.set()
                    self._wake_all()
                    delay = 0.1
                    while True:
                        async for notification in connection.notifies(timeout=_SILENCE_SECONDS):
                            self._heard(notification.payload)
                        async with asyncio.timeout(_PONG_SECONDS):  # is anybody there?
                            await connection.execute("SELECT 1")
            except Exception as error:  # whatever it is, waiters depend on this going on
                _log.warning("listening was interrupted: %s", type(error).__name__)
            self._listening.clear()
            self._wake_all()
            await asyncio.sleep(delay)
            delay = min(delay * 2, 2)


def _payload(commit: Commit) -> str:
    return f"{commit.stream_id} {commit.last}"
