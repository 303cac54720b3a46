"""Keeps one PostgreSQL running for every process that shares a data directory."""

from __future__ import annotations

import logging
import os
import sys
import time
from concurrent.futures import Future
from pathlib import Path
from threading import Event, Thread

from adapters.embedded_postgres.cluster import DATABASE, Cluster, binary
from adapters.embedded_postgres.errors import (
    EmbeddedPostgresError,
    data_dir_error,
    disk_full_error,
    tells_of_full_disk,
)
from adapters.embedded_postgres.identity import choose_identity
from adapters.embedded_postgres.ownership import OwnerLock
from adapters.embedded_postgres.server import Server, cap_log, stop_survivors

_WATCH_S = 0.5
_ATTACH_POLL_S = 0.05
_LONGEST_BACKOFF_S = 30.0
_log = logging.getLogger(__name__)


class EmbeddedPostgres:
    """PostgreSQL in a data directory, alive as long as one of its processes is.

    The process that holds `<data_dir>/postgres.lock` owns the server: it starts it, starts it
    again when it dies, and takes it along when it dies itself, however that happens. The others
    attach, and one of them takes over within a second of the owner's end.

    Arguments: `data_dir`, made with mode 0700 if absent; `shared_buffers_mb`, PostgreSQL's page
    cache in MB; `timeout_s`, how long `start` waits for a server that accepts connections.
    """

    def __init__(
        self, data_dir: Path, *, shared_buffers_mb: int = 32, timeout_s: float = 60.0
    ) -> None:
        self._data_dir = data_dir
        self._shared_buffers_mb = shared_buffers_mb
        self._timeout_s = timeout_s
        self._lifeline: _Lifeline | None = None

    @property
    def owned(self) -> bool:
        """Whether this object supervises the server (an attached one may come to)."""
        return self._lifeline is not None and self._lifeline.owner

    def start(self) -> str:
        """Own the server or attach to it; returns the libpq URL of its database.

        The URL carries the password. Started twice, it returns the same. Raises
        EmbeddedPostgresError.
        """
        if sys.platform == "win32":
            raise EmbeddedPostgresError(
                "unsupported_platform",
                "The embedded PostgreSQL does not run on Windows. "
                "Configure the URL of a PostgreSQL server.",
            )
        if self._lifeline is None:
            cluster = Cluster(self._data_dir.resolve())
            cluster.create_data_dir()
            self._lifeline = _Lifeline(cluster, self._shared_buffers_mb, self._timeout_s)
        try:
            return self._lifeline.url()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """Let go: the owner shuts the server down, an attached process only stops watching."""
        lifeline, self._lifeline = self._lifeline, None
        if lifeline is not None:
            lifeline.end()


class _Lifeline:
    """The thread from which PostgreSQL is started, and with which it dies."""

    def __init__(self, cluster: Cluster, shared_buffers_mb: int, timeout_s: float) -> None:
        self._cluster = cluster
        self._shared_buffers_mb = shared_buffers_mb
        self._timeout_s = timeout_s
        self._lock = OwnerLock(cluster.lock)
        self._server: Server | None = None
        self._failures = 0
        self._retry_at = 0.0
        self._process = os.getpid()
        self._stopping = Event()
        self._url: Future[str] = Future()
        self._thread = Thread(target=self._run, name="embedded-postgres", daemon=True)
        self._thread.start()

    @property
    def owner(self) -> bool:
        return self._lock.held

    def url(self) -> str:
        return self._url.result()

    def end(self) -> None:
        if os.getpid() == self._process:  # in a forked child it is the parent's
            self._stopping.set()
            self._thread.join()

    def _run(self) -> None:
        try:
            self._url.set_result(self._begin())
            while not self._stopping.wait(_WATCH_S):
                self._watch()
        except OSError as error:
            self._url.set_exception(data_dir_error(self._cluster.data_dir, error))
        except BaseException as error:
            self._url.set_exception(error)
        finally:
            if self._server is not None:
                self._server.stop()
            self._lock.release()

    def _begin(self) -> str:
        deadline = time.monotonic() + self._timeout_s
        while not self._lock.acquire():
            if _connects(self._cluster):
                return self._cluster.url
            if self._stopping.wait(_ATTACH_POLL_S) or time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    "not_ready",
                    f"Another process holds {self._cluster.lock}, but its PostgreSQL accepted no "
                    f"connection within {self._timeout_s:.0f} s. Look into {self._cluster.log}, or "
                    "stop that process and start again.",
                )
        self._launch()
        return self._cluster.url

    def _launch(self) -> None:
        """Start the server of which we hold the lock. Raises EmbeddedPostgresError or OSError."""
        began = time.monotonic()
        stop_survivors(self._cluster)
        identity, version = choose_identity(self._cluster.data_dir, binary("postgres"))
        self._cluster.prepare(identity, version)
        self._server = Server(self._cluster, identity, self._shared_buffers_mb)
        self._server.wait_ready(self._timeout_s, self._stopping)
        _ensure_database(self._cluster)
        took = time.monotonic() - began
        _log.info("%s is ready after %.2f s as %s", version, took, identity.name)

    def _watch(self) -> None:
        """One look at the lock and the server; whatever fails is told and tried again."""
        try:
            if not self._lock.held:
                if not self._lock.acquire():
                    return
                _log.warning("the owner of PostgreSQL is gone: taking over")
            self._keep_running()
        except Exception as error:
            self._failures += 1
            delay = min(_LONGEST_BACKOFF_S, _WATCH_S * 2**self._failures)
            self._retry_at = time.monotonic() + delay
            unforeseen = not isinstance(error, EmbeddedPostgresError)
            told = "PostgreSQL is down, next attempt in %.0f s: %s"
            _log.error(told, delay, error, exc_info=unforeseen)

    def _keep_running(self) -> None:
        if self._server is not None and self._server.exit_code is None:
            cap_log(self._cluster.log)
            return
        if time.monotonic() < self._retry_at:
            return
        if self._server is not None:
            _log.error("PostgreSQL ended (%s): starting it again", self._server.exit_code)
        self._launch()
        self._failures = 0


def _connects(cluster: Cluster) -> bool:
    import psycopg

    if not cluster.password_file.exists():
        return False
    try:
        psycopg.connect(cluster.url, connect_timeout=5).close()
    except psycopg.OperationalError:
        return False
    return True


def _ensure_database(cluster: Cluster) -> None:
    import psycopg

    try:
        with psycopg.connect(cluster.url_of("postgres"), autocommit=True) as connection:
            known = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(known, [DATABASE]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {DATABASE}")
    except psycopg.Error as error:
        if tells_of_full_disk(str(error)):
            raise disk_full_error(cluster.data_dir) from error
        raise EmbeddedPostgresError(
            "start_failed", f"PostgreSQL runs, but refuses our connection: {error}"
        ) from error
