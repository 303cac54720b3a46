"""A Redis for a test session, on a Unix socket of its own, that keeps nothing."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

START_SECONDS = 10.0
_CI = (os.environ.get("CHATSPHERE_REQUIRE_REDIS") == "1", os.environ.get("CI") == "true")


def redis_program() -> str:
    """Return the path of the program; skips (in CI: fails) where there is none."""
    program = shutil.which("redis-server")
    if program is not None:
        return program
    missing = "there is no redis-server: apt install redis-server"
    if any(_CI):
        pytest.fail(missing)
    pytest.skip(missing)


class RedisServer:
    """A server that can be ended and begun again at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._place = folder / "redis.sock"
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{self._place}"

    def start(self) -> None:
        """Start the server, empty; returns once it listens."""
        self._place.unlink(missing_ok=True)
        place, folder = str(self._place), str(self._folder)
        options = ["--port", "0", "--unixsocket", place, "--save", "", "--dir", folder]
        self._process = subprocess.Popen(
            [redis_program(), *options], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        until = time.monotonic() + START_SECONDS
        while not self._place.exists():
            if self._process.poll() is not None or time.monotonic() > until:
                pytest.fail("redis-server did not start")
            time.sleep(0.02)

    def send(self, number: signal.Signals) -> None:
        """Send it a signal: SIGSTOP, SIGCONT."""
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End it, by SIGKILL where that is asked for."""
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)
            self._process.send_signal(number)
            self._process.wait(10)
            self._process = None


@contextmanager
def redis_server() -> Iterator[RedisServer]:
    """Run a server until the block ends."""
    with TemporaryDirectory(prefix="chatsphere-redis-") as folder:
        server = RedisServer(Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def running_redis() -> Iterator[str]:
    """Run a server until the block ends; give its URL."""
    with redis_server() as server:
        yield server.url
