"""Port: people, workspaces and sessions. They stand above tenants, so they have their own unit of work."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

from domain.accounts import Membership, RefreshToken, Session, User, Workspace


class Identities(ABC):
    """One transaction over accounts; commits on a clean exit, rolls back otherwise."""

    @abstractmethod
    async def __aenter__(self) -> Self: ...

    @abstractmethod
    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    @abstractmethod
    async def add_user(self, user: User) -> None:
        """Raises Conflict where the e-mail address is taken."""

    @abstractmethod
    async def save_user(self, user: User) -> None:
        """Write the changed fields of a user."""

    @abstractmethod
    async def user(self, user_id: str, *, lock: bool = False) -> User | None:
        """Return the user, or None; `lock` it to write it back, and others wait for the end."""

    @abstractmethod
    async def user_by_email(self, email: str) -> User | None:
        """Return the user with this (lower-case) address, or None."""

    @abstractmethod
    async def add_workspace(self, workspace: Workspace, owner: Membership) -> None:
        """Write a workspace with its first member."""

    @abstractmethod
    async def workspaces(self, user_id: str) -> Sequence[tuple[Workspace, Membership]]:
        """Return the workspaces of a user, oldest membership first."""

    @abstractmethod
    async def add_session(self, session: Session) -> None:
        """Write a session."""

    @abstractmethod
    async def revoke_session(self, session_id: str, now: datetime) -> None:
        """End a session and all its refresh tokens at once."""

    @abstractmethod
    async def add_refresh_token(self, token: RefreshToken) -> None:
        """Write a refresh token (its hash)."""

    @abstractmethod
    async def refresh_token(self, token_hash: str) -> RefreshToken | None:
        """Return and lock the token, or None where it is unknown or its session is over."""

    @abstractmethod
    async def use_refresh_token(self, token_hash: str, now: datetime) -> None:
        """Mark the token as used."""


class IdentityUnits(ABC):
    """Opens units of work over accounts."""

    @abstractmethod
    def open(self) -> Identities:
        """Return a fresh unit of work, to be used with `async with`."""
