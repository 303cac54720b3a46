"""What OpenAI's API refuses, and what servers that speak it refuse. Source: the API reference, and the
errors that people report."""

import json
import re
from typing import Any

_ROLES = {"system", "developer", "user", "assistant", "tool"}
_FIELDS = {
    "model", "messages", "temperature", "stream", "stream_options", "max_tokens",
    "max_completion_tokens", "top_p", "n", "stop", "seed", "user", "tools", "tool_choice",
    "response_format", "presence_penalty", "frequency_penalty", "reasoning_effort",
}  # fmt: skip
_EFFORTS = {"none", "minimal", "low", "medium", "high", "xhigh"}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}\Z")
_STRICT = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf",
    "$ref", "$defs", "description", "title", "pattern", "format", "multipleOf", "minimum", "maximum",
    "exclusiveMinimum", "exclusiveMaximum", "minItems", "maxItems",
}  # fmt: skip


class RefusalError(Exception):
    """An answer with an error status."""

    def __init__(
        self,
        status: int,
        message: str,
        retry_after: str | None = None,
        *,
        param: str | None = None,
        code: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {"Retry-After": retry_after} if retry_after else None
        kind = "invalid_request_error" if status < 429 else "error"
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


def unsupported(name: str) -> RefusalError:
    """Return the refusal of a parameter that the model does not know."""
    text = f"Unsupported parameter: '{name}' is not supported with this model."
    return RefusalError(400, text, param=name, code="unsupported_parameter")


def check_completion(body: Any, refused: frozenset[str]) -> None:
    """Refuse what is refused; the server knows no field that is `refused`."""
    for name in body:
        if name not in _FIELDS - refused:
            raise RefusalError(400, f"Unrecognized request argument supplied: {name}")
    _check_messages(body.get("messages"))
    if "stream_options" in body and not body.get("stream"):
        raise RefusalError(400, "'stream_options' is only allowed when streaming.")
    if not 0 <= body.get("temperature", 1) <= 2:
        raise RefusalError(400, "Invalid 'temperature': expected a value from 0 to 2.")
    stops = body.get("stop", ["x"])
    if not 1 <= len(stops) <= 4 or "" in stops:
        raise RefusalError(400, "Invalid 'stop': array too long. Expected at most 4.", param="stop")
    if body.get("reasoning_effort", "low") not in _EFFORTS:
        raise RefusalError(400, "Invalid value: 'reasoning_effort'.", param="reasoning_effort")
    _check_model(body)
    _check_tools(body.get("tools"))
    _check_format(body.get("response_format", {"type": "text"}), body["messages"], refused)


def _check_model(body: Any) -> None:
    if body["model"].startswith("gpt-5"):  # what OpenAI's reasoning models refuse
        for name in ("max_tokens", "stop"):
            if name in body:
                raise unsupported(name)
        if body.get("temperature", 1) != 1:
            text = "Unsupported value: 'temperature' does not support 0 with this model."
            raise RefusalError(400, text, param="temperature", code="unsupported_value")
    if body["model"] == "gpt-5.1" and body.get("reasoning_effort") == "minimal":
        text = "Unsupported value: 'reasoning_effort' does not support 'minimal' with this model."
        raise RefusalError(400, text, param="reasoning_effort", code="unsupported_value")


def _check_messages(messages: Any) -> None:
    if not isinstance(messages, list) or not messages:
        raise RefusalError(400, "[] is too short - 'messages'")
    open_calls: set[str] = set()
    for number, message in enumerate(messages):
        at = f"messages[{number}]"
        role, content = message.get("role"), message.get("content")
        if role not in _ROLES:
            raise RefusalError(400, f"Invalid value: '{at}.role'")
        if not isinstance(content, str) and not (content is None and message.get("tool_calls")):
            raise RefusalError(400, f"Invalid type for '{at}.content'")
        if role == "tool":
            if message.get("tool_call_id") not in open_calls:
                text = "Invalid parameter: messages with role 'tool' must be a response to a"
                raise RefusalError(400, f"{text} preceding message with 'tool_calls'.")
            open_calls.remove(message["tool_call_id"])
            continue
        if open_calls:
            text = "An assistant message with 'tool_calls' must be followed by tool messages"
            raise RefusalError(400, f"{text} responding to each 'tool_call_id'.")
        if "tool_calls" in message:
            open_calls = {_checked_call(call, at) for call in message["tool_calls"]}


def _checked_call(call: Any, at: str) -> str:
    function = call.get("function") or {}
    if call.get("type") != "function" or not isinstance(function.get("arguments"), str):
        raise RefusalError(400, f"Invalid type for '{at}.tool_calls[0].function.arguments'")
    json.loads(function["arguments"])
    call_id: str = call["id"]
    return call_id


def _check_tools(tools: Any) -> None:
    if tools == []:
        raise RefusalError(400, "Invalid 'tools': empty array.", param="tools")
    for tool in tools or ():
        function = tool.get("function") or {}
        if tool.get("type") != "function" or not _NAME.match(function.get("name", "")):
            raise RefusalError(
                400, "Invalid 'tools[0].function.name'", param="tools[0].function.name"
            )
        if function["parameters"].get("type") != "object":
            raise RefusalError(400, "Invalid schema for function: schema must be of type 'object'.")


def _check_format(asked: Any, messages: Any, refused: frozenset[str]) -> None:
    kind = asked.get("type")
    if kind in refused:
        raise RefusalError(400, f"'response_format.type' must be text, not {kind}")
    if kind == "json_object" and "json" not in json.dumps(messages).casefold():
        raise RefusalError(400, "'messages' must contain the word 'json' in some form.")
    if kind != "json_schema":
        return
    wanted = asked["json_schema"]
    if not _NAME.match(wanted.get("name", "")):
        raise RefusalError(400, "Missing required parameter: 'response_format.json_schema.name'.")
    if wanted.get("strict"):
        _check_strict(wanted["schema"])


def _check_strict(schema: Any) -> None:
    bad = "Invalid schema for response_format 'answer': "
    if unknown := set(schema) - _STRICT:
        raise RefusalError(400, f"{bad}{sorted(unknown)} not permitted.", param="response_format")
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is not False:
            raise RefusalError(
                400,
                f"{bad}'additionalProperties' is required to be false.",
                param="response_format",
            )
        if set(schema.get("required", ())) != set(properties):
            raise RefusalError(
                400, f"{bad}'required' must hold every key.", param="response_format"
            )
        for each in properties.values():
            _check_strict(each)
    if "items" in schema:
        _check_strict(schema["items"])
