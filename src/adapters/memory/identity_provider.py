"""A provider whose people are those that a test lets come."""

from base64 import urlsafe_b64encode
from hashlib import sha256
from itertools import count
from urllib.parse import parse_qs, urlencode, urlsplit

from application.ports.identity_provider import (
    Errand,
    IdentityProvider,
    ProviderRefused,
    ProviderUnavailable,
)
from domain.accounts import ExternalIdentity


class InMemoryIdentityProvider(IdentityProvider):
    """`authorize` does what the person does in the browser; while `out` is set, nothing answers."""

    def __init__(self, name: str = "Test ID") -> None:
        self._name = name
        self._numbers = count(1)
        self._codes: dict[str, tuple[ExternalIdentity, dict[str, str]]] = {}
        self.out = False

    @property
    def name(self) -> str:
        """As it was given."""
        return self._name

    async def authorization_url(self, errand: Errand, state: str) -> str:
        """Return a page that is nowhere."""
        self._require_up()
        query = {
            "redirect_uri": errand.redirect_uri,
            "state": state,
            "nonce": errand.nonce,
            "code_challenge": _challenge(errand.verifier),
        }
        return f"https://id.example/authorize?{urlencode(query)}"

    def authorize(self, url: str, identity: ExternalIdentity) -> tuple[str, str]:
        """Log in there; return the code and the state that come back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        code = f"code-{next(self._numbers)}"
        self._codes[code] = (identity, asked)
        return code, asked["state"]

    async def exchange(self, errand: Errand, code: str) -> ExternalIdentity:
        """Return who got the code, where all fits; a code is good once."""
        self._require_up()
        identity, asked = self._codes.pop(code, (None, {}))
        fits = (errand.redirect_uri, errand.nonce, _challenge(errand.verifier)) == (
            asked.get("redirect_uri"),
            asked.get("nonce"),
            asked.get("code_challenge"),
        )
        if identity is None or not fits:
            raise ProviderRefused
        return identity

    def _require_up(self) -> None:
        if self.out:
            raise ProviderUnavailable


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
