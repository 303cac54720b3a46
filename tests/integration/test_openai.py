"""The OpenAI chat model against a strict stand-in server over loopback."""

import json
import os
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from adapters._providers import retries
from adapters.openai.chat_model import OpenAIChatModel
from adapters.openai.plugin import OPENAI_URL
from application.ports.chat_model import (
    ChatModel,
    ChatRequest,
    Deadlines,
    Delta,
    Finish,
    FinishReason,
    ModelRefused,
    Role,
    Thinking,
    Tool,
    ToolResult,
    Turn,
    Usage,
)
from application.testing.chat_capabilities import weather_request, with_results
from application.testing.chat_model import ChatModelContract, Ending, Endings, chat_request
from standins.openai_server import OpenAIServer, Script

KEY = "sk-standin-0123456789"
QUICK = Deadlines(connect=0.5, first_token=0.5, idle=0.3, total=2.0)
MODELS = ("stand-in", "gpt-5-mini", "gpt-5.1")
PATIENT = Deadlines(connect=0.5, first_token=1.2, idle=0.3, total=4.0)
HELLO = "Hello from the stand-in."


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(api_key=KEY, models=MODELS) as server:
        yield server


@pytest.fixture
async def model(server: OpenAIServer) -> AsyncIterator[OpenAIChatModel]:
    model = OpenAIChatModel(server.base_url, KEY, deadlines=QUICK, max_stream_bytes=100_000)
    yield model
    await model.aclose()


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "_FIRST_PAUSE", 0.001)


class _OpenAIContract(ChatModelContract):
    name = "stand-in"
    known = Script()
    expected: str | None = HELLO

    @pytest.fixture
    async def chat_model(self, server: OpenAIServer) -> AsyncIterator[ChatModel]:
        server.default = self.known
        model = OpenAIChatModel(server.base_url, KEY, deadlines=PATIENT)
        yield model
        await model.aclose()

    @pytest.fixture
    def request_to_answer(self) -> ChatRequest:
        return chat_request(model=self.name)

    @pytest.fixture
    def expected_answer(self) -> str | None:
        return self.expected


def _play(server: OpenAIServer, script: Script) -> None:
    server.default = script


class TestOpenAIChatModel(_OpenAIContract):
    @pytest.fixture
    def open_requests(self, server: OpenAIServer) -> Callable[[], int]:
        return lambda: server.open_streams

    @pytest.fixture
    def endings(self, server: OpenAIServer) -> Endings:
        endings = {
            Ending.DOWN: Script(status=503),
            Ending.SILENT: Script(first_delay=3600),
            Ending.RATE_LIMITED: Script(status=429, retry_after="41"),
            Ending.QUOTA_EXCEEDED: Script(status=429, code="insufficient_quota"),
            Ending.REJECTED: Script(status=400),
            Ending.BLOCKED: Script(status=400, code="content_filter"),
            Ending.EMPTY: Script(tokens=()),
            Ending.MALFORMED_CALL: Script(calls=[("get_weather", '{"city": ')]),
            Ending.CUT: Script(cut_after=2),
            Ending.STALLED: Script(stall_after=2),
            Ending.FAILED: Script(error_after=2),
            Ending.UNFINISHED: Script(finish_reason=None),
            Ending.LENGTH: Script(finish_reason="length"),
            Ending.SAFETY: Script(finish_reason="content_filter"),
        }
        return {ending: partial(_play, server, script) for ending, script in endings.items()}


class TestReasoningModel(_OpenAIContract):
    """No temperature, no stop, and tokens under their newer name."""

    name = "gpt-5-mini"


class TestModestServer(_OpenAIContract):
    """JSON, but no schemas; no levels of thinking, no usage, no stop."""

    known = Script(
        refuse_fields=frozenset({"json_schema", "reasoning_effort", "stream_options", "stop"})
    )


@pytest.mark.live
@pytest.mark.skipif(not os.environ.get("OPENAI_API_KEY"), reason="OPENAI_API_KEY is not set")
class TestLiveOpenAI(ChatModelContract):
    @pytest.fixture
    async def chat_model(self) -> AsyncIterator[ChatModel]:
        base_url = os.environ.get("OPENAI_BASE_URL", OPENAI_URL)
        model = OpenAIChatModel(base_url, os.environ["OPENAI_API_KEY"])
        yield model
        await model.aclose()

    @pytest.fixture
    def request_to_answer(self) -> ChatRequest:
        return chat_request(model=os.environ.get("OPENAI_CHAT_MODEL", "gpt-5-mini"))


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
    await ask(model, ChatRequest("stand-in", turns, "Ça va ?", (), 0.2, 50))
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


async def test_a_temperature_beyond_what_all_models_take_costs_others_nothing(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    request = ChatRequest("stand-in", [Turn(Role.USER, "hi")], "hi", temperature=1.5)
    server.scripts.append(Script(refuse_fields=frozenset({"temperature"})))
    await ask(model, request)
    await ask(model, replace(request, temperature=0.2))
    sent = [recorded.body.get("temperature") for recorded in server.requests]
    assert sent == [1.5, None, 0.2]


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


async def test_calls_in_pieces_are_put_together_and_their_results_sent_back(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    calls = [("get_weather", '{"city": "Rome", "days": [1, 2]}'), ("get_weather", "")]
    server.scripts.append(Script(calls=calls))
    request = weather_request(chat_request())
    text, finish = await ask(model, request)
    assert (text, finish.reason) == ("", FinishReason.TOOL_CALLS)
    assert [(call.id, call.name, call.arguments) for call in finish.calls] == [
        ("call_0", "get_weather", {"city": "Rome", "days": [1, 2]}),
        ("call_1", "get_weather", {}),
    ]
    await ask(model, with_results(request, finish, None, "off", is_error=True))
    said, *results = server.requests[1].body["messages"][-3:]
    assert said["content"] is None
    assert json.loads(said["tool_calls"][0]["function"]["arguments"])["city"] == "Rome"
    assert results == [
        {"role": "tool", "tool_call_id": f"call_{number}", "content": '{"error":"off"}'}
        for number in range(2)
    ]


async def test_a_tool_goes_out_as_its_json_schema(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer", "minimum": 1}}}
    await ask(model, replace(chat_request(), tools=[Tool("roll", "Rolls dice.", schema)]))
    function = {"name": "roll", "description": "Rolls dice.", "parameters": schema}
    assert server.requests[0].body["tools"] == [{"type": "function", "function": function}]


async def test_a_server_without_tools_refuses_them(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    server.default = Script(refuse_fields=frozenset({"tools"}))
    with pytest.raises(ModelRefused) as refused:
        await ask(model, weather_request(chat_request()))
    assert refused.value.code == "model_rejected"
    assert all("tools" in sent.body for sent in server.requests)
    server.default = Script(refuse_fields=frozenset({"n"}))
    await ask(model)
    assert "stream_options" in server.requests[-1].body  # it was not about them


_CLOSED = {
    "type": "object",
    "properties": {"opens_at": {"type": "integer"}},
    "required": ["opens_at"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (_CLOSED, True),
        ({**_CLOSED, "required": []}, False),
        ({**_CLOSED, "additionalProperties": True}, False),
        ({**_CLOSED, "minProperties": 1}, False),
    ],
)
async def test_a_schema_is_strict_where_it_can_be(
    model: OpenAIChatModel, server: OpenAIServer, schema: dict[str, Any], strict: bool
) -> None:
    text, _ = await ask(model, replace(chat_request(), schema=schema))
    assert json.loads(text) == {"opens_at": 9}
    [sent] = server.requests
    asked = sent.body["response_format"]["json_schema"]
    assert (asked["strict"], asked["schema"]) == (strict, schema)


async def test_a_server_without_schemas_is_told_in_words_from_then_on(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    server.default = Script(refuse_fields=frozenset({"json_schema"}))
    for _ in range(2):
        text, _ = await ask(model, replace(chat_request(), schema=_CLOSED))
        assert json.loads(text) == {"opens_at": 9}
    *_, last = server.requests
    assert last.body["response_format"] == {"type": "json_object"}
    assert "opens_at" in last.body["messages"][0]["content"]
    assert [sent.body["response_format"]["type"] for sent in server.requests] == [
        "json_schema", "json_schema", "json_object", "json_object",
    ]  # fmt: skip


async def test_a_server_that_knows_no_json_at_all_refuses(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    server.default = Script(refuse_fields=frozenset({"response_format"}))
    with pytest.raises(ModelRefused) as refused:
        await ask(model, replace(chat_request(), schema=_CLOSED))
    assert refused.value.code == "model_rejected"


@pytest.mark.parametrize("answer", ["At nine.", "[9]", '{"opens_at": '])
async def test_an_answer_that_is_other_than_the_json_asked_for_is_malformed(
    model: OpenAIChatModel, server: OpenAIServer, answer: str
) -> None:
    server.default = Script(tokens=[answer])
    with pytest.raises(ModelRefused) as refused:
        await ask(model, replace(chat_request(), schema=_CLOSED))
    assert refused.value.code == "model_malformed"


async def test_a_stop_that_the_server_refuses_is_kept_here(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    server.default = Script(
        tokens=["one, tw", "o, STO", "RY, ST", "OP, three"], refuse_fields=frozenset({"stop"})
    )
    text, finish = await ask(model, replace(chat_request(), stop=["STOP"]))
    assert (text, finish.reason) == ("one, two, STORY, ", FinishReason.STOP)


async def test_the_least_level_of_thinking_is_the_least_the_model_has(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    request = replace(chat_request(model="gpt-5.1"), thinking=Thinking.MINIMAL, temperature=None)
    await ask(model, request)
    await ask(model, request)
    asked = [sent.body["reasoning_effort"] for sent in server.requests]
    assert asked == ["minimal", "low", "low"]


async def test_what_is_not_asked_for_is_not_sent(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    await ask(model, replace(chat_request(), temperature=None))
    assert server.requests[0].body.keys() == {"model", "messages", "stream", "stream_options"}


async def test_each_result_is_a_message_of_its_own(
    model: OpenAIChatModel, server: OpenAIServer
) -> None:
    server.scripts.append(Script(calls=[("a", "{}"), ("b", "{}")]))
    tools = [Tool(name, "", {"type": "object"}) for name in "ab"]
    request = replace(chat_request(), tools=tools)
    _, finish = await ask(model, request)
    results = [ToolResult(call.id, call.name, f"of {call.name}") for call in finish.calls]
    turns = [
        *request.turns,
        Turn(Role.ASSISTANT, "Let me see.", finish.calls),
        Turn(Role.TOOL, results=results),
    ]
    await ask(model, replace(request, turns=turns))
    said, *told = server.requests[1].body["messages"][-3:]
    assert said["content"] == "Let me see."
    assert [message["content"] for message in told] == ["of a", "of b"]


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
