"""Migrations under kill -9, of the process that migrates and of the server, at random moments."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

import adapters
from adapters.embedded_postgres import EmbeddedPostgres
from adapters.embedded_postgres.cluster import binary
from adapters.postgres.migrate import (
    SchemaTooNew,
    current_revision,
    head_revision,
    migrate,
    migration_lock,
)

SOURCE = Path(adapters.__file__).parent.parent
SEED = int(os.environ.get("CHATSPHERE_FAULT_SEED", "20261"))
KILLS = 60 if os.environ.get("CHATSPHERE_FAULTS") == "full" else 8
MIGRATOR = """
import sys
sys.path.insert(0, sys.argv[1])
from alembic import command
from adapters.postgres.migrate import migrate
migrate(sys.argv[2], lambda text: print(text, flush=True))
print("done", flush=True)
"""


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("migrations") / "data"


@pytest.fixture(scope="module")
def server(data_dir: Path) -> Iterator[str]:
    """A server of its own, which is killed too."""
    postgres = EmbeddedPostgres(data_dir)
    yield postgres.start()
    postgres.stop()


@pytest.fixture
def empty(server: str) -> Iterator[Callable[[], str]]:
    """Gives a function that makes an empty database and returns its URL."""
    made: list[str] = []

    def make() -> str:
        name = f"kills_{len(made)}_{time.monotonic_ns()}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        made.append(name)
        return server.replace("/chatsphere?", f"/{name}?")

    yield make
    with psycopg.connect(server, autocommit=True) as connection:
        for name in made:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def migrator(url: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", MIGRATOR, str(SOURCE), url],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def begun(process: "subprocess.Popen[str]") -> float:
    """Wait until it migrates; return when that was."""
    assert process.stdout is not None
    assert process.stdout.readline().startswith("migrating")
    return time.monotonic()


def catalogue(url: str) -> str:
    """Return everything that defines the schema, rights and policies included."""
    told = subprocess.check_output(
        [str(binary("pg_dump")), "--schema-only", "--no-comments", f"--dbname={url}"], text=True
    )
    return "\n".join(line for line in told.splitlines() if not line.startswith(("\\", "--")))


def seeded_rows(url: str) -> list[tuple[object, ...]]:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT p.*::text FROM plans p ORDER BY 1").fetchall()


def undisturbed(url: str) -> float:
    """Migrate in peace; return how long that takes from its beginning."""
    with migrator(url) as process:
        since = begun(process)
        process.wait(60)
        assert process.returncode == 0
        return time.monotonic() - since


def eventually_migrated(url: str) -> None:
    """Migrate as the next start does, once the server answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            migrate(url)
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        else:
            return


def test_a_migration_killed_at_any_moment_is_done_by_the_next_start(
    empty: Callable[[], str],
) -> None:
    peace = empty()
    seconds, expected, rows = undisturbed(peace), catalogue(peace), seeded_rows(peace)
    chance, left_at = random.Random(SEED), []
    for _ in range(KILLS):
        url = empty()
        with migrator(url) as process:
            begun(process)
            time.sleep(chance.uniform(0, seconds))
            process.kill()
        with suppress(psycopg.Error):
            left_at.append(current_revision(url))
        eventually_migrated(url)
        assert current_revision(url) == head_revision()
        assert catalogue(url) == expected
        assert seeded_rows(url) == rows
    print(f"\nseed {SEED}, kills {KILLS} in {seconds:.2f} s, left at {left_at}")  # noqa: T201
    assert set(left_at) - {head_revision()}, "no kill hit a migration at work"


def test_a_server_killed_during_a_migration_comes_back_to_a_whole_one(
    empty: Callable[[], str], data_dir: Path
) -> None:
    peace = empty()
    seconds, expected = undisturbed(peace), catalogue(peace)
    for share in (0.3, 0.7):
        url = empty()
        with migrator(url) as process:
            begun(process)
            time.sleep(seconds * share)
            pid = int((data_dir / "postgres/postmaster.pid").read_text().split()[0])
            os.kill(pid, signal.SIGKILL)
            process.wait(60)
        eventually_migrated(url)
        assert catalogue(url) == expected


def test_of_several_that_migrate_at_once_one_does_and_the_others_wait(
    empty: Callable[[], str],
) -> None:
    peace, url = empty(), empty()
    undisturbed(peace)
    together = [migrator(url) for _ in range(3)]
    told = [process.communicate(timeout=60) for process in together]
    assert [process.returncode for process in together] == [0, 0, 0], told
    assert sum("migrating" in out for out, _ in told) == 1
    assert catalogue(url) == catalogue(peace)


def test_a_killed_process_leaves_no_lock_that_others_wait_for(empty: Callable[[], str]) -> None:
    url = empty()
    with migrator(url) as process:
        begun(process)
        process.kill()
    since = time.monotonic()
    with migration_lock(url):
        assert time.monotonic() - since < 5


def test_a_schema_newer_than_the_code_is_refused_and_left_alone(empty: Callable[[], str]) -> None:
    url = empty()
    migrate(url)
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaTooNew, match=r"9999.*Install that release"):
        migrate(url)
    assert current_revision(url) == "9999"
