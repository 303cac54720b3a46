"""ToolRunner over a function, for tests."""

from collections.abc import Callable, Mapping

from application.ports.chat_model import Tool, ToolCall, ToolResult
from application.ports.tools import ToolRunner


class InMemoryTool(ToolRunner):
    """Answers with what a function makes of the arguments; `calls` are those that were made."""

    def __init__(self, spec: Tool, answer: Callable[[Mapping[str, object]], str]) -> None:
        self._spec, self._answer = spec, answer
        self.calls: list[ToolCall] = []

    @property
    def spec(self) -> Tool:
        """The tool as a model is told of it."""
        return self._spec

    async def call(self, call: ToolCall) -> ToolResult:
        """Return the function's answer, or the error it raised."""
        self.calls.append(call)
        try:
            return ToolResult(call.id, call.name, self._answer(call.arguments))
        except Exception as error:
            return ToolResult(call.id, call.name, f"The tool failed: {error}", is_error=True)
