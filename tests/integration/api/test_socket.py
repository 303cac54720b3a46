"""The WebSocket: the same answers and events as over HTTP, many over one connection."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest

from adapters.postgres.event_log import PostgresEventLog
from domain.errors import DependencyUnavailable
from domain.events import Event
from integration.api.client import API, Client
from standins.openai_server import OpenAIServer, Script

ENDS = ("message.completed", "message.stopped", "error")


class Socket:
    """A client's end of a connection; every wait is bounded."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self.connection = connection

    async def send(self, **frame: Any) -> None:
        await self.connection.send_json(frame)

    async def next(self) -> Any:
        """Return the next frame."""
        async with asyncio.timeout(10):
            message = await self.connection.receive()
        assert message.type is aiohttp.WSMsgType.TEXT, (message, self.connection.close_code)
        return json.loads(message.data)

    async def until(self, *kinds: str) -> list[Any]:
        """Return the frames up to and with one of these kinds."""
        frames = [await self.next()]
        while frames[-1]["type"] not in kinds:
            frames.append(await self.next())
        return frames

    async def closed(self) -> int | None:
        """Read to the end of the connection and return the code it was closed with."""
        async with asyncio.timeout(10):
            while not self.connection.closed:
                await self.connection.receive()
        return self.connection.close_code


@asynccontextmanager
async def opened(client: Client, *protocols: str) -> AsyncIterator[Socket]:
    async with client.http.ws_connect(f"{API}/ws", protocols=protocols) as connection:
        yield Socket(connection)


@asynccontextmanager
async def authenticated(client: Client) -> AsyncIterator[Socket]:
    async with opened(client, "chatsphere.v1") as socket:
        await socket.send(type="auth", token=client.account["access_token"])
        assert await socket.next() == {
            "type": "ready",
            "user_id": client.account["user"]["id"],
        }
        yield socket


@pytest.fixture
async def bot(ada: Client, model: OpenAIServer) -> str:
    bot = await ada.bot(llm_model="openai/stand-in")
    await ada.text(bot, "The harbour opens at seven in the morning.")
    return bot


async def test_an_answer_comes_with_the_events_that_sse_gives(ada: Client, bot: str) -> None:
    async with authenticated(ada) as socket:
        assert socket.connection.protocol == "chatsphere.v1"
        await socket.send(type="message.create", bot_id=bot, content="When?", idempotency_key="k1")
        accepted = await socket.next()
        assert accepted["type"] == "message.accepted"
        assert accepted["idempotency_key"] == "k1"
        message = accepted["message_id"]
        frames = await socket.until(*ENDS)
    stream = await ada.stream("GET", f"/messages/{message}/stream")
    assert [frame["type"] for frame in frames] == [event.type for event in stream]
    for frame, event in zip(frames, stream, strict=True):
        assert frame == {**event.data, "type": event.type, "message_id": message}
    assert frames[-1]["message"] == (await ada.get(f"/messages/{message}")).json


async def test_two_answers_come_interleaved_over_one_connection(
    ada: Client, bot: str, model: OpenAIServer
) -> None:
    model.scripts += [Script(tokens=("tick ",) * 8, delay=0.08)] * 2
    async with authenticated(ada) as socket:
        for key in ("a", "b"):
            await socket.send(type="message.create", bot_id=bot, content=key, idempotency_key=key)
        streams: dict[str, list[Any]] = {}
        order, ended = [], 0
        while ended < 2:
            frame = await socket.next()
            if frame["type"] != "message.accepted":
                streams.setdefault(frame["message_id"], []).append(frame)
                order.append(frame["message_id"])
                ended += frame["type"] in ENDS
    assert len(streams) == 2
    changes = sum(one != other for one, other in itertools.pairwise(order))
    assert changes > 2, "the answers came one after the other"
    for frames in streams.values():
        assert [frame["seq"] for frame in frames] == list(range(1, len(frames) + 1))
        assert frames[-1]["type"] == "message.completed"


async def test_a_stop_ends_the_answer_and_a_resume_goes_on_where_the_client_was(
    ada: Client, bot: str, model: OpenAIServer
) -> None:
    model.scripts.append(Script(tokens=("on ", "and ") * 500, delay=0.02))
    async with authenticated(ada) as socket:
        await socket.send(type="message.create", bot_id=bot, content="Go", idempotency_key="k")
        frames = await socket.until("message.delta")
        message = frames[-1]["message_id"]
        await socket.send(type="message.stop", message_id=message)
        frames += await socket.until(*ENDS)
        assert frames[-1]["type"] == "message.stopped"
        whole = frames[1:]
        for last in range(len(whole)):
            await socket.send(type="resume", message_id=message, last_seq=last)
            assert await socket.until(*ENDS) == whole[last:]
        await socket.send(type="ping")
        assert await socket.next() == {"type": "pong"}
    async with authenticated(ada) as another:
        await another.send(type="resume", message_id=message, last_seq=0)
        assert await another.until(*ENDS) == whole


async def test_a_log_that_cannot_be_read_fails_no_answer_but_has_the_client_come_again(
    ada: Client, bot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def read(*_: object, **__: object) -> list[Event]:
        raise DependencyUnavailable("The database is out.")

    async with authenticated(ada) as socket:
        await socket.send(type="message.create", bot_id=bot, content="Go", idempotency_key="k")
        *_, end = await socket.until(*ENDS)
        assert end["type"] == "message.completed"
        monkeypatch.setattr(PostgresEventLog, "read", read)
        await socket.send(type="resume", message_id=end["message_id"], last_seq=0)
        async with asyncio.timeout(10):
            message = await socket.connection.receive()
        assert (message.type, message.data) == (aiohttp.WSMsgType.CLOSE, 1013)


async def test_whoever_follows_an_answer_is_told_when_it_is_erased(
    ada: Client, bot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def end(*_: object, **__: object) -> AsyncIterator[list[Event]]:
        await ada.delete(f"/conversations/{conversation}")
        return
        yield []

    async with authenticated(ada) as socket:
        await socket.send(type="message.create", bot_id=bot, content="Go", idempotency_key="k")
        *_, done = await socket.until(*ENDS)
        conversation = done["message"]["conversation_id"]
        monkeypatch.setattr(PostgresEventLog, "follow", end)  # as it ends where nothing is left
        await socket.send(type="resume", message_id=done["message_id"], last_seq=1)
        *_, told = await socket.until("error")
        assert (told["message_id"], told["problem"]["code"]) == (done["message_id"], "not_found")


async def test_a_repeated_key_gives_the_same_answer_again(
    ada: Client, bot: str, model: OpenAIServer
) -> None:
    async with authenticated(ada) as socket:
        create = {"type": "message.create", "bot_id": bot, "content": "Q", "idempotency_key": "k"}
        await socket.send(**create)
        first = await socket.until(*ENDS)
        await socket.send(**create)
        again = await socket.until(*ENDS)
        assert again[0] == {**first[0], "replayed": True}
        assert again[1:] == first[1:]
        await socket.send(**{**create, "content": "Another"})
        conflict = await socket.next()
        assert conflict["type"] == "error"
        assert conflict["problem"]["code"] == "idempotency_conflict"
        assert conflict["idempotency_key"] == "k"
    assert len(model.requests) == 1


@pytest.mark.parametrize(
    "frame",
    [
        "",
        "{",
        "[]",
        "null",
        '"ping"',
        "{}",
        '{"type": null}',
        '{"type": "nonsense"}',
        '{"type": ["ping"]}',
        '{"type": "ping", "extra": 1}',
        '{"type": "resume", "message_id": "msg_x"}',
        '{"type": "resume", "message_id": "msg_x", "last_seq": -1}',
        '{"type": "resume", "message_id": "msg_x", "last_seq": true}',
        '{"type": "resume", "message_id": "msg_x", "last_seq": 1e400}',
        '{"type": "resume", "message_id": "msg_x", "last_seq": NaN}',
        '{"type": "message.stop", "message_id": 5}',
        '{"type": "message.stop", "message_id": ""}',
        '{"type": "message.stop", "message_id": "a\\u0000"}',
        '{"type": "message.stop", "message_id": "a\\ud800"}',
        '{"type": "message.create", "bot_id": "bot_x", "content": "c"}',
        '{"type": "message.create", "content": "' + "x" * 100_001 + '", "idempotency_key": "k"}',
        "[" * 5000,
        b"\x00\x01",
    ],
)
async def test_a_bad_frame_ends_the_connection_with_4400(ada: Client, frame: str | bytes) -> None:
    async with authenticated(ada) as socket:
        if isinstance(frame, bytes):
            await socket.connection.send_bytes(frame)
        else:
            await socket.connection.send_str(frame)
        assert await socket.closed() == 4400


async def test_a_frame_that_is_too_big_ends_the_connection_with_1009(ada: Client) -> None:
    async with authenticated(ada) as socket:
        await socket.connection.send_str("x" * 300_000)
        assert await socket.closed() == 1009


async def test_nothing_is_served_before_a_good_token(ada: Client, eve: Client) -> None:
    token = ada.account["access_token"]
    for code, frame in (
        (4401, {"type": "auth", "token": "not.a.token"}),
        (4401, {"type": "auth", "token": token[:-2] + "xx"}),
        (4401, {"type": "ping"}),
        (4401, {"type": "resume", "message_id": "msg_x", "last_seq": 0}),
        (4404, {"type": "auth", "token": token, "workspace_id": eve.account["workspace"]["id"]}),
        (4404, {"type": "auth", "token": token, "workspace_id": "ws_00000000000000000000000000"}),
    ):
        async with opened(ada, "chatsphere.v1") as socket:
            await socket.send(**frame)
            assert await socket.closed() == code, frame


async def test_another_sub_protocol_is_refused(ada: Client) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError):
        async with opened(ada, "graphql-ws"):
            pass
    async with opened(ada) as socket:
        await socket.send(type="auth", token=ada.account["access_token"])
        assert (await socket.next())["type"] == "ready"


async def test_what_is_not_there_or_not_ones_own_is_an_error_and_the_connection_stays(
    ada: Client, eve: Client, bot: str
) -> None:
    answer = await ada.ask(bot, "When?")
    absent = "msg_00000000000000000000000000"
    async with authenticated(eve) as socket:
        for frame in (
            {"type": "message.stop", "message_id": answer["id"]},
            {"type": "message.stop", "message_id": absent},
            {"type": "resume", "message_id": answer["id"], "last_seq": 0},
            {"type": "resume", "message_id": "no id", "last_seq": 0},
            {"type": "message.create", "bot_id": bot, "content": "c", "idempotency_key": "k1"},
            {
                "type": "message.create",
                "conversation_id": answer["conversation_id"],
                "content": "c",
                "idempotency_key": "k2",
            },
        ):
            await socket.send(**frame)
            error = await socket.next()
            assert error["type"] == "error"
            assert error["problem"]["code"] == "not_found", frame
        await socket.send(type="auth", token=eve.account["access_token"])
        assert (await socket.next())["problem"]["code"] == "invalid_request"
        await socket.send(type="message.create", content="c", idempotency_key="k3")
        assert (await socket.next())["problem"]["code"] == "invalid_request"
        await socket.send(type="ping")
        assert (await socket.next())["type"] == "pong"


async def test_an_open_connection_ends_soon_after_its_session(ada: Client) -> None:
    async with authenticated(ada) as socket:
        await ada.post("/auth/logout")
        assert await socket.closed() == 4401
