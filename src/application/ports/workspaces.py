"""Ports: workspaces, who belongs to them, and who is invited."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from domain.accounts import Membership, Workspace
from domain.workspaces import Invitation


class WorkspaceRepository(ABC):
    """Tenants and their members."""

    @abstractmethod
    async def add(self, workspace: Workspace, owner: Membership) -> None:
        """Write a workspace with its first member."""

    @abstractmethod
    async def get(self, workspace_id: str, *, lock: bool = False) -> Workspace | None:
        """Return the workspace, a deleted one too, or None.

        `lock` it before its members are changed: others who lock it wait for the end.
        """

    @abstractmethod
    async def save(self, workspace: Workspace) -> Workspace:
        """Write the changed fields; return the workspace with its `version` raised."""

    @abstractmethod
    async def erase(self, workspace_id: str) -> None:
        """Remove the workspace with its members, invitations and keys."""

    @abstractmethod
    async def erase_history(self, workspace_id: str, most: int) -> bool:
        """Remove up to `most` entries of the history of an erased workspace; tell whether there were any."""

    @abstractmethod
    async def of_user(self, user_id: str) -> Sequence[tuple[Workspace, Membership]]:
        """Return the workspaces of a user that are not deleted, oldest membership first."""

    @abstractmethod
    async def members(self, workspace_id: str) -> Sequence[Membership]:
        """Return who belongs to a workspace."""

    @abstractmethod
    async def add_member(self, membership: Membership, joined_at: datetime) -> None:
        """Write a member; who is one already stays as they are."""

    @abstractmethod
    async def save_member(self, membership: Membership) -> Membership:
        """Write the changed role; return the membership with its `version` raised."""

    @abstractmethod
    async def remove_member(self, workspace_id: str, user_id: str) -> None:
        """Remove a member; one who is none is no error."""


class InvitationRepository(ABC):
    """Who may become a member. An address has one invitation to a workspace."""

    @abstractmethod
    async def of_address(self, workspace_id: str, email: str) -> Invitation | None:
        """Return the invitation of an address (in lower case), or None."""

    @abstractmethod
    async def of_token(self, token_hash: str) -> Invitation | None:
        """Return the invitation with this hash, or None."""

    @abstractmethod
    async def awaits(self, email: str, now: datetime) -> bool:
        """Tell whether who has this address (in lower case) may still accept an invitation."""

    @abstractmethod
    async def put(self, invitation: Invitation) -> None:
        """Write an invitation, in the place of the one with the same id."""

    @abstractmethod
    async def remove(self, workspace_id: str, invitation_id: str) -> bool:
        """Remove an invitation; tell whether there was one that nobody had accepted."""

    @abstractmethod
    async def remove_by(self, workspace_id: str, user_id: str) -> None:
        """Remove the invitations that a member made and nobody accepted."""
