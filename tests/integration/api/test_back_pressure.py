"""What waits holds nothing, who finds no room is told so, and what is out is done without."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest

from adapters.postgres.roles import login_conninfo
from integration.api.client import Client, Contract, Event
from integration.api.service import serving
from integration.api.test_credentials import give
from standins.openai_server import OpenAIServer, Script
from standins.web_server import WebServer, html, slowly
from support.postgres import PostgresServer
from support.silent_proxy import SilentProxy

TEXT = "The harbour opens at seven in the morning. The ferry leaves at noon."
QUESTION = "When does the harbour open?"
STREAMS = 50
POOL = 4


@asynccontextmanager
async def _alone(url: str, folder: Path, **options: Any) -> AsyncIterator[Client]:
    """Give the first user of an installation of her own."""
    async with serving(url, folder, **options) as service, Client(service, Contract()) as client:
        yield await client.register()


class Watch:
    """Looks at the server's sessions again and again: the `most` at once, and for how many seconds
    the `longest` of them did nothing in the middle of a transaction."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.looks = self.most = 0
        self.longest = 0.0

    async def run(self) -> None:
        async with await psycopg.AsyncConnection.connect(self._url, autocommit=True) as connection:
            while True:
                found = await connection.execute(
                    "SELECT count(*), coalesce(max(extract(epoch FROM clock_timestamp() - "
                    "state_change)) FILTER (WHERE state LIKE 'idle in%'), 0)::float "
                    "FROM pg_stat_activity WHERE application_name = 'chatsphere' "
                    "AND datname = current_database()"
                )
                row = await found.fetchone()
                assert row is not None
                self.looks += 1
                self.most, self.longest = max(self.most, row[0]), max(self.longest, row[1])
                await asyncio.sleep(0.05)


async def _slowly(size: int, seconds: float) -> AsyncIterator[bytes]:
    for _ in range(20):
        yield b"slow words \n" * (size // 240)
        await asyncio.sleep(seconds / 20)


async def test_no_connection_is_held_while_a_model_a_file_or_a_page_is_waited_for(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    slow = Script(tokens=["word "] * 20, first_delay=6.0, delay=0.05)
    whole = html("<p>A slow page about the harbour.</p>")
    page = slowly(whole[:60], whole[60:80], whole[80:], pause=1)
    async with (
        OpenAIServer(slow) as model,
        WebServer(pages={"/slow": page}) as web,
        AsyncExitStack() as stack,
    ):
        url = stack.enter_context(postgres_server.database())
        options = {
            "openai_base_url": model.base_url,
            "database_pool_size": POOL,
            "fetch_allowed_hosts": f"127.0.0.1:{web.port}",
        }
        ada = await stack.enter_async_context(_alone(url, tmp_path, **options))
        bot = await ada.bot(llm_model="openai/stand-in")
        await ada.text(bot, TEXT)
        watch = Watch(url)
        watching = asyncio.create_task(watch.run())
        asked = [asyncio.create_task(_ask(ada, bot, number / STREAMS)) for number in range(STREAMS)]
        fetched = await ada.post(f"/bots/{bot}/documents", {"url": web.url("/slow")})
        assert fetched.status == 202
        data = aiohttp.FormData()
        data.add_field("file", _slowly(24_000, 2.0), filename="slow.txt")
        uploading = asyncio.create_task(ada.request("POST", f"/bots/{bot}/documents", data=data))
        async with asyncio.timeout(20):
            await model.until_open(STREAMS)
        times = await _times_of(ada, "/bots", 1.5)  # while all of them wait for the first token
        ends = await asyncio.gather(*asked)
        assert (await uploading).status == 202
        watching.cancel()
    assert {events[-1].type for events in ends} == {"message.completed"}
    assert max(times) < 1.5
    assert watch.looks > 20
    assert watch.most <= POOL + POOL + POOL // 2
    assert watch.longest < 1  # a heartbeat takes milliseconds; the model thought for six seconds


async def _ask(client: Client, bot: str, after: float) -> list[Event]:
    """Ask, and again where there is no room on a busy machine: nothing was accepted then."""
    await asyncio.sleep(after)
    async with asyncio.timeout(60):
        while True:
            try:
                return await client.stream("POST", f"/bots/{bot}/chat", {"message": QUESTION})
            except AssertionError as refused:
                if '"code":"overloaded"' not in str(refused):
                    raise
                await asyncio.sleep(0.3)


async def _times_of(client: Client, path: str, seconds: float) -> list[float]:
    times: list[float] = []
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.monotonic()
        assert (await client.get(path)).status == 200
        times.append(time.monotonic() - begun)
    return times


async def test_requests_beyond_the_pool_are_told_to_come_back_within_two_seconds(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        url = stack.enter_context(postgres_server.database())
        ada = await stack.enter_async_context(_alone(url, tmp_path, database_pool_size=POOL))
        container = ada.service.container
        for pool, tenants in ((container.pool(), "abcd"), (container.system_pool(), None)):
            async with AsyncExitStack() as held:
                for name in tenants or [None] * POOL:
                    await held.enter_async_context(pool.connect(name))
                begun = time.monotonic()
                replies = await asyncio.gather(*(ada.get("/bots") for _ in range(10 * POOL)))
                assert time.monotonic() - begun < 3  # 1.5 s of it by the pool
                assert {reply.problem for reply in replies} == {(503, "overloaded")}
                assert all(int(reply.headers["Retry-After"]) >= 1 for reply in replies)
                ready = await ada.get(f"{ada.service.url}/readyz")  # else it loses all its clients
                assert ready.status == 200
            assert (await ada.get("/bots")).status == 200


@pytest.fixture
async def silenced(
    postgres_server: PostgresServer, tmp_path: Path
) -> AsyncIterator[tuple[Client, str, SilentProxy]]:
    """A client, her bot, and the way to the vectors, which can fall silent."""
    async with AsyncExitStack() as stack:
        url = stack.enter_context(postgres_server.database())
        proxy = await stack.enter_async_context(SilentProxy(login_conninfo(url)))
        options = {"vector_database_url": proxy.url, "vector_seconds": 0.4}
        ada = await stack.enter_async_context(_alone(url, tmp_path, **options))
        bot = await ada.bot()
        await ada.text(bot, TEXT)
        yield ada, bot, proxy
        proxy.speaks.set()


async def _search(client: Client, bot: str, mode: str = "hybrid") -> Any:
    return await client.post(f"/bots/{bot}/search", {"query": QUESTION, "mode": mode})


async def test_vectors_that_are_out_leave_the_words_and_come_back_by_themselves(
    silenced: tuple[Client, str, SilentProxy],
) -> None:
    ada, bot, proxy = silenced
    assert (await _search(ada, bot)).json["degraded"] is False
    proxy.speaks.clear()
    for _ in range(5):
        found = (await _search(ada, bot)).json
        assert found["degraded"] is True
        assert found["data"]
    begun = time.monotonic()
    found = (await _search(ada, bot)).json
    assert found["degraded"] is True
    assert time.monotonic() - begun < 0.4  # nobody waits any more for what is known to be out
    refused = await _search(ada, bot, "vector")
    assert refused.problem == (503, "vector_index_unavailable")
    assert int(refused.headers["Retry-After"]) >= 1
    assert (await _search(ada, bot, "keyword")).json["degraded"] is False
    assert (await ada.ask(bot, QUESTION))["degraded"] is True
    ready = (await ada.get(f"{ada.service.url}/readyz")).json
    assert ready["status"] == "ready"
    assert ready["checks"]["vector_index"] == "degraded"
    proxy.speaks.set()
    async with asyncio.timeout(20):
        while (await _search(ada, bot)).json["degraded"]:  # noqa: ASYNC110  # nothing tells of it
            await asyncio.sleep(0.2)
    assert (await ada.get(f"{ada.service.url}/readyz")).json["checks"]["vector_index"] == "ok"


async def test_a_server_that_a_workspace_named_is_no_trouble_of_the_others(
    ada: Client, eve: Client, model: OpenAIServer, own_model: OpenAIServer
) -> None:
    own_model.default = Script(status=500, message="broken")
    try:
        await give(eve, "sk-eve-0123456789", own_model)
        bots = [await client.bot(llm_model="openai/stand-in") for client in (ada, eve)]
        failed = [await eve.ask(bots[1], QUESTION) for _ in range(6)]
        assert {answer["error"]["code"] for answer in failed} == {"model_unavailable"}
        sent = len(own_model.requests)
        assert (await eve.ask(bots[1], QUESTION))["status"] == "failed"
        assert len(own_model.requests) == sent  # it is let alone
        assert (await ada.ask(bots[0], QUESTION))["status"] == "completed"
        assert (await ada.get(f"{ada.service.url}/readyz")).json["checks"]["models"] == "ok"
    finally:
        own_model.default = Script()
