"""A ChatSphere of its own for tests in a browser: started, restarted and stopped as an operator would."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

START_SECONDS = 90
STOP_SECONDS = 40


class Service:
    """A process of `chatsphere serve` with a data directory and a port of its own."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self.log = folder / "service.log"
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self._port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self._port}"
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith("CHATSPHERE_")},
            "CHATSPHERE_DATA_DIR": str(folder / "data"),
            "NO_COLOR": "1",
            **settings,
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start it; return once /readyz says so. Raises RuntimeError with its output otherwise."""
        program = shutil.which("chatsphere", path=str(Path(sys.executable).parent))
        command = [program] if program else [sys.executable, "-m", "entrypoints.cli.main"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*command, "serve", "--port", str(self._port)],
                cwd=self._folder,
                env=self._environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=2):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self._process.kill()
        raise RuntimeError(f"the service did not become ready:\n{self.log.read_text()}")

    def stop(self) -> None:
        """Ask it to end, which it must do well. Raises RuntimeError with its output otherwise."""
        process = self._process
        assert process is not None, "it was never started"
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(STOP_SECONDS)
        finally:
            process.kill()
        if code != 0:
            raise RuntimeError(f"the service ended with {code}:\n{self.log.read_text()}")

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None, "it was never started"
        self._process.kill()
        self._process.wait()
