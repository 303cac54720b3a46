"""The program `chatsphere`: its commands and options. What a command needs is imported inside it."""

import io
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from entrypoints.cli import admin, upkeep
from entrypoints.cli.admin import Checked, Written
from entrypoints.cli.errors import UsageProblem, reported

if TYPE_CHECKING:
    from entrypoints.cli.local import OnBehalfOf
    from entrypoints.settings import Settings

app = typer.Typer(
    name="chatsphere",
    help="Chatbots that answer from your documents and cite the exact passage.",
    epilog="Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted. "
    "Settings are CHATSPHERE_… variables, also read from a file .env.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON, for machines.")]
User = Annotated[
    str | None,
    typer.Option("--user", metavar="EMAIL", help="Act as this user (default: the owner)."),
]
Workspace = Annotated[
    str | None,
    typer.Option("--workspace", metavar="ID", help="Act in this workspace (default: the oldest)."),
]


def main() -> None:
    """Run the program; it ends with SystemExit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # no terminal is too old for a document
    app(prog_name="chatsphere")


@app.callback()
def program(
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    if version:
        from importlib import metadata

        typer.echo(f"chatsphere {metadata.version('chatsphere')}")
        raise typer.Exit


@app.command()
@reported
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port to listen on.")] = None,
) -> int:
    """Serve the API and the page, and take documents in, until stopped."""
    from entrypoints.cli import programs

    given = {"host": host, "port": port}
    return programs.serve(_settings(**{k: v for k, v in given.items() if v is not None}))


@app.command()
@reported
def worker() -> int:
    """Only take documents in, until stopped: run as many as you like."""
    from entrypoints.cli import programs

    return programs.worker(_settings())


@app.command()
@reported
def migrate() -> int:
    """Bring the database to the newest schema."""
    from entrypoints.cli import programs

    return programs.migrate(_settings())


@app.command()
@reported
def prepare() -> int:
    """Convert the local embedding model (once; takes some seconds)."""
    from entrypoints.cli import programs

    return programs.prepare(_settings())


@app.command()
@reported
def doctor(as_json: Json = False) -> int:
    """Check everything, and say how to mend what is not well."""
    from entrypoints.cli import doctor

    return doctor.command(_settings(), as_json=as_json)


@app.command()
@reported
def demo() -> int:
    """Make a sample bot, give it documents and ask it; run again, it reuses them."""
    from entrypoints.cli import demo

    return demo.command(_settings())


@app.command()
@reported
def ingest(
    paths: Annotated[
        list[Path],
        typer.Argument(metavar="PATH...", exists=True, help="Files, or folders with all in them."),
    ],
    bot: Annotated[str, typer.Option("--bot", help="The bot's id or name.")],
    create: Annotated[
        bool, typer.Option("--create", help="Make the bot if there is none.")
    ] = False,
    user: User = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> int:
    """Give a bot files to know. Hidden files in folders are left out; exit code 1 if any failed."""
    from entrypoints.cli import ingest

    who = _on_behalf_of(user, workspace)
    return ingest.command(_settings(), who, paths, bot, create=create, as_json=as_json)


@app.command()
@reported
def ask(
    bot: Annotated[str, typer.Argument(help="The bot's id or name.")],
    question: Annotated[str, typer.Argument(help="What to ask.")],
    conversation: Annotated[
        str | None, typer.Option(metavar="ID", help="Go on with this conversation.")
    ] = None,
    user: User = None,
    workspace: Workspace = None,
    as_json: Json = False,
) -> int:
    """Ask a bot; the answer is shown as it is written, then its citations."""
    from entrypoints.cli import ask

    who = _on_behalf_of(user, workspace)
    return ask.command(_settings(), who, bot, question, conversation, as_json=as_json)


@app.command("create-user")
@reported
def create_user(
    email: Annotated[str, typer.Argument(help="The e-mail address to log in with.")],
    name: Annotated[str | None, typer.Option(help="Full name.")] = None,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password's line from standard input.")
    ] = False,
    generate: Annotated[
        bool, typer.Option("--generate", help="Make a password, and print it this once.")
    ] = False,
    instance_admin: Annotated[
        bool, typer.Option("--instance-admin", help="Let this person run the installation.")
    ] = False,
    as_json: Json = False,
) -> int:
    """Make an account with a workspace of its own; asks for the password unless told otherwise."""
    from entrypoints.cli import users

    if password_stdin and generate:
        raise UsageProblem("Choose one of --password-stdin and --generate.")
    return users.command(
        _settings(),
        email,
        name,
        from_stdin=password_stdin,
        generate=generate,
        instance_admin=instance_admin,
        as_json=as_json,
    )


@app.command("reset-password")
@reported
def reset_password(
    email: Annotated[str, typer.Argument(help="The e-mail address of the account.")],
    as_json: Json = False,
) -> int:
    """Print a link that sets a new password; for installations without a mail server."""
    from entrypoints.cli import users

    return users.reset_password(_settings(), email, as_json=as_json)


@app.command("remove-second-factor")
@reported
def remove_second_factor(
    email: Annotated[str, typer.Argument(help="The e-mail address of the account.")],
) -> int:
    """Turn off the second factor of who has lost the device and the recovery codes."""
    from entrypoints.cli import users

    return users.remove_second_factor(_settings(), email)


@app.command("grant-instance-admin")
@reported
def grant_instance_admin(
    email: Annotated[str, typer.Argument(help="The e-mail address of the account.")],
) -> int:
    """Let who has an account run the installation."""
    from entrypoints.cli import users

    return users.grant_instance_admin(_settings(), email)


for command in (upkeep.backup, upkeep.restore, upkeep.preflight, upkeep.sweep):
    app.command()(command)
app.add_typer(admin.audit, name="audit")
app.add_typer(admin.jobs, name="jobs")
app.add_typer(admin.secrets, name="secrets")
app.add_typer(admin.plans, name="plans")
app.add_typer(admin.workspaces, name="workspaces")
app.add_typer(admin.adapters, name="adapters")


@app.command()
@reported
def openapi(check: Checked = None, out: Written = None) -> int:
    """Print the OpenAPI document of the API."""
    from entrypoints.cli import generated

    if check and out:
        raise UsageProblem("Choose one of --check and --out.")
    return generated.openapi(check, out)


@app.command()
@reported
def access(check: Checked = None, out: Written = None) -> int:
    """Print who may do what: every operation, by role, API key scope and visitor."""
    from entrypoints.cli import generated

    if check and out:
        raise UsageProblem("Choose one of --check and --out.")
    return generated.access(check, out)


@app.command("check-isolation")
@reported
def check_isolation(
    url: Annotated[str, typer.Argument(metavar="URL", help="A running installation.")],
    as_json: Json = False,
) -> int:
    """Make accounts in a running installation and try to reach one's things as the others."""
    from entrypoints.cli import isolation

    return isolation.command(url, as_json=as_json)


def _settings(**given: object) -> "Settings":
    """Read the settings; what was given as an option goes first."""
    from entrypoints.settings import Settings

    return Settings(**given)  # type: ignore[arg-type]  # checked by the settings themselves


def _on_behalf_of(user: str | None, workspace: str | None) -> "OnBehalfOf":
    from entrypoints.cli.local import OnBehalfOf

    return OnBehalfOf(user, workspace)
