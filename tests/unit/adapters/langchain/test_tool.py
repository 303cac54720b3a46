"""LangChain's tools: what a model is told of them and of what goes wrong."""

import asyncio
import json
from typing import Annotated, Any

import pytest
from langchain_core.tools import BaseTool, InjectedToolArg, ToolException, tool

from adapters.langchain.tool import LangChainTool
from application.ports.chat_model import ToolCall, ToolResult
from support.langchain_parts import KEY


@tool
def divide(a: int, b: int, account: Annotated[str, InjectedToolArg] = "none") -> Any:
    """Divide one number by another."""
    if b == 1:
        raise ToolException(f"not by one, and not with api_key={KEY}")
    return {"result": a / b, "of": account}


async def run(runner: BaseTool, arguments: dict[str, object], **more: Any) -> ToolResult:
    return await LangChainTool(runner, **more).call(ToolCall("c1", runner.name, arguments))


def test_a_model_is_told_the_arguments_that_are_its_to_give() -> None:
    spec = LangChainTool(divide).spec
    assert (spec.name, spec.description) == ("divide", "Divide one number by another.")
    assert list(spec.parameters["properties"]) == ["a", "b"]  # type: ignore[call-overload]
    assert spec.parameters["required"] == ["a", "b"]


async def test_a_value_comes_as_json() -> None:
    result = await run(divide, {"a": 1, "b": 2})
    assert json.loads(result.content) == {"result": 0.5, "of": "none"}
    assert (result.call_id, result.is_error) == ("c1", False)


async def test_what_a_tool_says_to_the_model_is_told_without_the_key() -> None:
    result = await run(divide, {"a": 1, "b": 1})
    assert result.is_error
    assert "not by one" in result.content
    assert KEY not in result.content


async def test_of_any_other_failure_only_its_kind_is_told() -> None:
    result = await run(divide, {"a": 1, "b": 0})
    assert result == ToolResult(
        "c1", "divide", "The tool failed (ZeroDivisionError).", is_error=True
    )


async def test_a_tool_that_handles_its_errors_still_says_that_it_failed() -> None:
    handling = divide.model_copy(update={"handle_tool_error": True})
    assert (await run(handling, {"a": 1, "b": 1})).is_error


async def test_a_tool_that_takes_too_long_is_given_up() -> None:
    @tool
    async def wait() -> str:
        """Wait."""
        await asyncio.sleep(30)
        return "done"

    result = await run(wait, {}, deadline_seconds=0.02)
    assert result.is_error
    assert "within 0.02 seconds" in result.content


async def test_cancelling_a_call_is_passed_on() -> None:
    cancelled = []

    @tool
    async def wait() -> str:
        """Wait."""
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        return "done"

    call = asyncio.create_task(run(wait, {}))
    await asyncio.sleep(0.03)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert cancelled == [True]


async def test_a_long_result_is_cut_and_blocks_are_joined() -> None:
    @tool
    def talk(words: int) -> list[dict[str, str]]:
        """Talk."""
        return [{"type": "text", "text": "word "}] * words

    assert (await run(talk, {"words": 2})).content == "word word "
    assert (await run(talk, {"words": 99}, max_characters=7)).content == "word wo"
