"""One OpenID Connect provider: authorization code flow with PKCE, discovery and rotating keys."""

from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256
from ssl import SSLContext
from typing import Any, cast
from urllib.parse import quote, urlencode

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from adapters.oidc._http import Http, Json, endpoint
from adapters.oidc._id_token import UnknownKey, check_claims, signed_claims
from application.ports.clock import Clock
from application.ports.identity_provider import (
    Errand,
    IdentityProvider,
    ProviderRefused,
    ProviderUnavailable,
)
from domain.accounts import ExternalIdentity

TIMEOUT_SECONDS = 10.0
_METADATA_SECONDS = 3600.0
_KEYS_SECONDS = 3600.0
_KEYS_REST_SECONDS = 10.0  # tokens of unknown keys make us ask for keys no more often than this
_TEXT_MAX = 1000


class OidcIdentityProvider(IdentityProvider):
    """`issuer` as the provider spells it; without `client_secret` this is a public client."""

    def __init__(
        self,
        issuer: str,
        client_id: str,
        client_secret: str | None,
        name: str,
        clock: Clock,
        *,
        tls: SSLContext | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._issuer = issuer
        self._client_id = client_id
        self._client_secret = client_secret
        self._name = name
        self._clock = clock
        self._http = Http(timeout, tls)
        self._metadata: tuple[float, Json] | None = None
        self._keys: tuple[float, KeySet] | None = None

    @property
    def name(self) -> str:
        """As the settings have it."""
        return self._name

    async def authorization_url(self, errand: Errand, state: str) -> str:
        """Return the provider's page with what binds its answer to this log-in."""
        page = endpoint(await self._discovered(), "authorization_endpoint")
        digest = sha256(errand.verifier.encode()).digest()
        query = urlencode(
            {
                "response_type": "code",
                "client_id": self._client_id,
                "redirect_uri": errand.redirect_uri,
                "scope": "openid email profile",
                "state": state,
                "nonce": errand.nonce,
                "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
                "code_challenge_method": "S256",
            }
        )
        return f"{page}{'&' if '?' in page else '?'}{query}"

    async def exchange(self, errand: Errand, code: str) -> ExternalIdentity:
        """Trade the code for an ID token, check that, and read who it is about."""
        metadata = await self._discovered()
        answer = await self._token(metadata, errand, code)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise ProviderRefused
        claims = await self._claims(metadata, token)
        subject = check_claims(
            claims,
            issuer=self._issuer,
            client_id=self._client_id,
            nonce=errand.nonce,
            now=self._clock.now(),
        )
        if "email" not in claims:
            claims = await self._user_info(metadata, answer, subject)
        return ExternalIdentity(
            self._issuer,
            subject,
            _text(claims, "email"),
            claims.get("email_verified") in (True, "true"),  # some write the word
            _text(claims, "name"),
        )

    async def _discovered(self) -> Json:
        now = self._clock.monotonic()
        if self._metadata is None or now >= self._metadata[0]:
            base = self._issuer.rstrip("/")
            found = await self._http.get(f"{base}/.well-known/openid-configuration")
            if found.get("issuer") != self._issuer:  # another's answer: OpenID Discovery 4.3
                raise ProviderUnavailable("The provider's description names another issuer.")
            self._metadata = (now + _METADATA_SECONDS, found)
        return self._metadata[1]

    async def _token(self, metadata: Json, errand: Errand, code: str) -> Json:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": errand.redirect_uri,
            "code_verifier": errand.verifier,
        }
        headers: dict[str, str] = {}
        methods = metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        basic = isinstance(methods, list) and "client_secret_basic" in methods
        if self._client_secret is not None and basic:
            pair = f"{quote(self._client_id, safe='')}:{quote(self._client_secret, safe='')}"
            headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = self._client_id
            if self._client_secret is not None:
                form["client_secret"] = self._client_secret
        return await self._http.post(endpoint(metadata, "token_endpoint"), form, headers)

    async def _claims(self, metadata: Json, token: str) -> Mapping[str, object]:
        """Return the claims of a signed token; keys that we do not know yet are asked for."""
        try:
            return signed_claims(token, await self._key_set(metadata, _KEYS_SECONDS))
        except UnknownKey:
            keys = await self._key_set(metadata, _KEYS_REST_SECONDS)
        try:
            return signed_claims(token, keys)
        except UnknownKey as error:
            raise ProviderRefused from error

    async def _key_set(self, metadata: Json, max_age: float) -> KeySet:
        now = self._clock.monotonic()
        if self._keys is None or now - self._keys[0] >= max_age:
            found = await self._http.get(endpoint(metadata, "jwks_uri"))
            try:
                keys = KeySet.import_key_set(cast(Any, _known_kinds(found)))
            except (JoseError, ValueError, KeyError, TypeError) as error:
                raise ProviderUnavailable from error
            self._keys = (now, keys)
        return self._keys[1]

    async def _user_info(self, metadata: Json, answer: Json, subject: str) -> Json:
        """Ask for what the ID token leaves out; it must be about the same person."""
        token = answer.get("access_token")
        if "userinfo_endpoint" not in metadata or not isinstance(token, str):
            return {}
        found = await self._http.get(endpoint(metadata, "userinfo_endpoint"), token)
        if found.get("sub") != subject:
            raise ProviderRefused
        return found


def _known_kinds(found: Json) -> dict[str, object]:
    """Return the set without keys that we would not use: symmetric ones, and kinds unheard of."""
    keys = found.get("keys")
    if not isinstance(keys, list):
        raise ProviderUnavailable
    usable = [
        key
        for key in keys
        if isinstance(key, dict)
        and key.get("kty") in {"RSA", "EC", "OKP"}
        and key.get("use", "sig") == "sig"
    ]
    return {"keys": usable}


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name)
    return value[:_TEXT_MAX] if isinstance(value, str) else ""
