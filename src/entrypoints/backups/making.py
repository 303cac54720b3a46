"""Makes a backup of an installation that goes on working meanwhile."""

import json
import os
import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from secrets import token_hex

from adapters.embedded_postgres.cluster import binary
from adapters.embedded_postgres.errors import EmbeddedPostgresError
from adapters.pg_dump.programs import DumpPrograms, folders_on_path
from adapters.postgres.snapshot import BlobOfRevision, Snapshot, require_sight, snapshot
from domain.errors import Conflict
from entrypoints.backups.manifest import (
    BLOB_LIST,
    BLOBS,
    DATABASE,
    MANIFEST,
    SECRETS,
    Manifest,
    Part,
    Report,
    blob_folder,
    copied,
    digest_of,
    private,
    told_disk_errors,
    verify,
)
from entrypoints.backups.record import note_backup
from entrypoints.data_dir import DataDirectory, synchronise
from entrypoints.owner import as_owner
from entrypoints.settings import Settings

_LOOKS = 5  # at the database, where files vanish between the look and their copying


def make_backup(
    settings: Settings, target: Path, *, with_secrets: bool, report: Report
) -> Manifest:
    """Make and verify a backup at `target`: it appears there whole, or not at all.

    Raises Conflict where something is there already, the folder for it is not, or a restore is
    unfinished, StorageFull,
    DumpFailed, EmbeddedPostgresError, ChatSphereError `sees_too_little` and `database_empty`.
    """
    if target.exists() or target.is_symlink():
        raise Conflict(f"{target} exists already: choose another name.", code="backup_exists")
    if not target.parent.is_dir():  # made here, it might be on another disk than the one meant
        raise Conflict(
            f"There is no folder {target.parent}: make or mount it first.", code="no_such_folder"
        )
    data_dir = DataDirectory(settings.data_dir)
    data_dir.enter()
    draft = target.with_name(f".{target.name}.unfinished-{token_hex(4)}")
    draft.mkdir(mode=0o700)
    try:
        with told_disk_errors(target.parent):
            with as_owner(settings) as conninfo:
                require_sight(conninfo)
                manifest = _Draft(settings, draft, report).fill(conninfo, with_secrets=with_secrets)
            verify(draft, report)
            os.sync()
            draft.rename(target)
            synchronise(target.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        data_dir.leave()
    note_backup(settings.data_dir, manifest, target)
    return manifest


class _Draft:
    """A backup that comes to be in a folder."""

    def __init__(self, settings: Settings, folder: Path, report: Report) -> None:
        self._settings = settings
        self._folder = folder
        self._report = report
        self._source = blob_folder(settings)
        self._copied: dict[str, Part] = {}

    def fill(self, conninfo: str, *, with_secrets: bool) -> Manifest:
        """Copy everything; what came or went meanwhile is as in the dump.

        Most files are copied before the moment that is dumped, the few that came since right after it.
        Where one of these is gone by then, the moment was a bad one, and another is taken.
        """
        for look in range(_LOOKS):
            with snapshot(conninfo) as moment:
                needed = moment.blobs() if self._source else []
                missing = self._copy(needed)
                if look == 0 or (missing and look < _LOOKS - 1):
                    continue
                self._drop_others({blob.key for blob in needed})
                return self._finish(conninfo, moment, missing, with_secrets=with_secrets)
        raise AssertionError  # the last look returns

    def _copy(self, needed: list[BlobOfRevision]) -> list[str]:
        """Copy what is not copied yet; return the keys of what is not there, or not as it was stored."""
        missing: list[str] = []
        if self._source is None:
            return missing
        for number, blob in enumerate(needed):
            self._report("Copying files", number / len(needed))
            if blob.key in self._copied:
                continue
            place = self._folder / BLOBS / blob.key
            try:
                part = copied(self._source / blob.key, place)
            except FileNotFoundError:
                missing.append(blob.key)
                continue
            if (part.size, part.sha256) != (blob.size, blob.sha256):
                place.unlink()
                missing.append(blob.key)
                continue
            self._copied[blob.key] = replace(part, path=blob.key)
        return missing

    def _drop_others(self, needed: set[str]) -> None:
        """What was deleted meanwhile is not kept in a backup."""
        for key in self._copied.keys() - needed:
            (self._folder / BLOBS / key).unlink()
            del self._copied[key]

    def _finish(
        self, conninfo: str, moment: Snapshot, missing: list[str], *, with_secrets: bool
    ) -> Manifest:
        tables = moment.tables()
        dump_programs(self._settings).dump(
            conninfo,
            moment.id,
            tables,
            self._folder / DATABASE,
            lambda share: self._report("Dumping the database", share),
        )
        (self._folder / DATABASE).chmod(0o600)
        self._list_blobs()
        if with_secrets:
            self._copy_secrets()
        now = datetime.now(UTC)
        manifest = Manifest(
            id=f"bkp_{now:%Y%m%d%H%M%S}_{token_hex(6)}",
            created_at=now,
            version=metadata.version("chatsphere"),
            schema=moment.revision,
            postgres=moment.server_version,
            tables=tables,
            counts=moment.counts(),
            blob_count=len(self._copied),
            blob_bytes=sum(part.size for part in self._copied.values()),
            missing=tuple(missing),
            parts=tuple(self._parts()),
            blobs_in="" if self._source else str(self._settings.blob_url),
        )
        with private(self._folder / MANIFEST) as file:
            file.write(json.dumps(manifest.as_dict(), indent=2).encode())
        return manifest

    def _list_blobs(self) -> None:
        with private(self._folder / BLOB_LIST) as lines:
            for key, part in sorted(self._copied.items()):
                told = {"key": key, "size": part.size, "sha256": part.sha256}
                lines.write(json.dumps(told).encode() + b"\n")

    def _copy_secrets(self) -> None:
        for name in SECRETS:
            with suppress(FileNotFoundError):  # given by a setting: never written down
                copied(self._settings.data_dir / name, self._folder / "secrets" / name)

    def _parts(self) -> list[Part]:
        names = [DATABASE, BLOB_LIST, *(f"secrets/{name}" for name in SECRETS)]
        there = [name for name in names if (self._folder / name).exists()]
        return [replace(digest_of(self._folder / name), path=name) for name in there]


def dump_programs(settings: Settings) -> DumpPrograms:
    """Return pg_dump and its like: for the embedded database its own, else those of the system first."""
    own = []
    with suppress(EmbeddedPostgresError):
        own.append(binary("pg_dump").parent)
    if settings.database_url is None:
        return DumpPrograms([*own, *folders_on_path()])
    return DumpPrograms([*folders_on_path(), *own])  # ours does not know TLS
