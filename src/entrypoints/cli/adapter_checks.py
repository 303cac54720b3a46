"""What `chatsphere doctor` looks at of the adapters that are chosen, and of the settings for them."""

import asyncio
import difflib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from typing import Any

from adapters._resources import Postgres
from application.ports.embedder import Embedder
from application.ports.plugins import Context, Group
from domain.errors import ChatSphereError, InvalidInput
from entrypoints._parts import NONE
from entrypoints.adapter_probe import close_part, probe, variables
from entrypoints.adapter_table import CHOICE, short
from entrypoints.cli.checks import Check, fail, ok, warn
from entrypoints.container import Container
from entrypoints.plugins import Plugins, variable
from entrypoints.settings import Settings

CHOSEN: Mapping[Group, str] = {  # embedder and chat model have checks of their own
    Group.VECTOR_INDEXES: "Vector store",
    Group.RERANKERS: "Reranker",
    Group.BLOB_STORES: "Files",
    Group.CACHES: "Cache",
    Group.RATE_LIMITERS: "Rate limiter",
    Group.EVENT_TRANSPORTS: "Events",
}
_SECONDS = 20.0  # an adapter's own deadline is over before, and says more
_NEAR = 0.8


class _Elsewhere(Exception):
    """What the adapter stands on has a check of its own; `mend` where that is what failed."""

    def __init__(self, told: str, mend: str = "") -> None:
        super().__init__(told)
        self.mend = mend


def check_settings(settings: Settings) -> Check:
    """Is every variable with our prefix one that something reads."""
    plugins = Plugins(settings.given)
    unknown = sorted(plugins.strangers(settings.strangers()))
    if not unknown:
        return ok("Settings", "every CHATSPHERE_ variable is known")
    known = [*Settings.model_fields, *plugins.own_options()]
    told = []
    for name in unknown:
        near = difflib.get_close_matches(name, known, n=1, cutoff=_NEAR)
        guess = f"did you mean {variable(near[0])}?" if near else "nothing reads it."
        told.append(f"{variable(name)}: {guess}")
    return warn("Settings", f"{len(unknown)} unknown", "\n".join(told))


def check_chosen(settings: Settings, group: Group) -> Check:
    """Can the adapter of this port be used; where that is cheap and changes nothing, it is asked."""
    title, name = CHOSEN[group], settings.chosen[group]
    if name == NONE and group in (Group.RERANKERS, Group.CACHES):
        return ok(title, "none is chosen")
    try:
        return asyncio.run(_asked(settings, group, name))
    except _Elsewhere as elsewhere:
        told = f"{name}: {elsewhere}"
        return warn(title, told, elsewhere.mend) if elsewhere.mend else ok(title, told)
    except InvalidInput as error:  # it cannot be built, and the registry says why
        return fail(title, error.detail, _choose(group, error))
    except (ChatSphereError, OSError) as error:
        told = error.detail if isinstance(error, ChatSphereError) else _sentence(error)
        where = variables(Plugins(settings.given).load(group, name))
        return fail(title, f"{name}: {told}", f"Check {where or variable(CHOICE[group])}.")


async def _asked(settings: Settings, group: Group, name: str) -> Check:
    title = CHOSEN[group]
    container = Container(settings=settings, conninfo="")
    plugins: Plugins = container.plugins()
    async with built(container, group, name) as part:
        if group is Group.RERANKERS:
            told = f"set up; `chatsphere adapters check {short(group)}/{name}` asks it"
            return ok(title, f"{name}: {told}")
        if group is Group.VECTOR_INDEXES and _keeps_files(
            plugins.options(plugins.load(group, name))
        ):
            return ok(title, f"{name}: set up; its files are left to the server")
        async with asyncio.timeout(_SECONDS):
            await probe(group, part)
        if group is Group.EVENT_TRANSPORTS and name in plugins.names(Group.CACHES):
            # A transport has no call that could fail: the cache of that name stands on the same server.
            async with built(container, Group.CACHES, name) as cache, asyncio.timeout(_SECONDS):
                await probe(Group.CACHES, cache)
    return ok(title, f"{name}: answers")


@asynccontextmanager
async def built(container: Container, group: Group, name: str) -> AsyncIterator[Any]:
    """Give the adapter without guards around it, and close what was built.

    Raises what the registry raises, and _Elsewhere where it stands on what another check is for.
    """
    settings, plugins = container.settings(), container.plugins()
    context: Context = container.context()
    parts: list[Any] = []

    def database() -> object:
        raise _Elsewhere("in the database; see Database")

    def embedder() -> object:
        try:
            parts.append(plugins.build(Group.EMBEDDERS, settings.embedder, context))
        except ChatSphereError:
            raise _Elsewhere("needs the embedder", "Mend what Embedder tells first.") from None
        return parts[-1]

    resources = {**context.resources, Postgres: database, Embedder: embedder}
    try:
        parts.append(plugins.build(group, name, replace(context, resources=resources)))
        yield parts[-1]
    finally:
        for part in reversed(parts):
            await close_part(part)
        await context.aclose()


def _keeps_files(options: Any) -> bool:
    """Tell whether an address was left out: then files of this machine serve, and a server that runs may
    have them to itself."""
    return any(
        each.name.endswith(("_url", "_uri")) and not getattr(options, each.name)
        for each in fields(options)
    )


def _choose(group: Group, error: InvalidInput) -> str:
    first = "Choose" if error.code == "adapter_unknown" else "Mend that, or choose"
    return (
        f"{first} another with {variable(CHOICE[group])}: `chatsphere adapters list --settings` tells what "
        "there is, and what each needs."
    )


def _sentence(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return f"it did not answer within {_SECONDS:.0f} s"
    return error.strerror or type(error).__name__
