"""Groups of commands for those who run an installation. What a command needs is imported inside it."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrypoints.cli.errors import UsageProblem, reported

if TYPE_CHECKING:
    from entrypoints.settings import Settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
Checked = Annotated[
    Path | None, typer.Option("--check", dir_okay=False, help="Compare with this file.")
]
Written = Annotated[Path | None, typer.Option("--out", dir_okay=False, help="Write to this file.")]
audit = typer.Typer(help="The audit log.", no_args_is_help=True)
secrets = typer.Typer(help="Stored secrets and the keys that encrypt them.", no_args_is_help=True)
plans = typer.Typer(help="Plans, and which workspace has which.", no_args_is_help=True)
workspaces = typer.Typer(help="The workspaces of this installation.", no_args_is_help=True)
jobs = typer.Typer(help="What waits to be done, and why.", no_args_is_help=True)
adapters = typer.Typer(help="The parts that can be swapped.", no_args_is_help=True)
_One = Annotated[str, typer.Argument(metavar="ID", help="The id of a document or a job.")]


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


@jobs.command("list")
@reported
def jobs_list(
    failed: Annotated[
        bool, typer.Option("--failed", help="Documents that could not be taken in.")
    ] = False,
    waiting: Annotated[bool, typer.Option("--waiting", help="Jobs that wait.")] = False,
    running: Annotated[bool, typer.Option("--running", help="Jobs that a worker has.")] = False,
    as_json: Json = False,
) -> int:
    """Show the jobs of all workspaces, or the documents that failed."""
    from application.queries.jobs import JobFilter
    from entrypoints.cli import jobs

    if failed + waiting + running > 1:
        raise UsageProblem("Choose one of --failed, --waiting and --running.")
    if failed:
        return jobs.show_failed(settings(), as_json=as_json)
    which = JobFilter.WAITING if waiting else JobFilter.RUNNING if running else None
    return jobs.show(settings(), which, as_json=as_json)


@jobs.command("explain")
@reported
def jobs_explain(one: _One, as_json: Json = False) -> int:
    """Say in plain words why something waits, failed or is ready."""
    from entrypoints.cli import jobs

    return jobs.explain(settings(), one, as_json=as_json)


@jobs.command("retry")
@reported
def jobs_retry(one: _One, as_json: Json = False) -> int:
    """Let what waits be tried at once, and take in again what failed."""
    from entrypoints.cli import jobs

    return jobs.retry(settings(), one, as_json=as_json)


@jobs.command("cancel")
@reported
def jobs_cancel(one: _One, as_json: Json = False) -> int:
    """Call off the taking in of a document; what answered before goes on answering."""
    from entrypoints.cli import jobs

    return jobs.cancel(settings(), one, as_json=as_json)


@adapters.command("list")
@reported
def adapters_list(
    with_settings: Annotated[
        bool, typer.Option("--settings", help="What each can be told; no values.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Show every adapter: whose it is, whether it can be used, and which is chosen."""
    from entrypoints.cli import adapters

    return adapters.show_all(settings(), with_settings=with_settings, as_json=as_json)


@adapters.command("check")
@reported
def adapters_check(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME", help="An adapter, as in qdrant, embedders/gemini or openai/gpt-5-mini."
        ),
    ],
    group: Annotated[
        str | None, typer.Option(help="Its group, where several have one of this name.")
    ] = None,
    seconds: Annotated[
        float, typer.Option("--timeout", min=0.1, help="Seconds that one test may take.")
    ] = 180.0,
    traces: Annotated[bool, typer.Option("--traces", help="Show where a test failed.")] = False,
    as_json: Json = False,
) -> int:
    """Run the contract kit on an adapter with your settings, in places of its own that are removed."""
    from entrypoints.cli import adapter_check

    given = settings()
    return adapter_check.command(
        given, name, group, seconds=seconds, traces=traces, as_json=as_json
    )


@adapters.command("table")
@reported
def adapters_table(check: Checked = None, out: Written = None) -> int:
    """Print what the adapters that come with ChatSphere can do, in Markdown."""
    from entrypoints.cli import generated

    if check and out:
        raise UsageProblem("Choose one of --check and --out.")
    return generated.adapters(check, out)


def settings() -> "Settings":
    """Read the settings."""
    from entrypoints.settings import Settings

    return Settings()  # type: ignore[call-arg]  # every field has a default
