"""Which process supervises a data directory: the one that holds its lock file."""

from __future__ import annotations

import os
import sys
import weakref
from pathlib import Path

if sys.platform != "win32":
    import fcntl


class OwnerLock:
    """A lock on a file; the kernel frees it when its process dies, however it dies.

    It is exclusive unless `shared`: then many hold it together, and none of them beside an owner.
    """

    def __init__(self, path: Path, *, shared: bool = False) -> None:
        self._path = path
        self._shared = shared
        self._file: int | None = None
        _close_in_forked_children(self)

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._file is not None

    def acquire(self) -> bool:
        """Take the lock if it is free; False when another holds it.

        Raises OSError when the file cannot be opened.
        """
        if self._file is not None or sys.platform == "win32":
            return self.held
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            kind = fcntl.LOCK_SH if self._shared else fcntl.LOCK_EX
            fcntl.flock(file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Give the lock up, if held."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def _close_in_forked_children(lock: OwnerLock) -> None:
    """A forked child shares the open file: unless it closes it, it keeps a dead owner's lock."""
    if not hasattr(os, "register_at_fork"):
        return
    reference = weakref.ref(lock)

    def close() -> None:
        survivor = reference()
        if survivor is not None:
            survivor.release()

    os.register_at_fork(after_in_child=close)
