"""Reads of workspaces and who is in them."""

from abc import ABC, abstractmethod
from datetime import datetime

from application.queries.page import Page, PageRequest
from domain.accounts import Membership, Workspace
from domain.workspaces import Invitation, Member


class WorkspaceQueries(ABC):
    """What people see of the workspaces they are in."""

    @abstractmethod
    async def of_user(
        self, user_id: str, now: datetime, page: PageRequest
    ) -> Page[tuple[Workspace, Membership]]:
        """Return a person's workspaces, oldest first: those in use, and the deleted ones that the person
        owns and can restore."""

    @abstractmethod
    async def get(self, workspace_id: str) -> Workspace:
        """Return a workspace that is in use. Raises NotFound."""

    @abstractmethod
    async def members(self, workspace_id: str, page: PageRequest) -> Page[Member]:
        """Return the members of a workspace, by id."""

    @abstractmethod
    async def invitations(self, workspace_id: str, page: PageRequest) -> Page[Invitation]:
        """Return the invitations that nobody accepted, newest first; expired ones can be renewed."""
