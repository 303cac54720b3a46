"""Where an installation notes when it was last backed up: a small file in the data directory."""

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from entrypoints.backups.manifest import Manifest

_FILE = "last_backup.json"


@dataclass(frozen=True, slots=True)
class LastBackup:
    """When the last backup was made, and where it was put."""

    created_at: datetime
    path: str


def note_backup(data_dir: Path, manifest: Manifest, path: Path) -> None:
    """Note a backup, where the data directory can be written: the backup is whole without this."""
    told = {"created_at": manifest.created_at.isoformat(), "path": str(path.absolute())}
    draft = data_dir / f".{_FILE}.{token_hex(4)}"
    with suppress(OSError):
        draft.write_text(json.dumps(told), encoding="utf-8")
        draft.replace(data_dir / _FILE)


def last_backup(data_dir: Path) -> LastBackup | None:
    """Return the last backup that was noted here, or None."""
    try:
        told = json.loads((data_dir / _FILE).read_text(encoding="utf-8"))
        return LastBackup(datetime.fromisoformat(told["created_at"]), str(told["path"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
