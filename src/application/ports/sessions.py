"""Ports: log-ins, and the secrets that are good once."""

from abc import ABC, abstractmethod
from datetime import datetime

from domain.accounts import Device, OneTimeToken, RefreshToken, Session, TokenPurpose


class SessionRepository(ABC):
    """Log-ins and their refresh tokens."""

    @abstractmethod
    async def add(self, session: Session) -> None:
        """Write a session, and forget those of the user that expired."""

    @abstractmethod
    async def get(self, session_id: str, user_id: str) -> Session | None:
        """Return a session of the user that is not over, or None."""

    @abstractmethod
    async def revoke(self, session_id: str, now: datetime) -> None:
        """End a session and all its refresh tokens at once."""

    @abstractmethod
    async def revoke_all(self, user_id: str, now: datetime, *, keep: str = "") -> None:
        """End every session of a user but the one with the id `keep`."""

    @abstractmethod
    async def touch(self, session_id: str, now: datetime, device: Device) -> None:
        """Write when and from where a session was last used."""

    @abstractmethod
    async def add_token(self, token: RefreshToken) -> None:
        """Write a refresh token (its hash)."""

    @abstractmethod
    async def token(self, token_hash: str) -> RefreshToken | None:
        """Return and lock the token, or None where it is unknown or its session is over."""

    @abstractmethod
    async def use_token(self, token_hash: str, now: datetime, used_for: str | None = None) -> None:
        """Mark the token as used, for this (sealed) successor."""


class OneTimeTokens(ABC):
    """Secrets that are good once and for a short time; only their hashes are stored."""

    @abstractmethod
    async def add(self, token: OneTimeToken) -> None:
        """Write a token, and clear some away that expired."""

    @abstractmethod
    async def take(
        self, token_hash: str, purpose: TokenPurpose, now: datetime
    ) -> OneTimeToken | None:
        """Remove the token and return it; None where there is none of this purpose that still holds.

        Of any number of takers at the same time exactly one gets it.
        """

    @abstractmethod
    async def forget(self, user_id: str, purpose: TokenPurpose) -> None:
        """Remove the user's tokens of a purpose."""
