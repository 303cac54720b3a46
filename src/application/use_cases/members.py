"""Change the roles of members, remove them, hand over the ownership."""

from dataclasses import replace

from application.ports.clock import Clock
from application.ports.identity import Identities, IdentityUnits
from application.services.etag import require_version
from application.services.team import Team, hold_team, record
from domain.accounts import Actor, MemberRole, Membership
from domain.audit import Action
from domain.errors import Forbidden, InvalidInput
from domain.workspaces import check_change, check_leaving, check_removal, manages_members


class ChangeMemberRole:
    """Give a member of the actor's workspace another role."""

    def __init__(self, identities: IdentityUnits, clock: Clock) -> None:
        self._identities = identities
        self._clock = clock

    async def __call__(
        self, actor: Actor, user_id: str, role: MemberRole, expected_version: int | None
    ) -> Membership:
        """Raises NotFound, Forbidden, Conflict (`last_owner`) and PreconditionFailed."""
        async with self._identities.open() as identities:
            team = await hold_team(identities, actor, actor.tenant_id)
            _check_manages(team)
            member = team.member(user_id)
            require_version(member.version, expected_version)
            check_change(team.role, member.role, role, team.roles)
            saved = await _give(identities, member, role)
            await record(
                identities,
                self._clock,
                actor,
                actor.tenant_id,
                "member.role_changed",
                ("user", user_id),
                role=role.value,
            )
        return saved


class RemoveMember:
    """Remove a member of the actor's workspace, or leave it oneself."""

    def __init__(self, identities: IdentityUnits, clock: Clock) -> None:
        self._identities = identities
        self._clock = clock

    async def __call__(self, actor: Actor, user_id: str, expected_version: int | None) -> None:
        """Raises NotFound, Forbidden, Conflict (`last_owner`) and PreconditionFailed."""
        leaves = user_id == actor.user_id
        async with self._identities.open() as identities:
            team = await hold_team(identities, actor, actor.tenant_id)
            if not leaves:
                _check_manages(team)  # before the look-up: others learn nothing of who is a member
            member = team.member(user_id)
            require_version(member.version, expected_version)
            if leaves:
                check_leaving(member.role, team.roles)
            else:
                check_removal(team.role, member.role, team.roles)
            await identities.workspaces.remove_member(actor.tenant_id, user_id)
            await identities.invitations.remove_by(actor.tenant_id, user_id)
            action: Action = "member.left" if leaves else "member.removed"
            await record(identities, self._clock, actor, actor.tenant_id, action, ("user", user_id))


class TransferOwnership:
    """Make another member owner of the actor's workspace, and the actor an admin."""

    def __init__(self, identities: IdentityUnits, clock: Clock) -> None:
        self._identities = identities
        self._clock = clock

    async def __call__(self, actor: Actor, user_id: str) -> None:
        """Raises Forbidden, NotFound, and InvalidInput where it is the actor's own id."""
        async with self._identities.open() as identities:
            team = await hold_team(identities, actor, actor.tenant_id)
            if team.role is not MemberRole.OWNER:
                raise Forbidden("Only owners hand over the ownership.")
            if user_id == actor.user_id:
                raise InvalidInput("You are the owner: name another member.", pointer="/user_id")
            await _give(identities, team.member(user_id), MemberRole.OWNER)
            await _give(identities, team.member(actor.user_id), MemberRole.ADMIN)
            await record(
                identities,
                self._clock,
                actor,
                actor.tenant_id,
                "ownership.transferred",
                ("user", user_id),
            )


def _check_manages(team: Team) -> None:
    if not manages_members(team.role):
        raise Forbidden("Only owners and admins change who belongs to a workspace.")


async def _give(identities: Identities, member: Membership, role: MemberRole) -> Membership:
    """Write the role; the open invitations of who may not invite any more end with it."""
    saved = await identities.workspaces.save_member(replace(member, role=role))
    if not manages_members(role):
        await identities.invitations.remove_by(member.tenant_id, member.user_id)
    return saved
