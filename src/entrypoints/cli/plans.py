"""`chatsphere plans`: what plans allow, and giving one to a workspace."""

from collections.abc import Sequence

from application.services.usage_views import plan_view
from domain.plans import Plan
from entrypoints.cli.local import OnBehalfOf, acting, run_local
from entrypoints.cli.output import print_json, say
from entrypoints.container import Container
from entrypoints.settings import Settings


def show(settings: Settings, *, as_json: bool) -> int:
    """Print every plan."""

    async def work(container: Container) -> Sequence[Plan]:
        return await container.plan_queries().list()

    found = run_local(settings, work)
    if as_json:
        print_json({"data": [plan_view(plan) for plan in found]})
        return 0
    for plan in found:
        default = "  (of new workspaces)" if plan.id == settings.default_plan else ""
        say(f"{plan.id}  {plan.name}{default}")
        for quota, limit in plan.limits.items():
            say(f"  {quota:15} {'no limit' if limit is None else f'{limit:,}'}")
    return 0


def assign(settings: Settings, workspace_id: str, plan_id: str, *, as_json: bool) -> int:
    """Give a workspace a plan; it holds from the next thing that is counted."""

    async def work(container: Container) -> Plan:
        actor = await acting(container, OnBehalfOf(workspace_id=workspace_id))
        return await container.assign_plan()(actor, workspace_id, plan_id)

    plan = run_local(settings, work)
    if as_json:
        print_json({"workspace_id": workspace_id, "plan": plan_view(plan)})
    else:
        say(f"{workspace_id} has the plan {plan.id} ({plan.name}).")
    return 0
