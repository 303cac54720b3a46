"""Port: the codes of authenticators (RFC 6238)."""

from abc import ABC, abstractmethod
from collections.abc import Iterable


class Totp(ABC):
    """Makes shared secrets, and tells by them which time step a code is of."""

    @abstractmethod
    def new_secret(self) -> str:
        """Return a fresh secret in base32, as authenticators read it."""

    @abstractmethod
    def new_recovery_code(self) -> str:
        """Return a fresh code for who has lost the authenticator: `abcd-efgh-ijkl-mnop`, 80 bits."""

    @abstractmethod
    def step_of(self, secret: str, code: str, steps: Iterable[int]) -> int | None:
        """Return the step among these whose code this is, or None. Spaces in the code do not count."""
