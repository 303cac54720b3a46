"""Leave for good."""

from collections.abc import Sequence
from datetime import timedelta

from application.ports.clock import Clock
from application.ports.identity import Identities, IdentityUnits
from application.services.etag import require_version
from application.services.mails import Mails
from application.services.postman import Postman
from application.services.reauthentication import Reauthentication, require_unchanged
from application.services.security_log import SecurityEvent, SecurityLog
from application.services.team import Team, hold_team, record
from application.services.workspace_deletion import schedule_deletion
from domain.accounts import Actor, MemberRole
from domain.erasures import Erasure
from domain.errors import Conflict


class DeleteAccount:
    """Remove one's own account with its sessions, memberships and keys.

    Workspaces with nobody else in them are deleted, and erased after `grace`.
    """

    def __init__(
        self,
        identities: IdentityUnits,
        reauthentication: Reauthentication,
        mails: Mails,
        postman: Postman,
        log: SecurityLog,
        clock: Clock,
        grace: timedelta,
    ) -> None:
        self._identities = identities
        self._reauthentication = reauthentication
        self._mails = mails
        self._postman = postman
        self._log = log
        self._clock = clock
        self._grace = grace

    async def __call__(
        self, actor: Actor, password: str | None, expected_version: int | None = None
    ) -> Erasure:
        """Return the receipt of the erasure.

        Raises InvalidInput (password), Forbidden (`log_in_again`), PreconditionFailed, RateLimited,
        and Conflict (`sole_owner`) while others work in a workspace that nobody else owns."""
        seen = await self._reauthentication(actor, password, "/password")
        async with self._identities.open() as identities:
            user = require_unchanged(await identities.users.get(actor.user_id, lock=True), seen)
            require_version(user.version, expected_version)
            places = sorted(w.id for w, _ in await identities.workspaces.of_user(user.id))
            teams = [await hold_team(identities, actor, place) for place in places]
            _require_other_owners(teams)
            for team in teams:
                await self._leave(identities, actor, team)
            now = self._clock.now()
            receipt = Erasure(
                id=self._clock.new_id("era"),
                subject_type="user",
                subject_id=user.id,
                requested_by=user.id,
                requested_at=now,
                counts={"users": 1, "memberships": len(teams)},
                finished_at=now,
            )
            await identities.erasures.add(receipt)
            await self._log.record(identities, SecurityEvent.ACCOUNT_DELETED, actor)
            await identities.users.remove(user.id)
        self._postman.post(self._mails.notice(user.email, "the account was deleted"))
        return receipt

    async def _leave(self, identities: Identities, actor: Actor, team: Team) -> None:
        place = team.workspace.id
        if len(team.members) == 1:
            await schedule_deletion(identities, self._clock, actor, team.workspace, self._grace)
            return
        await identities.invitations.remove_by(place, actor.user_id)
        subject = ("user", actor.user_id)
        await record(identities, self._clock, actor, place, "member.left", subject)


def _require_other_owners(teams: Sequence[Team]) -> None:
    stuck = [
        team.workspace.name
        for team in teams
        if len(team.members) > 1
        and team.role is MemberRole.OWNER
        and team.roles.count(MemberRole.OWNER) == 1
    ]
    if stuck:
        names = ", ".join(f"“{name}”" for name in stuck)
        raise Conflict(
            f"Others work in {names}, and nobody else owns it: transfer the ownership, or delete it.",
            code="sole_owner",
        )
