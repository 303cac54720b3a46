"""Under whose identity the embedded PostgreSQL runs: ordinary users, and the ways out of root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import adapters
from adapters.embedded_postgres import EmbeddedPostgres, launcher
from adapters.embedded_postgres.identity import SYSTEM_USER

SOURCE = Path(adapters.__file__).parent.parent
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root")

START = """
import os, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from adapters.embedded_postgres import EmbeddedPostgres, EmbeddedPostgresError
postgres = EmbeddedPostgres(Path(sys.argv[2]))
try:
    url = postgres.start()
except EmbeddedPostgresError as error:
    print(error.code, error)
else:
    import psycopg
    with psycopg.connect(url) as connection:
        print("serves", os.geteuid(), connection.execute("SELECT 1").fetchone()[0])
    postgres.stop()
"""

# Root in a user namespace where no further one may be made, as in many containers. Arguments: how
# many ids it maps, then the command.
CONFINED = """
import ctypes, os, sys
ask, answer = os.pipe(), os.pipe()
child = os.fork()
if child == 0:
    assert ctypes.CDLL(None).unshare(0x10000000) == 0
    os.write(ask[1], b"x")
    os.read(answer[0], 1)
    with open("/proc/sys/user/max_user_namespaces", "w") as limit:
        limit.write("0")
    os.execv(sys.argv[2], sys.argv[2:])
os.read(ask[0], 1)
for kind in ("uid_map", "gid_map"):
    with open(f"/proc/{child}/{kind}", "w") as ids:
        ids.write(f"0 0 {sys.argv[1]}")
os.write(answer[1], b"x")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def start_in(data_dir: Path) -> list[str]:
    return [sys.executable, "-c", START, str(SOURCE), str(data_dir)]


def through_launcher(identity: str, *command: str) -> list[str]:
    """The command that runs another as an identity, by the launcher that PostgreSQL gets."""
    bare = [sys.executable, "-I", "-S", launcher.__file__, str(os.getpid()), identity, "/"]
    return [*bare, *command]


def runs(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def ordinary() -> str:
    """The identity of an ordinary user for whom Python runs here."""
    if os.geteuid() != 0:
        return "plain"
    for identity in (f"user:{NOBODY}:{NOBODY}", "namespace:1:1"):
        if runs(through_launcher(identity, sys.executable, "-c", "import psycopg")):
            return identity
    pytest.skip("no ordinary user can run this Python")


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that everybody reaches and may write to, unlike pytest's."""
    folder = Path(tempfile.mkdtemp(prefix="chatsphere-test-"))
    folder.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


def kept(data_dir: Path) -> tuple[list[int], int]:
    """Start, add a row, stop: the rows before, and the owner of the cluster."""
    postgres = EmbeddedPostgres(data_dir)
    with psycopg.connect(postgres.start()) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (id int GENERATED ALWAYS AS IDENTITY)")
        found = [row[0] for row in connection.execute("SELECT id FROM kept ORDER BY id")]
        connection.execute("INSERT INTO kept DEFAULT VALUES")
    owner = (data_dir / "postgres").stat().st_uid
    postgres.stop()
    return found, owner


def test_an_ordinary_user_runs_it_as_itself(ordinary: str, public: Path) -> None:
    told = run(*through_launcher(ordinary, *start_in(public / "data"))).split()
    assert told[0] == "serves"
    assert told[1] != "0"
    assert (public / "data").stat().st_mode & 0o777 == 0o700


def test_an_ordinary_user_is_told_of_a_folder_it_may_not_write_to(
    ordinary: str, public: Path
) -> None:
    public.chmod(0o555)
    told = run(*through_launcher(ordinary, *start_in(public / "data")))
    assert told.startswith("data_dir_unusable")
    assert "Permission denied" in told


@as_root
def test_a_cluster_outlives_changes_of_identity_and_no_folder_above_changes(public: Path) -> None:
    data_dir = public / "data"
    data_dir.mkdir(mode=0o700)
    above = {parent: parent.stat().st_mode for parent in data_dir.parents}
    if not runs(through_launcher("namespace:1:1", sys.executable, "-c", "")):
        pytest.skip("user namespaces are refused here")
    assert kept(data_dir) == ([], 0)
    data_dir.chmod(0o711)
    found, owner = kept(data_dir)
    if owner == 0:
        pytest.skip(f"{SYSTEM_USER} cannot be made, or cannot reach the binaries")
    assert (found, owner) == ([1], pwd.getpwnam(SYSTEM_USER).pw_uid)
    data_dir.chmod(0o700)
    assert kept(data_dir) == ([1, 2], 0)
    assert data_dir.stat().st_mode & 0o777 == 0o700
    assert {parent: parent.stat().st_mode for parent in data_dir.parents} == above


@as_root
def test_where_namespaces_are_refused_the_system_user_is_let_through_the_data_directory(
    public: Path,
) -> None:
    confined = [sys.executable, "-c", CONFINED, "65536"]
    if not runs([*confined, sys.executable, "-c", ""]):
        pytest.skip("user namespaces are refused here")
    told = run(*confined, *start_in(public / "data"))
    if told.startswith("root_refused"):
        pytest.skip(f"{SYSTEM_USER} cannot be made, or cannot reach the binaries")
    assert told == "serves 0 1"
    assert (public / "data").stat().st_mode & 0o777 == 0o710
    assert public.stat().st_mode & 0o777 == 0o777


@as_root
def test_root_without_another_identity_is_told_what_to_choose(public: Path) -> None:
    confined = [sys.executable, "-c", CONFINED, "1"]
    if not runs([*confined, sys.executable, "-c", ""]):
        pytest.skip("user namespaces are refused here")
    told = run(*confined, *start_in(public / "data"))
    assert told.startswith("root_refused")
    assert "such as /var/lib/chatsphere" in told
