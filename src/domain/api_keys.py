"""API keys: how programs act in a workspace, with no more than their scopes allow."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from zlib import crc32

from domain.access import SCOPES
from domain.accounts import API_KEY_PREFIX
from domain.errors import Forbidden, InvalidInput

NAME_MAX = 100
HINT_CHARS = 8
LIFETIME_MAX = timedelta(days=730)
GRACE_MAX = timedelta(days=1)
_RANDOM_CHARS, _CHECK_CHARS = 43, 6  # 256 bits, and a checksum of 32
_SECRET = re.compile(
    rf"{API_KEY_PREFIX}([A-Za-z0-9_-]{{{_RANDOM_CHARS}}})([0-9a-z]{{{_CHECK_CHARS}}})\Z"
)
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"


def make_secret(randomness: str) -> str:
    """Return the secret of a key from 43 URL-safe random characters.

    The checksum at its end tells a typing error, or a random string, from a key without a look-up.
    """
    secret = f"{API_KEY_PREFIX}{randomness}{_checksum(randomness)}"
    if _SECRET.match(secret) is None:
        raise ValueError(f"a key needs {_RANDOM_CHARS} URL-safe characters")
    return secret


def is_secret(text: str) -> bool:
    """Tell whether this has the shape of a key, and its checksum fits."""
    found = _SECRET.match(text)
    return found is not None and found[2] == _checksum(found[1])


def hash_secret(secret: str) -> str:
    """Return how a secret is stored: it is random enough for a plain hash."""
    return sha256(secret.encode()).hexdigest()


def _checksum(randomness: str) -> str:
    value = crc32(randomness.encode())
    return "".join(_DIGITS[value >> 5 * place & 31] for place in reversed(range(_CHECK_CHARS)))


@dataclass(slots=True)
class ApiKey:
    """A key as stored: hashes of its secrets, and what it lets their holder do.

    It acts as the member `created_by`, never with more rights than that member has at the time.
    """

    id: str
    tenant_id: str
    name: str
    hint: str
    secret_hash: str
    scopes: tuple[str, ...]
    created_by: str
    created_at: datetime
    expires_at: datetime | None = None
    previous_hash: str | None = None
    previous_until: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    version: int = 1

    @classmethod
    def make(
        cls,
        key_id: str,
        tenant_id: str,
        made_by: str,
        secret: str,
        now: datetime,
        *,
        name: str,
        scopes: Collection[str],
        expires_at: datetime | None = None,
    ) -> "ApiKey":
        """Return a new key. Raises InvalidInput."""
        return cls(
            id=key_id,
            tenant_id=tenant_id,
            name=_checked_name(name),
            hint=secret[:HINT_CHARS],
            secret_hash=hash_secret(secret),
            scopes=_checked_scopes(scopes),
            created_by=made_by,
            created_at=now,
            expires_at=_checked_expiry(expires_at, now),
        )

    def rename(self, name: str) -> None:
        """Call it something else. Raises InvalidInput."""
        self.name = _checked_name(name)

    def rotate(self, by: str, secret: str, now: datetime, grace: timedelta) -> None:
        """Take a new secret; the one before is good for `grace` more, any older one no longer.

        Only its maker may: whoever holds the secret acts as that person. Raises Forbidden.
        """
        if by != self.created_by:
            raise Forbidden("Only who made this key may rotate it: make a key of your own.")
        self.previous_hash = self.secret_hash if grace else None
        self.previous_until = now + grace if grace else None
        self.secret_hash, self.hint = hash_secret(secret), secret[:HINT_CHARS]

    def revoke(self, now: datetime) -> None:
        """Make every secret of it worthless at once."""
        self.revoked_at = now

    def opens_with(self, secret_hash: str, now: datetime) -> bool:
        """Tell whether a secret with this hash is good now."""
        if compare_digest(secret_hash, self.secret_hash):
            return self.is_live(now)
        in_grace = self.previous_until is not None and now < self.previous_until
        return (
            in_grace and compare_digest(secret_hash, self.previous_hash or "") and self.is_live(now)
        )

    def is_live(self, now: datetime) -> bool:
        """Tell whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def _checked_name(name: str) -> str:
    words = " ".join(name.split())
    if not 1 <= len(words) <= NAME_MAX:
        raise InvalidInput(f"A name has 1 to {NAME_MAX} characters.", pointer="/name")
    return words


def _checked_scopes(scopes: Collection[str]) -> tuple[str, ...]:
    for place, scope in enumerate(scopes):
        if scope not in SCOPES:
            known = ", ".join(SCOPES)
            raise InvalidInput(f"A scope is one of {known}.", pointer=f"/scopes/{place}")
    if not scopes:
        raise InvalidInput("A key needs a scope, or it could do nothing.", pointer="/scopes")
    return tuple(sorted(set(scopes)))


def _checked_expiry(expires_at: datetime | None, now: datetime) -> datetime | None:
    if expires_at is None:
        return None
    if expires_at <= now:
        raise InvalidInput("A key expires in the future.", pointer="/expires_at")
    if expires_at - now > LIFETIME_MAX:
        raise InvalidInput("A key lives for two years at most.", pointer="/expires_at")
    return expires_at.astimezone(UTC)
