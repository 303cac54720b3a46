"""Workspaces, their members and invitations in dictionaries."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from adapters.memory.state import AccountTables, MemoryState
from application.ports.workspaces import InvitationRepository, WorkspaceRepository
from application.queries.page import Page, PageRequest
from application.queries.workspaces import WorkspaceQueries
from domain.accounts import MemberRole, Membership, Workspace
from domain.errors import NotFound
from domain.workspaces import Invitation, Member, is_restorable

T = TypeVar("T")


class InMemoryWorkspaceRepository(WorkspaceRepository):
    """Works on the unit's copy of the tables; whoever has a transaction has every lock."""

    def __init__(self, tables: AccountTables) -> None:
        self._tables = tables

    async def add(self, workspace: Workspace, owner: Membership) -> None:
        """Write a workspace with its first member."""
        self._tables.workspaces[workspace.id] = workspace
        await self.add_member(owner, workspace.created_at)

    async def get(self, workspace_id: str, *, lock: bool = False) -> Workspace | None:  # noqa: ARG002
        """Return the workspace, or None."""
        return self._tables.workspaces.get(workspace_id)

    async def save(self, workspace: Workspace) -> Workspace:
        """Write the workspace and raise its version."""
        saved = replace(workspace, version=workspace.version + 1)
        self._tables.workspaces[saved.id] = saved
        return saved

    async def erase(self, workspace_id: str) -> None:
        """Remove the workspace and what belongs to it; its history goes with the commit."""
        tables = self._tables
        tables.workspaces.pop(workspace_id, None)
        for membership in await self.members(workspace_id):
            await self.remove_member(workspace_id, membership.user_id)
        for invitation in list(tables.invitations.values()):
            if invitation.tenant_id == workspace_id:
                del tables.invitations[invitation.id]

    async def erase_history(self, workspace_id: str, most: int) -> bool:  # noqa: ARG002
        """Do nothing: the history went with the workspace."""
        return False

    async def of_user(self, user_id: str) -> Sequence[tuple[Workspace, Membership]]:
        """Return the workspaces of a user, oldest membership first."""
        return [mine for mine in _mine(self._tables, user_id) if mine[0].deleted_at is None]

    async def members(self, workspace_id: str) -> Sequence[Membership]:
        """Return who belongs to a workspace."""
        return [m for m in self._tables.memberships.values() if m.tenant_id == workspace_id]

    async def add_member(self, membership: Membership, joined_at: datetime) -> None:
        """Write a member who is none yet."""
        key = (membership.tenant_id, membership.user_id)
        self._tables.memberships.setdefault(key, membership)
        self._tables.joined.setdefault(key, joined_at)

    async def save_member(self, membership: Membership) -> Membership:
        """Write the membership and raise its version."""
        saved = replace(membership, version=membership.version + 1)
        self._tables.memberships[saved.tenant_id, saved.user_id] = saved
        return saved

    async def remove_member(self, workspace_id: str, user_id: str) -> None:
        """Remove a member."""
        self._tables.memberships.pop((workspace_id, user_id), None)
        self._tables.joined.pop((workspace_id, user_id), None)


class InMemoryInvitationRepository(InvitationRepository):
    """Works on the unit's copy of the tables."""

    def __init__(self, tables: AccountTables) -> None:
        self._tables = tables

    async def of_address(self, workspace_id: str, email: str) -> Invitation | None:
        """Return the invitation of an address, or None."""
        return self._find(lambda i: (i.tenant_id, i.email) == (workspace_id, email))

    async def of_token(self, token_hash: str) -> Invitation | None:
        """Return the invitation with this hash, or None."""
        return self._find(lambda i: i.token_hash == token_hash)

    async def awaits(self, email: str, now: datetime) -> bool:
        """Tell whether there is an open invitation to a workspace in use."""
        workspaces = self._tables.workspaces
        return any(
            i.email == email
            and i.accepted_at is None
            and not i.is_expired(now)
            and workspaces[i.tenant_id].deleted_at is None
            for i in self._tables.invitations.values()
        )

    async def put(self, invitation: Invitation) -> None:
        """Write an invitation in the place of the one with its id."""
        self._tables.invitations[invitation.id] = invitation

    async def remove(self, workspace_id: str, invitation_id: str) -> bool:
        """Remove an invitation that nobody accepted."""
        return self._remove(lambda i: (i.tenant_id, i.id) == (workspace_id, invitation_id))

    async def remove_by(self, workspace_id: str, user_id: str) -> None:
        """Remove the open invitations that a member made."""
        self._remove(lambda i: (i.tenant_id, i.invited_by) == (workspace_id, user_id))

    def _find(self, fits: Callable[[Invitation], bool]) -> Invitation | None:
        return next(filter(fits, self._tables.invitations.values()), None)

    def _remove(self, fits: Callable[[Invitation], bool]) -> bool:
        invitations = self._tables.invitations
        gone = [i.id for i in invitations.values() if i.accepted_at is None and fits(i)]
        for invitation_id in gone:
            del invitations[invitation_id]
        return bool(gone)


class InMemoryWorkspaceQueries(WorkspaceQueries):
    """Reads what is committed."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def of_user(
        self, user_id: str, now: datetime, page: PageRequest
    ) -> Page[tuple[Workspace, Membership]]:
        """Return a person's workspaces, oldest first."""
        found = [
            (workspace, membership)
            for workspace, membership in _mine(self._state.accounts, user_id)
            if workspace.deleted_at is None
            or (membership.role is MemberRole.OWNER and is_restorable(workspace, now))
        ]
        return _cut(found, page, lambda mine: mine[0].id)

    async def get(self, workspace_id: str) -> Workspace:
        """Return a workspace that is in use."""
        found = self._state.accounts.workspaces.get(workspace_id)
        if found is None or found.deleted_at is not None:
            raise NotFound("There is no such workspace.")
        return found

    async def members(self, workspace_id: str, page: PageRequest) -> Page[Member]:
        """Return the members of a workspace, by id."""
        accounts = self._state.accounts
        found = [
            Member(membership, user.email, user.full_name, accounts.joined[key])
            for key, membership in accounts.memberships.items()
            for user in [accounts.users[key[1]]]
            if membership.tenant_id == workspace_id
        ]
        return _cut(found, page, lambda member: member.membership.user_id)

    async def invitations(self, workspace_id: str, page: PageRequest) -> Page[Invitation]:
        """Return the open invitations, newest first."""
        every = self._state.accounts.invitations.values()
        found = [i for i in every if i.tenant_id == workspace_id and i.accepted_at is None]
        found.sort(key=lambda invitation: invitation.id, reverse=True)
        rest = [i for i in found if page.after is None or i.id < page.after]
        return Page.cut(rest[: page.limit + 1], page.limit, lambda invitation: invitation.id)


def _mine(tables: AccountTables, user_id: str) -> list[tuple[Workspace, Membership]]:
    return [
        (tables.workspaces[membership.tenant_id], membership)
        for membership in tables.memberships.values()
        if membership.user_id == user_id
    ]


def _cut(rows: Iterable[T], page: PageRequest, key: Callable[[T], str]) -> Page[T]:
    rest = sorted((row for row in rows if page.after is None or key(row) > page.after), key=key)
    return Page.cut(rest[: page.limit + 1], page.limit, key)
