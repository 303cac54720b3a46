"""Tickets: what opens a socket once, within 30 seconds, for whom it was given to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from sqlalchemy import text

from integration.api.client import API, Client, Contract
from integration.api.keys import holder, make_key, member, run
from integration.api.test_socket import ENDS, Socket, authenticated, opened


async def ticket_of(client: Client) -> str:
    reply = await client.post("/ws_tickets")
    assert (reply.status, reply.json["expires_in"]) == (201, 30)
    assert reply.headers["Cache-Control"] == "no-store"
    return str(reply.json["ticket"])


@asynccontextmanager
async def entering(client: Client, query: str) -> AsyncIterator[Socket]:
    protocols = ("chatsphere.v1",)
    async with client.http.ws_connect(f"{API}/ws?{query}", protocols=protocols) as connection:
        yield Socket(connection)


async def refused(client: Client, query: str) -> int | None:
    """Return the code with which the socket is closed, with nothing before but an error."""
    async with entering(client, query) as socket:
        assert (await socket.next())["type"] == "error"
        return await socket.closed()


async def test_a_ticket_opens_a_socket_without_a_first_frame(ada: Client) -> None:
    bot = await ada.bot()
    async with entering(ada, f"ticket={await ticket_of(ada)}") as socket:
        ready = {"type": "ready", "user_id": ada.account["user"]["id"]}
        assert await socket.next() == ready
        await socket.send(type="message.create", bot_id=bot, content="Q", idempotency_key="k")
        assert (await socket.until(*ENDS))[-1]["type"] == "message.completed"
        await socket.send(type="auth", token=ada.account["access_token"])
        assert (await socket.next())["problem"]["code"] == "invalid_request"


async def test_a_ticket_is_good_once(ada: Client) -> None:
    ticket = await ticket_of(ada)
    async with entering(ada, f"ticket={ticket}") as socket:
        assert (await socket.next())["type"] == "ready"
        assert await refused(ada, f"ticket={ticket}") == 4401
    assert await refused(ada, f"ticket={ticket}") == 4401


async def test_of_sockets_that_bring_a_ticket_at_once_one_is_let_in(ada: Client) -> None:
    ticket = await ticket_of(ada)

    async def first_frame() -> str:
        async with entering(ada, f"ticket={ticket}") as socket:
            return str((await socket.next())["type"])

    got = await asyncio.gather(*(first_frame() for _ in range(8)))
    assert sorted(got) == ["error"] * 7 + ["ready"]


async def test_an_expired_ticket_lets_nobody_in(ada: Client) -> None:
    ticket = await ticket_of(ada)
    past = text("UPDATE one_time_tokens SET expires_at = now() WHERE purpose = 'socket_ticket'")
    await run(ada.service, past, {})
    assert await refused(ada, f"ticket={ticket}") == 4401


async def test_a_ticket_is_not_stored_as_it_is(ada: Client) -> None:
    ticket = await ticket_of(ada)
    question = text("SELECT json_agg(t)::text FROM one_time_tokens t")
    async with ada.service.container.system_pool().connect(None) as connection:
        assert ticket not in await connection.scalar(question)


async def test_a_ticket_lets_its_own_person_in_whoever_brings_it(ada: Client, eve: Client) -> None:
    bot = await eve.bot()
    async with entering(eve, f"ticket={await ticket_of(ada)}") as socket:
        assert (await socket.next())["user_id"] == ada.account["user"]["id"]
        await socket.send(type="message.create", bot_id=bot, content="Q", idempotency_key="k")
        assert (await socket.next())["problem"]["code"] == "not_found"


async def test_a_ticket_keeps_to_the_workspace_it_was_asked_for(
    ada: Client, contract: Contract
) -> None:
    bot = await ada.bot()
    async with member(ada, contract, "viewer") as guest:
        async with entering(guest, f"ticket={await ticket_of(guest)}") as socket:
            assert (await socket.next())["type"] == "ready"
            await socket.send(type="message.create", bot_id=bot, content="Q", idempotency_key="k")
            assert (await socket.next())["type"] == "message.accepted"
        del guest.headers["X-Workspace-Id"]
        async with entering(guest, f"ticket={await ticket_of(guest)}") as socket:
            assert (await socket.next())["type"] == "ready"
            await socket.send(type="message.create", bot_id=bot, content="Q", idempotency_key="k")
            assert (await socket.next())["problem"]["code"] == "not_found"


async def test_a_ticket_ends_with_the_credential_that_asked_for_it(
    ada: Client, contract: Contract
) -> None:
    key = await make_key(ada, "chat")
    async with holder(ada, contract, key["secret"]) as program:
        first, second = await ticket_of(program), await ticket_of(program)
    async with entering(ada, f"ticket={first}") as socket:
        assert (await socket.next())["type"] == "ready"
    await ada.delete(f"/api_keys/{key['id']}")
    assert await refused(ada, f"ticket={second}") == 4401
    ticket = await ticket_of(ada)
    await ada.post("/auth/logout")
    assert await refused(ada, f"ticket={ticket}") == 4401


async def test_a_ticket_is_for_members_and_keys_that_may_chat(
    ada: Client, anyone: Client, contract: Contract
) -> None:
    assert (await anyone.post("/ws_tickets")).problem == (401, "unauthenticated")
    key = await make_key(ada, "bots:read", "bots:write", "documents:read", "documents:write")
    async with holder(ada, contract, key["secret"]) as program:
        denied = await program.post("/ws_tickets")
        assert denied.problem == (403, "forbidden")
        assert "chat" in denied.json["detail"]


async def test_a_credential_in_the_address_is_not_taken(ada: Client) -> None:
    token, key = ada.account["access_token"], (await make_key(ada, "chat"))["secret"]
    for query in (
        f"token={token}",
        f"token={key}",
        f"access_token={token}",
        f"api_key={key}",
        f"ticket={token}",
        f"ticket={key}",
        "ticket=",
        f"ticket={await ticket_of(ada)}&token={token}",
        f"ticket={await ticket_of(ada)}&ticket=x",
        "ticket=" + "x" * 201,
    ):
        assert await refused(ada, query) == 4401, query[:30]


async def test_a_key_opens_a_socket_by_the_first_frame(ada: Client) -> None:
    bot = await ada.bot()
    secret = (await make_key(ada, "chat"))["secret"]
    async with opened(ada, "chatsphere.v1") as socket:
        await socket.send(type="auth", token=secret)
        assert (await socket.next())["type"] == "ready"
        await socket.send(type="ping")
        assert (await socket.next())["type"] == "pong"
        await socket.send(type="message.create", bot_id=bot, content="Q", idempotency_key="k")
        assert (await socket.until(*ENDS))[-1]["type"] == "message.completed"


async def test_a_key_that_may_not_chat_opens_none(ada: Client) -> None:
    secret = (await make_key(ada, "bots:read"))["secret"]
    async with opened(ada, "chatsphere.v1") as socket:
        await socket.send(type="auth", token=secret)
        assert (await socket.next())["problem"]["code"] == "forbidden"
        assert await socket.closed() == 4403


async def test_so_many_sockets_are_open_for_one_person(
    ada: Client, eve: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrypoints.api.socket_doors.SOCKETS_OF_CREDENTIAL", 2)
    async with authenticated(ada), authenticated(ada):
        async with opened(ada, "chatsphere.v1") as third:
            await third.send(type="auth", token=ada.account["access_token"])
            assert (await third.next())["problem"]["code"] == "rate_limited"
            assert await third.closed() == 4429
        assert await refused(ada, f"ticket={await ticket_of(ada)}") == 4429
        async with authenticated(eve):
            pass
    async with asyncio.timeout(5):
        while True:
            try:
                async with authenticated(ada):
                    break
            except AssertionError:  # the ends of those before are on their way
                await asyncio.sleep(0.05)


async def test_so_many_sockets_are_open_from_one_address(
    ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrypoints.api.socket_doors.SOCKETS_OF_ADDRESS", 0)
    async with opened(ada, "chatsphere.v1") as socket:
        assert (await socket.next())["problem"]["code"] == "rate_limited"
        assert await socket.closed() == 4429


async def test_frames_that_come_too_fast_end_the_socket(ada: Client) -> None:
    async with authenticated(ada) as socket:
        for _ in range(210):
            await socket.send(type="ping")
        assert await socket.closed() == 4429


async def test_the_tickets_and_close_codes_are_documented(anyone: Client) -> None:
    document = (await anyone.get(f"{anyone.service.url}/asyncapi.json")).json
    for code in ("4400", "4401", "4403", "4404", "4408", "4429", "1009", "1012", "1013"):
        assert code in document["info"]["description"], code
    channel = document["channels"]["socket"]
    assert list(channel["bindings"]["ws"]["query"]["properties"]) == ["ticket"]
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with anyone.http.ws_connect(f"{API}/ws?ticket=x", origin="https://evil.example"):
            pass
