"""Workspaces, their members and invitations in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import text

from adapters._psycopg import Connection, Pool, Row
from adapters.postgres.database import Reader
from application.ports.workspaces import InvitationRepository, WorkspaceRepository
from application.queries.page import Page, PageRequest
from application.queries.workspaces import WorkspaceQueries
from domain.accounts import MemberRole, Membership, Workspace
from domain.errors import NotFound
from domain.workspaces import Invitation, Member

_ADD = text("INSERT INTO workspaces (id, name, plan, created_at) VALUES (:id, :name, :plan, :now)")
_GET = "SELECT id, name, plan, created_at, version, deleted_at, erase_after, default_model FROM workspaces"
_GET_ONE = text(f"{_GET} WHERE id = :id")
# Not FOR UPDATE: whoever adds a bot holds the workspace's key, and need not wait.
_LOCK = text(f"{_GET} WHERE id = :id FOR NO KEY UPDATE")
_GET_USED = text(f"{_GET} WHERE id = :id AND deleted_at IS NULL")
_SAVE = text("""
UPDATE workspaces SET name = :name, plan = :plan, version = :version, deleted_at = :deleted_at,
  erase_after = :erase_after, default_model = :default_model WHERE id = :id
""")
# Members, invitations and keys go with the workspace; its history may go once it is gone.
_ERASE = text("DELETE FROM workspaces WHERE id = :id")
_ERASE_HISTORY = text("""
DELETE FROM audit_events WHERE tenant_id = :id AND seq IN (
  SELECT seq FROM audit_events WHERE tenant_id = :id ORDER BY seq LIMIT :most)
""")
_MINE = """
SELECT w.id, w.name, w.plan, w.created_at, w.version, w.deleted_at, w.erase_after,
  w.default_model, m.role, m.version AS membership_version
FROM memberships m JOIN workspaces w ON w.id = m.tenant_id WHERE m.user_id = :user_id
"""
_OF_USER = text(f"{_MINE} AND w.deleted_at IS NULL ORDER BY m.created_at, m.tenant_id")
_PAGE_OF_USER = text(f"""{_MINE}
AND (w.deleted_at IS NULL OR m.role = 'owner' AND w.erase_after > :now)
AND w.id > :after ORDER BY w.id LIMIT :limit
""")
_MEMBERS = text("SELECT tenant_id, user_id, role, version FROM memberships WHERE tenant_id = :id")
_ADD_MEMBER = text("""
INSERT INTO memberships (tenant_id, user_id, role, created_at)
VALUES (:tenant_id, :user_id, :role, :now) ON CONFLICT DO NOTHING
""")
_SAVE_MEMBER = text("""
UPDATE memberships SET role = :role, version = :version
WHERE tenant_id = :tenant_id AND user_id = :user_id
""")
_REMOVE_MEMBER = text("DELETE FROM memberships WHERE tenant_id = :id AND user_id = :user_id")
_PAGE_OF_MEMBERS = text("""
SELECT m.tenant_id, m.user_id, m.role, m.version, m.created_at, u.email, u.full_name
FROM memberships m JOIN users u ON u.id = m.user_id
WHERE m.tenant_id = :id AND m.user_id > :after ORDER BY m.user_id LIMIT :limit
""")
_INVITATIONS = """
SELECT id, tenant_id, email, role, token_hash, invited_by, created_at, expires_at, accepted_at
FROM invitations
"""
_OF_ADDRESS = text(f"{_INVITATIONS} WHERE tenant_id = :id AND email = :email")
_OF_TOKEN = text(f"{_INVITATIONS} WHERE token_hash = :token_hash")
_AWAITS = text("""
SELECT EXISTS (
  SELECT FROM invitations i JOIN workspaces w ON w.id = i.tenant_id AND w.deleted_at IS NULL
  WHERE i.email = :email AND i.accepted_at IS NULL AND i.expires_at > :now)
""")
_PAGE_OF_INVITATIONS = text(f"""{_INVITATIONS}
WHERE tenant_id = :id AND accepted_at IS NULL AND (:after = '' OR id < :after)
ORDER BY id DESC LIMIT :limit
""")
_PUT = text("""
INSERT INTO invitations
  (id, tenant_id, email, role, token_hash, invited_by, created_at, expires_at, accepted_at)
VALUES
  (:id, :tenant_id, :email, :role, :token_hash, :invited_by, :created_at, :expires_at, :accepted_at)
ON CONFLICT (tenant_id, id) DO UPDATE SET
  role = excluded.role, token_hash = excluded.token_hash, invited_by = excluded.invited_by,
  created_at = excluded.created_at, expires_at = excluded.expires_at,
  accepted_at = excluded.accepted_at
""")
_REMOVE = text("""
DELETE FROM invitations WHERE tenant_id = :id AND id = :invitation_id AND accepted_at IS NULL
""")
_REMOVE_BY = text("""
DELETE FROM invitations WHERE tenant_id = :id AND invited_by = :user_id AND accepted_at IS NULL
""")


def _to_workspace(row: Row) -> Workspace:
    return Workspace(
        row.id,
        row.name,
        row.plan,
        row.created_at,
        row.version,
        row.deleted_at,
        row.erase_after,
        row.default_model,
    )


def _to_mine(row: Row, user_id: str) -> tuple[Workspace, Membership]:
    return _to_workspace(row), Membership(
        row.id, user_id, MemberRole(row.role), row.membership_version
    )


def _to_membership(row: Row) -> Membership:
    return Membership(row.tenant_id, row.user_id, MemberRole(row.role), row.version)


def _to_invitation(row: Row) -> Invitation:
    return Invitation(**{**row._asdict(), "role": MemberRole(row.role)})


class PostgresWorkspaceRepository(WorkspaceRepository):
    """Works in the connection's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(self, workspace: Workspace, owner: Membership) -> None:
        values = {"id": workspace.id, "name": workspace.name, "plan": workspace.plan}
        await self._connection.execute(_ADD, {**values, "now": workspace.created_at})
        await self.add_member(owner, workspace.created_at)

    async def get(self, workspace_id: str, *, lock: bool = False) -> Workspace | None:
        found = await self._connection.execute(_LOCK if lock else _GET_ONE, {"id": workspace_id})
        row = found.one_or_none()
        return None if row is None else _to_workspace(row)

    async def save(self, workspace: Workspace) -> Workspace:
        saved = replace(workspace, version=workspace.version + 1)
        values = asdict(saved)
        del values["created_at"]
        await self._connection.execute(_SAVE, values)
        return saved

    async def erase(self, workspace_id: str) -> None:
        await self._connection.execute(_ERASE, {"id": workspace_id})

    async def erase_history(self, workspace_id: str, most: int) -> bool:
        values = {"id": workspace_id, "most": most}
        return (await self._connection.execute(_ERASE_HISTORY, values)).rowcount > 0

    async def of_user(self, user_id: str) -> Sequence[tuple[Workspace, Membership]]:
        found = await self._connection.execute(_OF_USER, {"user_id": user_id})
        return [_to_mine(row, user_id) for row in found]

    async def members(self, workspace_id: str) -> Sequence[Membership]:
        found = await self._connection.execute(_MEMBERS, {"id": workspace_id})
        return [_to_membership(row) for row in found]

    async def add_member(self, membership: Membership, joined_at: datetime) -> None:
        values = {
            "tenant_id": membership.tenant_id,
            "user_id": membership.user_id,
            "role": membership.role.value,
            "now": joined_at,
        }
        await self._connection.execute(_ADD_MEMBER, values)

    async def save_member(self, membership: Membership) -> Membership:
        saved = replace(membership, version=membership.version + 1)
        values = {**asdict(saved), "role": saved.role.value}
        await self._connection.execute(_SAVE_MEMBER, values)
        return saved

    async def remove_member(self, workspace_id: str, user_id: str) -> None:
        await self._connection.execute(_REMOVE_MEMBER, {"id": workspace_id, "user_id": user_id})


class PostgresInvitationRepository(InvitationRepository):
    """Works in the connection's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def of_address(self, workspace_id: str, email: str) -> Invitation | None:
        values = {"id": workspace_id, "email": email}
        row = (await self._connection.execute(_OF_ADDRESS, values)).one_or_none()
        return None if row is None else _to_invitation(row)

    async def of_token(self, token_hash: str) -> Invitation | None:
        found = await self._connection.execute(_OF_TOKEN, {"token_hash": token_hash})
        row = found.one_or_none()
        return None if row is None else _to_invitation(row)

    async def awaits(self, email: str, now: datetime) -> bool:
        return bool(await self._connection.scalar(_AWAITS, {"email": email, "now": now}))

    async def put(self, invitation: Invitation) -> None:
        values = {**asdict(invitation), "role": invitation.role.value}
        await self._connection.execute(_PUT, values)

    async def remove(self, workspace_id: str, invitation_id: str) -> bool:
        values = {"id": workspace_id, "invitation_id": invitation_id}
        return (await self._connection.execute(_REMOVE, values)).rowcount > 0

    async def remove_by(self, workspace_id: str, user_id: str) -> None:
        await self._connection.execute(_REMOVE_BY, {"id": workspace_id, "user_id": user_id})


class PostgresWorkspaceQueries(WorkspaceQueries):
    """Single statements on a pool of the system role: people stand above tenants."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def of_user(
        self, user_id: str, now: datetime, page: PageRequest
    ) -> Page[tuple[Workspace, Membership]]:
        values = {"user_id": user_id, "now": now, **_position(page)}
        async with self._reader.connect(None) as connection:
            rows = await connection.execute(_PAGE_OF_USER, values)
        found = [_to_mine(row, user_id) for row in rows]
        return Page.cut(found, page.limit, lambda mine: mine[0].id)

    async def get(self, workspace_id: str) -> Workspace:
        async with self._reader.connect(None) as connection:
            row = (await connection.execute(_GET_USED, {"id": workspace_id})).one_or_none()
        if row is None:
            raise NotFound("There is no such workspace.")
        return _to_workspace(row)

    async def members(self, workspace_id: str, page: PageRequest) -> Page[Member]:
        async with self._reader.connect(None) as connection:
            rows = await connection.execute(
                _PAGE_OF_MEMBERS, {"id": workspace_id, **_position(page)}
            )
        found = [
            Member(_to_membership(row), row.email, row.full_name, row.created_at) for row in rows
        ]
        return Page.cut(found, page.limit, lambda member: member.membership.user_id)

    async def invitations(self, workspace_id: str, page: PageRequest) -> Page[Invitation]:
        async with self._reader.connect(None) as connection:
            rows = await connection.execute(
                _PAGE_OF_INVITATIONS, {"id": workspace_id, **_position(page)}
            )
        found = [_to_invitation(row) for row in rows]
        return Page.cut(found, page.limit, lambda invitation: invitation.id)


def _position(page: PageRequest) -> dict[str, object]:
    return {"after": page.after or "", "limit": page.limit + 1}
