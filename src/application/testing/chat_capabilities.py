"""Contract of a ChatModel's declared capabilities; a part of ChatModelContract."""

import json
from collections.abc import Mapping
from dataclasses import replace

import pytest

from application.ports.chat_model import (
    ChatCapability,
    ChatModel,
    ChatRequest,
    Delta,
    Finish,
    FinishReason,
    ModelRefused,
    ProviderTurn,
    Role,
    Thinking,
    Tool,
    ToolResult,
    Turn,
)
from application.testing.contract import Contract

_COUNT = "Count from one to ten in English words, in lower case, with a space between them."
_WEATHER = Tool(
    "get_weather",
    "Tells the temperature in a city at the moment, in degrees Celsius.",
    {
        "type": "object",
        "properties": {"city": {"type": "string", "description": "Name of the city."}},
        "required": ["city"],
    },
)
_HOURS = {
    "type": "object",
    "properties": {"place": {"type": "string"}, "opens_at": {"type": "integer"}},
    "required": ["place", "opens_at"],
}
_BEYOND: Mapping[ChatCapability, Mapping[str, object]] = {
    ChatCapability.TOOLS: {"tools": [_WEATHER]},
    ChatCapability.SCHEMA: {"schema": _HOURS},
    ChatCapability.THINKING: {"thinking": Thinking.LOW},
    ChatCapability.STOP: {"stop": ["five"]},
}


async def answer_of(model: ChatModel, request: ChatRequest) -> tuple[str, Finish]:
    """Return the whole answer and how it ended."""
    items = [item async for item in model.stream(request)]
    finish = items[-1]
    assert isinstance(finish, Finish)
    return "".join(item.text for item in items if isinstance(item, Delta)), finish


def only_with(model: ChatModel, capability: ChatCapability) -> None:
    """Skip the test where the model does not declare the capability."""
    if capability not in model.capabilities:
        pytest.skip(f"{model!r} does not declare {capability}")


class ChatCapabilityContract(Contract):
    """What is tested beyond text: each test asks what the model declares, and is skipped or held."""

    @pytest.fixture
    def chat_model(self) -> ChatModel:
        """Return the model under test, in working order."""
        raise NotImplementedError

    @pytest.fixture
    def request_to_answer(self) -> ChatRequest:
        """Return a request that the model can answer."""
        raise NotImplementedError

    @pytest.fixture
    def request_to_count(self, request_to_answer: ChatRequest) -> ChatRequest:
        """Return a request whose answer is `one two three` and so on, without passages."""
        turns = [Turn(Role.USER, _COUNT)]
        return replace(request_to_answer, turns=turns, question=_COUNT, passages=())

    async def test_an_answer_without_tools_holds_no_calls(
        self, chat_model: ChatModel, request_to_answer: ChatRequest
    ) -> None:
        _, finish = await answer_of(chat_model, request_to_answer)
        assert not finish.calls
        assert finish.reason is not FinishReason.TOOL_CALLS

    @pytest.mark.parametrize("own_form", ["own", "none", "of another"])
    async def test_a_tool_is_called_and_its_result_answered_from(
        self, chat_model: ChatModel, request_to_answer: ChatRequest, own_form: str
    ) -> None:
        only_with(chat_model, ChatCapability.TOOLS)
        request = weather_request(request_to_answer)
        _, finish = await answer_of(chat_model, request)
        assert finish.reason is FinishReason.TOOL_CALLS
        assert finish.calls
        for call in finish.calls:
            assert call.id
            assert call.name == _WEATHER.name
            assert isinstance(call.arguments["city"], str)
        assert len({call.id for call in finish.calls}) == len(finish.calls)
        owns = {"own": finish.own, "none": None, "of another": ProviderTurn("nobody", {"x": [1]})}
        text, last = await answer_of(chat_model, with_results(request, finish, owns[own_form]))
        assert "21.5" in text
        assert last.reason is FinishReason.STOP

    async def test_a_tool_that_failed_can_be_told(
        self, chat_model: ChatModel, request_to_answer: ChatRequest
    ) -> None:
        only_with(chat_model, ChatCapability.TOOLS)
        request = weather_request(request_to_answer)
        _, finish = await answer_of(chat_model, request)
        items = [
            item
            async for item in chat_model.stream(
                with_results(request, finish, finish.own, "The weather station is off.", True)
            )
        ]
        assert isinstance(items[-1], Finish)

    async def test_a_turn_in_its_own_form_can_be_stored_as_json(
        self, chat_model: ChatModel, request_to_answer: ChatRequest
    ) -> None:
        only_with(chat_model, ChatCapability.PROVIDER_TURN)
        request = weather_request(request_to_answer)
        _, finish = await answer_of(chat_model, request)
        assert finish.own
        stored = json.loads(json.dumps(finish.own.content))
        assert stored == finish.own.content
        own = ProviderTurn(finish.own.provider, stored)
        text, _ = await answer_of(chat_model, with_results(request, finish, own))
        assert text.strip()

    async def test_an_answer_with_a_schema_is_json_that_fits(
        self, chat_model: ChatModel, request_to_answer: ChatRequest
    ) -> None:
        only_with(chat_model, ChatCapability.SCHEMA)
        text, _ = await answer_of(chat_model, replace(request_to_answer, schema=_HOURS))
        value = json.loads(text)
        assert isinstance(value["place"], str)
        assert isinstance(value["opens_at"], int)

    async def test_an_answer_ends_before_a_stop_sequence(
        self, chat_model: ChatModel, request_to_count: ChatRequest
    ) -> None:
        only_with(chat_model, ChatCapability.STOP)
        text, finish = await answer_of(chat_model, replace(request_to_count, stop=["five"]))
        assert "four" in text
        assert "five" not in text
        assert "six" not in text
        assert finish.reason is FinishReason.STOP

    @pytest.mark.parametrize("level", list(Thinking))
    async def test_each_level_of_thinking_is_answered_at(
        self, chat_model: ChatModel, request_to_answer: ChatRequest, level: Thinking
    ) -> None:
        only_with(chat_model, ChatCapability.THINKING)
        text, _ = await answer_of(chat_model, replace(request_to_answer, thinking=level))
        assert text.strip()

    @pytest.mark.parametrize("capability", list(_BEYOND))
    async def test_a_request_beyond_the_capabilities_is_refused(
        self, chat_model: ChatModel, request_to_answer: ChatRequest, capability: ChatCapability
    ) -> None:
        if capability in chat_model.capabilities:
            pytest.skip(f"{chat_model!r} declares {capability}")
        request = replace(request_to_answer, **_BEYOND[capability])  # type: ignore[arg-type]
        with pytest.raises(ModelRefused) as refused:
            await answer_of(chat_model, request)
        assert refused.value.code == "model_rejected"


def weather_request(request: ChatRequest) -> ChatRequest:
    """Return the same with a question that only a tool can answer."""
    question = f"What is the temperature in Paris now? Call {_WEATHER.name} and tell me the number."
    turns = [Turn(Role.SYSTEM, "Answer in one sentence."), Turn(Role.USER, question)]
    return replace(request, turns=turns, question=question, passages=(), tools=[_WEATHER])


def with_results(
    request: ChatRequest,
    finish: Finish,
    own: ProviderTurn | None,
    content: str = "It is 21.5 degrees.",
    is_error: bool = False,
) -> ChatRequest:
    """Return the request that goes on after the calls of `finish`."""
    results = [ToolResult(call.id, call.name, content, is_error) for call in finish.calls]
    said = Turn(Role.ASSISTANT, calls=finish.calls, own=own)
    return replace(request, turns=[*request.turns, said, Turn(Role.TOOL, results=results)])
