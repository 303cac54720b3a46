"""Who may open and keep a WebSocket: pages of our origin, sessions that are known to be good."""

import asyncio

import aiohttp
import pytest
from aiohttp import ClientWSTimeout, WSMsgType
from dependency_injector import providers

from application.queries.identity import IdentityQueries
from domain.accounts import Actor, MemberRole
from domain.errors import DependencyUnavailable
from entrypoints.api.socket_protocol import PARTS_A_WINDOW
from integration.api.client import API, Client
from integration.api.test_socket import authenticated, opened

CLOSE = ClientWSTimeout(ws_close=0.1)
UNFINISHED = bytes([WSMsgType.TEXT, 0x80, 0, 0, 0, 0])  # the first piece of a message


async def test_a_page_of_another_origin_is_not_served(ada: Client) -> None:
    own = f"http://127.0.0.1:{ada.service.port}"
    public = ada.service.settings.model_copy(update={"public_url": "https://chat.example.org/"})
    with ada.service.container.settings.override(providers.Object(public)):
        for origin in (own, "https://chat.example.org", "https://chat.example.org:443"):
            async with ada.http.ws_connect(f"{API}/ws", origin=origin) as connection:
                await connection.send_json({"type": "auth", "token": ada.account["access_token"]})
                assert (await connection.receive_json(timeout=10))["type"] == "ready"
        for origin in ("http://127.0.0.1:1", "http://chat.example.org", "null", "http://[", "a:x"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
                await ada.http.ws_connect(f"{API}/ws", origin=origin)
            assert refused.value.status == 403, origin


class Told(IdentityQueries):
    """Answers each question as it is told; then it knows nobody."""

    def __init__(self, *answers: Actor | Exception) -> None:
        self._answers = list(answers)

    async def actor(self, user_id: str, session_id: str, workspace_id: str | None) -> Actor | None:
        answer = self._answers.pop(0) if self._answers else None
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def key_actor(self, secret_hash: str) -> Actor | None:
        return await self.actor("", "", None)

    async def still(self, actor: Actor) -> Actor | None:
        return await self.actor("", "", None)

    async def local_actor(self, email: str | None, workspace_id: str | None) -> Actor | None:
        return await self.actor("", "", workspace_id)


async def test_while_the_database_is_out_a_token_is_judged_later(ada: Client) -> None:
    queries = Told(DependencyUnavailable("The database is out."))
    with ada.service.container.identity_queries.override(providers.Object(queries)):
        async with opened(ada, "chatsphere.v1") as socket:
            await socket.send(type="auth", token=ada.account["access_token"])
            error = await socket.next()
            assert (error["type"], error["problem"]["code"]) == ("error", "dependency_unavailable")
            assert await socket.closed() == 1013


async def test_a_failure_of_any_kind_does_not_blind_the_watch_over_sessions(
    ada: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrypoints.api.watch.RECHECK_SECONDS", 0.05)
    actor = Actor(
        ada.account["user"]["id"], ada.account["workspace"]["id"], MemberRole.OWNER, "ses_1"
    )
    queries = Told(actor, ValueError("unforeseen"), DependencyUnavailable())
    with ada.service.container.identity_queries.override(providers.Object(queries)):
        async with authenticated(ada) as socket:
            assert await socket.closed() == 4401


async def test_frames_that_are_no_messages_are_counted_too(ada: Client) -> None:
    """The application sees nothing of them: a flood would keep the process busy for nobody."""
    for kind in (WSMsgType.PING, WSMsgType.PONG, WSMsgType.CONTINUATION):
        async with ada.http.ws_connect(f"{API}/ws", autoping=False, timeout=CLOSE) as connection:
            writer = connection._writer
            if kind is WSMsgType.CONTINUATION:
                writer.transport.write(UNFINISHED)
            frame = bytes(
                [kind | (0 if kind is WSMsgType.CONTINUATION else 0x80), 0x80, 0, 0, 0, 0]
            )
            writer.transport.write(frame * PARTS_A_WINDOW)
            await asyncio.sleep(0)
            assert not connection.closed
            writer.transport.write(frame)
            while (message := await connection.receive(timeout=10)).type is WSMsgType.PONG:
                pass
            assert message.type is WSMsgType.CLOSE
            assert message.data == 4429
