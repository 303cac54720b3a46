"""Codes by SHA-1 over 30 seconds in 6 digits: what every authenticator understands."""

import secrets
from base64 import b32decode, b32encode
from collections.abc import Iterable
from secrets import compare_digest

from application.ports.totp import Totp
from domain.second_factor import DIGITS, STEP_SECONDS, recovery_code

_SECRET_BYTES = 20  # as long as the hash: RFC 4226 section 4, R6


class CryptographyTotp(Totp):
    """RFC 6238 by the cryptography library."""

    def new_secret(self) -> str:
        """Return 160 random bits."""
        return b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()

    def new_recovery_code(self) -> str:
        """Return 80 random bits in four groups."""
        return recovery_code(secrets.token_bytes(10))

    def step_of(self, secret: str, code: str, steps: Iterable[int]) -> int | None:
        """Compare with the code of each step, in constant time."""
        from cryptography.hazmat.primitives.hashes import SHA1
        from cryptography.hazmat.primitives.twofactor.totp import TOTP

        # SHA-1 is what authenticators speak; its weakness (collisions) does not touch HMAC.
        totp = TOTP(b32decode(secret), DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303  # nosec B303
        given = "".join(code.split()).encode(errors="replace")
        found = None
        for step in steps:
            if compare_digest(totp.generate(step * STEP_SECONDS), given):
                found = step
        return found
