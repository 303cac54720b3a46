"""Ports: passwords and tokens."""

from abc import ABC, abstractmethod
from dataclasses import dataclass


class PasswordHasher(ABC):
    """Slow, salted hashing of passwords, off the event loop."""

    @abstractmethod
    async def hash(self, password: str) -> str:
        """Return the encoded hash."""

    @abstractmethod
    async def verify(self, password: str, encoded: str | None) -> bool:
        """Compare; None (no such account) takes as long as a wrong password."""


@dataclass(frozen=True, slots=True)
class AccessClaims:
    """What an access token says."""

    user_id: str
    session_id: str


class TokenSigner(ABC):
    """Signs and reads access tokens (RFC 8725)."""

    @property
    @abstractmethod
    def lifetime_seconds(self) -> int:
        """How long an access token is good for."""

    @abstractmethod
    def sign(self, claims: AccessClaims) -> str:
        """Return an access token."""

    @abstractmethod
    def read(self, token: str) -> AccessClaims:
        """Return the claims of a valid token. Raises Unauthenticated."""
