"""The end of a serving process: answers come to theirs, and nothing idle holds it up."""

import asyncio
import os
import re
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, cast

import aiohttp
import pytest

from entrypoints.api.server import take_waiting
from integration.api.client import API, Client, Contract, events
from integration.api.conftest import MODEL_KEY
from integration.api.service import Service
from standins.openai_server import OpenAIServer, Script

PROGRAM = Path(sys.executable).with_name("chatsphere")
PROMPTLY_SECONDS = 5.0


@asynccontextmanager
async def served(
    folder: Path, url: str, model: OpenAIServer, worker: bool
) -> AsyncIterator[tuple[Process, str]]:
    """Run `chatsphere serve`; give the process and its address."""
    environment = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    environment |= {
        "HOME": str(folder),
        "CHATSPHERE_DATA_DIR": str(folder / "data"),
        "CHATSPHERE_DATABASE_URL": url,
        "CHATSPHERE_OPENAI_BASE_URL": model.base_url,
        "CHATSPHERE_OPENAI_API_KEY": MODEL_KEY,
        "CHATSPHERE_EMBEDDED_WORKER": str(worker),
    }
    with (folder / "log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            PROGRAM, "serve", "--port", "0", env=environment, cwd=folder, stdout=PIPE, stderr=log
        )
        try:
            assert process.stdout is not None
            async with asyncio.timeout(60):
                said = ""
                while not (found := re.search(r"http://[0-9.:]+", said)):
                    line = await process.stdout.readline()
                    assert line, (folder / "log").read_text()
                    said += line.decode()
            yield process, found[0]
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()


Serve = Callable[..., AbstractAsyncContextManager[tuple[Process, Client]]]


@pytest.fixture
def serve(tmp_path: Path, postgres_url: str, model: OpenAIServer, contract: Contract) -> Serve:
    """Gives a serving process and somebody with an account there."""

    @asynccontextmanager
    async def serve(*, worker: bool) -> AsyncIterator[tuple[Process, Client]]:
        async with served(tmp_path, postgres_url, model, worker) as (process, url):
            nothing = cast(Any, None)  # what another process has inside is out of reach
            service = Service(url, int(url.rpartition(":")[2]), nothing, nothing, nothing)
            async with Client(service, contract) as client:
                yield process, await client.register()

    return serve


async def ended(process: Process, seconds: float) -> tuple[int, float]:
    """Return the code a process ends with, and how long that took."""
    since = time.monotonic()
    async with asyncio.timeout(seconds):
        code = await process.wait()
    return code, time.monotonic() - since


async def test_an_answer_that_streams_when_the_end_is_asked_for_is_completed(
    serve: Serve, model: OpenAIServer
) -> None:
    model.scripts.append(Script(tokens=("slow ",) * 20, delay=0.1))
    async with serve(worker=True) as (process, ada):
        bot = await ada.bot(llm_model="openai/stand-in")
        await ada.text(bot, "The harbour opens at seven in the morning.")
        async with ada.streaming("POST", f"/bots/{bot}/chat", {"message": "When?"}) as response:
            stream = events(response)
            assert (await anext(stream)).type == "message.started"
            process.send_signal(signal.SIGTERM)
            rest = [event async for event in stream]
        code, seconds = await ended(process, 60)
    assert rest[-1].type == "message.completed", rest[-1]
    assert rest[-1].data["message"]["content"].split() == ["slow"] * 20
    assert (code, seconds < PROMPTLY_SECONDS) == (0, True), seconds


async def test_idle_followers_do_not_hold_the_end_up(serve: Serve) -> None:
    async with serve(worker=False) as (process, ada):
        bot = await ada.bot()
        text = {"title": "t", "text": "Nobody takes it in."}
        document = (await ada.post(f"/bots/{bot}/documents", text)).json["id"]
        async with (
            ada.http.ws_connect(f"{API}/ws", autoclose=False) as socket,
            ada.streaming("GET", f"/documents/{document}/events") as response,
        ):
            await socket.send_json({"type": "auth", "token": ada.account["access_token"]})
            assert (await socket.receive_json(timeout=10))["type"] == "ready"
            await response.content.readline()
            process.send_signal(signal.SIGTERM)
            code, seconds = await ended(process, 60)
            closing = await socket.receive(timeout=10)
            assert (closing.type, closing.data) == (aiohttp.WSMsgType.CLOSE, 1012)
            await response.read()  # ends in order: it is not cut off
    assert (code, seconds < PROMPTLY_SECONDS) == (0, True), seconds


async def test_who_has_only_just_connected_when_the_end_begins_is_answered(serve: Serve) -> None:
    async with serve(worker=False) as (process, ada):
        reader, writer = await asyncio.open_connection("127.0.0.1", ada.service.port)
        await ada.get("/bots")  # the server has taken the connection before by then
        process.send_signal(signal.SIGTERM)
        await asyncio.sleep(0.4)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = (await reader.read()).lower()
        writer.close()
        code, seconds = await ended(process, 60)
    assert head.startswith(b"http/1.1 200"), head
    assert b"connection: close" in head
    assert (code, seconds < PROMPTLY_SECONDS) == (0, True), seconds


async def test_connections_that_nobody_took_are_taken_before_listening_ends() -> None:
    heard: list[bytes] = []

    async def hear(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())

    server = await asyncio.start_server(hear, "127.0.0.1", 0)
    with socket.create_connection(server.sockets[0].getsockname()) as client:  # no turn of the loop
        client.sendall(b"a request")
        (waiting,) = take_waiting(server)
        server.close()
        with waiting:
            assert waiting.recv(100) == b"a request"
    assert heard == []
