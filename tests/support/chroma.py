"""A Chroma server for a test session, on a port of its own, its files in a folder that goes with it."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import create_connection, create_server
from tempfile import TemporaryDirectory

import pytest

START_SECONDS = 30.0


@contextmanager
def chroma_server() -> Iterator[str]:
    """Run the server that comes with chromadb until the block ends; give its address."""
    with (
        TemporaryDirectory(prefix="chatsphere-chroma-") as folder,
        create_server(("127.0.0.1", 0)) as free,
    ):
        port = free.getsockname()[1]
        free.close()
        program = Path(sys.executable).parent / "chroma"
        options = ["run", "--path", folder, "--host", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen(
            [program, *options], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
        )
        try:
            _wait(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()
            process.wait(10)


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail("the Chroma server did not start")
            time.sleep(0.05)
        else:
            return
