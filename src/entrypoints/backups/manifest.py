"""What a backup is made of: a folder with a manifest, each of its parts with its SHA-256.

manifest.json        written last
database.dump        pg_dump's custom format, with the vectors
blobs.jsonl          a line for each file: key, size, sha256
blobs/<key>          the original bytes of documents
secrets/<name>       the keys that the data directory holds (unless left out)
"""

import errno
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO

from adapters.local_disk.plugin import folder_of
from application.ports.plugins import Group
from domain.errors import ChatSphereError, InvalidInput, StorageFull
from entrypoints.settings import Settings

MANIFEST = "manifest.json"
DATABASE = "database.dump"
BLOB_LIST = "blobs.jsonl"
BLOBS = "blobs"
SECRETS = ("secret.key", "encryption.key")
PARTS = frozenset({DATABASE, BLOB_LIST, *(f"secrets/{name}" for name in SECRETS)})
Report = Callable[[str, float], None]

_FORMAT = "chatsphere-backup-1"
_KEY = re.compile(r"[a-z0-9_]{1,64}/[0-9a-f]{2}/[0-9a-f]{30}\Z")  # as the blob store makes them
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_BLOCK_BYTES = 1 << 20
_LISTED = 5  # damaged parts that are named; more are counted


class BackupDamaged(ChatSphereError):
    """This is no whole backup."""

    code = "backup_damaged"


@dataclass(frozen=True, slots=True)
class Part:
    """A file of a backup: path in it (or key of a blob), size in bytes, hex SHA-256."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a backup.

    Arguments: `schema` is the revision of the database's schema; `counts` the rows of the tables that
    tell whether it is whole; `blob_count` and `blob_bytes` the original files; `missing` the files that
    the installation itself had lost, by key; `blobs_in` the bucket that keeps the files, where they
    are not in here.
    """

    id: str
    created_at: datetime
    version: str
    schema: str
    postgres: str
    tables: int
    counts: Mapping[str, int]
    blob_count: int
    blob_bytes: int
    missing: tuple[str, ...]
    parts: tuple[Part, ...]
    blobs_in: str = ""

    @property
    def secrets(self) -> list[str]:
        """The names of the keys that are in it."""
        return [
            part.path.partition("/")[2] for part in self.parts if part.path.startswith("secrets/")
        ]

    @property
    def size(self) -> int:
        """Bytes of all its parts."""
        return self.blob_bytes + sum(part.size for part in self.parts)

    def as_dict(self) -> dict[str, object]:
        """Return it as JSON values."""
        known = asdict(self) | {"created_at": self.created_at.isoformat(), "format": _FORMAT}
        return {**known, "missing": list(self.missing), "parts": [asdict(p) for p in self.parts]}


def read_manifest(backup: Path) -> Manifest:
    """Return what a backup says it holds. Raises BackupDamaged, and InvalidInput where there is none."""
    if not backup.is_dir():
        raise InvalidInput(f"{backup} is no backup: there is no such folder.", code="no_backup")
    try:
        told = json.loads((backup / MANIFEST).read_text(encoding="utf-8"))
        if told.pop("format") != _FORMAT:
            raise ValueError("another format")
        return _manifest(told)
    except FileNotFoundError as error:
        raise BackupDamaged(
            f"{backup} has no {MANIFEST}: it was not finished, or is no backup."
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupDamaged(f"{backup / MANIFEST} cannot be read as a manifest.") from error


def _manifest(told: dict[str, Any]) -> Manifest:
    """Raises ValueError, KeyError, TypeError."""
    parts = tuple(Part(str(p["path"]), int(p["size"]), str(p["sha256"])) for p in told["parts"])
    if not {DATABASE, BLOB_LIST} <= {part.path for part in parts} <= PARTS:
        raise ValueError("other parts")
    return Manifest(
        id=str(told["id"]),
        created_at=datetime.fromisoformat(told["created_at"]),
        version=str(told["version"]),
        schema=str(told["schema"]),
        postgres=str(told["postgres"]),
        tables=int(told["tables"]),
        counts={str(table): int(rows) for table, rows in told["counts"].items()},
        blob_count=int(told["blob_count"]),
        blob_bytes=int(told["blob_bytes"]),
        missing=tuple(map(str, told["missing"])),
        parts=parts,
        blobs_in=str(told.get("blobs_in", "")),
    )


def blob_folder(settings: Settings) -> Path | None:
    """Return the folder that holds the original files; None where a bucket does. Raises InvalidInput."""
    if settings.chosen[Group.BLOB_STORES] != "file":
        return None
    return folder_of(settings.blob_url, settings.data_dir)


def listed_blobs(backup: Path) -> Iterator[Part]:
    """Yield the files that a backup lists, by their keys. Raises BackupDamaged."""
    with (backup / BLOB_LIST).open(encoding="utf-8") as lines:
        for line in lines:
            try:
                told = json.loads(line)
                part = Part(str(told["key"]), int(told["size"]), str(told["sha256"]))
            except (ValueError, KeyError, TypeError) as error:
                raise BackupDamaged(f"{backup / BLOB_LIST} holds a line that is none.") from error
            if not _KEY.match(part.path):
                raise BackupDamaged(f"{backup / BLOB_LIST} names a file outside of {BLOBS}.")
            yield part


def verify(backup: Path, report: Report) -> Manifest:
    """Read every byte of a backup and compare it with what is listed. Raises BackupDamaged, InvalidInput."""
    manifest = read_manifest(backup)
    damaged = [part.path for part in manifest.parts if not _is_whole(backup / part.path, part)]
    if damaged:
        raise _damaged(backup, damaged)
    count = seen = 0
    for blob in listed_blobs(backup):
        if not _is_whole(backup / BLOBS / blob.path, blob):
            damaged.append(f"{BLOBS}/{blob.path}")
        count, seen = count + 1, seen + blob.size
        report("Verifying", seen / max(1, manifest.blob_bytes))
    if damaged:
        raise _damaged(backup, damaged)
    if (count, seen) != (manifest.blob_count, manifest.blob_bytes):
        raise BackupDamaged(f"{backup} lists other files than its manifest counts.")
    return manifest


def digest_of(path: Path) -> Part:
    """Return a file's size and SHA-256."""
    digest, size = sha256(), 0
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            size += len(block)
    return Part(path.name, size, digest.hexdigest())


def copied(source: Path, target: Path) -> Part:
    """Copy a file, for our eyes only; return the size and SHA-256 of what was copied."""
    for folder in reversed(target.parents):
        folder.mkdir(mode=0o700, exist_ok=True)
    digest, size = sha256(), 0
    with source.open("rb") as file, private(target) as copy:
        while block := file.read(_BLOCK_BYTES):
            digest.update(block)
            size += copy.write(block)
    return Part(source.name, size, digest.hexdigest())


def private(path: Path) -> BinaryIO:
    """Open a new file for writing bytes, which only its owner can read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


@contextmanager
def told_disk_errors(folder: Path) -> Iterator[None]:
    """Raise StorageFull where there is no room in a folder."""
    try:
        yield
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise StorageFull(f"There is no room left in {folder}.") from error
        raise


def _is_whole(path: Path, part: Part) -> bool:
    try:
        found = digest_of(path)
    except OSError:
        return False
    return (found.size, found.sha256) == (part.size, part.sha256)


def _damaged(backup: Path, paths: list[str]) -> BackupDamaged:
    more = f" and {len(paths) - _LISTED} more" if len(paths) > _LISTED else ""
    return BackupDamaged(f"{backup} is damaged: {', '.join(paths[:_LISTED])}{more}.")
