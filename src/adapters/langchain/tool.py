"""ToolRunner on any of LangChain's tools."""

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from adapters.langchain._parts import Lazy, switch_tracing_off
from adapters.langchain._secrets import redactor_for
from application.ports.chat_model import Tool, ToolCall, ToolResult
from application.ports.plugins import NotConfigured
from application.ports.tools import ToolRunner

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

_TOLD = frozenset({"ToolException", "ValidationError"})  # what was written for a model to read


class LangChainTool(ToolRunner):
    """Runs one BaseTool. Source: langchain-core 1.7, BaseTool."""

    def __init__(
        self, tool: "BaseTool", *, deadline_seconds: float = 30.0, max_characters: int = 50_000
    ) -> None:
        """Run `tool` for at most `deadline_seconds`; a result is cut at `max_characters`."""
        from langchain_core.utils.function_calling import convert_to_openai_tool

        told: dict[str, Any] = convert_to_openai_tool(tool)["function"]
        nothing = {"type": "object", "properties": {}}
        parameters: Mapping[str, object] = told.get("parameters") or nothing
        self._spec = Tool(told["name"], told.get("description") or "", parameters)
        self._tool = tool
        self._untraced = Lazy(switch_tracing_off)
        self._redact = redactor_for(tool)
        self._deadline = deadline_seconds
        self._max_characters = max_characters

    def __repr__(self) -> str:
        return f"LangChainTool({self._spec.name})"

    @property
    def spec(self) -> Tool:
        """The tool as a model is told of it: injected arguments are left out."""
        return self._spec

    async def call(self, call: ToolCall) -> ToolResult:
        """Return what came of the call; an error too is a result."""
        asked = {
            "type": "tool_call",
            "id": call.id,
            "name": call.name,
            "args": dict(call.arguments),
        }
        waiting = asyncio.timeout(self._deadline)
        try:
            async with waiting:
                await self._untraced.get()
                message = await self._tool.ainvoke(asked)
        except NotConfigured as error:
            return self._result(call, str(error), is_error=True)
        except Exception as error:  # whatever somebody else's tool raises
            if isinstance(error, TimeoutError) and waiting.expired():
                text = f"The tool gave no answer within {self._deadline:g} seconds."
            else:
                text = self._failure(error)
            return self._result(call, text, is_error=True)
        is_error = getattr(message, "status", "success") == "error"
        text = _text_of(getattr(message, "content", message))
        return self._result(call, self._redact(text) if is_error else text, is_error=is_error)

    def _failure(self, error: Exception) -> str:
        """Return a sentence for the model: the tool's own where it wrote one, else only what it was."""
        names = {kind.__name__ for kind in type(error).__mro__}
        if names & _TOLD:
            return f"The tool refused: {self._redact(str(error))}"
        return f"The tool failed ({type(error).__name__})."

    def _result(self, call: ToolCall, text: str, *, is_error: bool = False) -> ToolResult:
        return ToolResult(call.id, call.name, text[: self._max_characters], is_error)


def _text_of(content: object) -> str:
    """Return a result as text: of blocks their texts, of anything else its JSON."""
    import orjson

    if isinstance(content, str):
        return content
    if isinstance(content, list) and content and all(_is_text(block) for block in content):
        return "".join(block if isinstance(block, str) else block["text"] for block in content)
    try:
        return orjson.dumps(content, default=str).decode()
    except TypeError:
        return str(content)


def _is_text(block: object) -> bool:
    return isinstance(block, str) or (
        isinstance(block, dict) and isinstance(block.get("text"), str)
    )
