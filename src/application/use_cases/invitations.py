"""Invite people into a workspace, and let them in."""

from dataclasses import dataclass, replace
from hashlib import sha256

from application.ports.clock import Clock
from application.ports.identity import Identities, IdentityUnits
from application.services.mails import Mails
from application.services.postman import Postman
from application.services.quotas import hold_seat
from application.services.team import hold_team, record
from domain.accounts import Actor, MemberRole, Membership, Workspace, normalise_email
from domain.errors import Conflict, Forbidden, NotFound
from domain.workspaces import (
    INVITATION_LIFETIME,
    Invitation,
    check_may_manage,
    invited_until,
)

_SUBJECT = "invitation"


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation and the link that accepts it, which is known only now."""

    invitation: Invitation
    link: str


class InviteMember:
    """Invite an address into the actor's workspace; inviting it again renews the invitation."""

    def __init__(
        self, identities: IdentityUnits, postman: Postman, mails: Mails, clock: Clock
    ) -> None:
        self._identities = identities
        self._postman = postman
        self._mails = mails
        self._clock = clock

    async def __call__(self, actor: Actor, email: str, role: MemberRole) -> Invited:
        """Raises InvalidInput, NotFound, Forbidden, Conflict (`already_member`) and QuotaExceeded."""
        address = normalise_email(email)
        secret = self._clock.new_secret()
        now = self._clock.now()
        async with self._identities.open() as identities:
            team = await hold_team(identities, actor, actor.tenant_id)
            check_may_manage(team.role, role)
            invited = await identities.users.by_email(address)
            if invited is not None and invited.id in team.members:
                raise Conflict("This person is a member already.", code="already_member")
            await hold_seat(identities, actor.tenant_id, now)
            known = await identities.invitations.of_address(actor.tenant_id, address)
            invitation = Invitation(
                id=known.id if known else self._clock.new_id("inv"),
                tenant_id=actor.tenant_id,
                email=address,
                role=role,
                token_hash=_hash(secret),
                invited_by=actor.user_id,
                created_at=now,
                expires_at=invited_until(now),
            )
            await identities.invitations.put(invitation)
            await record(
                identities,
                self._clock,
                actor,
                actor.tenant_id,
                "invitation.made",
                (_SUBJECT, invitation.id),
                role=role.value,
            )
        self._postman.post(
            self._mails.invitation(address, team.workspace.name, secret, INVITATION_LIFETIME.days)
        )
        return Invited(invitation, self._mails.link("invitation", secret))


class RevokeInvitation:
    """Make an invitation to the actor's workspace worthless."""

    def __init__(self, identities: IdentityUnits, clock: Clock) -> None:
        self._identities = identities
        self._clock = clock

    async def __call__(self, actor: Actor, invitation_id: str) -> None:
        """Raises NotFound."""
        async with self._identities.open() as identities:
            await hold_team(identities, actor, actor.tenant_id)
            if not await identities.invitations.remove(actor.tenant_id, invitation_id):
                raise NotFound("There is no such invitation.")
            await record(
                identities,
                self._clock,
                actor,
                actor.tenant_id,
                "invitation.revoked",
                (_SUBJECT, invitation_id),
            )


class LookUpInvitation:
    """Tell whoever has the link what it is good for."""

    def __init__(self, identities: IdentityUnits, clock: Clock) -> None:
        self._identities = identities
        self._clock = clock

    async def __call__(self, token: str) -> tuple[Workspace, Invitation]:
        """Raises NotFound where it is unknown, expired, revoked or accepted."""
        async with self._identities.open() as identities:
            workspace, invitation = await _open(identities, token, self._clock)
        if invitation.accepted_at is not None:
            raise _unknown()
        return workspace, invitation


class AcceptInvitation:
    """Become a member by a link; with the same link a second time one simply is."""

    def __init__(self, identities: IdentityUnits, clock: Clock) -> None:
        self._identities = identities
        self._clock = clock

    async def __call__(self, actor: Actor, token: str) -> tuple[Workspace, MemberRole]:
        """Return the workspace and one's role in it.

        Raises NotFound, QuotaExceeded, and Forbidden (`invitation_for_another_address`).
        """
        now = self._clock.now()
        async with self._identities.open() as identities:
            workspace, invitation = await _open(identities, token, self._clock, lock=True)
            user = await identities.users.get(actor.user_id)
            if user is None or user.email != invitation.email:
                raise Forbidden(
                    "This invitation is for another e-mail address than your account's.",
                    code="invitation_for_another_address",
                )
            members = {m.user_id: m for m in await identities.workspaces.members(workspace.id)}
            if user.id in members:
                await identities.invitations.put(replace(invitation, accepted_at=now))
                return workspace, members[user.id].role
            if invitation.accepted_at is not None:  # and left or removed since
                raise _unknown()
            await hold_seat(identities, workspace.id, now)
            member = Membership(workspace.id, user.id, invitation.role)
            await identities.workspaces.add_member(member, now)
            await identities.invitations.put(replace(invitation, accepted_at=now))
            await record(
                identities,
                self._clock,
                actor,
                workspace.id,
                "member.joined",
                ("user", user.id),
                role=member.role.value,
            )
        return workspace, member.role


async def _open(
    identities: Identities, token: str, clock: Clock, *, lock: bool = False
) -> tuple[Workspace, Invitation]:
    """Return what the token is for; with `lock` as it is once others have done with the workspace."""
    invitation = await identities.invitations.of_token(_hash(token))
    if invitation is None:
        raise _unknown()
    workspace = await identities.workspaces.get(invitation.tenant_id, lock=lock)
    if lock:  # it may have been accepted, renewed or revoked while we waited
        invitation = await identities.invitations.of_token(_hash(token))
    if workspace is None or workspace.deleted_at is not None or invitation is None:
        raise _unknown()
    if invitation.is_expired(clock.now()):
        raise _unknown()
    return workspace, invitation


def _unknown() -> NotFound:
    return NotFound("This invitation is unknown, expired, revoked or used.")


def _hash(token: str) -> str:
    """Return how a token is stored: it is random enough for a plain hash."""
    return sha256(token.encode()).hexdigest()
