"""`chatsphere create-user` and `reset-password`: accounts, from the machine itself."""

import secrets
import sys

import typer

from application.services.views import user_view, workspace_view
from application.use_cases.passwords import RESET_MINUTES
from domain.accounts import MemberRole, User, Workspace, normalise_email
from domain.errors import InvalidInput
from domain.passwords import PASSWORD_MAX, check_password
from entrypoints.cli.errors import UsageProblem
from entrypoints.cli.local import run_local
from entrypoints.cli.output import hint, print_json, say
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
    instance_admin: bool,
    as_json: bool,
) -> int:
    """Make the account; a password that was given is never printed."""
    address = normalise_email(email)
    password = generated_password() if generate else _given_password(from_stdin=from_stdin)
    full_name = name or address.split("@")[0]
    # Before the database is started: a typing error ends at once.
    check_password(password, address, full_name)

    async def work(container: Container) -> tuple[User, Workspace]:
        create = container.create_user()
        return await create(address, password, full_name, instance_admin=instance_admin)

    user, workspace = run_local(settings, work)
    _show(user, workspace, password if generate else None, as_json=as_json)
    return 0


def reset_password(settings: Settings, email: str, *, as_json: bool) -> int:
    """Print a link that sets a new password, for who cannot be reached by mail."""

    async def work(container: Container) -> str:
        return await container.ask_for_reset().link(email)

    link = run_local(settings, work)
    if as_json:
        print_json({"link": link, "minutes": RESET_MINUTES})
    else:
        say(link)
        hint(f"It is good once, for {RESET_MINUTES} minutes. All sessions of the account end then.")
    if settings.public_url is None:
        hint(
            f"It assumes that the server is at {settings.base_url}: if people reach it elsewhere, set "
            "CHATSPHERE_PUBLIC_URL (or CHATSPHERE_PORT) as for the server, and ask anew."
        )
    return 0


def remove_second_factor(settings: Settings, email: str) -> int:
    """Turn the second factor off for who has lost the device and the recovery codes."""

    async def work(container: Container) -> None:
        await container.drop_totp()(email)

    run_local(settings, work)
    say("The second factor is off, and all sessions of the account have ended.")
    return 0


def grant_instance_admin(settings: Settings, email: str) -> int:
    """Let who has an account run the installation."""

    async def work(container: Container) -> User:
        return await container.grant_instance_admin()(email)

    user = run_local(settings, work)
    say(f"{user.id} is an instance admin.")
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


def _show(user: User, workspace: Workspace, generated: str | None, *, as_json: bool) -> None:
    if as_json:
        view: dict[str, object] = {
            "user": user_view(user),
            "workspace": workspace_view(workspace, MemberRole.OWNER.value),
        }
        print_json(view | ({"password": generated} if generated else {}))
        return
    say(f"user       {user.id}")
    say(f"workspace  {workspace.id}")
    if generated:
        say(f"password   {generated}   (shown this once)")
