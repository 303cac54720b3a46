"""An OpenID Connect provider that speaks real HTTP, and lies as a test tells it to.

In a test: `async with OidcServer() as server: OidcIdentityProvider(server.issuer, CLIENT_ID, SECRET, …)`.
Whoever comes to its authorization page is `server.person`, logged in already.
"""

import base64
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Self

from aiohttp import BasicAuth, web
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "chatsphere-tests", "client:s3cret/é"  # pragma: allowlist secret
PERSON = {
    "sub": "person-1",
    "email": "ada@example.org",
    "email_verified": True,
    "name": "Ada Lovelace",
}
Claims = dict[str, Any]


@cache
def _generated(number: int) -> dict[str, Any]:
    """Return keys that are made once: making them takes long."""
    return {
        "RS256": RSAKey.generate_key(2048, {"kid": f"rsa-{number}", "use": "sig"}),
        "ES256": ECKey.generate_key("P-256", {"kid": f"ec-{number}", "use": "sig"}),
    }


class OidcServer:
    """`alg` signs; `claims` (a function) and `forged` change the token; `in_userinfo` moves the claims."""

    def __init__(self) -> None:
        self.person: Claims = dict(PERSON)
        self.alg = "RS256"
        self.claims: Callable[[Claims], None] = lambda _: None
        self.forged: Callable[[Claims], str] | None = None
        self.metadata: Claims = {}
        self.in_userinfo = False
        self.userinfo_sub: str | None = None
        self.down = False
        self.with_kid = True
        self.asked: list[str] = []
        self._numbers = itertools.count(1)
        self._codes: dict[str, Mapping[str, str]] = {}
        self.rotate()

    def rotate(self) -> None:
        """Sign with new keys from now on."""
        self._private = _generated(next(self._numbers))

    def key(self, alg: str) -> Any:
        return self._private[alg]

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._log])
        app.router.add_get("/.well-known/openid-configuration", self._describe)
        app.router.add_get("/keys", self._keys)
        app.router.add_get("/authorize", self._authorize)
        app.router.add_post("/token", self._token)
        app.router.add_get("/userinfo", self._userinfo)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        host, port = self._runner.addresses[0][:2]
        self.issuer = f"http://{host}:{port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    @web.middleware
    async def _log(self, request: web.Request, handler: Any) -> web.StreamResponse:
        self.asked.append(request.path)
        if self.down:
            raise web.HTTPBadGateway
        response: web.StreamResponse = await handler(request)
        return response

    async def _describe(self, _: web.Request) -> web.Response:
        described = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
        }
        return web.json_response(described | self.metadata)

    async def _keys(self, _: web.Request) -> web.Response:
        keys = [key.as_dict(private=False) for key in self._private.values()]
        # What providers have there besides: keys to encrypt with, and kinds nobody knows.
        odd = [{"kty": "XYZ", "kid": "odd"}, {**keys[0], "use": "enc", "kid": "enc"}]
        return web.json_response({"keys": keys + odd})

    async def _authorize(self, request: web.Request) -> web.Response:
        query = request.query
        assert query["tenant"] == "1"
        assert query["response_type"] == "code"
        assert query["client_id"] == CLIENT_ID
        assert "openid" in query["scope"].split()
        assert query["code_challenge_method"] == "S256"
        code = f"code-{next(self._numbers)}"
        self._codes[code] = dict(query)
        raise web.HTTPFound(f"{query['redirect_uri']}?code={code}&state={query['state']}")

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self._codes.pop(str(form["code"]), None)
        digest = hashlib.sha256(str(form["code_verifier"]).encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if not self._knows(request, form):
            return web.json_response({"error": "invalid_client"}, status=401)
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form["redirect_uri"]
        ):
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response(
            {"access_token": "at-1", "token_type": "Bearer", "id_token": self._id_token(asked)}
        )

    def _knows(self, request: web.Request, form: Mapping[str, Any]) -> bool:
        if "client_secret_post" in self.metadata.get("token_endpoint_auth_methods_supported", ()):
            return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        from urllib.parse import unquote

        given = BasicAuth.decode(request.headers["Authorization"], encoding="utf-8")
        return (unquote(given.login), unquote(given.password)) == (CLIENT_ID, CLIENT_SECRET)

    def _id_token(self, asked: Mapping[str, str]) -> str:
        now = int(time.time())
        claims: Claims = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
            **({"sub": self.person["sub"]} if self.in_userinfo else self.person),
        }
        self.claims(claims)
        return self.forged(claims) if self.forged else self.signed(claims)

    def signed(self, claims: Claims, alg: str | None = None, key: Any = None) -> str:
        """Return a token with a good signature."""
        alg = alg or self.alg
        signing = key or self._private[alg]
        header = {"alg": alg} | ({"kid": signing.kid} if self.with_kid else {})
        return jwt.encode(header, claims, signing, algorithms=[alg])

    def unsigned(self, claims: Claims) -> str:
        """Return a token of the algorithm `none`."""
        parts = [{"alg": "none", "kid": self._private["RS256"].kid}, claims]
        return ".".join([*map(_encoded, parts), ""])

    def signed_by_public_key(self, claims: Claims) -> str:
        """Return what somebody makes who takes our public key for a shared secret (HS256)."""
        public = self._private["RS256"].as_pem(private=False)
        parts = [{"alg": "HS256", "kid": self._private["RS256"].kid}, claims]
        text = ".".join(map(_encoded, parts))
        seal = hmac.digest(public, text.encode(), "sha256")
        return f"{text}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"

    def signed_by_stranger(self, claims: Claims) -> str:
        """Return a token signed by another key under the name of ours."""
        ours = self._private["RS256"]
        stranger = RSAKey.generate_key(2048, {"kid": ours.kid})
        return self.signed(claims, "RS256", stranger)

    async def _userinfo(self, request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer at-1"
        return web.json_response({**self.person, "sub": self.userinfo_sub or self.person["sub"]})


def _encoded(part: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
