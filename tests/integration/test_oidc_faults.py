"""The OpenID Connect adapter against a provider that lies, changes its keys, or fails."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import pytest
from yarl import URL

from adapters.memory.clock import FakeClock
from adapters.oidc.identity_provider import OidcIdentityProvider
from adapters.system.clock import SystemClock
from application.ports.clock import Clock
from application.ports.identity_provider import Errand, ProviderRefused, ProviderUnavailable
from domain.accounts import ExternalIdentity
from standins.oidc_server import CLIENT_ID, CLIENT_SECRET, OidcServer

ERRAND = Errand("https://chat.example/callback", "n" * 43, "v" * 43)
Claims = dict[str, Any]


@pytest.fixture
async def server() -> AsyncIterator[OidcServer]:
    async with OidcServer() as server:
        yield server


def provider_of(
    server: OidcServer, clock: Clock | None = None, secret: str = CLIENT_SECRET, **options: Any
) -> OidcIdentityProvider:
    return OidcIdentityProvider(
        server.issuer, CLIENT_ID, secret, "Stand-in", clock or SystemClock(), **options
    )


async def log_in(provider: OidcIdentityProvider) -> ExternalIdentity:
    url = await provider.authorization_url(ERRAND, "state")
    async with (
        aiohttp.ClientSession() as session,
        session.get(url, allow_redirects=False) as response,
    ):
        code = URL(response.headers["Location"]).query["code"]
    return await provider.exchange(ERRAND, code)


def _set(**changes: Any) -> Callable[[Claims], None]:
    return lambda claims: claims.update(changes)


def _without(name: str) -> Callable[[Claims], None]:
    return lambda claims: claims.pop(name)


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
async def test_a_good_token_is_believed(server: OidcServer, alg: str) -> None:
    server.alg = alg
    assert (await log_in(provider_of(server))).subject == "person-1"


@pytest.mark.parametrize(
    "lie",
    [
        _set(nonce="another"), _without("nonce"), _set(nonce=None), _set(nonce=["n" * 43]),
        _set(aud="another"), _set(aud=[]), _without("aud"), _set(aud={CLIENT_ID: 1}),
        _set(aud=[CLIENT_ID, "another"]), _set(aud=[CLIENT_ID, "another"], azp="another"),
        _set(azp="another"),
        _set(iss="https://evil.example"), _without("iss"),
        _set(exp=1_700_000_000), _without("exp"), _set(exp="never"), _set(iat=4_000_000_000), _without("iat"),
        _set(sub=""), _without("sub"), _set(sub=7), _set(sub="x" * 256),
    ],
)  # fmt: skip
async def test_a_token_that_is_not_for_this_log_in_is_refused(
    server: OidcServer, lie: Callable[[Claims], None]
) -> None:
    server.claims = lie
    with pytest.raises(ProviderRefused):
        await log_in(provider_of(server))


async def test_a_token_for_several_is_believed_where_it_names_us_as_the_one_who_asked(
    server: OidcServer,
) -> None:
    server.claims = _set(aud=[CLIENT_ID, "another"], azp=CLIENT_ID)
    assert (await log_in(provider_of(server))).subject == server.person["sub"]


@pytest.mark.parametrize("forgery", ["unsigned", "signed_by_public_key", "signed_by_stranger"])
async def test_a_forged_token_is_refused(server: OidcServer, forgery: str) -> None:
    server.forged = getattr(server, forgery)
    with pytest.raises(ProviderRefused):
        await log_in(provider_of(server))


async def test_a_token_whose_claims_were_changed_is_refused(server: OidcServer) -> None:
    def changed(claims: Claims) -> str:
        head, _, signature = server.signed(claims).split(".")
        body = server.signed({**claims, "sub": "person-2"}).split(".")[1]
        return f"{head}.{body}.{signature}"

    server.forged = changed
    with pytest.raises(ProviderRefused):
        await log_in(provider_of(server))


@pytest.mark.parametrize(
    "text",
    ["", "x", "a.b.c", "é.é.é", "eyJhbGciOiJSUzI1NiJ9.e30.", "." * 5],  # pragma: allowlist secret
)
async def test_what_is_no_token_is_refused(server: OidcServer, text: str) -> None:
    server.forged = lambda _: text
    with pytest.raises(ProviderRefused):
        await log_in(provider_of(server))


async def test_new_keys_are_asked_for_when_a_token_names_one(server: OidcServer) -> None:
    clock = _RealTime()
    provider = provider_of(server, clock)
    await log_in(provider)
    await log_in(provider)
    assert server.asked.count("/keys") == 1
    server.rotate()
    clock.passed += 11
    await log_in(provider)
    assert server.asked.count("/keys") == 2


async def test_tokens_of_unknown_keys_do_not_make_us_ask_without_end(server: OidcServer) -> None:
    provider = provider_of(server, _RealTime())
    await log_in(provider)
    server.forged = server.signed_by_stranger
    for _ in range(3):
        with pytest.raises(ProviderRefused):
            await log_in(provider)
    assert server.asked.count("/keys") == 1


async def test_the_description_is_read_once_an_hour(server: OidcServer) -> None:
    clock = _RealTime()
    provider = provider_of(server, clock)
    for _ in range(2):
        await log_in(provider)
    clock.passed += 3601
    await log_in(provider)
    assert server.asked.count("/.well-known/openid-configuration") == 2


async def test_what_the_id_token_leaves_out_is_asked_for(server: OidcServer) -> None:
    server.in_userinfo = True
    found = await log_in(provider_of(server))
    assert (found.email, found.email_verified, found.full_name) == (
        "ada@example.org",
        True,
        "Ada Lovelace",
    )


async def test_what_is_told_about_somebody_else_is_refused(server: OidcServer) -> None:
    server.in_userinfo, server.userinfo_sub = True, "person-2"
    with pytest.raises(ProviderRefused):
        await log_in(provider_of(server))


@pytest.mark.parametrize("value", [False, None, "false", "yes", 1.5, []])
async def test_only_true_means_confirmed(server: OidcServer, value: object) -> None:
    server.person["email_verified"] = value
    assert not (await log_in(provider_of(server))).email_verified


async def test_the_secret_can_go_in_the_form(server: OidcServer) -> None:
    server.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    assert (await log_in(provider_of(server))).subject == server.person["sub"]


async def test_the_wrong_secret_is_a_refusal(server: OidcServer) -> None:
    with pytest.raises(ProviderRefused):
        await log_in(provider_of(server, secret="wrong"))


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"authorization_endpoint": "http://evil.example/authorize"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": 7},
        {"token_endpoint": "http://evil.example/token"},
        {"jwks_uri": "http://127.0.0.1.evil.example/keys"},
        {"jwks_uri": "file:///etc/passwd"},
    ],
)
async def test_a_description_that_leads_elsewhere_is_not_followed(
    server: OidcServer, metadata: Claims
) -> None:
    server.metadata = metadata
    with pytest.raises(ProviderUnavailable):
        await log_in(provider_of(server))


async def test_a_provider_that_fails_is_told_as_unavailable(server: OidcServer) -> None:
    server.down = True
    with pytest.raises(ProviderUnavailable):
        await log_in(provider_of(server))


class _RealTime(FakeClock):
    """The machine's date, and a stop-watch that a test puts forward."""

    def __init__(self) -> None:
        super().__init__(SystemClock().now())
        self.passed = 0.0

    def monotonic(self) -> float:
        return self.passed
