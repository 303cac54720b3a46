"""Identity providers keep their contract; the real one against a server that speaks HTTP."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from yarl import URL

from adapters.memory.identity_provider import InMemoryIdentityProvider
from adapters.oidc.identity_provider import OidcIdentityProvider
from adapters.system.clock import SystemClock
from application.testing.identity_provider import Authorize, IdentityProviderContract, Outage
from domain.accounts import ExternalIdentity
from standins.oidc_server import CLIENT_ID, CLIENT_SECRET, OidcServer


class TestInMemoryIdentityProvider(IdentityProviderContract):
    @pytest.fixture
    def provider(self) -> InMemoryIdentityProvider:
        return InMemoryIdentityProvider()

    @pytest.fixture
    def ada(self) -> ExternalIdentity:
        return ExternalIdentity("https://id.example", "1", "ada@example.org", True, "Ada")

    @pytest.fixture
    def authorize(self, provider: InMemoryIdentityProvider) -> Authorize:
        async def do(url: str, identity: ExternalIdentity) -> tuple[str, str]:
            return provider.authorize(url, identity)

        return do

    @pytest.fixture
    def outage(self, provider: InMemoryIdentityProvider) -> Outage:
        def end() -> None:
            provider.out = True

        return end


class TestOidcIdentityProvider(IdentityProviderContract):
    @pytest.fixture
    async def server(self) -> AsyncIterator[OidcServer]:
        async with OidcServer() as server:
            yield server

    @pytest.fixture
    def provider(self, server: OidcServer) -> OidcIdentityProvider:
        return OidcIdentityProvider(
            server.issuer, CLIENT_ID, CLIENT_SECRET, "Stand-in", SystemClock()
        )

    @pytest.fixture
    def ada(self, server: OidcServer) -> ExternalIdentity:
        return ExternalIdentity(server.issuer, "person-1", "ada@example.org", True, "Ada Lovelace")

    @pytest.fixture
    def authorize(self, server: OidcServer) -> Authorize:
        async def do(url: str, identity: ExternalIdentity) -> tuple[str, str]:
            server.person = {
                "sub": identity.subject,
                "email": identity.email,
                "email_verified": identity.email_verified,
                "name": identity.full_name,
            }
            async with (
                aiohttp.ClientSession() as session,
                session.get(url, allow_redirects=False) as response,
            ):
                back = URL(response.headers["Location"])
            return back.query["code"], back.query["state"]

        return do

    @pytest.fixture
    def outage(self, server: OidcServer) -> Outage:
        def end() -> None:
            server.down = True

        return end
