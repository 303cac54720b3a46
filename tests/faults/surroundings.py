"""What a process stands on, made small or unsteady: a disk, a Redis, a clock."""

import contextlib
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import psutil  # type: ignore[import-untyped]  # it has no types of its own
import pytest

from faults.harness import Process
from support.redis import redis_program

_LIBRARY = "libfaketimeMT.so.1"
_LIBRARIES = ("/usr/lib", "/usr/local/lib")
_LARGEST_BYTES = 1_000  # of a file, where the disk is only said to be full


class Disk(Protocol):
    """A disk that can be filled to its last byte and be given room again; `kind` says how."""

    kind: str

    def fill(self) -> None: ...

    def free(self) -> None: ...


class SmallDisk:
    """A tmpfs; what fills it is a file of its own."""

    kind = "tmpfs"

    def __init__(self, folder: Path) -> None:
        self._ballast = folder / ".ballast"

    def fill(self) -> None:
        """Leave no block free: what others free meanwhile is taken too, where this is called again."""
        with contextlib.suppress(OSError), self._ballast.open("ab") as file:
            while True:
                file.write(b"\0" * 65536)
                file.flush()
        with contextlib.suppress(OSError), self._ballast.open("ab", buffering=0) as file:
            while True:
                file.write(b"\0" * 4096)

    def free(self) -> None:
        """Make room."""
        self._ballast.unlink(missing_ok=True)


class LimitedFiles:
    """Where nothing may be mounted: the kernel refuses the processes files above a size (EFBIG)."""

    kind = "RLIMIT_FSIZE, as mounting is not permitted here"

    def __init__(self, processes: Callable[[], list[Process]]) -> None:
        self._processes = processes

    def fill(self) -> None:
        """Refuse files."""
        self._limit(_LARGEST_BYTES)

    def free(self) -> None:
        """Refuse none."""
        self._limit(psutil.RLIM_INFINITY)

    def _limit(self, size: int) -> None:
        for process in self._processes():
            psutil.Process(process.pid).rlimit(psutil.RLIMIT_FSIZE, (size, psutil.RLIM_INFINITY))


@contextmanager
def disk_at(folder: Path, megabytes: int, processes: Callable[[], list[Process]]) -> Iterator[Disk]:
    """Put a small disk at a folder; where that is not permitted, something that fails like one."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    options = f"size={megabytes}m,mode={folder.stat().st_mode & 0o777:o}".encode()
    libc = ctypes.CDLL(None, use_errno=True)
    place = os.fsencode(folder)
    if libc.mount(b"tmpfs", place, b"tmpfs", 0, options) != 0:
        yield LimitedFiles(processes)
        return
    try:
        yield SmallDisk(folder)
    finally:
        libc.umount2(place, 2)  # lazily: a process that is about to end may still be in it


class Redis:
    """A Redis that can be killed and started again; it keeps nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{folder}/redis.sock"

    def start(self) -> None:
        """Start it, and wait until it listens."""
        place = self._folder / "redis.sock"
        place.unlink(missing_ok=True)
        options = ["--port", "0", "--unixsocket", str(place), "--save", "", "--dir", self._folder]
        self._process = subprocess.Popen(
            [redis_program(), *options], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        until = time.monotonic() + 10
        while not place.exists():
            assert time.monotonic() < until
            time.sleep(0.02)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()

    async def flush(self) -> None:
        """Take everything from it."""
        import redis.asyncio as redis

        async with redis.from_url(self.url) as client:
            await client.flushall()


@contextmanager
def breakable_redis() -> Iterator[Redis]:
    """Run a Redis in a folder of its own."""
    with TemporaryDirectory(prefix="chatsphere-redis-") as folder:
        server = Redis(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.kill()


class Clock:
    """The wall clock of one process, which can be stepped while it works (libfaketime)."""

    def __init__(self, process: Process, folder: Path) -> None:
        self._file = folder / f"{process.name}.clock"
        self.step(0)
        process.env |= {
            "LD_PRELOAD": str(_library()),
            "FAKETIME_TIMESTAMP_FILE": str(self._file),
            "FAKETIME_CACHE_DURATION": "1",  # seconds after which a step is noticed
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",  # a step moves the wall clock alone
            "DONT_FAKE_MONOTONIC": "1",
        }

    def step(self, seconds: int) -> None:
        """Set it so far off the true time."""
        draft = self._file.with_suffix(".draft")
        draft.write_text(f"{seconds:+d}\n")
        draft.rename(self._file)


def _library() -> Path:
    """Return libfaketime; skips (in CI: fails) where there is none."""
    for folder in _LIBRARIES:
        for path in Path(folder).glob(f"**/faketime/{_LIBRARY}"):
            return path
    missing = "there is no libfaketime: apt install faketime"
    if os.environ.get("CI") == "true":
        pytest.fail(missing)
    pytest.skip(missing)
