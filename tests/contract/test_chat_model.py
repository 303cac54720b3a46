"""The scripted chat model keeps the contract that the real ones keep."""

import pytest

from adapters.memory.chat_model import InMemoryChatModel
from application.ports.chat_model import (
    ChatCapability,
    ChatModel,
    Delta,
    Finish,
    FinishReason,
    ModelRefused,
    ModelUnavailable,
    ToolCall,
    Usage,
)
from application.testing.chat_capabilities import weather_request
from application.testing.chat_model import ChatModelContract, chat_request


class TestInMemoryChatModel(ChatModelContract):
    @pytest.fixture
    def chat_model(self) -> ChatModel:
        return InMemoryChatModel(default=("The office opens", " at nine [1]."))

    @pytest.fixture
    def expected_answer(self) -> str:
        return "The office opens at nine [1]."


async def test_scripts_are_played_in_turn_then_the_default() -> None:
    model = InMemoryChatModel(["first"], ["second"], default=["then"])
    answers = []
    for _ in range(4):
        items = [item async for item in model.stream(chat_request())]
        answers.append(items[0])
    assert answers == [Delta("first"), Delta("second"), Delta("then"), Delta("then")]
    assert len(model.requests) == 4


async def test_an_error_in_the_script_is_raised_after_what_stands_before_it() -> None:
    model = InMemoryChatModel(["so far", ModelUnavailable()])
    stream = model.stream(chat_request())
    assert await anext(stream) == Delta("so far")
    with pytest.raises(ModelUnavailable):
        await anext(stream)


async def test_a_finish_in_the_script_is_the_last_item() -> None:
    finish = Finish(FinishReason.LENGTH, Usage(3, 4))
    items = [i async for i in InMemoryChatModel(["a", finish, "b"]).stream(chat_request())]
    assert items == [Delta("a"), finish]


async def test_a_script_without_text_is_an_empty_answer() -> None:
    with pytest.raises(ModelRefused) as refused:
        await anext(InMemoryChatModel([]).stream(chat_request()))
    assert refused.value.code == "model_empty"


async def test_a_script_can_call_tools_where_it_is_told_that_it_does() -> None:
    call = ToolCall("1", "get_weather", {"city": "Paris"})
    script = [Finish(FinishReason.TOOL_CALLS, calls=[call])]
    request = weather_request(chat_request())
    with pytest.raises(ModelRefused) as refused:
        await anext(InMemoryChatModel(script).stream(request))
    assert refused.value.code == "model_rejected"
    model = InMemoryChatModel(script, capabilities=frozenset({ChatCapability.TOOLS}))
    [finish] = [item async for item in model.stream(request)]
    assert isinstance(finish, Finish)
    assert finish.calls == [call]
