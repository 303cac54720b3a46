"""What is taken away ends at once over HTTP, and within five seconds on open streams and sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import pytest
from sqlalchemy import text

from integration.api.client import API, Client, Contract, events
from integration.api.keys import holder, make_key, member, run
from integration.api.test_socket import Socket
from standins.openai_server import OpenAIServer, Script

WITHIN_SECONDS = 5.0
Act = Callable[[], Awaitable[object]]
EXPIRE = text("UPDATE api_keys SET expires_at = now() WHERE id = :id")
DISABLE = text("UPDATE users SET disabled = true WHERE id = :user")
LEAVE = text("DELETE FROM memberships WHERE user_id = :user AND tenant_id = :tenant")
DELETE = text("UPDATE workspaces SET deleted_at = now() WHERE id = :tenant")


@dataclass
class Follower:
    """Somebody with an open stream and an open socket, and how each of them ended."""

    client: Client
    credential: str
    stream_open: asyncio.Event = field(default_factory=asyncio.Event)
    socket_open: asyncio.Event = field(default_factory=asyncio.Event)
    stream_end: tuple[str, float] | None = None
    socket_end: tuple[int | None, float] | None = None

    async def follow(self, message: str) -> None:
        """Read the stream to its end."""
        async with self.client.streaming("GET", f"/messages/{message}/stream") as response:
            last: Any = None
            async for event in events(response):
                last = event
                self.stream_open.set()
            self.stream_end = (last.data["problem"]["code"], monotonic())

    async def listen(self, message: str) -> None:
        """Read the socket to its end."""
        protocols = ("chatsphere.v1",)
        async with self.client.http.ws_connect(f"{API}/ws", protocols=protocols) as connection:
            socket = Socket(connection)
            workspace = self.client.headers.get("X-Workspace-Id")
            extra = {} if workspace is None else {"workspace_id": workspace}
            await socket.send(type="auth", token=self.credential, **extra)
            assert (await socket.next())["type"] == "ready"
            await socket.send(type="resume", message_id=message, last_seq=0)
            assert (await socket.next())["type"] == "message.started"
            self.socket_open.set()
            while not connection.closed:
                await connection.receive()
            self.socket_end = (connection.close_code, monotonic())


@pytest.fixture
async def message(ada: Client, model: OpenAIServer) -> str:
    """An answer that is being written for longer than any test takes."""
    bot = await ada.bot(llm_model="openai/stand-in")
    await ada.text(bot, "The harbour opens at seven in the morning.")
    model.scripts.append(Script(first_delay=25))
    body = {"message": "When does the harbour open?"}
    async with ada.streaming("POST", f"/bots/{bot}/chat", body) as response:
        return str((await anext(events(response))).data["message_id"])


class Cases:
    """Followers by name, with what is done to each and the codes that it must end with."""

    def __init__(self, ada: Client, contract: Contract, stack: AsyncExitStack) -> None:
        self.ada = ada
        self.contract = contract
        self.stack = stack
        self.tenant = ada.account["workspace"]["id"]
        self.acts: dict[str, tuple[Follower, Act, str, int]] = {}

    async def person(self, name: str, act: Callable[[Client], Act], code: str, close: int) -> None:
        client = await self.stack.enter_async_context(member(self.ada, self.contract, "admin"))
        follower = Follower(client, client.account["access_token"])
        self.acts[name] = (follower, act(client), code, close)

    async def key(
        self, name: str, act: Callable[[Client, str], Act], maker: Client | None = None
    ) -> None:
        maker = maker or self.ada
        made = await make_key(maker, "chat")
        client = await self.stack.enter_async_context(
            holder(self.ada, self.contract, made["secret"])
        )
        follower = Follower(client, made["secret"])
        self.acts[name] = (follower, act(maker, made["id"]), "unauthenticated", 4401)

    def sql(self, statement: Any, **values: object) -> Act:
        return lambda: run(self.ada.service, statement, values)


def _user(client: Client) -> str:
    return str(client.account["user"]["id"])


async def _fill(cases: Cases) -> None:
    sql, tenant = cases.sql, cases.tenant
    await cases.person("log-out", lambda c: lambda: c.post("/auth/logout"), "unauthenticated", 4401)
    await cases.person("disabled", lambda c: sql(DISABLE, user=_user(c)), "unauthenticated", 4401)
    await cases.person(
        "no member", lambda c: sql(LEAVE, user=_user(c), tenant=tenant), "forbidden", 4403
    )
    await cases.key("key revoked", lambda c, key: lambda: c.delete(f"/api_keys/{key}"))
    await cases.key("key expired", lambda _, key: sql(EXPIRE, id=key))
    await cases.key("key rotated", lambda c, key: lambda: c.post(f"/api_keys/{key}/rotate"))
    for name, statement in (("maker disabled", DISABLE), ("maker gone", LEAVE)):
        maker = await cases.stack.enter_async_context(member(cases.ada, cases.contract, "admin"))
        values = {"user": _user(maker)} | ({"tenant": tenant} if statement is LEAVE else {})
        await cases.key(name, lambda *_, s=statement, v=values: sql(s, **v), maker)


@asynccontextmanager
async def following(followers: list[Follower], message: str) -> AsyncIterator[None]:
    async with asyncio.TaskGroup() as tasks:
        for each in followers:
            tasks.create_task(each.follow(message))
            tasks.create_task(each.listen(message))
        async with asyncio.timeout(20):
            for each in followers:
                await each.stream_open.wait()
                await each.socket_open.wait()
        yield


async def test_what_is_taken_away_ends_what_is_open_within_five_seconds(
    ada: Client, contract: Contract, message: str
) -> None:
    async with AsyncExitStack() as stack:
        cases = Cases(ada, contract, stack)
        await _fill(cases)
        kept = Follower(ada, ada.account["access_token"])
        followers = [follower for follower, *_ in cases.acts.values()]
        begun: dict[str, float] = {}
        async with following([*followers, kept], message):
            for name, (follower, act, *_) in cases.acts.items():
                await act()
                begun[name] = monotonic()
                reply = await follower.client.get(f"/messages/{message}")  # at once
                assert reply.status in (401, 404), name
            async with asyncio.timeout(10):
                while any(f.stream_end is None or f.socket_end is None for f in followers):  # noqa: ASYNC110  # it has no event
                    await asyncio.sleep(0.02)
            assert (kept.stream_end, kept.socket_end) == (None, None)
            await run(ada.service, DELETE, {"tenant": cases.tenant})
            begun["workspace deleted"] = monotonic()
            assert (await ada.get(f"/messages/{message}")).status == 403
        cases.acts["workspace deleted"] = (kept, cases.sql(DELETE), "forbidden", 4403)
        for name, (follower, _, code, close) in cases.acts.items():
            assert follower.stream_end is not None
            assert follower.socket_end is not None
            took = [end[1] - begun[name] for end in (follower.stream_end, follower.socket_end)]
            print(f"{name}: stream {took[0]:.2f} s, socket {took[1]:.2f} s")  # noqa: T201
            assert (follower.stream_end[0], follower.socket_end[0]) == (code, close), name
            assert max(took) < WITHIN_SECONDS, name


async def test_a_socket_of_somebody_who_is_demoted_works_by_the_new_role(
    ada: Client, contract: Contract, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frames of today ask for a viewer only, so the test asks for more."""
    from domain.access import ACCESS, Least, Rule

    monkeypatch.setattr("entrypoints.api.watch.RECHECK_SECONDS", 0.05)
    stricter = {**ACCESS, "WS ping": Rule(Least.EDITOR, "chat")}
    monkeypatch.setattr("domain.access.ACCESS", stricter)
    demote = text("UPDATE memberships SET role = 'viewer' WHERE user_id = :user")
    async with member(ada, contract, "editor") as person:
        protocols = ("chatsphere.v1",)
        async with person.http.ws_connect(f"{API}/ws", protocols=protocols) as connection:
            socket = Socket(connection)
            token = person.account["access_token"]
            workspace = ada.account["workspace"]["id"]
            await socket.send(type="auth", token=token, workspace_id=workspace)
            assert (await socket.next())["type"] == "ready"
            await socket.send(type="ping")
            assert (await socket.next())["type"] == "pong"
            await run(ada.service, demote, {"user": _user(person)})
            await asyncio.sleep(0.5)
            await socket.send(type="ping")
            assert (await socket.next())["problem"]["code"] == "forbidden"
