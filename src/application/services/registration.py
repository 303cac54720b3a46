"""Makes accounts: a person with a workspace of their own."""

from datetime import datetime

from application.ports.clock import Clock
from application.ports.identity import Identities, IdentityUnits
from application.services.security_log import SecurityEvent, SecurityLog, person
from domain.accounts import Device, MemberRole, Membership, User, Workspace
from domain.errors import Forbidden, InvalidInput

NAME_MAX = 200
_WORKSPACE_NAME_MAX = 100


class Admission:
    """Says who may make an account with a password; where it is not open, only who was invited."""

    def __init__(self, identities: IdentityUnits, clock: Clock, *, is_open: bool = True) -> None:
        self._identities = identities
        self._clock = clock
        self._is_open = is_open

    async def check(self, email: str) -> None:
        """Raises Forbidden (`registration_closed`)."""
        if self._is_open:
            return
        async with self._identities.open() as identities:
            if await identities.invitations.awaits(email, self._clock.now()):
                return
        raise Forbidden(
            "Nobody can register here without an invitation to this address: ask who runs this.",
            code="registration_closed",
        )


class AccountMaker:
    """Writes new accounts, however somebody comes to one."""

    def __init__(self, log: SecurityLog, clock: Clock, plan: str = "free") -> None:
        self._log = log
        self._clock = clock
        self._plan = plan

    async def __call__(
        self,
        identities: Identities,
        email: str,
        full_name: str,
        password_hash: str | None,
        device: Device,
        *,
        verified: bool = False,
        instance_admin: bool = False,
    ) -> tuple[User, Workspace]:
        """Return the account and its workspace, not yet committed. Raises Conflict (address taken)."""
        now = self._clock.now()
        verified_at: datetime | None = now if verified else None
        user = User(
            id=self._clock.new_id("usr"),
            email=email,
            full_name=full_name,
            password_hash=password_hash,
            created_at=now,
            email_verified_at=verified_at,
            instance_admin=instance_admin,
        )
        called = f"{full_name[:_WORKSPACE_NAME_MAX]}'s workspace"
        workspace = Workspace(self._clock.new_id("ws"), called, self._plan, now)
        await identities.users.add(user)
        owner = Membership(workspace.id, user.id, MemberRole.OWNER)
        await identities.workspaces.add(workspace, owner)
        await self._log.record(identities, SecurityEvent.REGISTERED, person(user.id, device))
        return user, workspace


def checked_name(full_name: str) -> str:
    """Return a name without needless spaces. Raises InvalidInput."""
    name = " ".join(full_name.split())
    if not 1 <= len(name) <= NAME_MAX or "\x00" in name:
        raise InvalidInput(f"A name has 1 to {NAME_MAX} characters.", pointer="/full_name")
    return name
