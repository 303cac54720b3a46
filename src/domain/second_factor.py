"""A second factor: codes of an authenticator (TOTP, RFC 6238) and recovery codes, each good once."""

import re
from base64 import b32encode
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6
DRIFT_STEPS = 1  # clocks may differ by so many steps either way
RECOVERY_CODES = 10
_RECOVERY_LENGTH = 16  # base32 characters: 80 bits
_ISSUER = "ChatSphere"


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """What is stored of it. Until it is confirmed it is asked of nobody.

    `last_step` is the newest time step whose code was accepted: a code is good once.
    """

    sealed_secret: str
    confirmed_at: datetime | None = None
    last_step: int = 0
    recovery_hashes: tuple[str, ...] = ()

    @property
    def is_active(self) -> bool:
        """Whether logging in takes it."""
        return self.confirmed_at is not None

    def after_code(self, step: int | None) -> "SecondFactor | None":
        """Return what is stored once a code of this step is used, or None where it is not good."""
        if step is None or step <= self.last_step:
            return None
        return replace(self, last_step=step)

    def after_recovery_code(self, code: str) -> "SecondFactor | None":
        """Return what is stored once a recovery code is used, or None where it is none of them."""
        digest = recovery_hash(code)
        if digest not in self.recovery_hashes:
            return None
        left = tuple(each for each in self.recovery_hashes if each != digest)
        return replace(self, recovery_hashes=left)

    def confirmed(self, step: int, now: datetime, codes: Sequence[str]) -> "SecondFactor":
        """Return it in force, with fresh recovery codes."""
        hashes = tuple(map(recovery_hash, codes))
        return replace(self, confirmed_at=now, last_step=step, recovery_hashes=hashes)


def steps_around(now: datetime) -> range:
    """Return the time steps whose codes are good at a time, the present one in the middle."""
    step = int(now.timestamp()) // STEP_SECONDS
    return range(step - DRIFT_STEPS, step + DRIFT_STEPS + 1)


def recovery_code(randomness: bytes) -> str:
    """Return a code such as `abcd-efgh-ijkl-mnop` of 10 random bytes."""
    text = b32encode(randomness[:10]).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, _RECOVERY_LENGTH, 4))


def recovery_hash(code: str) -> str:
    """Return how a recovery code is stored: it is random enough for a plain hash."""
    return sha256(re.sub(r"[\s-]", "", code).lower().encode()).hexdigest()


def otpauth_url(secret: str, email: str) -> str:
    """Return what a QR code shows to an authenticator. Source: Google's Key URI Format."""
    label = quote(f"{_ISSUER}:{email}", safe="")
    return (
        f"otpauth://totp/{label}?secret={secret}&issuer={_ISSUER}"
        f"&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
    )
