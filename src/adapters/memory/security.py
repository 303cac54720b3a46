"""Fast stand-ins for slow hashing and signing."""

from datetime import datetime, timedelta
from hashlib import sha256
from secrets import compare_digest, token_hex
from unicodedata import normalize

from application.ports.clock import Clock
from application.ports.security import AccessClaims, PasswordHasher, TokenSigner
from domain.errors import Unauthenticated


def _digest(salt: str, password: str) -> str:
    text = salt + normalize("NFKC", password)
    return f"{salt}${sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


class InMemoryPasswordHasher(PasswordHasher):
    """Salted, but fast: for tests only."""

    async def hash(self, password: str) -> str:
        """Return the encoded hash."""
        return _digest(token_hex(8), password)

    async def verify(self, password: str, encoded: str | None) -> bool:
        """Compare; None never fits."""
        if encoded is None:
            return False
        return compare_digest(_digest(encoded.partition("$")[0], password), encoded)


class InMemoryTokenSigner(TokenSigner):
    """Remembers what it signed instead of signing it."""

    def __init__(self, clock: Clock, lifetime_seconds: int = 900) -> None:
        self._clock = clock
        self._lifetime_seconds = lifetime_seconds
        self._signed: dict[str, tuple[AccessClaims, datetime]] = {}

    @property
    def lifetime_seconds(self) -> int:
        """How long a token is good for."""
        return self._lifetime_seconds

    def sign(self, claims: AccessClaims) -> str:
        """Return a token."""
        token = f"access.{token_hex(16)}.memory"
        until = self._clock.now() + timedelta(seconds=self._lifetime_seconds)
        self._signed[token] = (claims, until)
        return token

    def read(self, token: str) -> AccessClaims:
        """Return the claims of a token that was signed here and is still good."""
        claims, until = self._signed.get(token, (None, None))
        if claims is None or until is None or self._clock.now() >= until:
            raise Unauthenticated
        return claims
