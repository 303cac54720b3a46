"""Workspaces and their members."""

from fastapi import APIRouter, Response

from application.services.workspace_views import (
    member_view,
    membership_view,
    own_workspace_view,
)
from domain.accounts import MemberRole
from entrypoints.api import schemas
from entrypoints.api import workspace_schemas as shapes
from entrypoints.api.access import ActorDep
from entrypoints.api.deps import (
    ContainerDep,
    IfMatchDep,
    PageDep,
    UserId,
    WorkspaceId,
    etag,
    json_response,
    page_response,
    receipt_header,
)

router = APIRouter(tags=["Workspaces"])
# The actor of these is judged, and acts, in the workspace of the path: see domain/access.py.
_ONE = "/workspaces/{workspace_id}"


@router.get("/workspaces", response_model=schemas.ListOf[shapes.OwnWorkspace])
async def list_workspaces(actor: ActorDep, container: ContainerDep, page: PageDep) -> Response:
    """Return one's own workspaces, and the deleted ones that one can restore."""
    now = container.clock().now()
    found = await container.workspace_queries().of_user(actor.user_id, now, page)
    return page_response([own_workspace_view(w, m.role) for w, m in found.items], found)


@router.post("/workspaces", status_code=201, response_model=shapes.OwnWorkspace)
async def create_workspace(
    body: shapes.WorkspaceInput, actor: ActorDep, container: ContainerDep
) -> Response:
    """Make a workspace and own it."""
    made = await container.create_workspace()(actor, body.name)
    headers = {**etag(made.version), "Location": f"/api/v1/workspaces/{made.id}"}
    return json_response(own_workspace_view(made, MemberRole.OWNER), 201, headers)


@router.get(_ONE, response_model=shapes.OwnWorkspace)
async def get_workspace(
    workspace_id: WorkspaceId, actor: ActorDep, container: ContainerDep
) -> Response:
    """Return a workspace."""
    found = await container.workspace_queries().get(workspace_id)
    return json_response(own_workspace_view(found, actor.role), headers=etag(found.version))


@router.patch(_ONE, response_model=shapes.OwnWorkspace)
async def update_workspace(
    workspace_id: WorkspaceId,  # noqa: ARG001  # the actor acts in it
    body: shapes.WorkspacePatch,
    actor: ActorDep,
    container: ContainerDep,
    if_match: IfMatchDep,
) -> Response:
    """Give a workspace another name, or its bots another default model."""
    patch = body.model_dump(exclude_unset=True)
    saved, role = await container.update_workspace()(actor, patch, if_match)
    return json_response(own_workspace_view(saved, role), headers=etag(saved.version))


@router.delete(_ONE, status_code=204)
async def delete_workspace(
    workspace_id: WorkspaceId,  # noqa: ARG001
    actor: ActorDep,
    container: ContainerDep,
    if_match: IfMatchDep,
) -> Response:
    """Take a workspace out of use at once; all that it holds is erased when its grace is over.

    `Erasure-Receipt` names the receipt: `GET /erasures/{id}` shows it.
    """
    receipt = await container.delete_workspace()(actor, if_match)
    return Response(status_code=204, headers=receipt_header(receipt))


@router.post(f"{_ONE}/restore", response_model=shapes.OwnWorkspace)
async def restore_workspace(
    workspace_id: WorkspaceId, actor: ActorDep, container: ContainerDep
) -> Response:
    """Put a deleted workspace back into use; for its owners, until its grace is over."""
    saved, role = await container.restore_workspace()(actor, workspace_id)
    return json_response(own_workspace_view(saved, role), headers=etag(saved.version))


@router.post(f"{_ONE}/transfer", status_code=204)
async def transfer_ownership(
    workspace_id: WorkspaceId,  # noqa: ARG001
    body: shapes.Transfer,
    actor: ActorDep,
    container: ContainerDep,
) -> Response:
    """Make another member the owner, and oneself an admin."""
    await container.transfer_ownership()(actor, body.user_id)
    return Response(status_code=204)


@router.get(f"{_ONE}/members", response_model=schemas.ListOf[shapes.Member])
async def list_members(
    workspace_id: WorkspaceId,
    actor: ActorDep,  # noqa: ARG001
    container: ContainerDep,
    page: PageDep,
) -> Response:
    """Return who belongs to a workspace; all who do see each other."""
    found = await container.workspace_queries().members(workspace_id, page)
    return page_response([member_view(member) for member in found.items], found)


@router.patch(f"{_ONE}/members/{{user_id}}", response_model=shapes.Membership, responses={409: {}})
async def change_member_role(
    workspace_id: WorkspaceId,  # noqa: ARG001
    user_id: UserId,
    body: shapes.MemberPatch,
    actor: ActorDep,
    container: ContainerDep,
    if_match: IfMatchDep,
) -> Response:
    """Give a member another role; it holds from the next request on."""
    role = MemberRole(body.role)
    saved = await container.change_member_role()(actor, user_id, role, if_match)
    return json_response(membership_view(saved), headers=etag(saved.version))


@router.delete(f"{_ONE}/members/{{user_id}}", status_code=204, responses={409: {}})
async def remove_member(
    workspace_id: WorkspaceId,  # noqa: ARG001
    user_id: UserId,
    actor: ActorDep,
    container: ContainerDep,
    if_match: IfMatchDep,
) -> Response:
    """Remove a member; with one's own id, leave."""
    await container.remove_member()(actor, user_id, if_match)
    return Response(status_code=204)
