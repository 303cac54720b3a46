"""A workspace and its members, held by whoever is about to change them."""

from collections.abc import Mapping
from dataclasses import dataclass

from application.ports.clock import Clock
from application.ports.identity import Identities
from domain.accounts import Actor, MemberRole, Membership, Workspace
from domain.audit import Action, entry_of
from domain.errors import NotFound


@dataclass(frozen=True, slots=True)
class Team:
    """As it is now, and stays until the commit: changes of one workspace wait for each other.

    `role` is the actor's, read under the lock: the request began with an older one.
    """

    workspace: Workspace
    members: Mapping[str, Membership]
    role: MemberRole

    @property
    def roles(self) -> list[MemberRole]:
        """The roles of all members."""
        return [membership.role for membership in self.members.values()]

    def member(self, user_id: str) -> Membership:
        """Return a member. Raises NotFound, whether or not there is such a person elsewhere."""
        if user_id not in self.members:
            raise NotFound("There is no such member.")
        return self.members[user_id]


async def hold_team(
    identities: Identities, actor: Actor, workspace_id: str, *, deleted: bool = False
) -> Team:
    """Return the team of a workspace that is in use (or `deleted`), locked until the commit.

    Raises NotFound where the workspace is not there or the actor is no member of it.
    """
    workspace = await identities.workspaces.get(workspace_id, lock=True)
    if workspace is not None and (workspace.deleted_at is not None) is deleted:
        members = {m.user_id: m for m in await identities.workspaces.members(workspace_id)}
        if actor.user_id in members:
            return Team(workspace, members, members[actor.user_id].role)
    raise NotFound("There is no such workspace.")


async def record(
    identities: Identities,
    clock: Clock,
    actor: Actor,
    workspace_id: str,
    action: Action,
    subject: tuple[str, str],
    **data: str | int | bool | None,
) -> None:
    """Record in a workspace's history what the actor did to the subject; last in the transaction."""
    entry = entry_of(actor, clock.new_id("aud"), clock.now(), action, subject, data)
    await identities.audit.record(entry, scope=workspace_id)
