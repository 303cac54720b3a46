"""One running PostgreSQL server: started, watched and stopped as a child process."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

from adapters.embedded_postgres.cluster import Cluster, binary
from adapters.embedded_postgres.errors import (
    EmbeddedPostgresError,
    disk_full_error,
    tells_of_full_disk,
)
from adapters.embedded_postgres.identity import Identity

LARGEST_LOG = 5_000_000  # bytes; one older file of that size is kept beside it

_POLL_S = 0.02
_GRACEFUL_STOP_S = 20.0
_ABRUPT_STOP_S = 5.0
_ORPHAN_S = 2.0
_READY_LINE = 7  # of postmaster.pid, from 0
_log = logging.getLogger(__name__)

# One syncfs instead of a thousand fsyncs: after a crash, seconds sooner back.
_PLATFORM_SETTINGS = {"recovery_init_sync_method": "syncfs"} if sys.platform == "linux" else {}

# Few processes and little memory when idle; durable; ready for an online base backup.
_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "jit": "off",
    "huge_pages": "off",
    "io_method": "sync",
    "wal_level": "replica",
    "max_wal_senders": "2",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    "max_logical_replication_workers": "0",
    "max_worker_processes": "4",
    "autovacuum_max_workers": "2",
    "autovacuum_worker_slots": "2",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_checkpoints": "off",
    # The log tells of errors, never of the content of statements and rows.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}


class Server:
    """A PostgreSQL process of ours; it gets SIGINT when the thread that made it dies."""

    def __init__(self, cluster: Cluster, identity: Identity, shared_buffers_mb: int) -> None:
        self._cluster = cluster
        settings = (
            _SETTINGS
            | _PLATFORM_SETTINGS
            | {
                "shared_buffers": f"{shared_buffers_mb}MB",
                "unix_socket_directories": f'"{cluster.socket_dir}"',
            }
        )
        options = [text for item in settings.items() for text in ("-c", "=".join(item))]
        command = identity.command(
            cluster.data_dir, binary("postgres"), "-D", str(cluster.path), *options
        )
        cap_log(cluster.log)
        with _append(cluster.log) as log:
            self._log_start = cluster.log.stat().st_size
            self._process = subprocess.Popen(  # noqa: S603  our launcher, our binaries
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the application, which then stops us
            )

    @property
    def exit_code(self) -> int | None:
        """How the process ended (negative: by that signal); None while it runs."""
        return self._process.poll()

    def wait_ready(self, timeout_s: float, stopping: Event) -> None:
        """Return when connections are accepted.

        Raises EmbeddedPostgresError `start_failed`, `disk_full` or `not_ready`.
        """
        deadline = time.monotonic() + timeout_s
        while not self._ready():
            if self.exit_code is not None:
                raise self._start_error()
            if stopping.wait(_POLL_S) or time.monotonic() > deadline:
                self.stop()
                raise EmbeddedPostgresError(
                    "not_ready",
                    f"PostgreSQL was not ready within {timeout_s:.0f} s. "
                    f"See {self._cluster.log}, and start again.",
                )

    def stop(self) -> None:
        """Shut down cleanly, or after a while abruptly (the next start then recovers)."""
        for number, patience in (
            (signal.SIGINT, _GRACEFUL_STOP_S),
            (signal.SIGQUIT, _ABRUPT_STOP_S),
            (signal.SIGKILL, _ABRUPT_STOP_S),
        ):
            self._process.send_signal(number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
                return
            _log.warning("PostgreSQL did not stop on %s", signal.Signals(number).name)

    def _ready(self) -> bool:
        lines = _pid_file(self._cluster.path)
        ours = lines[:1] == [str(self._process.pid)]
        return ours and lines[_READY_LINE:] != [] and lines[_READY_LINE].strip() == "ready"

    def _start_error(self) -> EmbeddedPostgresError:
        with self._cluster.log.open(errors="replace") as log:
            log.seek(self._log_start)
            output = log.read()
        if tells_of_full_disk(output):
            return disk_full_error(self._cluster.data_dir)
        lines = output.splitlines()
        reasons = [line for line in lines if re.search("FATAL|PANIC|launcher:", line)]
        told = " ".join(reasons or lines[-3:])
        return EmbeddedPostgresError(
            "start_failed",
            f"PostgreSQL did not start (exit code {self.exit_code}): {told or 'no reason given'}. "
            f"See {self._cluster.log}.",
        )


def stop_survivors(cluster: Cluster) -> None:
    """Stop what a dead owner left running in the cluster, then drop a pid file that points astray.

    Call with the owner's lock held. PostgreSQL would refuse to start when the pid in its file
    belongs to any living process, which after a container's restart is often a stranger.
    """
    survivors = _survivors(cluster)
    if survivors:
        leader = _recorded_pid(cluster.path)
        _log.warning("stopping a PostgreSQL without an owner (pids %s)", sorted(survivors))
        _signal({leader} & survivors, signal.SIGINT)
        patience = _GRACEFUL_STOP_S if leader in survivors else _ORPHAN_S
        for number in (signal.SIGQUIT, signal.SIGKILL):
            if _gone(lambda: _survivors(cluster), patience):
                break
            _signal(_survivors(cluster), number)
            patience = _ABRUPT_STOP_S
        else:
            _gone(lambda: _survivors(cluster), patience)
    recorded = _recorded_pid(cluster.path)
    if recorded and _alive(recorded) and recorded not in _survivors(cluster):
        (cluster.path / "postmaster.pid").unlink(missing_ok=True)


def cap_log(log: Path) -> None:
    """Keep the log bounded: past the limit it moves to `.1` and begins anew.

    It is copied and cut, since PostgreSQL keeps it open (for appending, so that cutting is safe).
    """
    if log.exists() and log.stat().st_size > LARGEST_LOG:
        older = log.with_suffix(".log.1")
        shutil.copyfile(log, older)
        older.chmod(0o600)
        os.truncate(log, 0)


@contextlib.contextmanager
def _append(log: Path) -> Iterator[int]:
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        yield file
    finally:
        os.close(file)


def _pid_file(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _recorded_pid(cluster: Path) -> int:
    first = (_pid_file(cluster) or [""])[0]
    return int(first) if first.isdigit() else 0


def _survivors(cluster: Cluster) -> set[int]:
    """The pids of PostgreSQL programs at work in the data directory."""
    if sys.platform == "linux":
        return {
            int(entry.name)
            for entry in Path("/proc").iterdir()
            if entry.name.isdigit() and _works_in(entry, cluster.data_dir)
        }
    pid = _recorded_pid(cluster.path)
    ps = shutil.which("ps")
    if not pid or ps is None:
        return set()
    done = subprocess.run(  # noqa: S603  fixed arguments
        [ps, "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    return {pid} if str(cluster.path) in done.stdout else set()


def _works_in(process: Path, data_dir: Path) -> bool:
    try:
        program = (process / "exe").readlink().name
        folder = (process / "cwd").readlink()
    except OSError:  # it ended, or is another user's
        return False
    return program.startswith(("postgres", "initdb")) and folder.is_relative_to(data_dir)


def _signal(pids: set[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _gone(survivors: Callable[[], set[int]], patience_s: float) -> bool:
    deadline = time.monotonic() + patience_s
    while survivors():
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_S * 2)
    return True
