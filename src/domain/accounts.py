"""People, the workspaces (tenants) they work in, and their log-in sessions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.errors import InvalidInput
from domain.second_factor import SecondFactor

API_KEY_PREFIX = "csk_"  # tells a key from an access token, and secret scanners what they found
_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s\x00-\x1f]{1,250}\.[^@\s.\x00-\x1f]{1,63}\Z")


class MemberRole(StrEnum):
    """What a member may do in a workspace, strongest first."""

    OWNER = "owner"
    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant: everything a bot owns belongs to one.

    A deleted one can be restored until `erase_after`; where that is gone, its erasure has begun.
    `default_model` is what its bots answer with that name no model; None: the installation's.
    """

    id: str
    name: str
    plan: str
    created_at: datetime
    version: int = 1
    deleted_at: datetime | None = None
    erase_after: datetime | None = None
    default_model: str | None = None


@dataclass(slots=True)
class User:
    """A person who can log in. `email` is lower case; without a hash there is no password."""

    id: str
    email: str
    full_name: str
    password_hash: str | None
    created_at: datetime
    disabled: bool = False
    version: int = 1
    email_verified_at: datetime | None = None
    instance_admin: bool = False
    second_factor: SecondFactor | None = None


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's role in a workspace."""

    tenant_id: str
    user_id: str
    role: MemberRole
    version: int = 1


@dataclass(frozen=True, slots=True)
class Device:
    """Where somebody logs in: IP address and user agent, as far as they are known.

    `request_id` is that of the request they came with; it is told to the log, not kept with a session.
    """

    address: str = ""
    user_agent: str = ""
    request_id: str = field(default="", compare=False)


NOWHERE = Device()


@dataclass(frozen=True, slots=True)
class ExternalIdentity:
    """Who somebody is elsewhere: a provider's issuer and its own name for the person."""

    issuer: str
    subject: str
    email: str = ""
    email_verified: bool = False
    full_name: str = ""


@dataclass(frozen=True, slots=True)
class Session:
    """A log-in on one device: the family of its refresh tokens."""

    id: str
    user_id: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    device: Device = NOWHERE


@dataclass(frozen=True, slots=True)
class RefreshToken:
    """A refresh token as stored: the SHA-256 of the secret. Using it twice revokes its session.

    `used_for` is its sealed successor, where the client told how it would ask for that again.
    """

    token_hash: str
    session_id: str
    user_id: str
    expires_at: datetime
    used_at: datetime | None = None
    used_for: str | None = None

    def is_expired(self, now: datetime) -> bool:
        """Tell whether its time has passed."""
        return now >= self.expires_at


class TokenPurpose(StrEnum):
    """What a token that is good once is good for."""

    PASSWORD_RESET = "password_reset"  # noqa: S105  # a name
    EMAIL_VERIFICATION = "email_verification"
    SECOND_FACTOR = "second_factor"
    OIDC_LOGIN = "oidc_login"
    SOCKET_TICKET = "socket_ticket"


@dataclass(frozen=True, slots=True)
class OneTimeToken:
    """A token as stored: the SHA-256 of its secret, and what whoever brings it is let to do."""

    token_hash: str
    purpose: TokenPurpose
    expires_at: datetime
    user_id: str | None = None
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks, in which workspace, with what rights, and from where.

    `tenant_id` is empty where a person is in no workspace (or asks for one that is not theirs). For an
    API key, `user_id` and `role` are those of the member who made it, and `scopes` what it may do.
    """

    user_id: str
    tenant_id: str
    role: MemberRole
    session_id: str = ""
    key_id: str = ""
    scopes: frozenset[str] = frozenset()
    secret_hash: str = field(default="", repr=False)  # which of the key's secrets they came with
    instance_admin: bool = False
    address: str = ""
    request_id: str = ""

    @property
    def id(self) -> str:
        """The credential's own id: of the key, or of the person."""
        return self.key_id or self.user_id


def normalise_email(email: str) -> str:
    """Return the address in lower case without outer spaces. Raises InvalidInput."""
    address = email.strip().lower()
    if not _EMAIL.match(address):
        raise InvalidInput("This is not an e-mail address.", pointer="/email")
    return address
