"""The public shape of workspaces, their members and invitations."""

from datetime import datetime

from application.services.views import View, timestamp
from domain.accounts import MemberRole, Membership, Workspace
from domain.workspaces import Invitation, Member


def own_workspace_view(workspace: Workspace, role: MemberRole) -> View:
    """A workspace as one of its members sees it; a deleted one with until when it can be restored."""
    return {
        "id": workspace.id,
        "name": workspace.name,
        "plan": workspace.plan,
        "default_model": workspace.default_model,
        "role": role.value,
        "created_at": timestamp(workspace.created_at),
        "deleted_at": _time(workspace.deleted_at),
        "erase_after": _time(workspace.erase_after),
    }


def membership_view(membership: Membership) -> View:
    """A person's role in a workspace."""
    return {"user_id": membership.user_id, "role": membership.role.value}


def member_view(member: Member) -> View:
    """A member as the others see them."""
    return {
        **membership_view(member.membership),
        "email": member.email,
        "full_name": member.full_name,
        "joined_at": timestamp(member.joined_at),
    }


def invitation_view(invitation: Invitation) -> View:
    """An invitation without its secret."""
    return {
        "id": invitation.id,
        "email": invitation.email,
        "role": invitation.role.value,
        "invited_by": invitation.invited_by,
        "created_at": timestamp(invitation.created_at),
        "expires_at": timestamp(invitation.expires_at),
    }


def invitation_offer_view(workspace: Workspace, invitation: Invitation) -> View:
    """What an invitation is good for, for whoever has the link."""
    return {
        "workspace_name": workspace.name,
        "email": invitation.email,
        "role": invitation.role.value,
        "expires_at": timestamp(invitation.expires_at),
    }


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else timestamp(moment)
