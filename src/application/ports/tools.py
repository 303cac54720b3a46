"""Port: what a model may call, and what happens when it does."""

from abc import ABC, abstractmethod

from application.ports.chat_model import Tool, ToolCall, ToolResult


class ToolRunner(ABC):
    """A tool that runs here. What goes wrong is a result too: the model is told, and goes on."""

    @property
    @abstractmethod
    def spec(self) -> Tool:
        """The tool as a model is told of it."""

    @abstractmethod
    async def call(self, call: ToolCall) -> ToolResult:
        """Return what came of the call, within a deadline of the tool's own.

        `is_error` where the arguments do not fit, the tool failed or took too long; `content` then is a
        sentence without secrets. Cancelling it is passed on.
        """
