"""A PostgreSQL server that can be killed like in a power cut and comes back on port and data."""

import asyncio
import atexit
import contextlib
import functools
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # it has no types of its own
import psycopg

from adapters.embedded_postgres.cluster import Cluster, binary
from adapters.embedded_postgres.identity import Identity, choose_identity
from adapters.postgres.migrate import migrate

_DATABASE = "chatsphere"
_START_SECONDS = 60.0
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "on",
    "max_connections": "150",
    "shared_buffers": "32MB",
    "max_wal_size": "512MB",
    "jit": "off",
    "huge_pages": "off",
    "io_method": "sync",
    "autovacuum_max_workers": "1",
    "autovacuum_worker_slots": "1",
    "max_worker_processes": "4",
    "recovery_init_sync_method": "syncfs",  # no power cut: nothing is lost of what the kernel has
}


class Postgres:
    """A server over TCP in a folder of its own; migrated, with fsync on."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._cluster, self._identity = _cluster(folder)
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._lock = asyncio.Lock()
        self._frozen: list[psutil.Process] = []

    @property
    def url(self) -> str:
        """The libpq URL for the owner of the tables, a superuser."""
        return self.url_at("127.0.0.1", self.port)

    def url_at(self, host: str, port: int) -> str:
        """The same by another way, such as a proxy."""
        secret = self._cluster.url.split("@")[0]
        return f"{secret}@{host}:{port}/{_DATABASE}"

    @property
    def pid(self) -> int:
        """The postmaster's process id."""
        assert self._process is not None
        return self._process.pid

    def launch(self) -> None:
        """Start the process, and wait for nothing."""
        self._process = _launch(self._cluster, self._identity, self.port)

    async def start(self) -> float:
        """Start on the same port and data; return the seconds until queries are answered."""
        begun = time.monotonic()
        self.launch()
        async with asyncio.timeout(_START_SECONDS):
            while True:
                try:
                    await self.sql("SELECT 1")
                except psycopg.OperationalError:
                    await asyncio.sleep(0.05)
                else:
                    return time.monotonic() - begun

    async def kill9(self) -> None:
        """Kill the server and each of its processes at once, as a power cut would."""
        await self._disconnect()
        if self._process is None:
            return
        family = self._family()
        _signal(family, signal.SIGKILL)
        self._process.wait()
        psutil.wait_procs(family[1:], timeout=10)

    def pause(self) -> None:
        """Freeze the server and each of its processes."""
        self._frozen = self._family()
        _signal(self._frozen, signal.SIGSTOP)

    def resume(self) -> None:
        """Let them go on."""
        _signal(self._frozen, signal.SIGCONT)

    async def stop(self) -> None:
        """End it for good."""
        await self.kill9()

    async def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a statement, made as superuser beside all row-level security.

        Raises psycopg.OperationalError while the server is down.
        """
        async with self._lock:
            if self._connection is None or self._connection.closed:
                self._connection = await psycopg.AsyncConnection.connect(
                    self.url, autocommit=True, connect_timeout=10
                )
            try:
                cursor = await self._connection.execute(statement, values or None)
                return await cursor.fetchall() if cursor.description else []
            except psycopg.OperationalError:
                await self._close()
                raise

    def _family(self) -> list[psutil.Process]:
        assert self._process is not None
        try:
            postmaster = psutil.Process(self._process.pid)
            return [postmaster, *postmaster.children()]
        except psutil.NoSuchProcess:
            return []

    async def _disconnect(self) -> None:
        async with self._lock:
            await self._close()

    async def _close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                await self._connection.close()
            self._connection = None


def free_port() -> int:
    """Return a port of loopback on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _cluster(folder: Path) -> tuple[Cluster, Identity]:
    """Return a copy of a migrated cluster: making one takes seconds, copying it does not."""
    data = folder / "server"
    shutil.copytree(_template(), data, symlinks=True)
    cluster = Cluster(data.resolve())
    identity, version = choose_identity(cluster.data_dir, binary("postgres"))
    cluster.prepare(identity, version)
    return cluster, identity


@functools.cache
def _template() -> Path:
    """Make a stopped, migrated cluster, once in a test process."""
    # Not under a folder of root's alone: the server may run as another user.
    folder = Path(tempfile.mkdtemp(prefix="chatsphere-faults-template-")).resolve()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    folder.chmod(0o755)
    cluster = Cluster(folder / "server")
    cluster.create_data_dir()
    identity, version = choose_identity(cluster.data_dir, binary("postgres"))
    cluster.prepare(identity, version)
    port = free_port()
    process = _launch(cluster, identity, port)
    try:
        place = f"{cluster.url.split('@')[0]}@127.0.0.1:{port}"
        with _connected(f"{place}/postgres") as connection:
            connection.execute(f"CREATE DATABASE {_DATABASE}")
        migrate(f"{place}/{_DATABASE}")
        with _connected(f"{place}/{_DATABASE}") as connection:
            connection.execute("CHECKPOINT")
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)
    return cluster.data_dir


def _connected(url: str) -> psycopg.Connection[Any]:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            return psycopg.connect(url, autocommit=True)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def _launch(cluster: Cluster, identity: Identity, port: int) -> "subprocess.Popen[bytes]":
    """Start postgres through the product's launcher, which ties it to our life."""
    settings = {**_SETTINGS, "port": str(port), "unix_socket_directories": str(cluster.socket_dir)}
    options = [text for item in settings.items() for text in ("-c", "=".join(item))]
    command = identity.command(
        cluster.data_dir, binary("postgres"), "-D", str(cluster.path), *options
    )
    with cluster.log.open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def _signal(family: Sequence[psutil.Process], number: int) -> None:
    """Send a signal to the postmaster first, who would take note of its children's end."""
    for member in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            member.send_signal(number)
