"""An application with a mail server and an identity provider, for all tests of this folder."""

from collections.abc import AsyncIterator

import pytest

from integration.api.service import Service, serving
from standins.oidc_server import CLIENT_ID, CLIENT_SECRET, OidcServer
from standins.smtp_server import SmtpServer
from support.postgres import PostgresServer


@pytest.fixture(scope="session")
async def _smtp() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as server:
        yield server


@pytest.fixture(scope="session")
async def oidc_server() -> AsyncIterator[OidcServer]:
    async with OidcServer() as server:
        yield server


@pytest.fixture(scope="session")
async def service(
    postgres_server: PostgresServer,
    _smtp: SmtpServer,
    oidc_server: OidcServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Service]:
    """The application; links in its mails begin with https://chat.example."""
    options = {
        "smtp_url": _smtp.url(),
        "mail_from": "ChatSphere <bot@chat.example>",
        "public_url": "https://chat.example",
        "oidc_issuer": oidc_server.issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": CLIENT_SECRET,
        "oidc_name": "Stand-in ID",
    }
    with postgres_server.database() as url:
        async with serving(url, tmp_path_factory.mktemp("people"), **options) as service:
            yield service


@pytest.fixture
def mail_server(_smtp: SmtpServer) -> SmtpServer:
    """The mail server, empty."""
    _smtp.mails.clear()
    _smtp.refuse.clear()
    return _smtp
