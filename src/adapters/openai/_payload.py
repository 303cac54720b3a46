"""Our requests as chat completions want them. Source: the OpenAI API reference, chat completions."""

from collections.abc import Mapping, Set
from typing import Any

import orjson

from adapters._providers.errors import ProviderError
from adapters._providers.schemas import closed
from application.ports.chat_model import ChatRequest, Role, Thinking, ToolCall, ToolResult, Turn

# What a model may be held to strictly. Source: the OpenAI guide to structured outputs.
_STRICT = frozenset(
    {"pattern", "multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
    | {"minItems", "maxItems"}
)
_INSTRUCTION = (
    "Answer with one JSON value and nothing else, without a code fence."
    " It must fit this JSON Schema:"
)
# Fields, or forms of them, that a server may refuse: a request goes on without them.
TEMPERATURE, STREAM_OPTIONS, STOP = "temperature", "stream_options", "stop"
MAX_TOKENS = "max_tokens"  # the newer name takes its place
MINIMAL, EFFORT = "reasoning_effort: minimal", "reasoning_effort"
STRICT, JSON_SCHEMA = "json_schema.strict", "json_schema"


def payload_of(request: ChatRequest, model: str, left_out: Set[str]) -> dict[str, object]:
    """Return the body of a request, without what is `left_out`."""
    payload: dict[str, object] = {
        "model": model,
        "messages": [message for turn in request.turns for message in _messages(turn)],
        "stream": True,
    }
    optional: dict[str, object] = {
        TEMPERATURE: request.temperature,
        STREAM_OPTIONS: {"include_usage": True},
        STOP: list(request.stop) or None,
        EFFORT: _effort(request.thinking, left_out),
        "tools": [_tool(tool.name, tool.description, tool.parameters) for tool in request.tools],
    }
    newer = MAX_TOKENS in left_out
    payload["max_completion_tokens" if newer else MAX_TOKENS] = request.max_output_tokens
    payload |= {name: value for name, value in optional.items() if name not in left_out}
    if request.schema is not None:
        payload |= _format(request.schema, payload["messages"], left_out)
    return {name: value for name, value in payload.items() if value not in (None, [])}


def refused_field(failure: ProviderError, payload: Mapping[str, Any]) -> str | None:
    """Return what of `payload` a bad request is about that a request can go on without."""
    for name in (TEMPERATURE, MAX_TOKENS):
        if name in payload and failure.is_about(name):
            return name
    if EFFORT in payload and failure.is_about(EFFORT, "reasoning", "thinking"):
        return MINIMAL if payload[EFFORT] == "minimal" else EFFORT
    asked = payload.get("response_format", {})
    if "json_schema" in asked and failure.is_about(
        "response_format", "schema", "grammar", "guided"
    ):
        return STRICT if asked["json_schema"]["strict"] else JSON_SCHEMA
    if STOP in payload and (
        failure.field == STOP or failure.is_about("'stop'", '"stop"', ": stop")
    ):
        return STOP
    unknown = ("include_usage", "unknown", "unexpected", "unrecogni", "extra", "permitted")
    if STREAM_OPTIONS in payload and failure.is_about(STREAM_OPTIONS, *unknown):
        return STREAM_OPTIONS
    return None


def _effort(thinking: Thinking | None, left_out: Set[str]) -> str | None:
    if thinking is Thinking.MINIMAL and MINIMAL in left_out:
        return Thinking.LOW.value
    return thinking.value if thinking else None


def _format(schema: Mapping[str, Any], messages: Any, left_out: Set[str]) -> dict[str, object]:
    """Return the fields that ask for JSON: strictly, else as the server does it, else in words."""
    if JSON_SCHEMA in left_out:
        told = f"{_INSTRUCTION}\n{orjson.dumps(dict(schema)).decode()}"
        return {
            "response_format": {"type": "json_object"},
            "messages": [{"role": "system", "content": told}, *messages],
        }
    strict = None if STRICT in left_out else closed(schema, _STRICT, all_required=True)
    asked = {"name": "answer", "strict": strict is not None, "schema": strict or dict(schema)}
    return {"response_format": {"type": "json_schema", "json_schema": asked}}


def _tool(name: str, description: str, parameters: Mapping[str, object]) -> dict[str, object]:
    function = {"name": name, "description": description, "parameters": dict(parameters)}
    return {"type": "function", "function": function}


def _messages(turn: Turn) -> list[dict[str, object]]:
    if turn.role is Role.TOOL:
        return [_result(result) for result in turn.results]
    message: dict[str, object] = {"role": turn.role.value, "content": turn.text}
    if turn.calls:
        message["tool_calls"] = [_call(call) for call in turn.calls]
        message["content"] = turn.text or None
    return [message]


def _call(call: ToolCall) -> dict[str, object]:
    arguments = orjson.dumps(dict(call.arguments)).decode()
    function = {"name": call.name, "arguments": arguments}
    return {"id": call.id, "type": "function", "function": function}


def _result(result: ToolResult) -> dict[str, object]:
    """Return a result; the API has no field for a failure."""
    content = result.content
    if result.is_error:
        content = orjson.dumps({"error": content}).decode()
    return {"role": "tool", "tool_call_id": result.call_id, "content": content}
