"""One application for all tests of this folder; each test has accounts of its own."""

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from integration.api.client import Client, Contract
from integration.api.service import Service, serving
from standins.openai_server import OpenAIServer
from support.postgres import PostgresServer

MODEL_KEY = "sk-standin-0123456789"


@pytest.fixture(scope="session")
def contract() -> Contract:
    return Contract()


@pytest.fixture(scope="session")
async def _model_server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(api_key=MODEL_KEY) as server:
        yield server


@pytest.fixture(scope="session")
async def _own_model_server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer() as server:
        yield server


@pytest.fixture(scope="session")
async def service(
    postgres_server: PostgresServer,
    _model_server: OpenAIServer,
    _own_model_server: OpenAIServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Service]:
    """The application; `openai/stand-in` names the model of the stand-in server."""
    folder: Path = tmp_path_factory.mktemp("data")
    options = {
        "openai_base_url": _model_server.base_url,
        "openai_api_key": MODEL_KEY,
        "trusted_model_hosts": urlsplit(_own_model_server.base_url).netloc,
    }
    with postgres_server.database() as url:
        async with serving(url, folder, **options) as service:
            yield service


@pytest.fixture
def model(_model_server: OpenAIServer) -> OpenAIServer:
    """The stand-in server, with nothing scripted and nothing recorded."""
    _model_server.scripts.clear()
    _model_server.requests.clear()
    return _model_server


@pytest.fixture
def own_model(_own_model_server: OpenAIServer) -> OpenAIServer:
    """A server that workspaces may name, which takes any key; nothing scripted or recorded."""
    _own_model_server.scripts.clear()
    _own_model_server.requests.clear()
    return _own_model_server


@pytest.fixture
async def anyone(service: Service, contract: Contract) -> AsyncIterator[Client]:
    """Somebody without an account."""
    async with Client(service, contract) as client:
        yield client


@pytest.fixture
async def ada(service: Service, contract: Contract) -> AsyncIterator[Client]:
    """The owner of a fresh workspace."""
    async with Client(service, contract) as client:
        yield await client.register()


@pytest.fixture
async def eve(service: Service, contract: Contract) -> AsyncIterator[Client]:
    """The owner of another workspace."""
    async with Client(service, contract) as client:
        yield await client.register()
