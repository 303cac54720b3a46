"""The checks of an ID token (OpenID Connect Core 1.0 section 3.1.3.7, RFC 8725)."""

from collections.abc import Mapping
from datetime import datetime
from secrets import compare_digest

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from application.ports.identity_provider import ProviderRefused

# Signatures that only the provider can make: no `none`, and no HS*, which whoever knows the key that
# checks could make too.
ALGORITHMS = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
)  # fmt: skip
_LEEWAY_SECONDS = 60
_SUBJECT_MAX = 255


class UnknownKey(Exception):
    """No key that we know made this: the provider may have a new one."""


def signed_claims(token: str, keys: KeySet) -> Mapping[str, object]:
    """Return the claims of a token signed by one of the keys. Raises UnknownKey, ProviderRefused."""
    try:
        read = jwt.decode(token, keys, algorithms=ALGORITHMS)
    except JoseError as error:
        if error.error in {"invalid_key_id", "bad_signature"}:
            raise UnknownKey from error
        raise ProviderRefused from error
    except (ValueError, KeyError, TypeError) as error:
        raise ProviderRefused from error
    return read.claims


def check_claims(
    claims: Mapping[str, object], *, issuer: str, client_id: str, nonce: str, now: datetime
) -> str:
    """Return the subject of a token that is meant for us and for this log-in. Raises ProviderRefused."""
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    subject, given_nonce = claims.get("sub"), claims.get("nonce")
    until, since = claims.get("exp"), claims.get("iat")
    moment = now.timestamp()
    good = (
        claims.get("iss") == issuer
        and isinstance(audiences, list)
        and client_id in audiences
        and claims.get("azp", client_id if len(audiences) == 1 else None) == client_id
        and isinstance(given_nonce, str)
        and compare_digest(given_nonce.encode(), nonce.encode())
        and isinstance(until, int | float)
        and moment < until + _LEEWAY_SECONDS
        and isinstance(since, int | float)
        and since < moment + _LEEWAY_SECONDS
    )
    if not good or not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT_MAX:
        raise ProviderRefused
    return subject
