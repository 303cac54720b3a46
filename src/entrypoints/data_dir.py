"""Who may work in a data directory: any number of programs together, or one restore alone."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from adapters.embedded_postgres.ownership import OwnerLock
from domain.errors import Conflict

_LOCK = "chatsphere.lock"
_MARK = "restore.unfinished"
_OURS = ("blobs", "secret.key", "encryption.key", "postgres.password")


class DataDirectory:
    """The folder of an installation, and the lock that says who is in it.

    The kernel frees the lock when a process dies. The mark of an unfinished restore stays: what is
    there then is not an installation.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._mark = folder / _MARK
        self._lock: OwnerLock | None = None

    def enter(self) -> None:
        """Work here beside others. Raises Conflict `restore_running`, `restore_unfinished`, `wrong_user`.

        Where there is no such folder and none can be made, nobody restores into it either.
        """
        self._require_own()
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            taken = self._take(shared=True)
        except OSError:
            return
        if not taken:
            raise Conflict(
                f"A restore into {self.folder} is under way: wait for its end.",
                code="restore_running",
            )
        if self._mark.exists():
            self.leave()
            raise Conflict(
                f"A restore into {self.folder} was not finished, so what is there is not whole. Run "
                f"`chatsphere restore` again with {self.unfinished() or 'the same backup'}.",
                code="restore_unfinished",
            )

    def leave(self) -> None:
        """Let go, where it was entered."""
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep everybody else out. Raises Conflict `data_dir_in_use`, `wrong_user`."""
        self._require_own()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._take(shared=False):
            raise Conflict(
                f"ChatSphere runs on {self.folder}: stop it, or choose another data directory with "
                "CHATSPHERE_DATA_DIR.",
                code="data_dir_in_use",
            )
        try:
            yield
        finally:
            self.leave()

    def unfinished(self) -> str | None:
        """Return from where a restore began that did not end."""
        with suppress(OSError, ValueError):
            return str(json.loads(self._mark.read_text(encoding="utf-8"))["from"])
        return None

    def unfinished_id(self) -> str | None:
        """Return the id of the backup of which a restore began that did not end."""
        with suppress(OSError, ValueError):
            return str(json.loads(self._mark.read_text(encoding="utf-8"))["id"])
        return None

    def begin_restore(self, backup_id: str, source: Path) -> None:
        """Leave the mark, so that it survives whatever comes."""
        draft = self._mark.with_suffix(".draft")
        draft.write_text(json.dumps({"id": backup_id, "from": str(source)}), encoding="utf-8")
        synchronise(draft)
        draft.rename(self._mark)
        synchronise(self.folder)

    def end_restore(self) -> None:
        """Take the mark away: all is there."""
        self._mark.unlink(missing_ok=True)
        synchronise(self.folder)

    def _take(self, *, shared: bool) -> bool:
        lock = OwnerLock(self.folder / _LOCK, shared=shared)
        if not lock.acquire():
            return False
        self._lock = lock
        return True

    def _require_own(self) -> None:
        """Root in another's installation would leave files there that their owner cannot open."""
        if not hasattr(os, "geteuid") or os.geteuid() != 0:
            return
        found = [path for name in _OURS if (path := self.folder / name).exists()]
        owner = next((uid for path in found if (uid := path.stat().st_uid) != 0), None)
        if owner is not None:
            raise Conflict(
                f"{self.folder} is of the user with the id {owner}, and this is root: run it as that "
                f"user (`sudo -u '#{owner}' …`).",
                code="wrong_user",
            )


def synchronise(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
