"""What the Gemini chat model makes of every way in which the service fails."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, aclosing

import pytest

from adapters.gemini.chat_model import GeminiChatModel
from adapters.gemini.client import GeminiClients
from application.ports.chat_model import (
    Deadlines,
    Delta,
    FinishReason,
    ModelRefused,
    ModelUnavailable,
)
from application.testing.chat_capabilities import answer_of
from application.testing.chat_model import chat_request
from standins.gemini_server import GeminiServer, Script

KEY = "AIza-standin-0123456789"
QUICK = Deadlines(first_token=1.5, idle=0.3, total=5.0)
ASKED = chat_request(model="gemini-3.5-flash-lite")
WORDS = ("Some", " words", ".")
SPOKEN = [Delta("Some"), Delta(" words")]


@pytest.fixture(scope="module")
async def clients() -> AsyncIterator[GeminiClients]:
    clients = GeminiClients(connect_timeout=0.3)
    yield clients
    await clients.aclose()


@pytest.fixture
async def server() -> AsyncIterator[GeminiServer]:
    async with GeminiServer(Script(tokens=WORDS), api_keys=[KEY]) as server:
        yield server


@pytest.fixture
async def model(server: GeminiServer, clients: GeminiClients) -> GeminiChatModel:
    return await model_at(server.base_url, clients)


async def model_at(
    base_url: str, clients: GeminiClients, deadlines: Deadlines = QUICK, key: str = KEY
) -> GeminiChatModel:
    await clients.get(base_url, float("inf"))  # what it takes to build is no matter here
    return GeminiChatModel(key, base_url, deadlines=deadlines, clients=clients)


async def failure_of(
    model: GeminiChatModel,
) -> tuple[list[object], ModelUnavailable | ModelRefused]:
    """Return what came, and what was raised then."""
    came: list[object] = []
    try:
        async for item in model.stream(ASKED):
            came.append(item)
    except (ModelUnavailable, ModelRefused) as error:
        return came, error
    raise AssertionError("nothing was raised")


@pytest.mark.parametrize("status", [500, 503, 504])
async def test_a_server_error_is_tried_again(
    server: GeminiServer, model: GeminiChatModel, status: int
) -> None:
    server.scripts += [Script(status=status), Script(status=status)]
    text, _ = await answer_of(model, ASKED)
    assert text == "Some words."
    assert len(server.requests) == 3


async def test_three_server_errors_are_the_end(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    server.default = Script(status=500, message="An internal error has occurred.")
    _, error = await failure_of(model)
    assert isinstance(error, ModelUnavailable)
    assert "An internal error has occurred." in str(error)
    assert len(server.requests) == 3


async def test_a_rate_limit_is_waited_for_as_long_as_it_asks(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    server.scripts.append(Script(status=429, quota="PerMinute", retry_delay="0.8s"))
    started = time.monotonic()
    text, _ = await answer_of(model, ASKED)
    assert text == "Some words."
    assert 0.8 <= time.monotonic() - started < 1.5


@pytest.mark.parametrize("seconds", [34.074824224, 3.0])
async def test_a_rate_limit_beyond_the_deadline_is_told_at_once(
    server: GeminiServer, model: GeminiChatModel, seconds: float
) -> None:
    server.default = Script(status=429, quota="PerMinute", retry_delay=f"{seconds}s")
    started = time.monotonic()
    _, error = await failure_of(model)
    assert time.monotonic() - started < 0.5
    assert (error.code, error.retry_after) == ("model_rate_limited", seconds)
    assert len(server.requests) == 1


async def test_a_spent_daily_quota_fails_fast(server: GeminiServer, model: GeminiChatModel) -> None:
    server.default = Script(status=429, quota="PerDay", retry_delay="0.1s")
    _, error = await failure_of(model)
    assert error.code == "model_quota_exceeded"
    assert error.retry_after >= 60  # whatever its RetryInfo says
    assert len(server.requests) == 1


async def test_in_an_outage_one_request_in_ten_is_repeated(
    server: GeminiServer, model: GeminiChatModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters._providers.retries._FIRST_PAUSE", 0.001)
    server.default = Script(status=503)
    for _ in range(15):
        await failure_of(model)
    assert len(server.requests) <= 15 + 11


@pytest.mark.parametrize("key", ["AIzaWrong-0123456789abc", "Wrong-to-a-proxy"])
async def test_a_bad_key_is_rejected_and_not_shown(
    server: GeminiServer, clients: GeminiClients, key: str
) -> None:
    model = await model_at(server.base_url, clients, key=key)
    _, error = await failure_of(model)
    assert error.code == "model_rejected"
    assert "API key not valid" in str(error)
    assert "Wrong" not in str(error)
    assert len(server.requests) == 1


async def test_cookies_of_one_answer_are_not_sent_with_the_next(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    for _ in range(2):
        await answer_of(model, ASKED)
    assert all("Cookie" not in sent.headers for sent in server.requests)


async def test_an_unknown_model_is_rejected(server: GeminiServer, model: GeminiChatModel) -> None:
    with pytest.raises(ModelRefused) as refused:
        await answer_of(model, chat_request(model="gemini-2.0-flash"))
    assert refused.value.code == "model_rejected"
    assert "is not found" in str(refused.value)


@pytest.mark.parametrize("name", ["../files", "a?b", "a#b", "", "x y"])
async def test_a_name_that_would_lead_elsewhere_is_not_sent(
    server: GeminiServer, model: GeminiChatModel, name: str
) -> None:
    with pytest.raises(ModelRefused) as refused:
        await answer_of(model, chat_request(model=name))
    assert refused.value.code == "model_rejected"
    assert not server.requests


async def test_a_page_of_a_proxy_is_not_quoted(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    server.default = Script(status=502, page=b"<html>Bad \xff gateway</html>")
    _, error = await failure_of(model)
    assert isinstance(error, ModelUnavailable)
    assert "html" not in str(error)


async def test_a_redirect_is_not_followed(server: GeminiServer, model: GeminiChatModel) -> None:
    server.default = Script(status=307, page=b"moved", location="/v1beta/models/x:elsewhere")
    _, error = await failure_of(model)
    assert error.code == "model_rejected"
    assert "base URL" in str(error)
    assert len(server.requests) == 1  # else the key would go wherever it leads


async def test_a_server_that_is_not_there_is_unavailable(clients: GeminiClients) -> None:
    _, error = await failure_of(await model_at("http://127.0.0.1:9", clients))
    assert isinstance(error, ModelUnavailable)
    assert "127.0.0.1:9 cannot be reached" in str(error)


async def test_a_connection_that_does_not_come_about_has_a_time_out_of_its_own(
    clients: GeminiClients,
) -> None:
    with socket.socket() as full, ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):  # they fill the queue: the next one is let to wait
            early = waiting.enter_context(socket.socket())
            early.setblocking(False)
            early.connect_ex(full.getsockname())
        base_url = "http://127.0.0.1:{1}".format(*full.getsockname())
        model = await model_at(base_url, clients, Deadlines(first_token=10))
        started = time.monotonic()
        _, error = await failure_of(model)
        assert isinstance(error, ModelUnavailable)
        assert 0.3 <= time.monotonic() - started < 5


async def test_a_slow_first_token_has_its_own_deadline(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    server.default = Script(tokens=WORDS, first_delay=0.8)  # longer than idle
    assert (await answer_of(model, ASKED))[0] == "Some words."
    server.default = Script(first_delay=3600)
    started = time.monotonic()
    _, error = await failure_of(model)
    assert 1.4 <= time.monotonic() - started < 2.0
    assert "did not answer in time" in str(error)
    await server.until_open(0)


async def test_a_stall_ends_after_the_idle_time(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    server.default = Script(tokens=WORDS, stall_after=2)
    started = time.monotonic()
    came, error = await failure_of(model)
    assert came == SPOKEN
    assert 0.25 <= time.monotonic() - started < 1.0
    assert "stopped in the middle" in str(error)
    await server.until_open(0)
    assert len(server.requests) == 1


async def test_an_answer_without_end_ends_at_the_total_deadline(
    server: GeminiServer, clients: GeminiClients
) -> None:
    model = await model_at(server.base_url, clients, Deadlines(5, 5, 0.7))
    server.default = Script(tokens=["word "] * 10_000, delay=0.05)
    started = time.monotonic()
    came, error = await failure_of(model)
    assert came
    assert isinstance(error, ModelUnavailable)
    assert 0.6 <= time.monotonic() - started < 1.2


async def test_an_answer_without_measure_is_cut_off(
    server: GeminiServer, clients: GeminiClients
) -> None:
    await clients.get(server.base_url, float("inf"))
    model = GeminiChatModel(KEY, server.base_url, clients=clients, max_stream_bytes=20_000)
    server.default = Script(tokens=["word "] * 5_000)
    came, error = await failure_of(model)
    assert came
    assert "does not end" in str(error)


async def test_a_slow_reader_is_not_taken_for_a_slow_server(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    async with aclosing(model.stream(ASKED)) as stream:
        async for _ in stream:
            await asyncio.sleep(0.4)  # longer than idle


async def test_thoughts_end_the_wait_for_the_first_token(
    server: GeminiServer, clients: GeminiClients
) -> None:
    model = await model_at(server.base_url, clients, Deadlines(0.3, 1.0, 5))
    server.default = Script(tokens=WORDS, thoughts=["hm"] * 3, delay=0)
    thought = b'data: {"candidates":[{"content":{"parts":[{"text":"hm","thought":true}]}}]}\r\n\r\n'
    last = b'data: {"candidates":[{"content":{"parts":[{"text":"So."}]},"finishReason":"STOP"}]}\r\n\r\n'
    server.scripts.append(Script(raw=[thought, thought, thought, last], delay=0.2))
    assert (await answer_of(model, ASKED))[0] == "So."
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "script",
    [
        Script(tokens=WORDS, cut_after=2),
        Script(tokens=WORDS, error_after=2),
        Script(tokens=WORDS, malformed_after=2),
    ],
)
async def test_what_breaks_off_in_the_middle_is_not_repeated(
    server: GeminiServer, model: GeminiChatModel, script: Script
) -> None:
    server.default = script
    came, error = await failure_of(model)
    assert came == SPOKEN
    assert isinstance(error, ModelUnavailable)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "script",
    [
        Script(tokens=WORDS, cut_after=0),
        Script(tokens=WORDS, error_after=0),
        Script(tokens=WORDS, malformed_after=0),
        Script(raw=[b""]),
        Script(raw=[b"data: [1]\n\n"]),
        Script(raw=[b'data: {"candidates": {"x": 1}}\n\n']),
        Script(raw=[b'data: {"usageMetadata": {"promptTokenCount": "many"}}\n\n']),
        Script(raw=[b'data: {"candidates": [{"content": {"parts": [{"text": 1}]}}]}\n\n']),
        Script(raw=[b'data: {"error": "text"}\n\n']),
    ],
)
async def test_what_breaks_off_before_the_first_word_is_repeated(
    server: GeminiServer, model: GeminiChatModel, script: Script
) -> None:
    server.scripts.append(script)
    assert (await answer_of(model, ASKED))[0] == "Some words."
    assert len(server.requests) == 2


async def test_a_clean_end_without_a_reason_is_no_answer(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    server.default = Script(tokens=WORDS, finish_reason=None)
    came, error = await failure_of(model)
    assert len(came) == 3
    assert "ended in the middle" in str(error)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("STOP", "model_empty"),
        ("MAX_TOKENS", "model_empty"),
        ("SAFETY", "model_blocked"),
        ("RECITATION", "model_blocked"),
        ("MALFORMED_FUNCTION_CALL", "model_malformed"),
        ("UNEXPECTED_TOOL_CALL", "model_malformed"),
        ("MISSING_THOUGHT_SIGNATURE", "model_rejected"),
        ("OTHER", "model_empty"),
    ],
)
async def test_an_answer_of_nothing_says_why(
    server: GeminiServer, model: GeminiChatModel, reason: str, code: str
) -> None:
    server.default = Script(tokens=[" \n"], finish_reason=reason)
    _, error = await failure_of(model)
    assert isinstance(error, ModelRefused)
    assert error.code == code
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("reason", "becomes"),
    [
        ("STOP", FinishReason.STOP),
        ("MAX_TOKENS", FinishReason.LENGTH),
        ("SAFETY", FinishReason.SAFETY),
        ("PROHIBITED_CONTENT", FinishReason.SAFETY),
        ("OTHER", FinishReason.LENGTH),
        ("CONTINUATION", FinishReason.LENGTH),
    ],
)
async def test_an_answer_says_why_it_ended(
    server: GeminiServer, model: GeminiChatModel, reason: str, becomes: FinishReason
) -> None:
    server.default = Script(tokens=WORDS, finish_reason=reason)
    text, finish = await answer_of(model, ASKED)
    assert (text, finish.reason) == ("Some words.", becomes)
    assert len(server.requests) == 1


async def test_a_reason_that_nobody_knows_yet_is_taken_for_a_cut(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    server.default = Script(tokens=WORDS, finish_reason="NEW_REASON")
    _, finish = await answer_of(model, ASKED)
    assert finish.reason is FinishReason.LENGTH


async def test_a_blocked_prompt_says_so(server: GeminiServer, model: GeminiChatModel) -> None:
    server.default = Script(block_reason="SAFETY")
    _, error = await failure_of(model)
    assert error.code == "model_blocked"
    assert len(server.requests) == 1


async def test_a_call_that_is_cut_short_is_not_run(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    server.default = Script(calls=[("get_weather", {})], finish_reason="MAX_TOKENS")
    _, error = await failure_of(model)
    assert error.code == "model_empty"
