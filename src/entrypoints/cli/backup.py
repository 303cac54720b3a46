"""`chatsphere backup` and `chatsphere restore`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.filesize import decimal

from entrypoints.backups.making import make_backup
from entrypoints.backups.manifest import Manifest, Report
from entrypoints.backups.manifest import verify as verified
from entrypoints.backups.restoring import restore as restored
from entrypoints.cli.errors import FAILED
from entrypoints.cli.output import console, hint, print_json, progress_bars, say
from entrypoints.settings import Settings


def make(settings: Settings, path: Path, *, with_secrets: bool, as_json: bool) -> int:
    """Make a backup; return 1 where the installation has lost files that it should hold."""
    with _progress(shown=not as_json) as report:
        manifest = make_backup(settings, path, with_secrets=with_secrets, report=report)
    _tell(f"Backed up and verified: {path}", path, manifest, as_json=as_json)
    if not as_json:
        _tell_of_secrets(manifest, settings, with_secrets=with_secrets)
    return _judged(manifest, as_json=as_json)


def verify(path: Path, *, as_json: bool) -> int:
    """Read a backup and compare it with its checksums."""
    with _progress(shown=not as_json) as report:
        manifest = verified(path, report)
    _tell(f"The backup is whole: {path}", path, manifest, as_json=as_json)
    return _judged(manifest, as_json=as_json)


def restore(settings: Settings, path: Path, *, as_json: bool) -> int:
    """Restore a backup into an empty installation."""
    with _progress(shown=not as_json) as report:
        manifest = restored(settings, path, report)
    _tell(f"Restored into {settings.data_dir}.", path, manifest, as_json=as_json)
    if not as_json:
        if "encryption.key" not in manifest.secrets and settings.encryption_keys is None:
            place = settings.data_dir / "encryption.key"
            hint(
                f"The backup holds no encryption key. Put the one you kept into {place} before the "
                "first start, or set CHATSPHERE_ENCRYPTION_KEYS: without it stored provider keys and "
                "second factors cannot be read."
            )
        say("Check it:  chatsphere secrets status;  chatsphere doctor")
    return 0


def _tell(title: str, path: Path, manifest: Manifest, *, as_json: bool) -> None:
    if as_json:
        print_json({"path": str(path.absolute()), "size": manifest.size, **manifest.as_dict()})
        return
    rows = manifest.counts
    say(title)
    say(
        f"  made        {manifest.created_at:%Y-%m-%d %H:%M:%S} UTC by ChatSphere {manifest.version}"
    )
    say(f"  size        {decimal(manifest.size)}, {manifest.blob_count} files")
    say(
        f"  database    schema {manifest.schema}; users {rows.get('users', 0)}, "
        f"workspaces {rows.get('workspaces', 0)}, documents {rows.get('documents', 0)}, "
        f"messages {rows.get('messages', 0)}"
    )
    say(f"  keys        {', '.join(manifest.secrets) or 'none'}")


def _tell_of_secrets(manifest: Manifest, settings: Settings, *, with_secrets: bool) -> None:
    if manifest.secrets:
        hint("It holds keys and everybody's data: keep it as safe as the installation.")
    elif not with_secrets and settings.encryption_keys is None:
        place = settings.data_dir / "encryption.key"
        hint(f"It holds no keys: keep {place} elsewhere, or stored secrets are lost with it.")
    if settings.encryption_keys is not None:
        hint("CHATSPHERE_ENCRYPTION_KEYS is no part of it: keep its value elsewhere.")


def _judged(manifest: Manifest, *, as_json: bool) -> int:
    if manifest.blobs_in and not as_json:
        hint(
            f"The original files are in {manifest.blobs_in} and not in here: keep that bucket's "
            "versions, or copy it after this backup."
        )
    if not manifest.missing:
        return 0
    if not as_json:
        hint(
            f"The installation had lost {len(manifest.missing)} original files, or they were damaged "
            f"there: {', '.join(manifest.missing[:3])} … Everything else is in the backup."
        )
    return FAILED


@contextmanager
def _progress(*, shown: bool) -> Iterator[Report]:
    screen = console(error=True)
    if not shown or not screen.is_terminal:
        yield lambda _step, _share: None
        return
    with progress_bars(screen) as bars:
        task = bars.add_task("Looking", total=1.0)
        yield lambda step, share: bars.update(task, description=step, completed=share)
