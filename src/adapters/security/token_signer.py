"""Access tokens as JWTs, by RFC 8725: one algorithm, an explicit type, every claim checked."""

import hmac
from collections.abc import Mapping, Sequence

import jwt

from application.ports.clock import Clock
from application.ports.security import AccessClaims, TokenSigner
from domain.errors import Unauthenticated

LIFETIME_SECONDS = 900
_ALGORITHM = "HS256"
_TYPE = "at+jwt"
_ISSUER = "chatsphere"
_AUDIENCE = "chatsphere-api"
_REQUIRED = ["iss", "aud", "sub", "sid", "iat", "exp"]
_SECRET_MIN = 32
_TOKEN_MAX = 4096
_SEEN_MOST = 4096  # tokens whose signature need not be computed again; times are checked anew
_LEEWAY_SECONDS = 60  # between the clocks of two instances


class JwtTokenSigner(TokenSigner):
    """Signs with `secret`, of at least 32 bytes; tokens of `previous` secrets are still read."""

    def __init__(
        self,
        secret: bytes,
        clock: Clock,
        lifetime_seconds: int = LIFETIME_SECONDS,
        previous: Sequence[bytes] = (),
    ) -> None:
        if any(len(key) < _SECRET_MIN for key in (secret, *previous)):
            raise ValueError(f"a signing secret has at least {_SECRET_MIN} bytes")
        self._secret = secret
        self._keys = {_key_id(key): key for key in (secret, *previous)}
        self._clock = clock
        self._lifetime_seconds = lifetime_seconds
        self._seen: dict[str, Mapping[str, object]] = {}

    @property
    def lifetime_seconds(self) -> int:
        """How long an access token is good for."""
        return self._lifetime_seconds

    def sign(self, claims: AccessClaims) -> str:
        """Return a signed token."""
        now = int(self._clock.now().timestamp())
        payload = {
            "iss": _ISSUER,
            "aud": _AUDIENCE,
            "sub": claims.user_id,
            "sid": claims.session_id,
            "iat": now,
            "exp": now + self._lifetime_seconds,
        }
        headers = {"typ": _TYPE, "kid": _key_id(self._secret)}
        return jwt.encode(payload, self._secret, algorithm=_ALGORITHM, headers=headers)

    def read(self, token: str) -> AccessClaims:
        """Return the claims of a token that is ours, whole and in its time."""
        if len(token) > _TOKEN_MAX:
            raise Unauthenticated
        payload = self._verified(token)
        self._check_times(payload)
        return AccessClaims(_text(payload, "sub"), _text(payload, "sid"))

    def _verified(self, token: str) -> Mapping[str, object]:
        """Return what a token of ours says; a signature that was good stays good."""
        known = self._seen.get(token)
        if known is not None:
            return known
        payload = self._decode(token)
        if len(self._seen) >= _SEEN_MOST:
            self._seen.clear()
        self._seen[token] = payload
        return payload

    def _decode(self, token: str) -> Mapping[str, object]:
        try:
            payload: Mapping[str, object] = jwt.decode(
                token,
                self._key_of(token),
                algorithms=[_ALGORITHM],
                issuer=_ISSUER,
                audience=_AUDIENCE,
                # The times are checked by our clock, not by the library's.
                options={"require": _REQUIRED, "verify_exp": False, "verify_iat": False},
            )
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            raise Unauthenticated from error
        return payload

    def _key_of(self, token: str) -> bytes:
        header = jwt.get_unverified_header(token)
        key = self._keys.get(header["kid"]) if isinstance(header.get("kid"), str) else None
        if key is None or header.get("typ") != _TYPE:
            raise Unauthenticated
        return key

    def _check_times(self, payload: Mapping[str, object]) -> None:
        now = self._clock.now().timestamp()
        issued, expires = payload["iat"], payload["exp"]
        if not isinstance(issued, int) or not isinstance(expires, int):
            raise Unauthenticated
        if issued > now + _LEEWAY_SECONDS or expires <= now:
            raise Unauthenticated


def _key_id(secret: bytes) -> str:
    """Return a name for a secret that tells nothing of it."""
    return hmac.digest(secret, b"chatsphere key id", "sha256").hex()[:16]


def _text(payload: Mapping[str, object], claim: str) -> str:
    value = payload[claim]
    if not isinstance(value, str) or not value:
        raise Unauthenticated
    return value
