"""Where workspaces name the server, Gemini connects to the public internet, or to whom we vouch for."""

import gzip
import json
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest

from adapters.gemini.chat_model import GeminiChatModel
from adapters.gemini.client import GeminiClients
from application.ports.chat_model import ModelRefused, ModelUnavailable
from application.testing.chat_capabilities import answer_of
from application.testing.chat_model import chat_request
from domain.urls import UrlRules
from standins.gemini_server import GeminiServer, Script

KEY = "AIza-standin-0123456789"
ASKED = chat_request(model="gemini-3.5-flash-lite")


@pytest.fixture
async def server() -> AsyncIterator[GeminiServer]:
    async with GeminiServer(api_keys=[KEY]) as server:
        yield server


def leads_to(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Make every name lead to these addresses."""

    def found(_host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        stream = socket.SOCK_STREAM
        return [(socket.AF_INET, stream, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)


def vouching(server: GeminiServer, host: str = "models.example.com") -> UrlRules:
    return UrlRules(trusted=frozenset({f"{host}:{server.base_url.rpartition(':')[2]}"}))


async def said(base_url: str, rules: UrlRules) -> str:
    """Return what the model behind a URL says."""
    clients = GeminiClients(rules=rules)
    try:
        text, _ = await answer_of(GeminiChatModel(KEY, base_url, clients=clients), ASKED)
    finally:
        await clients.aclose()
    return text


@pytest.mark.parametrize(
    "addresses", [("127.0.0.1",), ("93.184.215.14", "127.0.0.1"), ("10.1.2.3",)]
)
async def test_a_name_that_leads_to_a_private_address_is_not_connected_to(
    server: GeminiServer, monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    leads_to(monkeypatch, *addresses)
    port = int(server.base_url.rpartition(":")[2])
    with pytest.raises(ModelUnavailable, match="cannot be reached") as raised:
        await said(f"http://models.example.com:{port}", UrlRules(ports=frozenset({port})))
    assert not server.connections
    assert not any(address in raised.value.detail for address in addresses)


async def test_an_address_in_place_of_a_name_is_looked_at_too(server: GeminiServer) -> None:
    port = int(server.base_url.rpartition(":")[2])
    with pytest.raises(ModelUnavailable):
        await said(server.base_url, UrlRules(ports=frozenset({port})))
    assert not server.connections


async def test_a_port_that_is_not_the_webs_is_not_connected_to(
    server: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to(monkeypatch, "127.0.0.1")
    with pytest.raises(ModelUnavailable):
        await said(server.base_url, UrlRules(is_public=lambda _: True))
    assert not server.connections


async def test_a_host_that_the_operator_vouches_for_may_be_private(
    server: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads_to(monkeypatch, "127.0.0.1")
    url = server.base_url.replace("127.0.0.1", "models.example.com")
    assert await said(url, vouching(server)) == "one two three four five six seven eight nine ten."
    sent = server.requests[0].headers
    assert sent["Accept-Encoding"] == "identity"
    assert sent["Host"].startswith("models.example.com")


async def test_an_answer_that_is_packed_all_the_same_is_not_unpacked(server: GeminiServer) -> None:
    said_so = {"content": {"parts": [{"text": "Hi."}]}, "finishReason": "STOP"}
    event = f"data: {json.dumps({'candidates': [said_so]})}\n\n"
    server.default = Script(raw=[gzip.compress(event.encode())], encoding="gzip")
    clients = GeminiClients()  # who need not be on his guard reads it
    assert (await answer_of(GeminiChatModel(KEY, server.base_url, clients=clients), ASKED))[
        0
    ] == "Hi."
    await clients.aclose()
    with pytest.raises(ModelUnavailable):
        await said(server.base_url, vouching(server, "127.0.0.1"))


async def test_of_an_error_without_end_only_the_beginning_is_read(server: GeminiServer) -> None:
    server.default = Script(status=400, page=b"x" * 4 * 1024 * 1024)
    with pytest.raises(ModelRefused, match="answered 400"):
        await said(server.base_url, vouching(server, "127.0.0.1"))


async def test_servers_share_connections_and_none_is_kept_for_each(server: GeminiServer) -> None:
    clients = GeminiClients()
    for number in range(300):
        await clients.get(f"http://127.0.0.1:9/{number}", float("inf"))
    async with GeminiServer(api_keys=[KEY]) as other:
        for each in (server, other, server):
            await answer_of(GeminiChatModel(KEY, each.base_url, clients=clients), ASKED)
        assert len(server.connections) == len(other.connections) == 1
    await clients.aclose()
