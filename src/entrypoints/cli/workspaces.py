"""`chatsphere workspaces`: what there is in this installation."""

from collections.abc import AsyncIterator
from contextlib import suppress

from domain.accounts import Workspace
from domain.errors import NotFound
from entrypoints.cli.local import run_local
from entrypoints.cli.output import hint, plain, print_json, say
from entrypoints.container import Container
from entrypoints.settings import Settings

_PAGE = 500


def show(settings: Settings, *, as_json: bool) -> int:
    """Print the id, plan and name of every workspace in use."""

    async def work(container: Container) -> list[Workspace]:
        return [workspace async for workspace in _in_use(container)]

    found = run_local(settings, work)
    if as_json:
        print_json({"data": [{"id": w.id, "name": w.name, "plan": w.plan} for w in found]})
        return 0
    for workspace in found:
        say(f"{workspace.id}  {workspace.plan:12} {plain(workspace.name)}")
    if not found:
        hint("There is none yet.")
    return 0


async def _in_use(container: Container) -> AsyncIterator[Workspace]:
    every, queries = container.workspace_list(), container.workspace_queries()
    after: str | None = None
    while ids := await every.ids(after, _PAGE):
        for workspace_id in ids:
            with suppress(NotFound):  # it is deleted
                yield await queries.get(workspace_id)
        after = ids[-1]
