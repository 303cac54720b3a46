"""One writer at a time for each table: in this process, and where files are local, in all."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from zlib import crc32

_LOCKS = 64  # tables share them: a lock for each would be a file for each, kept forever
_POLL_SECONDS = 0.01


class Locks:
    """Locks by name; files in `folder` hold off other processes (None: there is none to hold)."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._here = [asyncio.Lock() for _ in range(_LOCKS)]

    @asynccontextmanager
    async def held(self, name: str) -> AsyncIterator[None]:
        """Hold the lock of a table; waits for it without end."""
        number = crc32(name.encode()) % _LOCKS
        async with self._here[number]:
            if self._folder is None:
                yield
                return
            descriptor = _file(self._folder / f"{number:02}.lock")
            try:
                while not _taken(descriptor):  # noqa: ASYNC110 - another process tells nobody
                    await asyncio.sleep(_POLL_SECONDS)
                yield
            finally:
                os.close(descriptor)  # lets go of the lock


def _file(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
