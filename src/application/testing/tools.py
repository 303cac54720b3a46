"""Contract of every ToolRunner."""

import asyncio

import pytest

from application.ports.chat_model import ToolCall
from application.ports.tools import ToolRunner
from application.testing.contract import Contract


class ToolContract(Contract):
    """Subclass it in a test module and give the fixture `tool`: one that tells the weather of a `city`."""

    @pytest.fixture
    def tool(self) -> ToolRunner:
        """Return the tool under test, in working order; it needs a text `city`."""
        raise NotImplementedError

    def test_a_model_is_told_what_to_call_it_with(self, tool: ToolRunner) -> None:
        assert tool.spec.name
        assert tool.spec.description
        properties = tool.spec.parameters["properties"]
        assert isinstance(properties, dict)
        assert properties["city"]["type"] == "string"
        assert tool.spec.parameters["required"] == ["city"]

    async def test_a_result_names_the_call_it_is_of(self, tool: ToolRunner) -> None:
        result = await tool.call(ToolCall("call_7", tool.spec.name, {"city": "Paris"}))
        assert (result.call_id, result.name) == ("call_7", tool.spec.name)
        assert result.content
        assert not result.is_error

    async def test_arguments_that_do_not_fit_are_an_error_the_model_can_read(
        self, tool: ToolRunner
    ) -> None:
        result = await tool.call(ToolCall("call_8", tool.spec.name, {"town": "Paris"}))
        assert result.is_error
        assert "city" in result.content

    async def test_calls_at_the_same_time_do_not_mix(self, tool: ToolRunner) -> None:
        cities = ["Paris", "Rome", "Oslo", "Lima"]
        calls = [ToolCall(city, tool.spec.name, {"city": city}) for city in cities]
        results = await asyncio.gather(*map(tool.call, calls))
        assert [result.call_id for result in results] == cities
        for city, result in zip(cities, results, strict=True):
            assert city in result.content
