"""`chatsphere create-user`: an account with a workspace of its own."""

import secrets
import sys

import typer

from application.services.views import user_view, workspace_view
from application.use_cases.accounts import LoggedIn
from domain.accounts import PASSWORD_MAX, check_password, normalise_email
from domain.errors import InvalidInput
from entrypoints.cli.errors import UsageProblem
from entrypoints.cli.local import run_local
from entrypoints.cli.output import print_json, say
from entrypoints.container import Container
from entrypoints.settings import Settings

_LINE_MAX = 8 * PASSWORD_MAX


def command(
    settings: Settings,
    email: str,
    name: str | None,
    *,
    from_stdin: bool,
    generate: bool,
    as_json: bool,
) -> int:
    """Make the account; a password that was given is never printed."""
    address = normalise_email(email)
    password = generated_password() if generate else _given_password(from_stdin=from_stdin)
    check_password(password, address)  # before the database is started: a typing error ends at once

    async def work(container: Container) -> LoggedIn:
        return await container.register_user()(address, password, name or address.split("@")[0])

    made = run_local(settings, work)
    _show(made, password if generate else None, as_json=as_json)
    return 0


def generated_password() -> str:
    """Return a password that nobody guesses."""
    return secrets.token_urlsafe(18)


def _given_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return _first_line(sys.stdin.buffer.readline(_LINE_MAX))
    if not sys.stdin.isatty():
        raise UsageProblem(
            "There is no terminal to ask for the password: use --password-stdin or --generate."
        )
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _first_line(line: bytes) -> str:
    try:
        return line.decode().rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise InvalidInput("The password must be UTF-8 text.", pointer="/password") from error


def _show(made: LoggedIn, generated: str | None, *, as_json: bool) -> None:
    if as_json:
        view: dict[str, object] = {
            "user": user_view(made.user),
            "workspace": workspace_view(made.workspace, made.role.value),
        }
        print_json(view | ({"password": generated} if generated else {}))
        return
    say(f"user       {made.user.id}")
    say(f"workspace  {made.workspace.id}")
    if generated:
        say(f"password   {generated}   (shown this once)")
