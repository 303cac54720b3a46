"""The embedded PostgreSQL, with real binaries, real processes and real kills."""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Timer

import psycopg
import pytest

import adapters
from adapters.embedded_postgres import EmbeddedPostgres

SOURCE = Path(adapters.__file__).parent.parent
PEER = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from adapters.embedded_postgres import EmbeddedPostgres
postgres = EmbeddedPostgres(Path(sys.argv[2]))
print(postgres.start(), postgres.owned, flush=True)
sys.stdin.read()
postgres.stop()
"""


class Peer:
    """Another process of the application on the same data directory."""

    def __init__(self, data_dir: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PEER, str(SOURCE), str(data_dir)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def started(self) -> tuple[str, bool]:
        assert self.process.stdout is not None
        url, owned = self.process.stdout.readline().split()
        return url, owned == "True"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *raised: object) -> None:
        self.process.communicate(timeout=30)


def server_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().split()[0])


def eventually(holds: Callable[[], bool], seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def alive(pid: int) -> bool:
    """Whether a process runs (one that ended but was not yet waited for does not)."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, check=False)
    return state.stdout.strip()[:1] not in (b"", b"Z")


def write(url: str, text: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (text text)")
        connection.execute("INSERT INTO kept VALUES (%s)", [text])


def rows(url: str) -> list[str]:
    with psycopg.connect(url) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM kept ORDER BY text")]


def serves(url: str, expected: list[str]) -> bool:
    try:
        return rows(url) == expected
    except psycopg.OperationalError:
        return False


@pytest.fixture(scope="module")
def seed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stopped data directory with one row, to copy: initdb runs once."""
    data_dir = tmp_path_factory.mktemp("seed") / "data"
    postgres = EmbeddedPostgres(data_dir)
    write(postgres.start(), "seed")
    postgres.stop()
    return data_dir


@pytest.fixture
def data_dir(seed: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(seed, tmp_path / "data"))


@pytest.fixture
def postgres(data_dir: Path) -> Iterator[EmbeddedPostgres]:
    postgres = EmbeddedPostgres(data_dir)
    yield postgres
    postgres.stop()


def test_a_fresh_data_directory_gets_a_private_database_with_vectors(tmp_path: Path) -> None:
    data_dir = tmp_path / "below" / "data"
    data_dir.parent.mkdir(mode=0o710)
    before = [parent.stat().st_mode for parent in data_dir.parents]
    postgres = EmbeddedPostgres(data_dir)
    url = postgres.start()
    try:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE EXTENSION vector")
            nearest = "SELECT '[1,0]'::vector <-> '[1,2]'::vector, current_setting(%s)"
            assert connection.execute(nearest, ["listen_addresses"]).fetchone() == (2.0, "")
            assert connection.info.dbname == "chatsphere"
        secret = (data_dir / "postgres.password").read_text()
        assert postgres.owned
        assert secret not in (data_dir / "postgres.log").read_text()
        assert secret not in subprocess.check_output(["ps", "-e", "-o", "args"], text=True)
    finally:
        postgres.stop()
    assert [parent.stat().st_mode for parent in data_dir.parents] == before
    assert data_dir.stat().st_mode & 0o777 == 0o700
    assert {
        path.name: path.stat().st_mode & 0o777 for path in data_dir.iterdir() if path.is_file()
    } == {"postgres.password": 0o600, "postgres.lock": 0o600, "postgres.log": 0o600}


def test_a_wrong_password_is_refused(postgres: EmbeddedPostgres, data_dir: Path) -> None:
    secret = (data_dir / "postgres.password").read_text()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(postgres.start().replace(secret, "guessed"))


def test_rows_survive_a_restart_and_stopping_twice_is_fine(
    postgres: EmbeddedPostgres, data_dir: Path
) -> None:
    url = postgres.start()
    write(url, "first")
    pid = server_pid(data_dir)
    postgres.stop()
    postgres.stop()
    assert not alive(pid)
    assert not postgres.owned
    assert (postgres.start(), postgres.start()) == (url, url)
    assert rows(url) == ["first", "seed"]


def test_a_second_process_attaches_and_leaves_the_server_running(
    postgres: EmbeddedPostgres, data_dir: Path
) -> None:
    url = postgres.start()
    with Peer(data_dir) as peer:
        assert peer.started() == (url, False)
    assert postgres.owned
    assert rows(url) == ["seed"]


def test_an_attached_process_takes_over_when_the_owner_is_killed(
    postgres: EmbeddedPostgres, data_dir: Path
) -> None:
    with Peer(data_dir) as peer:
        url, owns = peer.started()
        assert owns
        assert postgres.start() == url
        assert not postgres.owned
        write(url, "committed")
        peer.kill()
    assert eventually(lambda: postgres.owned and serves(url, ["committed", "seed"]))


def test_an_attached_process_takes_over_when_the_owner_stops(
    postgres: EmbeddedPostgres, data_dir: Path
) -> None:
    with Peer(data_dir) as peer:
        url, _ = peer.started()
        postgres.start()
    assert eventually(lambda: postgres.owned and serves(url, ["seed"]))


def test_postgres_ends_when_its_owner_is_killed(data_dir: Path) -> None:
    with Peer(data_dir) as peer:
        url, _ = peer.started()
        write(url, "committed")
        pid = server_pid(data_dir)
        peer.kill()
    assert eventually(lambda: not alive(pid))
    postgres = EmbeddedPostgres(data_dir)
    assert rows(postgres.start()) == ["committed", "seed"]
    postgres.stop()


def test_a_killed_postgres_is_started_again_without_losing_a_row(
    postgres: EmbeddedPostgres, data_dir: Path
) -> None:
    url = postgres.start()
    kept = ["seed"]
    for text in ("a", "b", "c"):
        write(url, text)
        kept = sorted([*kept, text])
        os.kill(server_pid(data_dir), signal.SIGKILL)
        assert eventually(partial(serves, url, kept), seconds=10)


def test_a_server_that_cannot_come_back_is_tried_again_and_told_of(
    postgres: EmbeddedPostgres, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = postgres.start()
    version = data_dir / "postgres" / "PG_VERSION"
    good = version.read_text()
    version.write_text("9\n")
    with caplog.at_level(logging.ERROR):
        os.kill(server_pid(data_dir), signal.SIGKILL)
        assert eventually(lambda: "next attempt in 1 s" in caplog.text)
    version.write_text(good)
    assert eventually(lambda: serves(url, ["seed"]))


def test_a_server_left_without_an_owner_is_stopped_first(
    postgres: EmbeddedPostgres, data_dir: Path
) -> None:
    with Peer(data_dir) as peer:
        peer.started()
        orphan = server_pid(data_dir)
        os.kill(orphan, signal.SIGSTOP)  # it cannot heed the parent-death signal
        peer.kill()
    resume = Timer(0.5, os.kill, [orphan, signal.SIGCONT])
    resume.start()
    assert rows(postgres.start()) == ["seed"]
    resume.join()
    assert server_pid(data_dir) != orphan
    assert eventually(lambda: not alive(orphan))


def test_a_pid_file_that_names_a_stranger_does_not_prevent_the_start(
    postgres: EmbeddedPostgres, data_dir: Path
) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        pid_file = data_dir / "postgres" / "postmaster.pid"
        pid_file.write_text(f"{stranger.pid}\n{data_dir}/postgres\n1\n5432\n\n\n\n")
        assert rows(postgres.start()) == ["seed"]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_an_interrupted_initdb_is_begun_again(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with Peer(data_dir) as peer:
        assert eventually((data_dir / "postgres.init/cluster/global").exists)
        peer.kill()
    assert not (data_dir / "postgres").exists()
    postgres = EmbeddedPostgres(data_dir)
    write(postgres.start(), "whole")
    postgres.stop()
    assert not (data_dir / "postgres.init").exists()


def test_a_path_too_long_for_a_socket_gets_a_private_runtime_folder(
    seed: Path, tmp_path: Path
) -> None:
    data_dir = Path(shutil.copytree(seed, tmp_path / ("long, " * 20)))
    postgres = EmbeddedPostgres(data_dir)
    url = postgres.start()
    folder = Path(url.split("host=")[1])
    try:
        assert rows(url) == ["seed"]
        assert folder.stat().st_mode & 0o777 == 0o700
    finally:
        postgres.stop()
        shutil.rmtree(folder)


def test_a_log_grown_too_long_is_cut(postgres: EmbeddedPostgres, data_dir: Path) -> None:
    log = data_dir / "postgres.log"
    postgres.start()
    with log.open("a") as file:
        file.write("x" * 5_000_001)
    assert eventually(lambda: log.stat().st_size < 1_000_000)
    assert (data_dir / "postgres.log.1").stat().st_mode & 0o777 == 0o600
