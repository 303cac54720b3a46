"""Checks of second factors, shared by logging in and by taking the factor away."""

from application.ports.clock import Clock
from application.ports.secret_box import SecretBox
from application.ports.totp import Totp
from domain.accounts import User
from domain.second_factor import SecondFactor, steps_around


class FactorCheck:
    """Opens a user's secret and compares codes."""

    def __init__(self, totp: Totp, box: SecretBox, clock: Clock) -> None:
        self._totp = totp
        self._box = box
        self._clock = clock

    def used(
        self, user: User, code: str | None, recovery_code: str | None = None
    ) -> SecondFactor | None:
        """Return the factor as it is once this code is used; None where the code is not good."""
        factor = user.second_factor
        if factor is None:
            return None
        if recovery_code is not None:
            return factor.after_recovery_code(recovery_code)
        return factor.after_code(self.step(user, factor, code or ""))

    def step(self, user: User, factor: SecondFactor, code: str) -> int | None:
        """Return the time step that a code is of, or None."""
        secret = self._box.open(factor.sealed_secret, context_of(user.id))
        return self._totp.step_of(secret, code, steps_around(self._clock.now()))


def context_of(user_id: str) -> str:
    """Return where a user's secret is kept, as the secret box binds it."""
    return f"users.totp_secret:{user_id}"
