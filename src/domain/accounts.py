"""People, the workspaces (tenants) they work in, and their log-in sessions."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import InvalidInput

PASSWORD_MIN = 15  # NIST SP 800-63B-4: where the password is the only factor
PASSWORD_MAX = 128
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,250}\.[^@\s.\x00-\x1f]{1,63}\Z")


class MemberRole(StrEnum):
    """What a member may do in a workspace, strongest first."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant: everything a bot owns belongs to one."""

    id: str
    name: str
    plan: str
    created_at: datetime


@dataclass(slots=True)
class User:
    """A person who can log in. `email` is lower case."""

    id: str
    email: str
    full_name: str
    password_hash: str
    created_at: datetime
    disabled: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's role in a workspace."""

    tenant_id: str
    user_id: str
    role: MemberRole


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in on one device: the family of its refresh tokens."""

    id: str
    user_id: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token as stored: the SHA-256 of the secret. Using it twice revokes its session."""

    token_hash: str
    session_id: str
    user_id: str
    expires_at: datetime
    used_at: datetime | None = None

    def is_expired(self, now: datetime) -> bool:
        """Tell whether its time has passed."""
        return now >= self.expires_at

    def is_reused(self, now: datetime, grace: timedelta = timedelta(0)) -> bool:
        """Tell whether it was used before; `grace` forgives a client whose answer got lost."""
        return self.used_at is not None and now - self.used_at > grace


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, in which workspace, with what role."""

    user_id: str
    tenant_id: str
    role: MemberRole
    session_id: str = ""


_COMMON_PASSWORDS = frozenset(
    {
        "passwordpassword", "password1234567", "123456789012345", "1234567890123456",
        "qwertyuiopasdfgh", "qwertyuiopasdfghjkl", "aaaaaaaaaaaaaaa", "correcthorsebatterystaple",
        "letmeinletmeinletmein", "adminadminadmin", "iloveyouiloveyou", "chatspherechatsphere",
    }
)  # fmt: skip


def normalise_email(email: str) -> str:
    """Return the address in lower case without outer spaces. Raises InvalidInput."""
    address = email.strip().lower()
    if not _EMAIL.match(address):
        raise InvalidInput("This is not an e-mail address.", pointer="/email")
    return address


def check_password(password: str, email: str) -> None:
    """Accept a password by length and blocklist only (NIST SP 800-63B-4). Raises InvalidInput."""
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise InvalidInput(
            f"A password has {PASSWORD_MIN} to {PASSWORD_MAX} characters; any characters will do.",
            pointer="/password",
        )
    folded = password.casefold()
    if folded in _COMMON_PASSWORDS or folded == email.casefold() or len(set(folded)) < 4:  # noqa: PLR2004
        raise InvalidInput("This password is too easy to guess.", pointer="/password")
