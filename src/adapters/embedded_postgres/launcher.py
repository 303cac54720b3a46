"""Turns a freshly forked process into a PostgreSQL program, under the right identity.

Run as a script in a bare interpreter (`python -I -S launcher.py PARENT IDENTITY FOLDER PROGRAM
ARGUMENT…`), because code between fork and exec is unsafe in a threaded process. In this order:
become the identity (changing it clears the parent-death signal), enter FOLDER (which proves that
the identity can reach it), ask for SIGINT when the parent thread dies, check that it has not died
already, then exec PROGRAM with an environment that carries none of the application's secrets.

IDENTITY is `plain`, `user:UID:GID`, or `namespace:UID:GID` (root outside, UID:GID inside).
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

REFUSED = 126
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000


def main(arguments: list[str]) -> None:
    """Become the program that the arguments name; never returns."""
    parent, identity, folder, *command = arguments
    try:
        _become(identity)
        os.chdir(folder)
        _die_with(int(parent))
        os.execve(command[0], command, ENVIRONMENT)  # noqa: S606  the supervisor's own command
    except OSError as error:
        sys.stderr.write(f"launcher: {identity} cannot run {command[0]} in {folder}: {error}\n")
        sys.exit(REFUSED)


def _become(identity: str) -> None:
    kind, *ids = identity.split(":")
    if kind == "user":
        uid, gid = map(int, ids)
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    elif kind == "namespace":
        _enter_namespace(*map(int, ids))


def _enter_namespace(uid: int, gid: int) -> None:
    outside_uid, outside_gid = os.geteuid(), os.getegid()
    _check(_libc().unshare(_CLONE_NEWUSER))
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {outside_uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {outside_gid} 1")


def _die_with(parent: int) -> None:
    if sys.platform == "linux":
        _check(_libc().prctl(_PR_SET_PDEATHSIG, signal.SIGINT, 0, 0, 0))
    if os.getppid() != parent:
        sys.exit(REFUSED)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main(sys.argv[1:])
