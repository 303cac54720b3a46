"""The OpenAI adapters against a strict stand-in server over loopback."""

import time
from collections.abc import AsyncIterator

import pytest

from adapters.openai.chat_model import OpenAIChatModel
from adapters.openai.embedder import OpenAIEmbedder
from application.ports.chat_model import (
    ChatModel,
    ChatRequest,
    Deadlines,
    Delta,
    Finish,
    FinishReason,
    Role,
    Turn,
    Usage,
)
from application.ports.embedder import Embedder, EmbedderUnavailable, EmbedTask
from application.testing.chat_model import ChatModelContract, chat_request
from application.testing.embedder import EmbedderContract
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


class TestOpenAIChatModel(ChatModelContract):
    @pytest.fixture
    def chat_model(self, model: OpenAIChatModel) -> ChatModel:
        return model


class TestOpenAIEmbedder(EmbedderContract):
    @pytest.fixture
    async def embedder(self, server: OpenAIServer) -> AsyncIterator[Embedder]:
        embedder = OpenAIEmbedder(server.base_url, "stand-in", 8, KEY, batch_size=4)
        yield embedder
        await embedder.aclose()


async def ask(model: ChatModel, request: ChatRequest | None = None) -> tuple[str, Finish]:
    items = [item async for item in model.stream(request or chat_request())]
    finish = items.pop()
    assert isinstance(finish, Finish)
    return "".join(item.text for item in items if isinstance(item, Delta)), finish


async def test_an_answer_streams_with_its_reason_and_usage(model: OpenAIChatModel) -> None:
    assert await ask(model) == (HELLO, Finish(FinishReason.STOP, Usage(7, 6)))


async def test_the_server_gets_the_whole_prompt(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    turns = [Turn(Role.SYSTEM, "Be brief."), Turn(Role.USER, "Ça va ?")]
    await ask(model, ChatRequest("openai/stand-in", turns, "Ça va ?", (), 0.2, 50))
    assert server.requests[0].body == {
        "model": "stand-in",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Ça va ?"},
        ],
        "temperature": 0.2,
        "max_tokens": 50,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


async def test_the_first_delta_comes_before_the_last_token_is_made(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    server.scripts.append(Script(delay=0.05))
    arrived = [time.monotonic() async for item in model.stream(chat_request()) if item]
    assert arrived[-1] - arrived[0] > 0.15


@pytest.mark.parametrize("field", ["stream_options", "temperature", "max_tokens"])
async def test_a_field_that_the_server_refuses_is_left_out_from_then_on(
    model: OpenAIChatModel, server: OpenAIServer, field: str
) -> None:
    server.default = Script(refuse_fields=frozenset({field}))
    request = ChatRequest("stand-in", [Turn(Role.USER, "hi")], "hi", max_output_tokens=9)
    assert (await ask(model, request))[0] == HELLO
    assert (await ask(model, request))[0] == HELLO
    assert [field in recorded.body for recorded in server.requests] == [True, False, False]


@pytest.mark.parametrize(
    "script",
    [
        Script(done=False),
        Script(usage=False),
        Script(ignores_stream=True),
        Script(reasoning=["hm", "aha"]),
        Script(tokens=["<thi", "nk>so</th", "ink>\n\n", HELLO]),
    ],
)
async def test_servers_that_differ_are_understood(
    model: OpenAIChatModel, server: OpenAIServer, script: Script
) -> None:
    server.scripts.append(script)
    text, finish = await ask(model)
    assert text == HELLO
    assert finish.reason is FinishReason.STOP
    assert finish.usage.completion_tokens > 0


async def test_characters_split_between_two_reads_stay_whole(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    body = (
        'data: {"choices":[{"delta":{"content":"naïve 🙂"}}]}\r\n\r\n'
        'data: {"choices":[{"delta":{},"finish_reason":"stop"}]}\r\n\r\n'
    ).encode()
    server.scripts.append(Script(raw=[bytes([byte]) for byte in body]))
    assert (await ask(model))[0] == "naïve 🙂"


async def test_a_blocked_ending_is_told_in_the_finish(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    server.scripts.append(Script(finish_reason="content_filter"))
    assert (await ask(model))[1].reason is FinishReason.SAFETY


async def test_a_proxy_of_the_environment_is_not_used(
    monkeypatch: pytest.MonkeyPatch, model: OpenAIChatModel
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert (await ask(model))[0] == HELLO


async def test_embeddings_are_asked_for_in_batches(server: OpenAIServer) -> None:
    embedder = OpenAIEmbedder(server.base_url, "stand-in", 8, KEY, batch_size=2)
    assert len(await embedder.embed(["a", "b", "c", "d", "e"], EmbedTask.DOCUMENT)) == 5
    await embedder.aclose()
    assert [recorded.body["input"] for recorded in server.requests] == [
        ["a", "b"],
        ["c", "d"],
        ["e"],
    ]


@pytest.mark.parametrize(
    ("script", "code", "is_refusal"),
    [
        (Script(status=401), "embedder_rejected", True),
        (Script(status=429, retry_after="60"), "embedder_rate_limited", True),
        (Script(status=500), "embedder_unavailable", False),
    ],
)
async def test_a_failed_embedding_has_its_code(
    server: OpenAIServer, script: Script, code: str, is_refusal: bool
) -> None:
    server.default = script
    embedder = OpenAIEmbedder(server.base_url, "stand-in", 8, KEY, timeout_seconds=1)
    with pytest.raises(EmbedderUnavailable) as error:
        await embedder.embed(["text"], EmbedTask.QUERY)
    await embedder.aclose()
    assert (error.value.code, error.value.is_refusal) == (code, is_refusal)


@pytest.mark.parametrize(("status", "is_outage"), [(400, False), (401, True), (500, True)])
async def test_a_text_that_is_refused_is_no_outage_but_a_bad_key_is(
    server: OpenAIServer, status: int, is_outage: bool
) -> None:
    """A job that met the one will never succeed; one that met the other will, once it is mended."""
    server.default = Script(status=status)
    embedder = OpenAIEmbedder(server.base_url, "stand-in", 8, KEY, timeout_seconds=1)
    with pytest.raises(EmbedderUnavailable) as error:
        await embedder.embed(["text"], EmbedTask.DOCUMENT)
    await embedder.aclose()
    assert error.value.is_outage is is_outage


async def test_vectors_of_other_dimensions_are_refused(server: OpenAIServer) -> None:
    embedder = OpenAIEmbedder(server.base_url, "stand-in", 9, KEY)
    with pytest.raises(EmbedderUnavailable, match="another length"):
        await embedder.embed(["text"], EmbedTask.QUERY)
    await embedder.aclose()
