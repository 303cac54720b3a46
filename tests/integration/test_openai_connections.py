"""Connections to servers that workspaces name lead to the public internet, or to whom we vouch for."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters._providers.connections import Connections
from adapters._providers.errors import ProviderError
from adapters._providers.http import HttpClient
from adapters.openai.chat_model import OpenAIChatModel
from application.ports.chat_model import (
    ChatRequest,
    Delta,
    ModelRefused,
    ModelUnavailable,
    Role,
    Turn,
)
from domain.urls import UrlRules
from standins.openai_server import OpenAIServer

KEY = "sk-own-0123456789abcdef"  # pragma: allowlist secret
REQUEST = ChatRequest(model="stand-in", turns=[Turn(Role.USER, "Hello?")], question="Hello?")


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(api_key=KEY) as server:
        yield server


def named(server: OpenAIServer, host: str = "models.example.com") -> str:
    """Return the base URL of the server under another name."""
    return server.base_url.replace("127.0.0.1", host)


def leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Make every name lead to these addresses."""

    def found(_host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        stream = socket.SOCK_STREAM
        return [(socket.AF_INET, stream, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)


async def said(base_url: str, rules: UrlRules | None, key: str = KEY) -> str:
    """Return what the model behind a URL says."""
    connections = Connections(rules=rules)
    model = OpenAIChatModel(base_url, key, connections=connections)
    try:
        items = [item async for item in model.stream(REQUEST)]
    finally:
        await model.aclose()
        await connections.aclose()
    return "".join(item.text for item in items if isinstance(item, Delta))


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), ("93.184.215.14", "127.0.0.1"), ("10.1.2.3",)]
)
async def test_a_name_that_leads_to_a_private_address_is_not_connected_to(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    leads_to(monkeypatch, *addresses)
    with pytest.raises(ModelUnavailable) as raised:
        await said(named(server), UrlRules())
    assert server.requests == []
    assert not any(address in raised.value.detail for address in addresses)


async def test_a_host_that_the_operator_vouches_for_may_be_private(
    server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to(monkeypatch, "127.0.0.1")
    port = server.base_url.rpartition(":")[2].partition("/")[0]
    trusted = UrlRules(trusted=frozenset({f"models.example.com:{port}"}))
    assert await said(named(server), trusted) == "Hello from the stand-in."
    assert server.requests[0].headers["Accept-Encoding"] == "identity"


async def test_shared_connections_outlive_a_model_and_carry_each_ones_own_key(
    server: OpenAIServer,
) -> None:
    connections = Connections()
    one = OpenAIChatModel(server.base_url, KEY, connections=connections)
    other = OpenAIChatModel(server.base_url, "sk-of-somebody-else", connections=connections)
    assert [item async for item in one.stream(REQUEST)]
    await one.aclose()
    with pytest.raises(ModelRefused):
        assert [item async for item in other.stream(REQUEST)]
    assert [item async for item in one.stream(REQUEST)]
    await connections.aclose()
    sent = [each.headers["Authorization"] for each in server.requests]
    assert sent == [f"Bearer {KEY}", "Bearer sk-of-somebody-else", f"Bearer {KEY}"]


async def test_a_name_server_that_does_not_answer_holds_up_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = threading.Event()

    def silent(*_: object, **__: object) -> list[object]:
        answer.wait(5)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    connections = Connections(rules=UrlRules())
    await connections.session()
    deadline = asyncio.get_running_loop().time() + 0.2
    hosts = [HttpClient(f"https://m{n}.example.com", None, connections) for n in range(40)]
    asked = [each.post("/v1", {}, deadline) for each in hosts]  # more than there are threads
    for failure in await asyncio.gather(*asked, return_exceptions=True):
        assert isinstance(failure, ProviderError)
    try:
        async with asyncio.timeout(1):
            await asyncio.to_thread(int)
    finally:
        answer.set()
        await connections.aclose()
