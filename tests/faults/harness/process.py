"""A process of the product, which can be killed, frozen, ended and started again."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import aiohttp
import psutil  # type: ignore[import-untyped]  # it has no types of its own

from faults.harness.postgres import free_port

_LAUNCH = Path(__file__).resolve().parents[1] / "launch.py"
_READY_SECONDS = 90.0


class Process:
    """`chatsphere serve`, `worker` or another command under a name; its log is kept over restarts.

    `command` is what follows `chatsphere`, without `--port`; `env` are the whole environment's
    variables. `messages` are the ids of answers that were asked for here: by them the harness knows
    whether a fault hit one.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        env: Mapping[str, str],
        mutant: str | None = None,
    ) -> None:
        self.name, self.kind, self.mutant = name, command[0], mutant
        self._arguments = command[1:]
        self.port = free_port()
        self.messages: set[str] = set()
        self.env = dict(env)
        self._folder = folder
        self._path = folder / f"{name}.log"
        self._running: subprocess.Popen[bytes] | None = None
        self._family: list[psutil.Process] = []

    @property
    def url(self) -> str:
        """Where it listens, if it does."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process id; fails where it never ran."""
        assert self._running is not None
        return self._running.pid

    @property
    def alive(self) -> bool:
        """Whether it runs (frozen counts)."""
        return self._running is not None and self._running.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How it ended, negative by a signal; None while it runs."""
        return None if self._running is None else self._running.poll()

    def launch(self) -> None:
        """Start it, and wait for nothing."""
        assert not self.alive, f"{self.name} runs"
        listening: Sequence[str] = ["--port", str(self.port)] if self.kind == "serve" else []
        with self._path.open("ab") as log:
            self._running = subprocess.Popen(
                [
                    sys.executable,
                    str(_LAUNCH),
                    str(os.getpid()),
                    self.mutant or "-",
                    self.kind,
                    *self._arguments,
                    *listening,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env=self.env,
                start_new_session=True,
            )

    async def start(self) -> float:
        """Start it under the same name, port and settings; return the seconds until it is ready.

        A worker is not waited for: it listens nowhere.
        """
        begun = time.monotonic()
        self.launch()
        if self.kind == "serve":
            await self.until_ready()
        return time.monotonic() - begun

    async def until_ready(self, path: str = "/healthz") -> None:
        """Wait until it answers 200 there. Fails with its log where it ended instead."""
        async with asyncio.timeout(_READY_SECONDS):
            while not await self.answers(path):
                assert self.alive, f"{self.name} ended with {self.exit_code}\n{self.log()}"
                await asyncio.sleep(0.05)

    async def answers(self, path: str = "/healthz") -> bool:
        """Tell whether it lives and, where it serves, answers 200 there now."""
        if not self.alive or self.kind != "serve":
            return self.alive
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as http,
                http.get(self.url + path) as answer,
            ):
                return answer.status == 200
        return False

    def kill(self) -> None:
        """End it at once, as kill -9 and the kernel's out-of-memory killer do; it alone."""
        self._note_family()
        self._signal(signal.SIGKILL)
        if self._running is not None:
            self._running.wait()
        self.messages.clear()

    def pause(self) -> None:
        """Freeze it."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    async def terminate(self, timeout_seconds: float = 60.0) -> int:
        """Ask it to end (SIGTERM), and return its exit code. Raises TimeoutError."""
        self._note_family()
        self._signal(signal.SIGTERM)
        assert self._running is not None
        async with asyncio.timeout(timeout_seconds):
            while self._running.poll() is None:  # noqa: ASYNC110  # Popen has no event for it
                await asyncio.sleep(0.02)
        return int(self._running.returncode)

    def end(self) -> None:
        """Leave nothing of it behind, also no child of an earlier run."""
        self._note_family()
        self._signal(signal.SIGCONT)
        self._signal(signal.SIGKILL)
        if self._running is not None:
            self._running.wait()
        for member in self._family:
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()  # checks that the id is still this process's
        psutil.wait_procs(self._family, timeout=5)

    def rss_bytes(self) -> int:
        """Return its resident memory without its children."""
        return int(psutil.Process(self.pid).memory_info().rss)

    def log(self, lines: int = 30) -> str:
        """Return the last lines of what it said."""
        text = self._path.read_text(errors="replace") if self._path.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def _signal(self, number: int) -> None:
        if self.alive:
            os.kill(self.pid, number)

    def _note_family(self) -> None:
        if self.alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                self._family += psutil.Process(self.pid).children(recursive=True)
