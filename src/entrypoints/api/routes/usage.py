"""Plans, what a workspace used, and how its limits stand."""

from datetime import date, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Response

from application.services.usage_views import plan_view, standing_view, usage_view
from domain.errors import InvalidInput
from domain.plans import Grouping
from entrypoints.api.access import ActorDep
from entrypoints.api.deps import ContainerDep, IfMatchDep, etag, json_response
from entrypoints.api.usage_schemas import (
    Plan,
    PlanInput,
    Plans,
    Subscription,
    SubscriptionInput,
    UsageReport,
)

router = APIRouter(tags=["Plans and usage"])
RANGE_MAX = timedelta(days=366)
PlanId = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,39}$", description="Id of a plan: `pro`.")]
WorkspaceId = Annotated[
    str, Path(pattern="^ws_[0-7][0-9a-hjkmnp-tv-z]{25}$", description="Id of a workspace.")
]


@router.get("/plans", response_model=Plans)
async def list_plans(actor: ActorDep, container: ContainerDep) -> Response:  # noqa: ARG001
    """Return every plan of this installation."""
    found = await container.plan_queries().list()
    return json_response({"data": [plan_view(plan) for plan in found]})


@router.put(
    "/admin/plans/{plan_id}",
    response_model=Plan,
    responses={201: {"description": "The plan is new.", "model": Plan}},
)
async def put_plan(
    plan_id: PlanId,
    body: PlanInput,
    actor: ActorDep,
    container: ContainerDep,
    if_match: IfMatchDep,
) -> Response:
    """Make a plan or change it for everyone who has it: nothing is deleted where it allows less."""
    plan, new = await container.save_plan()(
        actor, plan_id, body.name, body.limits.model_dump(), expected_version=if_match
    )
    return json_response(plan_view(plan), 201 if new else 200, etag(plan.version))


@router.get("/workspaces/{workspace_id}/subscription", response_model=Subscription)
async def get_subscription(
    workspace_id: WorkspaceId,
    actor: ActorDep,  # noqa: ARG001
    container: ContainerDep,
) -> Response:
    """Return the plan of a workspace."""
    plan = await container.plan_queries().of_workspace(workspace_id)
    return json_response({"workspace_id": workspace_id, "plan": plan_view(plan)})


@router.put("/workspaces/{workspace_id}/subscription", response_model=Subscription)
async def put_subscription(
    workspace_id: WorkspaceId,
    body: SubscriptionInput,
    actor: ActorDep,
    container: ContainerDep,
) -> Response:
    """Give a workspace another plan; nothing is deleted where it allows less."""
    plan = await container.assign_plan()(actor, workspace_id, body.plan)
    return json_response({"workspace_id": workspace_id, "plan": plan_view(plan)})


@router.get("/usage", response_model=UsageReport)
async def get_usage(
    actor: ActorDep,
    container: ContainerDep,
    from_: Annotated[
        date | None, Query(alias="from", description="First day (UTC); absent: of this month.")
    ] = None,
    to: Annotated[date | None, Query(description="Last day (UTC); absent: today.")] = None,
    group_by: Annotated[
        Literal["day", "bot", "model"], Query(description="By what it is summed up.")
    ] = "day",
) -> Response:
    """Return what the workspace used within at most 366 days, and how its limits stand now."""
    now = container.clock().now()
    last = to or now.date()
    first = from_ or last.replace(day=1)
    if not timedelta(0) <= last - first < RANGE_MAX:
        raise InvalidInput("`from` is up to 366 days before `to`.", pointer="/query/from")
    by = Grouping(group_by)
    used = await container.usage_queries().used(actor.tenant_id, first, last, by)
    standings = await container.usage_queries().standings(actor.tenant_id, now)
    return json_response(
        {
            "from": first.isoformat(),
            "to": last.isoformat(),
            "group_by": by.value,
            "data": [usage_view(each, by) for each in used],
            "limits": [standing_view(each, now) for each in standings],
        }
    )
