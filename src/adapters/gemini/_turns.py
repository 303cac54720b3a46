"""Our requests as the Gemini API wants them. Source: its reference, models.streamGenerateContent."""

import base64
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from adapters._providers.errors import ProviderError
from adapters.gemini._errors import ApiKey
from application.ports.chat_model import ChatRequest, ProviderTurn, Role, Thinking, ToolResult, Turn

if TYPE_CHECKING:
    from google.genai import types

PROVIDER = "gemini"
_MODEL = re.compile(r"(?:(?:models|tunedModels)/)?[A-Za-z0-9][A-Za-z0-9._-]*\Z")
_VERSION = re.compile(r"gemini-(\d+)(?:\.(\d+))?")
_WITH_LEVELS = (3, 0)
_WITH_BUDGETS = (2, 5)
_NEWEST = (999, 0)  # what names like gemini-flash-latest stand for
# A call that this model has not made itself bears no signature of it; the service takes these words
# instead. Source: the Gemini API's page on thought signatures, frequent questions.
_NOT_SIGNED = b"skip_thought_signature_validator"
# Source: the Gemini API's page on OpenAI compatibility, which maps the levels to budgets.
_BUDGETS = {Thinking.LOW: 1_024, Thinking.MEDIUM: 8_192, Thinking.HIGH: 24_576}
_SMALLEST_BUDGET_OF_PRO = 128


def model_name(model: str) -> str:
    """Return the name the API knows a model by. Raises ProviderError where it cannot be one."""
    if not _MODEL.match(model):
        raise ProviderError("This is not the name of a Gemini model.", code="rejected")
    return model


def contents_of(request: ChatRequest, model: str) -> "list[types.Content]":
    """Return the dialogue without its system turns."""
    from google.genai import types

    contents, known = [], set[str]()
    for turn in request.turns:
        if turn.role is Role.SYSTEM:
            continue
        if turn.role is Role.ASSISTANT:
            parts = _model_parts(turn, model)
        elif turn.role is Role.TOOL:
            parts = [_result_part(result, known) for result in turn.results]
        else:
            parts = [{"text": turn.text}] if turn.text else []
        known |= {call["id"] for part in parts if "id" in (call := part.get("functionCall", {}))}
        if parts:
            role = "model" if turn.role is Role.ASSISTANT else "user"
            contents.append(types.Content.model_validate({"role": role, "parts": parts}))
    return contents


def config_of(request: ChatRequest, model: str, key: ApiKey) -> "types.GenerateContentConfig":
    """Return everything else that is asked for. Raises ValueError where the SDK refuses it."""
    from google.genai import types

    system = "\n\n".join(t.text for t in request.turns if t.role is Role.SYSTEM and t.text)
    tools = [
        types.FunctionDeclaration(
            name=tool.name,
            description=tool.description,
            parameters_json_schema=dict(tool.parameters),
        )
        for tool in request.tools
    ]
    thinking = thinking_of(model, request.thinking)
    return types.GenerateContentConfig(
        http_options=types.HttpOptions(headers=key.headers()),
        system_instruction=system or None,
        temperature=request.temperature,
        max_output_tokens=request.max_output_tokens,
        stop_sequences=list(request.stop) or None,
        tools=[types.Tool(function_declarations=tools)] if tools else None,
        response_mime_type="application/json" if request.schema is not None else None,
        response_json_schema=dict(request.schema) if request.schema is not None else None,
        thinking_config=types.ThinkingConfig(**thinking) if thinking else None,
        automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
    )


def thinking_of(model: str, thinking: Thinking | None) -> dict[str, Any]:
    """Return the level, for models before 3 the budget in tokens; nothing for those that have none."""
    version = _version(model)
    if thinking is None or version is None or version < _WITH_BUDGETS:
        return {}
    is_pro = "-pro" in model
    if version >= _WITH_LEVELS:
        level = Thinking.LOW if is_pro and thinking is Thinking.MINIMAL else thinking
        if is_pro and version == _WITH_LEVELS and thinking is Thinking.MEDIUM:
            level = Thinking.HIGH  # gemini-3-pro knows two levels
        return {"thinking_level": level.value.upper()}
    smallest = _SMALLEST_BUDGET_OF_PRO if is_pro else 0
    return {"thinking_budget": _BUDGETS.get(thinking, smallest)}


def own_turn(model: str, parts: Iterable[Mapping[str, Any]]) -> ProviderTurn | None:
    """Return the parts that must come back as they were: None where the text alone is enough."""
    kept: list[dict[str, Any]] = []
    for part in parts:
        plain = part.keys() == {"text"}
        if plain and kept and kept[-1].keys() == {"text"}:
            kept[-1]["text"] += part["text"]
        else:
            kept.append(dict(part))
    if all(part.keys() == {"text"} for part in kept):
        return None
    return ProviderTurn(PROVIDER, {"model": model, "parts": kept})


def _model_parts(turn: Turn, model: str) -> list[dict[str, Any]]:
    own = turn.own.content if turn.own and turn.own.provider == PROVIDER else {}
    parts = own.get("parts")
    if own.get("model") == model and isinstance(parts, list):
        return [_with_bytes(part) for part in parts]
    calls: list[dict[str, Any]] = [
        {"functionCall": {"id": call.id, "name": call.name, "args": dict(call.arguments)}}
        for call in turn.calls
    ]
    version = _version(model)
    if calls and version and version >= _WITH_LEVELS:
        calls[0]["thoughtSignature"] = _NOT_SIGNED
    return [{"text": turn.text}, *calls] if turn.text else calls


def _with_bytes(part: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part as the SDK takes it: it would encode a signature that is text once more."""
    if "thoughtSignature" not in part:
        return dict(part)
    signature = base64.urlsafe_b64decode(part["thoughtSignature"])  # it takes both alphabets
    return {**part, "thoughtSignature": signature}


def _result_part(result: ToolResult, known: set[str]) -> dict[str, Any]:
    """Return a result; its id only where the call was sent with it: some models give none."""
    value = {"error" if result.is_error else "output": result.content}
    response: dict[str, Any] = {"name": result.name, "response": value}
    if result.call_id in known:
        response["id"] = result.call_id
    return {"functionResponse": response}


def _version(model: str) -> tuple[int, int] | None:
    name = model.rsplit("/", 1)[-1]
    if found := _VERSION.match(name):
        return int(found[1]), int(found[2] or 0)
    return _NEWEST if name.startswith("gemini-") else None
