"""The Gemini chat model, by its real SDK, against a strict stand-in server over loopback."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from dataclasses import replace

import pytest

from adapters.gemini._errors import ApiKey
from adapters.gemini._turns import config_of
from adapters.gemini.chat_model import GeminiChatModel
from adapters.gemini.client import GeminiClients
from application.ports.chat_model import (
    ChatModel,
    ChatRequest,
    Deadlines,
    Delta,
    Finish,
    FinishReason,
    Role,
    Thinking,
    Tool,
    ToolResult,
    Turn,
    Usage,
)
from application.testing.chat_capabilities import answer_of, weather_request, with_results
from application.testing.chat_model import ChatModelContract, Ending, Endings, chat_request
from standins.gemini_server import GeminiServer, Script

KEY = "AIza-standin-0123456789"
OTHERS_KEY = "AIza-of-another-9876543210"
QUICK = Deadlines(first_token=1.5, idle=0.3, total=5.0)
FLASH = "gemini-3.5-flash-lite"
COUNTED = "one two three four five six seven eight nine ten."
WORDS = ("Some", " words", ".")


@pytest.fixture(scope="module")
async def clients() -> AsyncIterator[GeminiClients]:
    clients = GeminiClients(connect_timeout=0.5)
    yield clients
    await clients.aclose()


@pytest.fixture
async def server() -> AsyncIterator[GeminiServer]:
    async with GeminiServer(api_keys=[KEY, OTHERS_KEY]) as server:
        yield server


@pytest.fixture
async def model(server: GeminiServer, clients: GeminiClients) -> GeminiChatModel:
    await clients.get(server.base_url, float("inf"))  # what it takes to build is no matter here
    return GeminiChatModel(KEY, server.base_url, deadlines=QUICK, clients=clients)


def asked(name: str = FLASH) -> ChatRequest:
    return chat_request(model=name)


class _GeminiContract(ChatModelContract):
    name = FLASH

    @pytest.fixture
    def chat_model(self, model: GeminiChatModel) -> ChatModel:
        return model

    @pytest.fixture
    def request_to_answer(self) -> ChatRequest:
        return asked(self.name)

    @pytest.fixture
    def expected_answer(self) -> str:
        return COUNTED

    @pytest.fixture
    def open_requests(self, server: GeminiServer) -> Callable[[], int]:
        return lambda: server.open_streams

    @pytest.fixture
    def endings(self, server: GeminiServer) -> Endings:
        def script(ending: Script) -> None:
            server.default = ending

        endings = {
            Ending.DOWN: Script(status=503),
            Ending.SILENT: Script(first_delay=3600),
            Ending.RATE_LIMITED: Script(status=429, quota="PerMinute", retry_delay="41.3s"),
            Ending.QUOTA_EXCEEDED: Script(status=429, quota="PerDay", retry_delay="0.1s"),
            Ending.REJECTED: Script(status=400),
            Ending.BLOCKED: Script(block_reason="PROHIBITED_CONTENT"),
            Ending.EMPTY: Script(tokens=()),
            Ending.MALFORMED_CALL: Script(tokens=(), finish_reason="MALFORMED_FUNCTION_CALL"),
            Ending.CUT: Script(tokens=WORDS, cut_after=2),
            Ending.STALLED: Script(tokens=WORDS, stall_after=2),
            Ending.FAILED: Script(tokens=WORDS, error_after=2),
            Ending.UNFINISHED: Script(tokens=WORDS, finish_reason=None),
            Ending.LENGTH: Script(tokens=WORDS, finish_reason="MAX_TOKENS"),
            Ending.SAFETY: Script(tokens=WORDS, finish_reason="SAFETY"),
        }
        return {ending: lambda it=it: script(it) for ending, it in endings.items()}  # type: ignore[misc]


class TestGemini35FlashLite(_GeminiContract):
    pass


class TestGemini31Pro(_GeminiContract):
    name = "gemini-3.1-pro-preview"


class TestGemini25Flash(_GeminiContract):
    """No levels of thinking, no signatures and no ids of calls."""

    name = "gemini-2.5-flash"


@pytest.mark.live
@pytest.mark.skipif(not os.environ.get("GEMINI_API_KEY"), reason="GEMINI_API_KEY is not set")
class TestLiveGemini(ChatModelContract):
    @pytest.fixture
    async def chat_model(self) -> AsyncIterator[ChatModel]:
        model = GeminiChatModel(os.environ["GEMINI_API_KEY"])
        yield model
        await model.aclose()

    @pytest.fixture
    def request_to_answer(self) -> ChatRequest:
        return asked(os.environ.get("GEMINI_CHAT_MODEL", FLASH))


async def test_the_prompt_is_sent_as_gemini_wants_it(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    turns = [
        Turn(Role.SYSTEM, "Be brief."),
        Turn(Role.USER, "Hello"),
        Turn(Role.ASSISTANT, "Hello!"),
        Turn(Role.SYSTEM, "Be kind."),
        Turn(Role.ASSISTANT, ""),
        Turn(Role.USER, "Bye"),
    ]
    request = replace(asked(), turns=turns, max_output_tokens=50, stop=["X"], temperature=0.2)
    await answer_of(model, request)
    [sent] = server.requests
    assert sent.path == "/v1beta/models/gemini-3.5-flash-lite:streamGenerateContent"
    assert sent.body["systemInstruction"]["parts"] == [{"text": "Be brief.\n\nBe kind."}]
    assert [(c["role"], c["parts"][0]["text"]) for c in sent.body["contents"]] == [
        ("user", "Hello"), ("model", "Hello!"), ("user", "Bye"),
    ]  # fmt: skip
    assert sent.body["generationConfig"] == {
        "temperature": 0.2, "maxOutputTokens": 50, "stopSequences": ["X"],
    }  # fmt: skip


async def test_what_is_not_asked_for_is_not_sent(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    await answer_of(model, replace(asked(), temperature=None))
    [sent] = server.requests
    assert set(sent.body) <= {"contents", "systemInstruction", "generationConfig"}
    assert not sent.body.get("generationConfig")


async def test_thoughts_are_no_text_but_count_as_completion(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    server.default = Script(tokens=WORDS, thoughts=["Let me", " think"])
    text, finish = await answer_of(model, asked())
    assert text == "Some words."
    assert finish.usage == Usage(7, 3 + 22)


async def test_a_usage_that_is_not_sent_is_estimated(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    event = b'data: {"candidates": [{"content": {"parts": [{"text": "abcdefgh"}]}, "finishReason": "STOP"}]}'
    server.default = Script(raw=[event])  # nor does an empty line end it
    _, finish = await answer_of(model, asked())
    assert finish.usage.completion_tokens == 3
    assert finish.usage.prompt_tokens > 20


@pytest.mark.parametrize(
    ("name", "thinking", "sent"),
    [
        ("gemini-3.5-flash-lite", Thinking.MINIMAL, {"thinkingLevel": "MINIMAL"}),
        ("gemini-3.1-pro-preview", Thinking.MINIMAL, {"thinkingLevel": "LOW"}),
        ("gemini-3.1-pro-preview", Thinking.MEDIUM, {"thinkingLevel": "MEDIUM"}),
        ("gemini-2.5-flash", Thinking.MINIMAL, {"thinkingBudget": 0}),
        ("gemini-2.5-pro", Thinking.MINIMAL, {"thinkingBudget": 128}),
        ("gemini-2.5-flash", Thinking.HIGH, {"thinkingBudget": 24576}),
    ],
)
async def test_thinking_is_a_level_from_3_on_and_a_budget_before(
    server: GeminiServer,
    model: GeminiChatModel,
    name: str,
    thinking: Thinking,
    sent: dict[str, object],
) -> None:
    await answer_of(model, replace(asked(name), thinking=thinking))
    assert server.requests[0].body["generationConfig"]["thinkingConfig"] == sent


async def test_signatures_and_ids_of_calls_come_back_as_they_were(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    server.scripts.append(Script(calls=[("get_weather", {"city": "Rome"}), ("get_weather", {})]))
    request = weather_request(asked())
    _, finish = await answer_of(model, request)
    assert [(call.id, call.arguments) for call in finish.calls] == [
        ("fc-0", {"city": "Rome"}), ("fc-1", {}),
    ]  # fmt: skip
    await answer_of(model, with_results(request, finish, finish.own))
    _, calls, results = server.requests[1].body["contents"]
    assert [part["functionCall"]["id"] for part in calls["parts"]] == ["fc-0", "fc-1"]
    assert "thoughtSignature" in calls["parts"][0]
    assert "thoughtSignature" not in calls["parts"][1]
    assert results["role"] == "user"
    assert [part["functionResponse"]["id"] for part in results["parts"]] == ["fc-0", "fc-1"]
    assert results["parts"][0]["functionResponse"]["response"] == {"output": "It is 21.5 degrees."}


async def test_calls_go_on_after_a_change_of_model(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    request = weather_request(asked("gemini-2.5-flash"))
    _, finish = await answer_of(model, request)
    again = replace(with_results(request, finish, finish.own), model=FLASH)
    text, _ = await answer_of(model, again)  # the stand-in refuses another model's signature
    assert "21.5" in text


async def test_a_result_of_a_call_without_an_id_bears_none(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    request = weather_request(asked("gemini-2.5-flash"))
    _, finish = await answer_of(model, request)
    await answer_of(model, with_results(request, finish, finish.own))
    _, call, result = server.requests[1].body["contents"]
    assert "id" not in call["parts"][0]["functionCall"]
    assert "id" not in result["parts"][0]["functionResponse"]


async def test_the_signature_of_a_text_is_kept_apart_from_it(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    server.scripts.append(Script(tokens=WORDS, signed=True))
    text, finish = await answer_of(model, asked())
    assert text == "Some words."
    assert finish.own
    turns = [*asked().turns, Turn(Role.ASSISTANT, text, own=finish.own), Turn(Role.USER, "And?")]
    await answer_of(model, replace(asked(), turns=turns))
    said = server.requests[1].body["contents"][1]["parts"]
    assert said[0] == {"text": "Some words."}
    assert said[1].keys() == {"text", "thoughtSignature"}


async def test_fields_that_nobody_knows_yet_do_not_come_back(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    part = (
        '{"functionCall": {"name": "get_weather", "id": "1", "new": 1},'
        ' "thoughtSignature": "eA==", "newer": 2}'
    )
    event = (
        '{"candidates": [{"content": {"parts": [' + part + ']}, "finishReason": "STOP"}], "x": 1}'
    )
    server.scripts.append(Script(raw=[b"data: " + event.encode() + b"\n\n"]))
    request = weather_request(asked())
    _, finish = await answer_of(model, request)
    assert finish.own
    assert finish.own.content["parts"] == [
        {"functionCall": {"name": "get_weather", "args": {}, "id": "1"}, "thoughtSignature": "eA=="}
    ]


async def test_a_text_without_signature_needs_no_form_of_its_own(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    _, finish = await answer_of(model, asked())
    assert finish.own is None


async def test_a_result_that_is_an_error_is_told_as_one(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    request = weather_request(asked())
    _, finish = await answer_of(model, request)
    [call] = finish.calls
    said = Turn(Role.ASSISTANT, calls=finish.calls, own=finish.own)
    result = Turn(Role.TOOL, results=[ToolResult(call.id, call.name, "off", is_error=True)])
    await answer_of(model, replace(request, turns=[*request.turns, said, result]))
    part = server.requests[1].body["contents"][2]["parts"][0]
    assert part["functionResponse"]["response"] == {"error": "off"}


async def test_functions_are_never_called_for_us(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    request = weather_request(asked())
    _, finish = await answer_of(model, request)
    assert finish.reason is FinishReason.TOOL_CALLS
    assert len(server.requests) == 1
    automatic = config_of(request, "gemini-3.5-flash-lite", ApiKey(KEY)).automatic_function_calling
    assert automatic
    assert automatic.disable


async def test_a_tool_goes_out_as_its_json_schema(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}
    await answer_of(model, replace(asked(), tools=[Tool("roll", "Rolls dice.", schema)]))
    declared = {"name": "roll", "description": "Rolls dice.", "parametersJsonSchema": schema}
    assert server.requests[0].body["tools"] == [{"functionDeclarations": [declared]}]


async def test_a_stream_that_is_closed_ends_on_the_wire(
    server: GeminiServer, model: GeminiChatModel
) -> None:
    server.default = Script(tokens=WORDS * 50, delay=0.01)
    hooks = sys.get_asyncgen_hooks()
    sys.set_asyncgen_hooks(finalizer=lambda _: None)  # what is only collected stays open
    try:
        async with aclosing(model.stream(asked())) as stream:
            assert await anext(stream) == Delta("Some")
            assert server.open_streams == 1
        async with asyncio.timeout(0.4):  # by itself it would take longer
            await server.until_open(0)
    finally:
        sys.set_asyncgen_hooks(*hooks)


async def test_keys_share_connections_and_stay_apart(
    server: GeminiServer, clients: GeminiClients
) -> None:
    for key in (KEY, OTHERS_KEY, KEY):
        model = GeminiChatModel(key, server.base_url, clients=clients)
        await answer_of(model, asked())
        await model.aclose()
    assert [sent.headers["x-goog-api-key"] for sent in server.requests] == [KEY, OTHERS_KEY, KEY]
    assert len(server.connections) == 1


async def test_one_client_is_built_for_all_who_ask_at_once(clients: GeminiClients) -> None:
    built = [clients.get("http://127.0.0.1:9", float("inf")) for _ in range(5)]
    assert len({id(client) for client in await asyncio.gather(*built)}) == 1


async def test_the_transport_is_httpx2_although_aiohttp_is_installed(
    server: GeminiServer, model: GeminiChatModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    import aiohttp
    import google.genai._api_client as sdk

    assert sdk.has_aiohttp
    opened: list[object] = []
    monkeypatch.setattr(aiohttp.ClientSession, "__init__", lambda *a, **k: opened.append(a))
    text, finish = await answer_of(model, asked())
    assert (text, finish.reason) == (COUNTED, FinishReason.STOP)
    assert not opened
    assert isinstance(finish, Finish)


async def test_the_environment_does_not_reach_the_sdk(
    server: GeminiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_API_KEY", OTHERS_KEY)
    monkeypatch.setenv("GOOGLE_GENAI_USE_VERTEXAI", "true")
    monkeypatch.setenv("GOOGLE_GENAI_API_VERSION", "v1")
    monkeypatch.setenv("GOOGLE_GEMINI_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    model = GeminiChatModel(KEY, server.base_url)
    text, _ = await answer_of(model, asked())
    await model.aclose()
    assert text == COUNTED
    assert server.requests[0].headers["x-goog-api-key"] == KEY
