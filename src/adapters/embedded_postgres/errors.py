"""What can go wrong with the embedded PostgreSQL, and the sentence that says how to mend it."""

from __future__ import annotations

import errno
from pathlib import Path

_DISK_FULL = {errno.ENOSPC, errno.EDQUOT}
_DISK_FULL_WORDS = ("No space left on device", "Disk quota exceeded", "Check free disk space")


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot serve; the message says why and what to do.

    `code` is stable: not_installed, unsupported_platform, data_dir_unusable, disk_full,
    wrong_version, password_missing, root_refused, init_failed, start_failed, not_ready.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def data_dir_error(data_dir: Path, cause: OSError) -> EmbeddedPostgresError:
    """The error for a data directory that the file system refuses to let us use."""
    if cause.errno in _DISK_FULL:
        return disk_full_error(data_dir)
    return EmbeddedPostgresError(
        "data_dir_unusable",
        f"The data directory {data_dir} cannot be used ({cause.strerror or cause}). "
        "Choose a directory this user can write to.",
    )


def disk_full_error(data_dir: Path) -> EmbeddedPostgresError:
    """The error for a data directory without room for the database."""
    return EmbeddedPostgresError(
        "disk_full",
        f"There is no space left for the database in {data_dir}. "
        "Free at least 200 MB there, or choose a data directory on another disk.",
    )


def tells_of_full_disk(output: str) -> bool:
    """Whether PostgreSQL's words, in a log or an error, are about a full disk."""
    return any(words in output for words in _DISK_FULL_WORDS)
