"""Port: everyone who can log in, and who they are elsewhere."""

from abc import ABC, abstractmethod
from datetime import datetime

from domain.accounts import ExternalIdentity, User


class UserRepository(ABC):
    """Everyone who can log in."""

    @abstractmethod
    async def add(self, user: User) -> None:
        """Write a new user. Raises Conflict where the e-mail address is taken."""

    @abstractmethod
    async def save(self, user: User) -> None:
        """Write the changed fields of a user and raise `version`. Raises Conflict (address taken)."""

    @abstractmethod
    async def get(self, user_id: str, *, lock: bool = False) -> User | None:
        """Return the user, or None; `lock` it to write it back, and others wait for the end."""

    @abstractmethod
    async def by_email(self, email: str) -> User | None:
        """Return the user with this (lower-case) address, or None."""

    @abstractmethod
    async def remove(self, user_id: str) -> None:
        """Remove a user with sessions, tokens, memberships, API keys and identities elsewhere."""


class ExternalIdentities(ABC):
    """Which account belongs to whom at an identity provider."""

    @abstractmethod
    async def user_id(self, identity: ExternalIdentity) -> str | None:
        """Return whose account this issuer and subject log in to, or None."""

    @abstractmethod
    async def link(self, identity: ExternalIdentity, user_id: str, now: datetime) -> None:
        """Let this issuer and subject log in to the account. Raises Conflict where they already do to one."""
