"""LangChain's chat models: what goes in, what comes out, and how it ends."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel, FakeMessagesListChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, SystemMessage, ToolMessage
from langchain_core.output_parsers import JsonOutputParser
from langchain_core.runnables import Runnable, RunnableLambda

from adapters.langchain.chat_model import LangChainChatModel
from application.ports.chat_model import (
    ChatCapability,
    ChatRequest,
    Deadlines,
    Delta,
    Finish,
    FinishReason,
    ModelRefused,
    ModelUnavailable,
    Role,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
    Usage,
)
from support.langchain_parts import Chunks, ScriptedModel, called, said

CAN = frozenset({ChatCapability.TOOLS, ChatCapability.SCHEMA, ChatCapability.STOP})
TOOL = Tool("find", "Finds.", {"type": "object", "properties": {}})
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
ASKED = ChatRequest("default", [Turn(Role.USER, "Hello?")], "Hello?")


def wrapped(model: BaseChatModel, **more: Any) -> LangChainChatModel:
    return LangChainChatModel(lambda: model, **{"capabilities": CAN, **more})


async def answer(
    model: BaseChatModel, request: ChatRequest = ASKED, **more: Any
) -> tuple[str, Finish]:
    items = [item async for item in wrapped(model, **more).stream(request)]
    finish = items[-1]
    assert isinstance(finish, Finish)
    return "".join(item.text for item in items if isinstance(item, Delta)), finish


async def played(script: Chunks, request: ChatRequest = ASKED) -> tuple[str, Finish]:
    return await answer(ScriptedModel(script=list(script)), request)


async def refused(model: BaseChatModel, request: ChatRequest = ASKED, **more: Any) -> ModelRefused:
    with pytest.raises(ModelRefused) as failed:
        await answer(model, request, **more)
    return failed.value


def ended(reason: str, key: str = "finish_reason") -> AIMessageChunk:
    return said("", response_metadata={key: reason})


async def test_what_the_system_says_comes_first_and_once() -> None:
    model = ScriptedModel()
    turns = [Turn(Role.SYSTEM, "a"), Turn(Role.USER, "b"), Turn(Role.SYSTEM, "c")]
    await answer(model, replace(ASKED, turns=turns))
    [system, human] = model.asked[0]["messages"]
    assert isinstance(system, SystemMessage)
    assert (system.content, human.content) == ("a\n\nc", "b")


async def test_calls_and_their_results_are_told_by_id() -> None:
    model = ScriptedModel()
    calls = [ToolCall("1", "find", {"x": 1}), ToolCall("2", "find", {})]
    results = [ToolResult("1", "find", "one"), ToolResult("2", "find", "no", is_error=True)]
    turns = [
        *ASKED.turns,
        Turn(Role.ASSISTANT, "Wait.", calls=calls),
        Turn(Role.TOOL, results=results),
    ]
    await answer(model, replace(ASKED, turns=turns))
    [_, assistant, *told] = model.asked[0]["messages"]
    assert assistant.content == "Wait."
    assert [(call["id"], call["args"]) for call in assistant.tool_calls] == [
        ("1", {"x": 1}),
        ("2", {}),
    ]
    assert all(isinstance(message, ToolMessage) for message in told)
    assert [(m.tool_call_id, m.content, m.status) for m in told] == [
        ("1", "one", "success"),
        ("2", "no", "error"),
    ]


async def test_what_is_asked_for_one_request_goes_under_the_names_that_were_set() -> None:
    model = ScriptedModel()
    request = replace(ASKED, temperature=0.2, max_output_tokens=9, stop=["x"])
    await answer(model, request)
    await answer(model, request, temperature_as="", max_tokens_as="max_output_tokens")
    first, second = model.asked
    assert (first["temperature"], first["max_tokens"], first["stop"]) == (0.2, 9, ["x"])
    assert "temperature" not in second
    assert second["max_output_tokens"] == 9


async def test_of_blocks_the_text_is_the_answer_and_reasoning_is_dropped() -> None:
    blocks: list[str | dict[str, Any]] = [
        {"type": "reasoning", "reasoning": "Hm. "},
        {"type": "thinking", "thinking": "Hm hm.", "text": "not this"},
        {"type": "text", "text": "Nine"},
        " o'clock",
    ]
    script = [
        AIMessageChunk(content=blocks),
        AIMessageChunk(content=[{"type": "text", "text": "."}]),
    ]
    text, finish = await played(script)
    assert text == "Nine o'clock."
    assert finish.reason is FinishReason.STOP


class Whole(FakeMessagesListChatModel):
    """Knows tools, and answers in messages, not in chunks."""

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, AIMessage]:
        return self.bind(tools=tools, **kwargs)


async def test_a_model_that_cannot_stream_answers_in_one_piece() -> None:
    usage = {"input_tokens": 3, "output_tokens": 2, "total_tokens": 5}
    call = {"type": "tool_call", "id": "7", "name": "find", "args": {"x": [1]}}
    replies = [AIMessage("Hello.", usage_metadata=usage), AIMessage("", tool_calls=[call])]
    model = Whole(responses=replies)
    assert await answer(model) == ("Hello.", Finish(FinishReason.STOP, Usage(3, 2)))
    _, finish = await answer(model, replace(ASKED, tools=[TOOL]))
    assert finish.calls == [ToolCall("7", "find", {"x": [1]})]


@pytest.mark.parametrize(
    ("key", "reason", "expected"),
    [
        ("finish_reason", "stop", FinishReason.STOP),
        ("stop_reason", "end_turn", FinishReason.STOP),
        ("finish_reason", "length", FinishReason.LENGTH),
        ("finish_reason", "MAX_TOKENS", FinishReason.LENGTH),
        ("stop_reason", "max_tokens", FinishReason.LENGTH),
        ("stopReason", "guardrail_intervened", FinishReason.SAFETY),
        ("done_reason", "length", FinishReason.LENGTH),
        ("stop_reason", "refusal", FinishReason.SAFETY),
        ("finish_reason", "SAFETY", FinishReason.SAFETY),
        ("incomplete_details", {"reason": "max_output_tokens"}, FinishReason.LENGTH),
    ],
)
async def test_every_vendors_reason_is_understood(
    key: str, reason: Any, expected: FinishReason
) -> None:
    _, finish = await played([said("So"), ended(reason, key)])
    assert finish.reason is expected


async def test_a_reason_that_comes_twice_is_still_understood() -> None:
    _, finish = await played([said("So"), ended("length"), ended("length")])
    assert finish.reason is FinishReason.LENGTH


async def test_an_answer_that_breaks_off_with_an_error_as_its_reason_is_no_answer() -> None:
    with pytest.raises(ModelUnavailable):
        await played([said("So"), ended("error")])


async def test_usage_adds_up_over_the_chunks_and_is_estimated_where_there_is_none() -> None:
    def used(prompt: int, completion: int) -> AIMessageChunk:
        counted = {"input_tokens": prompt, "output_tokens": completion, "total_tokens": 0}
        return said("", usage_metadata=counted)

    _, finish = await played([used(10, 0), said("So"), used(0, 4)])
    assert finish.usage == Usage(10, 4)
    _, finish = await played([said("So it is.")])
    assert finish.usage == Usage(2, 3)


async def test_arguments_that_were_cut_off_are_malformed_and_not_completed() -> None:
    request = replace(ASKED, tools=[TOOL])
    error = await refused(ScriptedModel(script=[called('{"path": "/tm', "find", "1")]), request)
    assert error.code == "model_malformed"


async def test_a_call_without_an_id_gets_one_of_its_own() -> None:
    _, finish = await played([called("", "find")], replace(ASKED, tools=[TOOL]))
    [call] = finish.calls
    assert call.id.startswith("call_")
    assert call.arguments == {}


async def test_a_turn_goes_back_as_it_was_to_the_model_that_made_it_and_to_no_other() -> None:
    request = replace(ASKED, tools=[TOOL])
    signed = AIMessageChunk(content="", additional_kwargs={"signature": "s-1"})
    model = ScriptedModel(script=[signed, called("{}", "find", "1")])
    _, finish = await answer(model, request)
    said_so = Turn(Role.ASSISTANT, calls=finish.calls, own=finish.own)
    turns = [*ASKED.turns, said_so, Turn(Role.TOOL, results=[ToolResult("1", "find", "x")])]
    await answer(model, replace(request, turns=turns))
    await answer(model, replace(request, turns=turns, model="other"), name="other")
    own, foreign = (one["messages"][1] for one in model.asked[1:])
    assert own.additional_kwargs == {"signature": "s-1"}
    assert foreign.additional_kwargs == {}
    assert [call["id"] for call in own.tool_calls + foreign.tool_calls] == ["1", "1"]


@pytest.mark.parametrize(
    "beyond",
    [
        {"model": "other"},
        {"thinking": Thinking.LOW},
        {"tools": [TOOL], "schema": SCHEMA},
    ],
)
async def test_what_it_does_not_offer_is_refused_before_the_model_is_asked(
    beyond: dict[str, Any],
) -> None:
    model = ScriptedModel()
    assert (await refused(model, replace(ASKED, **beyond))).code == "model_rejected"
    assert model.asked == []


async def test_tools_and_schemas_that_an_integration_does_not_know_are_refused() -> None:
    model = FakeMessagesListChatModel(responses=[AIMessage("Hello.")])
    for beyond in ({"tools": [TOOL]}, {"schema": SCHEMA}):
        assert (await refused(model, replace(ASKED, **beyond))).code == "model_rejected"


class WritingModel(ScriptedModel):
    """Writes the JSON of a schema, as most vendors' models do."""

    def with_structured_output(self, schema: Any, **kwargs: Any) -> Runnable[Any, Any]:
        return self.bind(response_format=schema) | JsonOutputParser()


async def test_a_schema_is_asked_for_in_the_integrations_own_way() -> None:
    request = replace(ASKED, schema=SCHEMA, temperature=0.1)
    model = WritingModel(script=[said('{"n": '), said("4}"), ended("stop")])
    text, finish = await answer(model, request)
    assert (text, finish.reason) == ('{"n": 4}', FinishReason.STOP)
    assert model.asked[0]["response_format"]["properties"] == SCHEMA["properties"]
    assert model.asked[0]["temperature"] == 0.1


async def test_prose_where_a_schema_was_asked_for_is_malformed() -> None:
    model = WritingModel(script=[said("Four, I think."), ended("stop")])
    assert (await refused(model, replace(ASKED, schema=SCHEMA))).code == "model_malformed"


async def test_structured_output_that_hides_its_model_is_refused() -> None:
    class Hiding(ScriptedModel):
        def with_structured_output(self, schema: Any, **kwargs: Any) -> Runnable[Any, Any]:
            return RunnableLambda(lambda _: {"n": 4})

    assert (await refused(Hiding(), replace(ASKED, schema=SCHEMA))).code == "model_rejected"


async def settled(condition: Callable[[], bool]) -> bool:
    for _ in range(20):
        if condition():
            return True
        await asyncio.sleep(0)
    return False


async def test_a_stream_that_is_closed_ends_the_request_to_the_model() -> None:
    model = ScriptedModel(script=[said("one"), said("two"), 30.0])
    async with aclosing(wrapped(model).stream(ASKED)) as stream:
        assert await anext(stream) == Delta("one")
    assert await settled(lambda: model.closed == 1)


async def test_a_cancelled_stream_ends_the_request_to_the_model() -> None:
    model = ScriptedModel(script=[said("one"), 30.0])

    async def consume() -> None:
        async for _ in wrapped(model).stream(ASKED):
            pass

    task = asyncio.create_task(consume())
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await settled(lambda: model.closed == 1)


@pytest.mark.parametrize(
    ("script", "deadlines", "words"),
    [
        ([0.5], Deadlines(first_token=0.03), "did not answer in time"),
        ([said(""), 0.5], Deadlines(first_token=0.03), "did not answer in time"),
        ([said("a"), 0.5], Deadlines(idle=0.03), "stopped in the middle"),
        ([said("a"), *[0.01, said("b")] * 9], Deadlines(total=0.04), "stopped in the middle"),
    ],
)
async def test_each_deadline_ends_the_wait(
    script: Sequence[Any], deadlines: Deadlines, words: str
) -> None:
    model = ScriptedModel(script=list(script))
    with pytest.raises(ModelUnavailable, match=words):
        await answer(model, deadlines=deadlines)
    assert await settled(lambda: model.closed == 1)


async def test_thinking_counts_as_a_beginning() -> None:
    thought = AIMessageChunk(content=[{"type": "reasoning", "reasoning": "Hm."}])
    model = ScriptedModel(script=[thought, 0.06, said("So.")])
    text, _ = await answer(model, deadlines=Deadlines(first_token=0.03, idle=1.0))
    assert text == "So."


async def test_no_time_runs_while_the_consumer_is_at_work() -> None:
    model = ScriptedModel(script=[said("a"), said("b"), said("c")])
    texts = []
    async for item in wrapped(model, deadlines=Deadlines(idle=0.02)).stream(ASKED):
        texts.append(item)
        await asyncio.sleep(0.03)
    assert len(texts) == 4


async def test_an_answer_without_end_is_cut() -> None:
    with pytest.raises(ModelUnavailable, match="does not end"):
        await played([said("x" * 1_000_000)] * 5)


def test_only_what_langchain_has_in_common_can_be_declared() -> None:
    with pytest.raises(ValueError, match="only tools"):
        wrapped(ScriptedModel(), capabilities=frozenset({ChatCapability.THINKING}))
