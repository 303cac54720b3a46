"""A Redis for a test session, on a Unix socket of its own, that keeps nothing."""

import os
import shutil
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


@contextmanager
def running_redis() -> Iterator[str]:
    """Run a server until the block ends; give its URL."""
    with TemporaryDirectory(prefix="chatsphere-redis-") as folder:
        place = Path(folder) / "redis.sock"
        options = ["--port", "0", "--unixsocket", str(place), "--save", "", "--dir", folder]
        with subprocess.Popen(
            [redis_program(), *options], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        ) as process:
            try:
                _wait_for(place, process)
                yield f"unix://{place}"
            finally:
                process.terminate()
                process.wait(10)


def _wait_for(place: Path, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    while not place.exists():
        if process.poll() is not None or time.monotonic() > until:
            pytest.fail("redis-server did not start")
        time.sleep(0.02)
