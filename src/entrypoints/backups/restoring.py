"""Restores a backup into an installation that holds nothing yet."""

import os
from pathlib import Path

import psycopg

from adapters.postgres.migrate import head_revision, migrate, migration_lock, require_known
from adapters.postgres.roles import make_roles
from adapters.postgres.snapshot import require_sight, row_counts, table_count
from domain.errors import Conflict
from entrypoints.backups.making import dump_programs
from entrypoints.backups.manifest import (
    BLOBS,
    DATABASE,
    BackupDamaged,
    Manifest,
    Report,
    blob_folder,
    copied,
    listed_blobs,
    told_disk_errors,
    verify,
)
from entrypoints.data_dir import DataDirectory
from entrypoints.owner import as_owner
from entrypoints.settings import Settings


def restore(settings: Settings, backup: Path, report: Report) -> Manifest:
    """Load a backup into an empty installation, and migrate it to the newest schema.

    A mark in the data directory keeps everybody from working there until all of it is there. Broken
    off, it is run again with the same backup. Raises BackupDamaged, InvalidInput, SchemaTooNew,
    StorageFull, DumpFailed, EmbeddedPostgresError, ChatSphereError `sees_too_little` and
    `roles_missing`, and Conflict where something is there or runs already.
    """
    manifest = verify(backup, report)
    require_known(manifest.schema)
    data_dir = DataDirectory(settings.data_dir)
    with data_dir.alone(), told_disk_errors(settings.data_dir):
        _Restore(settings, data_dir, backup, manifest, report).run()
    return manifest


class _Restore:
    """One backup on its way into one installation."""

    def __init__(
        self,
        settings: Settings,
        data_dir: DataDirectory,
        backup: Path,
        manifest: Manifest,
        report: Report,
    ) -> None:
        self._settings = settings
        self._data_dir = data_dir
        self._backup = backup
        self._manifest = manifest
        self._report = report
        self._blobs = blob_folder(settings)

    def run(self) -> None:
        """Files first, then the database in one transaction: where it is there, all is."""
        self._require_its_files()
        again = self._is_begun()
        if not again:
            self._require_empty()
            self._data_dir.begin_restore(self._manifest.id, self._backup.absolute())
        with as_owner(self._settings) as conninfo:
            with migration_lock(conninfo):
                self._copy_secrets()
                if not (again and self._is_loaded(conninfo)):
                    self._copy_blobs()
                    self._load(conninfo)
            self._report(f"Migrating to {head_revision()}", 0.0)
            migrate(conninfo)
        self._data_dir.end_restore()

    def _is_begun(self) -> bool:
        """Tell whether this very backup was on its way already. Raises Conflict where another was."""
        known = self._data_dir.unfinished_id()
        if known is not None and known != self._manifest.id:
            raise Conflict(
                f"The restore of another backup, {self._data_dir.unfinished()}, was not finished in "
                f"{self._data_dir.folder}: finish that one, or choose an empty data directory.",
                code="restore_unfinished",
            )
        return known is not None

    def _require_its_files(self) -> None:
        """Raise Conflict where what is restored would not find its files."""
        held, named = self._manifest.blobs_in, self._settings.blob_url
        if held and held != named:
            raise Conflict(
                f"The files of this backup are kept in {held}: set CHATSPHERE_BLOB_URL to that.",
                code="blobs_elsewhere",
            )
        if self._manifest.blob_count and self._blobs is None:
            raise Conflict(
                f"This backup holds files, and CHATSPHERE_BLOB_URL names {named}: restore without that "
                "setting, copy DATA_DIR/blobs into the bucket (the names are the same), then set it.",
                code="blobs_elsewhere",
            )

    def _require_empty(self) -> None:
        folder = self._settings.data_dir
        embedded = self._settings.database_url is None
        if embedded and (folder / "postgres").exists():
            raise _not_empty(f"{folder} holds a database", "an empty data directory")
        if self._blobs and self._blobs.exists() and any(self._blobs.iterdir()):
            raise _not_empty(f"{self._blobs} holds files", "an empty data directory")
        for name in self._manifest.secrets:
            held = folder / name
            ours = (self._backup / "secrets" / name).read_bytes()
            if held.exists() and held.read_bytes() != ours:
                raise _not_empty(f"{held} is another key", "an empty data directory")
        if not embedded:
            with as_owner(self._settings) as conninfo:
                require_sight(conninfo)
                if table_count(conninfo) > 0:
                    raise _not_empty("The database holds tables", "an empty database")

    def _is_loaded(self, conninfo: str) -> bool:
        """Tell whether the database was loaded before the restore was broken off. Raises Conflict."""
        if table_count(conninfo) == 0:
            return False
        if not self._has_the_rows(conninfo):
            raise _not_empty("Meanwhile the database holds something else", "an empty database")
        return True

    def _copy_secrets(self) -> None:
        for name in self._manifest.secrets:
            place = self._settings.data_dir / name
            if not place.exists():
                draft = place.with_name(f".{name}.restored")
                draft.unlink(missing_ok=True)
                copied(self._backup / "secrets" / name, draft)
                draft.rename(place)

    def _copy_blobs(self) -> None:
        if self._blobs is None:
            return
        # The folder itself may be a mount or a link to a larger disk: it stays.
        self._blobs.mkdir(mode=0o700, parents=True, exist_ok=True)
        for number, blob in enumerate(listed_blobs(self._backup)):
            self._report("Copying files", number / max(1, self._manifest.blob_count))
            place = self._blobs / blob.path
            place.unlink(missing_ok=True)  # half of it, from a try that was broken off
            part = copied(self._backup / BLOBS / blob.path, place)
            if (part.size, part.sha256) != (blob.size, blob.sha256):
                raise BackupDamaged(f"{BLOBS}/{blob.path} has changed since it was verified.")
        os.sync()

    def _load(self, conninfo: str) -> None:
        make_roles(conninfo)
        dump_programs(self._settings).load(
            conninfo,
            self._backup / DATABASE,
            self._manifest.tables,
            lambda share: self._report("Loading the database", share),
        )
        if not self._has_the_rows(conninfo):
            raise BackupDamaged("The database has other numbers of rows than the backup counts.")

    def _has_the_rows(self, conninfo: str) -> bool:
        try:
            found = row_counts(conninfo, self._manifest.counts)
        except psycopg.errors.UndefinedTable:
            return False
        return found == self._manifest.counts


def _not_empty(found: str, wanted: str) -> Conflict:
    return Conflict(
        f"{found}: a restore overwrites nothing. Restore into {wanted}.", code="not_empty"
    )
