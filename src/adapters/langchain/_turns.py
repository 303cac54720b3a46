"""Our requests as LangChain's messages, tools and keyword arguments."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from application.ports.chat_model import ChatRequest, ProviderTurn, Role, ToolResult, Turn

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage, ToolMessage

PROVIDER = "langchain"
_KEPT = ("content", "additional_kwargs", "response_metadata", "tool_calls")


def messages_of(request: ChatRequest, model: str) -> "list[BaseMessage]":
    """Return the dialogue; what the system says stands first, as one message: some models take no other.

    `model` is what a turn's own form must have come from to be sent back.
    """
    from langchain_core.messages import HumanMessage, SystemMessage

    system = "\n\n".join(t.text for t in request.turns if t.role is Role.SYSTEM and t.text)
    messages: list[BaseMessage] = [SystemMessage(system)] if system else []
    for turn in request.turns:
        if turn.role is Role.USER and turn.text:
            messages.append(HumanMessage(turn.text))
        elif turn.role is Role.ASSISTANT and (turn.text or turn.calls):
            messages.append(_said(turn, model))
        elif turn.role is Role.TOOL:
            messages += [_result(result) for result in turn.results]
    return messages


def tools_of(request: ChatRequest) -> list[dict[str, object]]:
    """Return the tools in the form that every integration's `bind_tools` reads."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name,
                "description": tool.description,
                "parameters": dict(tool.parameters),
            },
        }
        for tool in request.tools
    ]


def schema_of(schema: Mapping[str, object]) -> dict[str, object]:
    """Return the schema with the title that LangChain asks for: some models are told it as a name."""
    return {"title": "answer", "description": "The answer.", **schema}


def own_turn(
    model: str, message: "AIMessage", calls: Sequence[Mapping[str, object]]
) -> ProviderTurn | None:
    """Return a message as its model wants it back; None where that is no JSON."""
    import orjson

    kept = {name: getattr(message, name) for name in _KEPT} | {"tool_calls": list(calls)}
    try:
        return ProviderTurn(PROVIDER, {"model": model, "message": orjson.loads(orjson.dumps(kept))})
    except TypeError:
        return None


def _said(turn: Turn, model: str) -> "AIMessage":
    from langchain_core.messages import AIMessage

    own = turn.own.content if turn.own and turn.own.provider == PROVIDER else {}
    message = own.get("message")
    if own.get("model") == model and isinstance(message, dict):
        return AIMessage(**{name: message[name] for name in _KEPT})
    calls = [
        {"type": "tool_call", "id": call.id, "name": call.name, "args": dict(call.arguments)}
        for call in turn.calls
    ]
    return AIMessage(content=turn.text, tool_calls=calls)


def _result(result: ToolResult) -> "ToolMessage":
    from langchain_core.messages import ToolMessage

    return ToolMessage(
        content=result.content,
        tool_call_id=result.call_id,
        name=result.name,
        status="error" if result.is_error else "success",
    )
