"""Our requests as the Messages API wants them. Source: its reference, POST /v1/messages."""

import re
from collections.abc import Mapping, Sequence, Set
from typing import Any

from adapters._providers.errors import ProviderError
from adapters._providers.schemas import closed
from adapters.anthropic._models import takes_temperature, thinks_by_budget, thinks_by_effort
from application.ports.chat_model import ChatRequest, ProviderTurn, Role, Thinking, ToolResult, Turn

PROVIDER = "anthropic"
TEMPERATURE, THINKING, EFFORT, OWN = "temperature", "thinking", "effort", "own"
_HOTTEST = 1.0  # other providers' scales end at 2
_LEFT_OUT = "(The beginning of this conversation is left out.)"
_NOT_IN_ID = re.compile(r"[^A-Za-z0-9_-]")
# The least of the older models is not to think at all; that of the newer is to think little.
_BUDGETS = {Thinking.LOW: 2_048, Thinking.MEDIUM: 8_192, Thinking.HIGH: 24_576}
_EFFORTS = {Thinking.MINIMAL: "low"}

Block = dict[str, Any]


def payload_of(
    request: ChatRequest, model: str, max_tokens: int, left_out: Set[str]
) -> dict[str, object]:
    """Return the body of a request, without what is `left_out`."""
    own = "" if OWN in left_out else model
    system = "\n\n".join(
        turn.text for turn in request.turns if turn.role is Role.SYSTEM and turn.text.strip()
    )
    payload: dict[str, object] = {
        "model": model,
        "max_tokens": request.max_output_tokens or max_tokens,
        "messages": messages_of(request.turns, own),
        "stream": True,
        "system": system,
        "stop_sequences": list(request.stop),
        "tools": [
            {"name": t.name, "description": t.description, "input_schema": dict(t.parameters)}
            for t in request.tools
        ],
    }
    config: dict[str, object] = {}
    if request.schema is not None:
        schema = closed(request.schema) or dict(
            request.schema
        )  # if it is open, the service says no
        config["format"] = {"type": "json_schema", "schema": schema}
    if request.thinking and THINKING not in left_out:
        payload |= _thinking(request, model, int(str(payload["max_tokens"])), own)
        if thinks_by_effort(model) and EFFORT not in left_out:
            config["effort"] = _EFFORTS.get(request.thinking, request.thinking.value)
    payload["output_config"] = config
    # The service refuses a temperature beside thinking.
    is_told = takes_temperature(model) and TEMPERATURE not in left_out and THINKING not in payload
    if request.temperature is not None and is_told:
        payload[TEMPERATURE] = min(request.temperature, _HOTTEST)
    return {name: value for name, value in payload.items() if value not in ("", [], {})}


def refused_field(failure: ProviderError, payload: Mapping[str, Any]) -> str | None:
    """Return what of `payload` a bad request is about that a request can go on without."""
    thoughts = any(
        block["type"] in ("thinking", "redacted_thinking")
        for message in payload["messages"]
        for block in message["content"]
    )
    if thoughts and failure.is_about("signature", "thinking block", "thinking` block"):
        return OWN  # of another conversation, account or model
    if TEMPERATURE in payload and failure.is_about(TEMPERATURE):
        return TEMPERATURE
    if "effort" in payload.get("output_config", {}) and failure.is_about(EFFORT):
        return EFFORT
    return THINKING if THINKING in payload and failure.is_about(THINKING) else None


def messages_of(turns: Sequence[Turn], model: str) -> list[dict[str, Any]]:
    """Return the dialogue without its system turns, its roles alternating, a user's first.

    Turns in their own form are used where they are of `model`.
    """
    messages: list[dict[str, Any]] = []
    for turn in turns:
        if turn.role is Role.SYSTEM:
            continue
        role = "assistant" if turn.role is Role.ASSISTANT else "user"
        blocks = _blocks(turn, model)
        if not messages and role == "assistant" and blocks:
            messages.append({"role": "user", "content": _text(_LEFT_OUT)})
        if blocks and messages and messages[-1]["role"] == role:
            messages[-1]["content"] += blocks
        elif blocks:
            messages.append({"role": role, "content": blocks})
    return messages


def own_turn(model: str, blocks: Sequence[Block]) -> ProviderTurn | None:
    """Return the blocks that must come back as they were: None where the text alone is enough."""
    kept = [block for block in blocks if block["type"] != "text" or block["text"].strip()]
    if all(block["type"] == "text" for block in kept):
        return None
    return ProviderTurn(PROVIDER, {"model": model, "content": kept})


def _thinking(request: ChatRequest, model: str, max_tokens: int, own: str) -> dict[str, object]:
    """Return the fields that ask for thoughts; those of a budget come on top of the answer's tokens."""
    if thinks_by_effort(model):
        return {THINKING: {"type": "adaptive"}}
    budget = _BUDGETS.get(request.thinking) if request.thinking else None
    # Within a chain of calls, a model with a budget wants its thoughts before each of its calls.
    thoughtless = any(t.calls and not _own_blocks(t, own) for t in request.turns)
    if budget is None or thoughtless or not thinks_by_budget(model):
        return {}
    return {
        THINKING: {"type": "enabled", "budget_tokens": budget},
        "max_tokens": max_tokens + budget,
    }


def _blocks(turn: Turn, model: str) -> list[Block]:
    if turn.role is Role.TOOL:
        return [_result(result) for result in turn.results]
    if own := _own_blocks(turn, model):
        return own
    calls = [
        {"type": "tool_use", "id": _id(c.id), "name": c.name, "input": dict(c.arguments)}
        for c in turn.calls
    ]
    return [*_text(turn.text), *calls]


def _own_blocks(turn: Turn, model: str) -> list[Block]:
    own = turn.own.content if turn.own and turn.own.provider == PROVIDER else {}
    content = own.get("content")
    is_ours = own.get("model") == model and isinstance(content, list)
    return [dict(block) for block in content] if is_ours and isinstance(content, list) else []


def _text(text: str) -> list[Block]:
    """Return a text as blocks: the service refuses an empty one."""
    return [{"type": "text", "text": text}] if text.strip() else []


def _result(result: ToolResult) -> Block:
    block: Block = {
        "type": "tool_result",
        "tool_use_id": _id(result.call_id),
        "content": result.content,
    }
    return block | {"is_error": True} if result.is_error else block


def _id(call_id: str) -> str:
    """Return an id as the service takes it: other providers' have other letters."""
    return _NOT_IN_ID.sub("_", call_id)
