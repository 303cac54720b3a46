"""The Anthropic adapter against a strict stand-in server over loopback."""

import os
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from adapters._providers import retries
from adapters.anthropic.chat_model import AnthropicChatModel
from application.ports.chat_model import (
    ChatModel,
    ChatRequest,
    Deadlines,
    FinishReason,
    ModelRefused,
    ProviderTurn,
    Role,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
    Usage,
)
from application.testing.chat_capabilities import answer_of, weather_request, with_results
from application.testing.chat_model import ChatModelContract, Ending, Endings, chat_request
from standins.anthropic_server import AnthropicServer, Script

KEY = "sk-ant-standin-0123456789"  # pragma: allowlist secret
QUICK = Deadlines(connect=0.5, first_token=1.2, idle=0.3, total=4.0)
HELLO = "Hello from the stand-in."
HAIKU = "claude-haiku-5-5"
SONNET = "claude-sonnet-4-6"
OLDER = "claude-haiku-4-5"


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "_FIRST_PAUSE", 0.001)


@pytest.fixture
async def server() -> AsyncIterator[AnthropicServer]:
    async with AnthropicServer(api_keys=[KEY]) as server:
        yield server


@pytest.fixture
async def model(server: AnthropicServer) -> AsyncIterator[AnthropicChatModel]:
    model = AnthropicChatModel(KEY, server.base_url, deadlines=QUICK)
    yield model
    await model.aclose()


def asked(name: str = HAIKU) -> ChatRequest:
    return replace(chat_request(model=name), temperature=None)


class _AnthropicContract(ChatModelContract):
    name = HAIKU

    @pytest.fixture
    def chat_model(self, model: AnthropicChatModel) -> ChatModel:
        return model

    @pytest.fixture
    def request_to_answer(self) -> ChatRequest:
        return chat_request(model=self.name)

    @pytest.fixture
    def expected_answer(self) -> str:
        return HELLO


class TestHaiku55(_AnthropicContract):
    """Thinks by itself, and takes no temperature."""

    @pytest.fixture
    def open_requests(self, server: AnthropicServer) -> Callable[[], int]:
        return lambda: server.open_streams

    @pytest.fixture
    def endings(self, server: AnthropicServer) -> Endings:
        endings = {
            Ending.DOWN: Script(status=529),
            Ending.SILENT: Script(first_delay=3600),
            Ending.RATE_LIMITED: Script(status=429, retry_after="41"),
            Ending.QUOTA_EXCEEDED: Script(status=400, message="Your credit balance is too low"),
            Ending.REJECTED: Script(status=400),
            Ending.BLOCKED: Script(tokens=(), stop_reason="refusal"),
            Ending.EMPTY: Script(tokens=()),
            Ending.MALFORMED_CALL: Script(calls=[("get_weather", '{"city": ')]),
            Ending.CUT: Script(cut_after=2),
            Ending.STALLED: Script(stall_after=2),
            Ending.FAILED: Script(error_after=2),
            Ending.UNFINISHED: Script(ends=False),
            Ending.LENGTH: Script(stop_reason="max_tokens"),
            Ending.SAFETY: Script(stop_reason="refusal"),
        }
        return {ending: partial(_play, server, script) for ending, script in endings.items()}


class TestSonnet46(_AnthropicContract):
    """Thinks where it is asked to, and takes a temperature otherwise."""

    name = SONNET


class TestHaiku45(_AnthropicContract):
    """Thinks by a budget."""

    name = OLDER


def _play(server: AnthropicServer, script: Script) -> None:
    server.default = script


@pytest.mark.live
@pytest.mark.skipif(not os.environ.get("ANTHROPIC_API_KEY"), reason="ANTHROPIC_API_KEY is not set")
class TestLiveAnthropic(ChatModelContract):
    @pytest.fixture
    async def chat_model(self) -> AsyncIterator[ChatModel]:
        model = AnthropicChatModel(os.environ["ANTHROPIC_API_KEY"])
        yield model
        await model.aclose()

    @pytest.fixture
    def request_to_answer(self) -> ChatRequest:
        return chat_request(model=os.environ.get("ANTHROPIC_CHAT_MODEL", HAIKU))


async def test_the_prompt_is_sent_as_the_api_wants_it(
    server: AnthropicServer, model: AnthropicChatModel
) -> None:
    turns = [
        Turn(Role.SYSTEM, "Be brief."),
        Turn(Role.ASSISTANT, "Welcome!"),
        Turn(Role.USER, "Hello"),
        Turn(Role.USER, "Anyone?"),
        Turn(Role.ASSISTANT, ""),
        Turn(Role.SYSTEM, "Be kind."),
        Turn(Role.ASSISTANT, "Hello!"),
        Turn(Role.USER, "Bye"),
    ]
    request = replace(asked(SONNET), turns=turns, max_output_tokens=50, stop=["X"], temperature=1.5)
    await answer_of(model, request)
    [sent] = server.requests
    assert sent.path == "/v1/messages"
    assert (sent.headers["x-api-key"], sent.headers["anthropic-version"]) == (KEY, "2023-06-01")
    said = [
        (message["role"], *(block["text"] for block in message["content"]))
        for message in sent.body.pop("messages")
    ]
    assert said == [
        ("user", "(The beginning of this conversation is left out.)"),
        ("assistant", "Welcome!"),
        ("user", "Hello", "Anyone?"),
        ("assistant", "Hello!"),
        ("user", "Bye"),
    ]
    assert sent.body == {
        "model": "claude-sonnet-4-6",
        "max_tokens": 50,
        "system": "Be brief.\n\nBe kind.",
        "stop_sequences": ["X"],
        "temperature": 1.0,
        "stream": True,
    }


async def test_an_answer_may_have_the_tokens_of_the_settings_where_a_bot_does_not_say(
    server: AnthropicServer,
) -> None:
    model = AnthropicChatModel(KEY, f"{server.base_url}/v1/", max_tokens=3)
    text, finish = await answer_of(model, asked())
    await model.aclose()
    assert (text, finish.reason) == ("Hello from the", FinishReason.LENGTH)


async def test_the_usage_counts_cached_tokens_and_thoughts(
    server: AnthropicServer, model: AnthropicChatModel
) -> None:
    server.scripts.append(Script(usage={"output_tokens": 30, "cache_read_input_tokens": 100}))
    _, finish = await answer_of(model, asked())
    assert finish.usage == Usage(105, 30)


@pytest.mark.parametrize(
    ("name", "thinking", "sent"),
    [
        (HAIKU, Thinking.MINIMAL, ({"type": "adaptive"}, "low", 8_192)),
        (SONNET, Thinking.HIGH, ({"type": "adaptive"}, "high", 8_192)),
        (OLDER, Thinking.MINIMAL, (None, None, 8_192)),
        (OLDER, Thinking.LOW, ({"type": "enabled", "budget_tokens": 2_048}, None, 10_240)),
        (f"{OLDER}-20251001", Thinking.MEDIUM, ({"type": "enabled", "budget_tokens": 8_192}, None, 16_384)),
    ],
)  # fmt: skip
async def test_thinking_is_an_effort_or_a_budget(
    server: AnthropicServer,
    model: AnthropicChatModel,
    name: str,
    thinking: Thinking,
    sent: tuple[dict[str, Any] | None, str | None, int],
) -> None:
    request = replace(asked(name), thinking=thinking, temperature=0.5)
    text, _ = await answer_of(model, request)
    assert text == HELLO
    [recorded] = server.requests
    body = recorded.body
    effort = body.get("output_config", {}).get("effort")
    assert (body.get("thinking"), effort, body["max_tokens"]) == sent
    assert ("temperature" in body) == (sent[0] is None)  # it goes with no thinking


async def test_thoughts_and_calls_come_back_as_they_were(
    server: AnthropicServer, model: AnthropicChatModel
) -> None:
    calls = [("get_weather", '{"city": "Rome", "days": [1, 2]}'), ("get_weather", "{}")]
    server.scripts.append(Script(calls=calls, thoughts=["Hm", "."], redacted=True))
    request = weather_request(asked())
    text, finish = await answer_of(model, request)
    assert (text, finish.reason) == ("", FinishReason.TOOL_CALLS)
    assert [(call.id, call.arguments) for call in finish.calls] == [
        ("toolu_0", {"city": "Rome", "days": [1, 2]}),
        ("toolu_1", {}),
    ]
    await answer_of(model, with_results(request, finish, finish.own, "off", is_error=True))
    _, said, results = server.requests[1].body["messages"]
    assert [block["type"] for block in said["content"]] == [
        "thinking", "redacted_thinking", "tool_use", "tool_use",
    ]  # fmt: skip
    assert said["content"][0]["thinking"] == "Hm."
    assert results["content"] == [
        {"type": "tool_result", "tool_use_id": f"toolu_{n}", "content": "off", "is_error": True}
        for n in range(2)
    ]


async def test_thoughts_that_the_service_does_not_know_again_are_left_out(
    server: AnthropicServer, model: AnthropicChatModel
) -> None:
    request = weather_request(asked())
    _, finish = await answer_of(model, request)
    assert finish.own
    thought = {"type": "thinking", "thinking": "x", "signature": "of another account"}
    changed = {"model": "claude-haiku-5-5", "content": [thought, finish.own.content["content"][1]]}
    again = with_results(request, finish, ProviderTurn("anthropic", changed))
    text, _ = await answer_of(model, again)
    assert "21.5" in text
    await answer_of(model, with_results(request, finish, finish.own))
    assert server.requests[-1].body["messages"][1]["content"][0]["type"] == "thinking"


async def test_calls_go_on_after_a_change_of_model(
    server: AnthropicServer, model: AnthropicChatModel
) -> None:
    request = weather_request(replace(asked(), thinking=Thinking.LOW))
    _, finish = await answer_of(model, request)
    again = replace(with_results(request, finish, finish.own), model=OLDER)
    text, _ = await answer_of(model, again)
    assert "21.5" in text
    assert "thinking" not in server.requests[1].body  # such a model wants the thoughts of its calls


async def test_ids_of_other_providers_are_written_as_the_api_wants_them(
    server: AnthropicServer, model: AnthropicChatModel
) -> None:
    call = ToolCall("functions.get:0", "get_weather", {})
    turns = [
        *asked().turns,
        Turn(Role.ASSISTANT, "Let me see.", [call]),
        Turn(Role.TOOL, results=[ToolResult(call.id, call.name, "21.5")]),
    ]
    await answer_of(model, replace(weather_request(asked()), turns=turns))
    said, result = server.requests[0].body["messages"][1:]
    assert [block["type"] for block in said["content"]] == ["text", "tool_use"]
    assert said["content"][1]["id"] == result["content"][0]["tool_use_id"] == "functions_get_0"


async def test_a_text_without_thoughts_needs_no_form_of_its_own(
    server: AnthropicServer, model: AnthropicChatModel
) -> None:
    _, finish = await answer_of(model, asked(SONNET))
    assert finish.own is None


async def test_a_tool_goes_out_as_its_json_schema(
    server: AnthropicServer, model: AnthropicChatModel
) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}
    await answer_of(model, replace(asked(), tools=[Tool("roll", "Rolls dice.", schema)]))
    declared = {"name": "roll", "description": "Rolls dice.", "input_schema": schema}
    assert server.requests[0].body["tools"] == [declared]


async def test_a_schema_is_closed_and_what_the_service_does_not_know_is_told(
    server: AnthropicServer, model: AnthropicChatModel
) -> None:
    number = {"type": "integer", "minimum": 1, "description": "Hour."}
    schema = {
        "type": "object",
        "properties": {"n": number, "all": {"type": "array", "items": number}},
    }
    await answer_of(model, replace(asked(), schema=schema))
    told = {"type": "integer", "description": "Hour. (minimum: 1)"}
    assert server.requests[0].body["output_config"]["format"]["schema"] == {
        "type": "object",
        "properties": {"n": told, "all": {"type": "array", "items": told}},
        "additionalProperties": False,
    }


async def test_a_schema_of_open_objects_is_refused(model: AnthropicChatModel) -> None:
    with pytest.raises(ModelRefused, match="additionalProperties") as refused:
        await answer_of(model, replace(asked(), schema={"type": "object"}))
    assert refused.value.code == "model_rejected"


async def test_a_temperature_that_a_model_refuses_is_left_out_from_then_on(
    server: AnthropicServer, model: AnthropicChatModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.anthropic._payload.takes_temperature", lambda _: True)
    request = replace(asked(), temperature=0.2)
    for _ in range(2):
        assert (await answer_of(model, request))[0] == HELLO
    assert ["temperature" in sent.body for sent in server.requests] == [True, False, False]
