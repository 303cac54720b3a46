"""Commands for the keeping of an installation. What a command needs is imported inside it."""

from pathlib import Path
from typing import Annotated

import typer

from entrypoints.cli.admin import settings
from entrypoints.cli.errors import UsageProblem, reported

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]


@reported
def backup(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The folder to make.")],
    without_secrets: Annotated[
        bool,
        typer.Option("--without-secrets", help="Leave out the keys that the data directory holds."),
    ] = False,
    verify: Annotated[
        bool, typer.Option("--verify", help="Only check a backup that was made before.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Back everything up into a new folder, while the server runs or not, and verify it."""
    from entrypoints.cli import backup

    if verify and without_secrets:
        raise UsageProblem("Choose one of --verify and --without-secrets.")
    if verify:
        return backup.verify(path, as_json=as_json)
    return backup.make(settings(), path, with_secrets=not without_secrets, as_json=as_json)


@reported
def restore(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The folder of a backup.")],
    as_json: Json = False,
) -> int:
    """Restore a backup into an empty data directory (and database); nothing is overwritten."""
    from entrypoints.cli import backup

    return backup.restore(settings(), path, as_json=as_json)


@reported
def sweep(
    workspace: Annotated[
        str | None, typer.Option("--workspace", metavar="ID", help="Only this workspace.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; only tell what would be.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Compare vectors, files and caches with the database, and mend what differs."""
    from entrypoints.cli import sweep

    return sweep.command(settings(), workspace, dry_run=dry_run, as_json=as_json)


@reported
def preflight(as_json: Json = False) -> int:
    """Before an upgrade: check that this release can take over the installation there is."""
    from entrypoints.cli import preflight

    return preflight.command(settings(), as_json=as_json)
