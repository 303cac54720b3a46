"""Faults of an OpenAI-compatible server, played by a stand-in over loopback."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from adapters._providers import retries
from adapters.openai.chat_model import OpenAIChatModel
from application.ports.chat_model import (
    ChatModel,
    Deadlines,
    Delta,
    ModelRefused,
    ModelUnavailable,
)
from application.testing.chat_model import chat_request
from standins.openai_server import OpenAIServer, Script

KEY = "sk-standin-0123456789"
QUICK = Deadlines(connect=0.5, first_token=0.5, idle=0.3, total=2.0)
HELLO = "Hello from the stand-in."


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(api_key=KEY) as server:
        yield server


@pytest.fixture
async def model(server: OpenAIServer) -> AsyncIterator[OpenAIChatModel]:
    model = OpenAIChatModel(server.base_url, KEY, deadlines=QUICK, max_stream_bytes=100_000)
    yield model
    await model.aclose()


async def answer(model: ChatModel) -> str:
    items = [item async for item in model.stream(chat_request())]
    return "".join(item.text for item in items if isinstance(item, Delta))


async def broken(model: ChatModel) -> tuple[str, ModelUnavailable | ModelRefused]:
    """Return what came before the error, and the error."""
    texts: list[str] = []

    async def consume() -> None:
        async for item in model.stream(chat_request()):
            assert isinstance(item, Delta)
            texts.append(item.text)

    with pytest.raises((ModelUnavailable, ModelRefused)) as raised:
        await consume()
    assert KEY not in repr(raised.value)
    return "".join(texts), raised.value


async def test_a_key_that_is_refused_says_so_without_showing_it(server: OpenAIServer) -> None:
    model = OpenAIChatModel(server.base_url, f"{KEY}-wrong")
    _, error = await broken(model)
    await model.aclose()
    assert (type(error), error.code) == (ModelRefused, "model_rejected")
    assert "Incorrect API key" in str(error)
    assert len(server.requests) == 1


async def test_an_unknown_model_is_refused(model: OpenAIChatModel) -> None:
    with pytest.raises(ModelRefused, match="does not exist"):
        await anext(model.stream(chat_request(model="none")))


async def test_a_server_error_is_tried_again(model: OpenAIChatModel, server: OpenAIServer) -> None:
    server.scripts += [Script(status=500), Script()]
    assert await answer(model) == HELLO
    assert len(server.requests) == 2


async def test_it_gives_up_after_three_tries(server: OpenAIServer) -> None:
    server.default = Script(status=503)
    model = OpenAIChatModel(server.base_url, KEY)
    _, error = await broken(model)
    await model.aclose()
    assert isinstance(error, ModelUnavailable)
    assert len(server.requests) == 3


async def test_a_long_wait_that_the_provider_asks_for_is_left_to_the_caller(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    server.scripts.append(Script(status=429, retry_after="30"))
    _, error = await broken(model)
    assert (error.code, error.retry_after) == ("model_rate_limited", 30.0)
    assert len(server.requests) == 1


async def test_an_outage_is_not_answered_with_a_flood_of_retries(
    model: OpenAIChatModel, server: OpenAIServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "_FIRST_PAUSE", 0.0)
    server.default = Script(status=500)
    for _ in range(60):
        await broken(model)
    assert 60 < len(server.requests) <= 60 * 1.1 + 10


async def test_a_short_wait_is_kept_before_the_next_try(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    server.scripts += [Script(status=429, retry_after="0.3"), Script()]
    started = time.monotonic()
    assert await answer(model) == HELLO
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize(
    ("script", "before"),
    [
        (Script(cut_after=3), "Hello from the"),
        (Script(stall_after=3), "Hello from the"),
        (Script(malformed_after=3), "Hello from the"),
        (Script(error_after=3), "Hello from the"),
        (Script(finish_reason=None), HELLO),
        (Script(finish_reason=None, done=False), HELLO),
        (Script(stall_after=0), ""),
        (Script(first_delay=60), ""),
        (Script(raw=[b": keep-alive\n\n"] * 50, delay=0.1), ""),
    ],
)
async def test_a_broken_stream_keeps_its_beginning_and_ends_in_an_error(
    model: OpenAIChatModel, server: OpenAIServer, script: Script, before: str
) -> None:
    server.scripts.append(script)
    started = time.monotonic()
    text, error = await broken(model)
    assert isinstance(error, ModelUnavailable)
    assert text == before
    assert time.monotonic() - started < 2.5
    assert len(server.requests) == 1


async def test_an_answer_that_takes_too_long_in_all_is_broken_off(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    server.scripts.append(Script(tokens=["x"] * 1_000, delay=0.1))
    started = time.monotonic()
    text, error = await broken(model)
    assert isinstance(error, ModelUnavailable)
    assert len(text) > 5
    assert 1.9 < time.monotonic() - started < 2.8


async def test_a_loss_after_the_finish_reason_harms_no_answer(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    done = b'data: {"choices":[{"delta":{"content":"all"},"finish_reason":"stop"}]}\n\n'
    server.scripts.append(Script(raw=[done, b": ping\n\n", b": ping\n\n"], delay=0.4))
    assert await answer(model) == "all"


async def test_an_answer_that_is_done_is_whole_though_its_connection_is_lost() -> None:
    pieces = [
        b'data: {"choices":[{"delta":{"content":"all"},"finish_reason":"stop"}]}\n\n',
        b"data: [DONE]\n\n",
    ]

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n")
        writer.write(b"Content-Type: text/event-stream\r\n\r\n")
        writer.writelines(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces)
        writer.close()  # without the last chunk, which says that it is the last

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
        model = OpenAIChatModel(address, deadlines=QUICK)
        assert await answer(model) == "all"
        await model.aclose()


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (Script(tokens=[]), "model_empty"),
        (Script(tokens=[], reasoning=["hm"], finish_reason="length"), "model_empty"),
        (Script(tokens=[], finish_reason="content_filter"), "model_blocked"),
        (Script(tokens=[], refusal="I cannot help with that."), "model_blocked"),
        (Script(calls=[("get_weather", '{"city": "Par')]), "model_malformed"),
        (Script(calls=[("get_weather", "{}")]), "model_malformed"),  # nobody offered it
        (Script(error_after=0, error={"code": "insufficient_quota"}), "model_quota_exceeded"),
        (Script(error_after=0, error={"code": "rate_limit_exceeded"}), "model_rate_limited"),
        (Script(status=400, message="bad"), "model_rejected"),
    ],
)
async def test_a_refusal_has_its_code(
    model: OpenAIChatModel, server: OpenAIServer, script: Script, code: str
) -> None:
    server.default = script
    text, error = await broken(model)
    assert (text, type(error), error.code) == ("", ModelRefused, code)


@pytest.mark.parametrize(
    "script", [Script(cut_after=0), Script(error_after=0), Script(malformed_after=0)]
)
async def test_a_stream_that_breaks_before_its_first_token_is_asked_for_again(
    model: OpenAIChatModel, server: OpenAIServer, script: Script
) -> None:
    server.scripts.append(script)
    assert await answer(model) == HELLO
    assert len(server.requests) == 2


@pytest.mark.parametrize("piece", [b"data: x", b": ping\n\n"])
async def test_an_endless_answer_is_cut_off(
    model: OpenAIChatModel, server: OpenAIServer, piece: bytes
) -> None:
    server.scripts.append(Script(raw=[piece * 1_000] * 1_000))
    _, error = await broken(model)
    assert "does not end" in str(error)


async def test_closing_the_stream_ends_the_request(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    server.scripts.append(Script(tokens=["x"] * 10_000, delay=0.01))
    async with aclosing(model.stream(chat_request())) as stream:
        await anext(stream)
        assert server.open_streams == 1
    async with asyncio.timeout(2):
        await server.until_open(0)


async def test_cancelling_while_waiting_ends_the_request(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    server.scripts.append(Script(stall_after=0))
    asking = asyncio.create_task(answer(model))
    async with asyncio.timeout(2):
        await server.until_open(1)
        asking.cancel()
        await server.until_open(0)
    assert await answer(model) == HELLO


async def test_a_slow_reader_is_no_stall(model: OpenAIChatModel, server: OpenAIServer) -> None:
    server.scripts.append(Script(delay=0.15))
    text = ""
    async for item in model.stream(chat_request()):
        await asyncio.sleep(0.4)
        text += item.text if isinstance(item, Delta) else ""
    assert text == HELLO


async def test_a_port_that_nobody_serves_is_unavailable() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    model = OpenAIChatModel(address, deadlines=QUICK)
    _, error = await broken(model)
    await model.aclose()
    assert "cannot be reached" in str(error)


async def test_a_server_that_accepts_but_never_answers_is_unavailable_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        model = OpenAIChatModel(address, deadlines=QUICK)
        started = time.monotonic()
        _, error = await broken(model)
        await model.aclose()
    assert "did not answer in time" in str(error)
    assert time.monotonic() - started < 1.5
