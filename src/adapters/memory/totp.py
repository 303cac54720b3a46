"""Codes that tests can tell: the last six digits of the step, plus what the secret adds."""

from collections.abc import Iterable
from itertools import count

from application.ports.totp import Totp
from domain.second_factor import recovery_code


class InMemoryTotp(Totp):
    """Secrets are numbered."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def new_secret(self) -> str:
        """Return the next secret."""
        return f"SECRET{next(self._numbers)}"

    def new_recovery_code(self) -> str:
        """Return the next recovery code."""
        return recovery_code(next(self._numbers).to_bytes(10, "big"))

    def step_of(self, secret: str, code: str, steps: Iterable[int]) -> int | None:
        """Return the step whose code this is."""
        given = "".join(code.split())
        return next((step for step in steps if self.code(secret, step) == given), None)

    @staticmethod
    def code(secret: str, step: int) -> str:
        """Return the code of a step."""
        return f"{(step * 7919 + sum(secret.encode())) % 1_000_000:06d}"
