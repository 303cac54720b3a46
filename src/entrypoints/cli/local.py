"""Commands that work in this process: settings, database, container; and on whose behalf."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from application.queries.page import PageRequest
from domain.accounts import Actor
from domain.bots import Bot
from domain.errors import Conflict, InvalidInput, NotFound
from entrypoints.cli.output import busy, console, hint, plain, progress_bars
from entrypoints.container import Container
from entrypoints.runtime import Database, running
from entrypoints.settings import Settings

T = TypeVar("T")
Work = Callable[[Container], Awaitable[T]]
_PAGE = 100


@dataclass(frozen=True, slots=True)
class OnBehalfOf:
    """Who a local command acts as; without either, the owner of the oldest workspace."""

    email: str | None = None
    workspace_id: str | None = None


def run_local(settings: Settings, work: Work[T]) -> T:
    """Start or find the database, do the work in a container, and stop what was started.

    A server that runs on the same data directory is not disturbed.
    """
    database = Database(settings)
    try:
        with busy("Starting the database …"):
            conninfo = database.start()
        return asyncio.run(_within(settings, conninfo, work))
    finally:
        database.stop()


async def _within(settings: Settings, conninfo: str, work: Work[T]) -> T:
    async with running(settings, conninfo) as container:
        return await work(container)


def prepare_local_model(settings: Settings) -> Path | None:
    """Convert the local embedding model where it is missing, showing progress; None: none is used."""
    if settings.embedder != "minilm":
        return None
    from adapters.minilm.convert import model_file, prepare_model

    target = settings.models
    if model_file(target).exists():
        return model_file(target)
    screen = console(error=True)
    if not screen.is_terminal:
        hint("Preparing the local embedding model (once) …")
        return prepare_model(target)
    with progress_bars(screen) as bars:
        task = bars.add_task("Preparing the local embedding model", total=1.0)
        return prepare_model(
            target, lambda step, done: bars.update(task, completed=done, description=step)
        )


async def acting(container: Container, who: OnBehalfOf) -> Actor:
    """Return the actor of a local command. Raises NotFound."""
    found = await find_actor(container, who)
    if found is not None:
        if who.workspace_id is None:
            await tell_where(container, found)
        return found
    if who.email is None and who.workspace_id is None:
        raise NotFound(
            "There is no account yet: run `chatsphere create-user EMAIL` or `chatsphere demo` first.",
            code="no_account",
        )
    if who.workspace_id is not None:
        await _require_workspace(container, who.workspace_id)
    raise NotFound("There is no such user in such a workspace here.")


async def _require_workspace(container: Container, workspace_id: str) -> None:
    try:
        await container.workspace_queries().get(workspace_id)
    except NotFound as error:
        raise NotFound(
            f"There is no workspace {workspace_id[:80]!r} here: `chatsphere workspaces list` shows "
            "those that there are."
        ) from error


async def tell_where(container: Container, actor: Actor) -> None:
    """Tell a person who has several workspaces in which of them the command works."""
    found = await container.workspace_queries().of_user(
        actor.user_id, container.clock().now(), PageRequest(_PAGE)
    )
    used = [workspace for workspace, _ in found.items if workspace.deleted_at is None]
    here = next((workspace for workspace in used if workspace.id == actor.tenant_id), None)
    if here is not None and len(used) > 1:
        hint(f"In the workspace {plain(here.name)} ({here.id}), one of {len(used)}.")


async def find_actor(container: Container, who: OnBehalfOf) -> Actor | None:
    """Return the named user, or the owner, in the named workspace, or in the oldest one."""
    email = who.email.strip().lower() if who.email is not None else None
    return await container.identity_queries().local_actor(email, who.workspace_id)


async def find_bot(container: Container, actor: Actor, name_or_id: str) -> Bot | None:
    """Return the bot of this id or, case folded, this name. Raises Conflict where several have it."""
    wanted = name_or_id.strip()
    if not wanted or "\x00" in wanted:
        raise InvalidInput("Name a bot by its id or its name.")
    page, named, after = container.bot_queries(), [], None
    while True:
        found = await page.list(actor.tenant_id, PageRequest(_PAGE, after))
        for bot in found.items:
            if bot.id == wanted:
                return bot
            if bot.name.casefold() == wanted.casefold():
                named.append(bot)
        after = found.next_after
        if after is None:
            break
    if len(named) > 1:
        ids = ", ".join(bot.id for bot in named)
        raise Conflict(f"Several bots have this name: name one by its id ({ids}).")
    return named[0] if named else None


async def the_bot(container: Container, actor: Actor, name_or_id: str) -> Bot:
    """Return the bot. Raises NotFound."""
    bot = await find_bot(container, actor, name_or_id)
    if bot is None:
        raise NotFound(f"There is no bot {name_or_id[:80]!r} in this workspace.")
    return bot
