"""`chatsphere sweep`: compare vectors, files and caches with the database now."""

from collections.abc import AsyncIterator, Sequence

from application.services.audit_views import sweep_view
from domain.sweeps import Sweep
from entrypoints.cli.local import run_local
from entrypoints.cli.output import hint, print_json, say
from entrypoints.container import Container
from entrypoints.settings import Settings

_PAGE = 500


def command(settings: Settings, workspace_id: str | None, *, dry_run: bool, as_json: bool) -> int:
    """Sweep a workspace, or all, and print what was found; exit code 1 if a stored file is gone."""

    async def work(container: Container) -> Sequence[Sweep]:
        sweep = container.sweep_workspace()
        return [
            await sweep.now(each, dry_run=dry_run)
            async for each in _wanted(container, workspace_id)
        ]

    found = run_local(settings, work)
    if as_json:
        data = [{"workspace_id": each.tenant_id, **sweep_view(each)} for each in found]
        print_json({"dry_run": dry_run, "data": data})
    else:
        _show(found, dry_run=dry_run)
    return int(any(each.counts.get("blobs_missing") for each in found))


async def _wanted(container: Container, workspace_id: str | None) -> AsyncIterator[str]:
    if workspace_id is not None:
        yield (await container.workspace_queries().get(workspace_id)).id
        return
    after: str | None = None
    while ids := await container.workspace_list().ids(after, _PAGE):
        for each in ids:
            yield each
        after = ids[-1]


def _show(found: Sequence[Sweep], *, dry_run: bool) -> None:
    for each in found:
        say(f"{each.tenant_id}  {'as it should be' if each.is_clean else 'not as it should be'}")
        for what, count in sorted(each.counts.items()):
            say(f"  {what.replace('_', ' '):28} {count:,}")
    if not found:
        hint("There is no workspace yet.")
    elif dry_run:
        hint("Nothing was changed.")
