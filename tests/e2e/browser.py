"""Scripts of frontend/e2e in a real browser: what they need, and how they are run."""

import os
import subprocess
import sys
import threading
from pathlib import Path

from e2e.service import Service

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "frontend" / "e2e"
CHROMIUM = os.environ.get("CHATSPHERE_CHROMIUM", "/usr/bin/chromium")


def lacking() -> str | None:
    """Tell what is missing for tests in a browser."""
    if Path(CHROMIUM).exists():
        return None
    return "there is no Chromium: apt install chromium, or set CHATSPHERE_CHROMIUM"


def ready() -> str:
    """Build the dashboard where that is needed; return the path of Node.js."""
    command = [sys.executable, str(ROOT / "scripts" / "dashboard.py"), "node"]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout.splitlines()[-1]


class Script:
    """A run of one script: its lines are shown, and a line `!restart` or `!kill` is done to the service.

    The script goes on when a line `done` comes to its standard input.
    """

    def __init__(self, node: str, name: str, service: Service, shots: Path, *more: Path) -> None:
        shots.mkdir(parents=True, exist_ok=True)
        self._service = service
        self._process = subprocess.Popen(
            [node, name, service.address, str(shots), *map(str, more)],
            cwd=SCRIPTS,
            env={**os.environ, "CHATSPHERE_CHROMIUM": CHROMIUM},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, seconds: float) -> int:
        """Show what it says, and return its exit code; it is killed where it takes longer."""
        guard = threading.Timer(seconds, self._process.kill)
        guard.start()
        try:
            assert self._process.stdout is not None
            for line in self._process.stdout:
                print(line, end="", flush=True)  # noqa: T201 - how far it is
                self._obey(line.strip())
            return self._process.wait()
        finally:
            guard.cancel()
            self._process.kill()
            self._process.communicate()  # closes its pipes

    def _obey(self, order: str) -> None:
        if order not in ("!restart", "!kill"):
            return
        if order == "!restart":
            self._service.stop()
        else:
            self._service.kill()
        self._service.start()
        assert self._process.stdin is not None
        self._process.stdin.write("done\n")
        self._process.stdin.flush()
