"""Who may give which role to whom, how long an invitation holds, and when a workspace is erased."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.accounts import MemberRole, Membership, Workspace
from domain.errors import Conflict, Forbidden, InvalidInput

WORKSPACE_NAME_MAX = 200
INVITATION_LIFETIME = timedelta(days=7)

_OWNER, _ADMIN = MemberRole.OWNER, MemberRole.ADMIN
# Whose role one may give, change or take away.
_MANAGES: Mapping[MemberRole, frozenset[MemberRole]] = {
    _OWNER: frozenset(MemberRole),
    _ADMIN: frozenset(MemberRole) - {_OWNER},
}


@dataclass(frozen=True, slots=True)
class Member:
    """A person in a workspace, as the others there see them."""

    membership: Membership
    email: str
    full_name: str
    joined_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """An address that may join a workspace; only the SHA-256 of its secret is stored.

    An accepted one is kept until it expires, so that accepting it once more is no error.
    """

    id: str
    tenant_id: str
    email: str
    role: MemberRole
    token_hash: str
    invited_by: str | None
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None

    def is_expired(self, now: datetime) -> bool:
        """Tell whether its time has passed."""
        return now >= self.expires_at


def invited_until(now: datetime) -> datetime:
    """Return until when an invitation that is made now holds."""
    return now + INVITATION_LIFETIME


def manages_members(role: MemberRole) -> bool:
    """Tell whether this role may invite, change and remove others at all."""
    return role in _MANAGES


def check_may_manage(by: MemberRole, role: MemberRole) -> None:
    """Let somebody give this role, or take it away. Raises Forbidden.

    Owners manage everyone; admins everyone but owners; the others nobody.
    """
    if role not in _MANAGES.get(by, frozenset()):
        whom = "an owner" if role is _OWNER else f"{'an' if role is _ADMIN else 'a'} {role}"
        raise Forbidden(f"Your role in this workspace is {by}: you cannot make or change {whom}.")


def check_change(
    by: MemberRole, now: MemberRole, then: MemberRole, roles: Sequence[MemberRole]
) -> None:
    """Let `by` make a member with the role `now` one with the role `then`.

    `roles` are those of all members. Raises Forbidden, and Conflict (`last_owner`).
    """
    check_may_manage(by, now)
    check_may_manage(by, then)
    if then is not _OWNER:
        _check_an_owner_stays(now, roles)


def check_removal(by: MemberRole, role: MemberRole, roles: Sequence[MemberRole]) -> None:
    """Let `by` remove a member with this role. Raises Forbidden, and Conflict (`last_owner`)."""
    check_may_manage(by, role)
    _check_an_owner_stays(role, roles)


def check_leaving(role: MemberRole, roles: Sequence[MemberRole]) -> None:
    """Let a member with this role go of their own accord. Raises Conflict (`last_owner`)."""
    _check_an_owner_stays(role, roles)


def _check_an_owner_stays(going: MemberRole, roles: Sequence[MemberRole]) -> None:
    if going is _OWNER and sum(role is _OWNER for role in roles) <= 1:
        raise Conflict(
            "A workspace keeps at least one owner: transfer the ownership or delete the workspace.",
            code="last_owner",
        )


def checked_workspace_name(name: str) -> str:
    """Return a workspace's name, on one line and without outer spaces. Raises InvalidInput."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= WORKSPACE_NAME_MAX or "\x00" in name:
        raise InvalidInput(f"A name has 1 to {WORKSPACE_NAME_MAX} characters.", pointer="/name")
    return name


def deleted(workspace: Workspace, now: datetime, grace: timedelta) -> Workspace:
    """Return the workspace out of use; it can be restored for the length of `grace`."""
    return replace(workspace, deleted_at=now, erase_after=now + grace)


def is_restorable(workspace: Workspace, now: datetime) -> bool:
    """Tell whether a deleted workspace can still be put back into use."""
    return workspace.erase_after is not None and now < workspace.erase_after


def restored(workspace: Workspace) -> Workspace:
    """Return the workspace back in use."""
    return replace(workspace, deleted_at=None, erase_after=None)


def is_to_be_erased(workspace: Workspace, now: datetime) -> bool:
    """Tell whether what the workspace holds may go: deleted, and its grace over."""
    if workspace.deleted_at is None:
        return False
    return workspace.erase_after is None or now >= workspace.erase_after


def in_erasure(workspace: Workspace) -> Workspace:
    """Return the workspace past restoring: whoever erases it has begun."""
    return replace(workspace, erase_after=None)
