"""What Anthropic's Messages API refuses. Source: its reference and its pages on errors, thinking, tool
use, structured outputs and migration."""

import json
import re
from typing import Any

VERSIONS = ("2023-06-01", "2026-10-21")
_FIELDS = {
    "model", "messages", "max_tokens", "system", "stream", "temperature", "top_p", "top_k",
    "stop_sequences", "tools", "tool_choice", "thinking", "output_config", "metadata", "service_tier",
}  # fmt: skip
_BLOCKS = {
    "text": {"text"},
    "thinking": {"thinking", "signature"},
    "redacted_thinking": {"data"},
    "tool_use": {"id", "name", "input"},
    "tool_result": {"tool_use_id", "content", "is_error"},
}
_ID = re.compile(r"[A-Za-z0-9_-]+\Z")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")
_SCHEMA = {
    "type", "properties", "required", "additionalProperties", "items", "enum", "const", "anyOf",
    "allOf", "$ref", "$defs", "description", "title", "format", "default",
}  # fmt: skip
_KINDS = {
    400: "invalid_request_error", 401: "authentication_error", 402: "billing_error",
    403: "permission_error", 404: "not_found_error", 413: "request_too_large",
    429: "rate_limit_error", 500: "api_error", 504: "timeout_error", 529: "overloaded_error",
}  # fmt: skip


class RefusalError(Exception):
    """An answer with an error status."""

    def __init__(self, status: int, message: str, retry_after: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.headers = {"retry-after": retry_after} if retry_after else None
        error = {"type": _KINDS.get(status, "api_error"), "message": message}
        self.body = {"type": "error", "error": error, "request_id": "req_1"}


def bad(message: str) -> RefusalError:
    """Return the refusal of a bad request."""
    return RefusalError(400, message)


def version(model: str) -> tuple[int, int]:
    """Return the version in a model's name."""
    found = re.search(r"-(\d)-(\d)(?!\d)", model)
    return (int(found[1]), int(found[2])) if found else (9, 9)


def signature(model: str, thought: str) -> str:
    """Return the signature of a thought."""
    return f"signed by {model}: {len(thought)}"


def check_message(body: Any, api_version: str) -> None:
    """Refuse what is refused."""
    for name in body:
        if name not in _FIELDS:
            raise bad(f"{name}: Extra inputs are not permitted")
    if not isinstance(body.get("max_tokens"), int) or body["max_tokens"] < 1:
        raise bad("max_tokens: Field required")
    if body.get("system") == "":
        raise bad("system: text content blocks must be non-empty")
    if any(not stop.strip() for stop in body.get("stop_sequences", ())):
        raise bad("stop_sequences: each stop sequence must contain non-whitespace")
    _check_sampling(body, api_version)
    _check_thinking(body)
    _check_tools(body.get("tools", ()))
    _check_output(body["model"], body.get("output_config", {}))
    _check_messages(body)


def _check_sampling(body: Any, api_version: str) -> None:
    if "temperature" not in body:
        return
    if api_version == "2026-10-21":
        raise bad("temperature: Extra inputs are not permitted")
    if version(body["model"]) >= (4, 7) and body["temperature"] != 1:
        raise bad("`temperature` is deprecated for this model.")
    if not 0 <= body["temperature"] <= 1:
        raise bad("temperature: range: 0..1")
    if body.get("thinking", {}).get("type") in ("enabled", "adaptive") and body["temperature"] != 1:
        raise bad("`temperature` may only be set to 1 when thinking is enabled.")


def _check_thinking(body: Any) -> None:
    if "thinking" not in body:
        return
    kind, known = body["thinking"].get("type"), version(body["model"])
    if kind == "adaptive" and known < (4, 6):
        raise bad("adaptive thinking is not supported on this model")
    if kind in ("enabled", "disabled") and known >= (4, 7):
        raise bad(f'"thinking.type.{kind}" is not supported for this model.')
    if kind == "enabled" and not 1024 <= body["thinking"]["budget_tokens"] < body["max_tokens"]:
        raise bad("`max_tokens` must be greater than `thinking.budget_tokens`.")


def _check_output(model: str, config: Any) -> None:
    for name in config:
        if name not in ("effort", "format"):
            raise bad(f"output_config.{name}: Extra inputs are not permitted")
    if "effort" in config:
        if version(model) < (4, 6):
            raise bad("This model does not support the effort parameter.")
        if config["effort"] not in ("low", "medium", "high", "xhigh", "max"):
            raise bad("output_config.effort: Input should be 'low', 'medium', 'high'")
    if "format" in config:
        if config["format"].get("type") != "json_schema":
            raise bad("output_config.format.type: Input should be 'json_schema'")
        _check_schema(config["format"]["schema"])


def _check_schema(schema: Any) -> None:
    at = "output_config.format.schema: "
    if unknown := set(schema) - _SCHEMA:
        raise bad(
            f"{at}For '{schema.get('type')}' type, properties {sorted(unknown)} not supported"
        )
    if schema.get("type") == "object":
        if schema.get("additionalProperties") is not False:
            raise bad(
                f"{at}For 'object' type, 'additionalProperties' must be explicitly set to false"
            )
        for each in schema.get("properties", {}).values():
            _check_schema(each)
    if "items" in schema:
        _check_schema(schema["items"])


def _check_tools(tools: Any) -> None:
    for tool in tools:
        if not _NAME.match(tool.get("name", "")):
            raise bad("tools.0.custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'")
        if tool.get("input_schema", {}).get("type") != "object":
            raise bad("tools.0.custom.input_schema.type: Field required")


def _check_messages(body: Any) -> None:
    messages = body.get("messages")
    if not messages:
        raise bad("messages: at least one message is required")
    if messages[0]["role"] != "user":
        raise bad('messages: first message must use the "user" role')
    if messages[-1]["role"] == "assistant":
        raise bad("This model does not support assistant message prefill.")
    calls: set[str] = set()
    for number, message in enumerate(messages):
        if message["role"] not in ("user", "assistant"):
            raise bad(f'messages: Unexpected role "{message["role"]}".')
        content = message["content"]
        blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
        if not blocks:
            raise bad(f"messages.{number}: content must be non-empty")
        for block in blocks:
            _check_block(block, body["model"], message["role"], f"messages.{number}")
        _check_results(blocks, calls, number)
        calls = {block["id"] for block in blocks if block["type"] == "tool_use"}
        has_budget = body.get("thinking", {}).get("type") == "enabled"
        if calls and has_budget and not blocks[0]["type"].endswith("thinking"):
            raise bad("Expected `thinking` or `redacted_thinking`, but found `tool_use`.")


def _check_results(blocks: Any, calls: set[str], number: int) -> None:
    results = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
    first = [block["tool_use_id"] for block in blocks[: len(results)] if "tool_use_id" in block]
    if set(first) != calls:
        text = "`tool_use` ids were found without `tool_result` blocks immediately after"
        raise bad(f"messages.{number}: {text}: {sorted(calls)}")
    if set(results) - calls or len(results) != len(calls):
        raise bad(f"messages.{number}: unexpected `tool_use_id` found in `tool_result` blocks")


def _check_block(block: Any, model: str, role: str, at: str) -> None:
    kind = block.get("type")
    if kind not in _BLOCKS or set(block) - {"type"} - _BLOCKS[kind]:
        raise bad(f"{at}.content.0.{kind}: Extra inputs are not permitted: {sorted(block)}")
    if kind == "text" and not block["text"].strip():
        raise bad("messages: text content blocks must be non-empty")
    if (kind == "tool_result") != (role == "user") and kind != "text":
        raise bad(f"{at}: `{kind}` blocks are not permitted in `{role}` messages")
    if kind == "tool_use" and not (_ID.match(block["id"]) and isinstance(block["input"], dict)):
        raise bad(f"{at}.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")
    if kind == "thinking" and block["signature"] != signature(model, block["thinking"]):
        raise bad(f"{at}.content.0: Invalid `signature` in `thinking` block")


def last_result(body: Any) -> str | None:
    """Return what the last result of a tool says; None where none was the last word."""
    last = body["messages"][-1]["content"][-1]
    return str(last["content"]) if last["type"] == "tool_result" else None


def last_text(body: Any) -> str:
    """Return the last message as text."""
    return json.dumps(body["messages"][-1]["content"])
