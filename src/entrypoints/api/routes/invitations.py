"""Invitations into workspaces."""

from fastapi import APIRouter, Response

from application.services.workspace_views import (
    invitation_offer_view,
    invitation_view,
    own_workspace_view,
)
from domain.accounts import MemberRole
from entrypoints.api import schemas
from entrypoints.api import workspace_schemas as shapes
from entrypoints.api.access import ActorDep
from entrypoints.api.deps import (
    ContainerDep,
    InvitationId,
    PageDep,
    WorkspaceId,
    etag,
    json_response,
    page_response,
)

router = APIRouter(tags=["Workspaces"])
_OF_ONE = "/workspaces/{workspace_id}/invitations"


@router.get(_OF_ONE, response_model=schemas.ListOf[shapes.Invitation])
async def list_invitations(
    workspace_id: WorkspaceId,
    actor: ActorDep,  # noqa: ARG001
    container: ContainerDep,
    page: PageDep,
) -> Response:
    """Return the invitations that nobody accepted, newest first."""
    found = await container.workspace_queries().invitations(workspace_id, page)
    return page_response([invitation_view(each) for each in found.items], found)


@router.post(_OF_ONE, status_code=201, response_model=shapes.NewInvitation, responses={409: {}})
async def invite(
    workspace_id: WorkspaceId,  # noqa: ARG001  # the actor acts in it
    body: shapes.InvitationInput,
    actor: ActorDep,
    container: ContainerDep,
) -> Response:
    """Invite an address: by mail, where the installation sends any, and by a link to hand on.

    The same address again gets a new link, and the old one is worth nothing.
    """
    made = await container.invite_member()(actor, body.email, MemberRole(body.role))
    view = {**invitation_view(made.invitation), "link": made.link}
    return json_response(view, 201)


@router.delete(f"{_OF_ONE}/{{invitation_id}}", status_code=204)
async def revoke_invitation(
    workspace_id: WorkspaceId,  # noqa: ARG001
    invitation_id: InvitationId,
    actor: ActorDep,
    container: ContainerDep,
) -> Response:
    """Make an invitation worth nothing."""
    await container.revoke_invitation()(actor, invitation_id)
    return Response(status_code=204)


@router.post("/invitations/lookup", response_model=shapes.InvitationOffer, responses={404: {}})
async def look_up_invitation(body: shapes.InvitationSecret, container: ContainerDep) -> Response:
    """Return what an invitation is good for; whoever has the link may know."""
    found = await container.look_up_invitation()(body.token.get_secret_value())
    return json_response(invitation_offer_view(*found))


@router.post("/invitations/accept", response_model=shapes.OwnWorkspace, responses={404: {}})
async def accept_invitation(
    body: shapes.InvitationSecret, actor: ActorDep, container: ContainerDep
) -> Response:
    """Become a member with the account of the invited address; who is one already simply is."""
    workspace, role = await container.accept_invitation()(actor, body.token.get_secret_value())
    return json_response(own_workspace_view(workspace, role), headers=etag(workspace.version))
