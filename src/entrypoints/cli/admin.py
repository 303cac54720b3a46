"""Groups of commands for those who run an installation. What a command needs is imported inside it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrypoints.cli.errors import reported

if TYPE_CHECKING:
    from entrypoints.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
audit = typer.Typer(help="The audit log.", no_args_is_help=True)
secrets = typer.Typer(help="Stored secrets and the keys that encrypt them.", no_args_is_help=True)
plans = typer.Typer(help="Plans, and which workspace has which.", no_args_is_help=True)
workspaces = typer.Typer(help="The workspaces of this installation.", no_args_is_help=True)


@audit.command()
@reported
def verify(
    path: Annotated[
        Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="An exported log.")
    ],
    head: Annotated[
        str | None,
        typer.Option(
            help="Hash that the log must end with, kept elsewhere; else its end is not known."
        ),
    ] = None,
    as_json: Json = False,
) -> int:
    """Check that nothing in an exported audit log was changed, and nothing before its end taken out."""
    from entrypoints.cli import audit

    return audit.verify(path, head=head, as_json=as_json)


@secrets.command("status")
@reported
def secrets_status(as_json: Json = False) -> int:
    """Show how many secrets each encryption key holds; exit code 1 if such a key is missing."""
    from entrypoints.cli import sealed

    return sealed.status(settings(), as_json=as_json)


@secrets.command("rotate")
@reported
def secrets_rotate(as_json: Json = False) -> int:
    """Encrypt all stored secrets with the first of the keys; broken off, run it again."""
    from entrypoints.cli import sealed

    return sealed.rotate(settings(), as_json=as_json)


@plans.command("list")
@reported
def plans_list(as_json: Json = False) -> int:
    """Show every plan with its limits."""
    from entrypoints.cli import plans

    return plans.show(settings(), as_json=as_json)


@plans.command("assign")
@reported
def plans_assign(
    workspace: Annotated[str, typer.Argument(metavar="WORKSPACE", help="The workspace's id.")],
    plan: Annotated[str, typer.Argument(metavar="PLAN", help="The plan's id.")],
    as_json: Json = False,
) -> int:
    """Give a workspace another plan; nothing is deleted where it allows less."""
    from entrypoints.cli import plans

    return plans.assign(settings(), workspace, plan, as_json=as_json)


@workspaces.command("list")
@reported
def workspaces_list(as_json: Json = False) -> int:
    """Show every workspace in use: its id, its plan and its name."""
    from entrypoints.cli import workspaces

    return workspaces.show(settings(), as_json=as_json)


def settings() -> "Settings":
    """Read the settings."""
    from entrypoints.settings import Settings

    return Settings()  # type: ignore[call-arg]  # every field has a default
