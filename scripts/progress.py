"""Runs the long steps of the set-up and shows how they get on. Standard library only."""

import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

TICK = 0.1
HEARTBEAT = 15.0
NEWS = ("Downloading", "Prepared", "Installed", "Bytecode")  # what uv says that is worth showing


class StepFailedError(Exception):
    """A step failed; the message tells a person what happened and what to try."""


class Display:
    """Shows the long steps: one living line on a terminal, plain lines elsewhere."""

    def __init__(self, total: int) -> None:
        """Start at the first of `total` steps."""
        self._total = total
        self._done = 0
        self._news = ""
        self._live = sys.stdout.isatty()

    def begin(self, title: str) -> str:
        """Count a step and return its numbered title."""
        self._done += 1
        return f"[{self._done}/{self._total}] {title}"

    def run(
        self,
        title: str,
        command: list[str],
        env: dict[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        """Run `command` (in `folder`) to its end while showing how it gets on.

        Raises StepFailedError with the end of its output if it fails.
        """
        if not self._live:
            print(title, flush=True)
        self._news = ""
        started = time.monotonic()
        lines: list[str] = []
        with subprocess.Popen(
            command,
            env=env,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        ) as process:
            reader = threading.Thread(target=self._read, args=(process, lines), daemon=True)
            reader.start()
            try:
                self._watch(title, reader, started)
            except KeyboardInterrupt:
                process.terminate()
                raise
        self._clear()
        if process.returncode != 0:
            raise StepFailedError(f"{title}: failed.\n\n" + "\n".join(lines[-30:]))
        head = f"{title}:" if self._live else "     "
        print(f"{head} done in {time.monotonic() - started:.1f} s", flush=True)

    def _read(self, process: subprocess.Popen[str], lines: list[str]) -> None:
        for line in process.stdout or ():
            lines.append(line.rstrip())
            if line.startswith(NEWS):
                self._news = line.strip()
                if not self._live:
                    print(f"      {self._news}", flush=True)

    def _watch(self, title: str, reader: threading.Thread, started: float) -> None:
        beat = started + HEARTBEAT
        while reader.is_alive():
            now = time.monotonic()
            if self._live:
                spinner = "|/-\\"[int((now - started) / TICK) % 4]
                width = shutil.get_terminal_size().columns
                text = f"{spinner} {title}  {now - started:.0f} s  {self._news}"
                print(f"\r\x1b[2K{text[: width - 1]}", end="", flush=True)
            elif now > beat:
                beat = now + HEARTBEAT
                print(f"      still working, {now - started:.0f} s", flush=True)
            reader.join(TICK)

    def _clear(self) -> None:
        if self._live:
            print("\r\x1b[2K", end="", flush=True)
