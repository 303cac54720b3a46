"""What the Gemini API refuses, as far as our requests can run into it.

Sources: google-genai 3.4 (field names), ai.google.dev reference and its pages on function calling,
thought signatures, thinking and embeddings.
"""

import base64
import re
from typing import Any

_TOP = {
    "contents", "systemInstruction", "generationConfig", "tools", "toolConfig", "safetySettings",
    "cachedContent", "serviceTier", "store",
}  # fmt: skip
_GENERATION = {
    "temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences", "seed",
    "responseMimeType", "responseSchema", "responseJsonSchema", "thinkingConfig",
    "presencePenalty", "frequencyPenalty", "responseModalities",
}  # fmt: skip
_DATA = {"text", "functionCall", "functionResponse", "inlineData", "fileData"}
_FIELDS = {
    "content": {"role", "parts"},
    "part": _DATA | {"thought", "thoughtSignature"},
    "function_call": {"id", "name", "args"},
    "function_response": {"id", "name", "response"},
    "tools": {"functionDeclarations", "googleSearch", "codeExecution", "urlContext"},
    "function_declarations": {
        "name", "description", "parameters", "parametersJsonSchema", "response",
        "responseJsonSchema",
    },
    "thinking_config": {"includeThoughts", "thinkingBudget", "thinkingLevel"},
    "requests": {"model", "content", "taskType", "title", "outputDimensionality"},
}  # fmt: skip
_FUNCTION_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,127}\Z")
_TASK_TYPES = {
    "RETRIEVAL_QUERY", "RETRIEVAL_DOCUMENT", "SEMANTIC_SIMILARITY", "CLASSIFICATION",
    "CLUSTERING", "QUESTION_ANSWERING", "FACT_VERIFICATION", "CODE_RETRIEVAL_QUERY",
}  # fmt: skip
_OPAQUE = {"args", "response", "parametersJsonSchema", "responseJsonSchema", "parameters"}
NOT_SIGNED = b"skip_thought_signature_validator"


class RefusalError(Exception):
    """An answer with an error status and google.rpc details."""

    def __init__(
        self,
        code: int,
        status: str,
        message: str,
        details: list[dict[str, Any]] | None = None,
        page: bytes | None = None,
        location: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.status, self.details = code, status, details
        self.page, self.location = page, location

    def body(self) -> dict[str, Any]:
        """Return the JSON that the service sends."""
        error = {"code": self.code, "message": str(self), "status": self.status}
        return {"error": error | ({"details": self.details} if self.details else {})}


def camel(value: Any) -> Any:
    """Return a request with the names of its fields in one form: the service takes both.

    Source: the proto3 JSON mapping. google-genai sends some in snake case. Values that are JSON of
    the caller's own stay as they are.
    """
    if isinstance(value, list):
        return [camel(each) for each in value]
    if not isinstance(value, dict):
        return value
    named = {re.sub(r"_([a-z])", lambda m: m[1].upper(), name): name for name in value}
    return {
        name: value[given] if name in _OPAQUE else camel(value[given])
        for name, given in named.items()
    }


def invalid(message: str) -> RefusalError:
    """Return a refusal of an argument."""
    return RefusalError(400, "INVALID_ARGUMENT", message)


def version(model: str) -> tuple[int, ...]:
    """Return the version in a model's name."""
    found = re.search(r"-(\d+)(?:\.(\d+))?", model)
    return (int(found[1]), int(found[2] or 0)) if found else (0, 0)


def signature(model: str) -> str:
    """Return the signature that this model puts on a call."""
    return base64.b64encode(b"\xfb\xff" + f"signed by {model}".encode()).decode()


def check_generate(model: str, body: Any) -> None:
    """Refuse what the service refuses to generate from."""
    _known(body, _TOP, "")
    contents = body.get("contents")
    if not contents:
        raise invalid("* GenerateContentRequest.contents: contents is not specified\n")
    for content in contents:
        _check_content(content, {"user", "model"})
    if "systemInstruction" in body:
        _check_content(body["systemInstruction"], {"user", "system", None})
    _check_calls(model, contents)
    _check_tools(body.get("tools") or [])
    _check_generation(model, body.get("generationConfig") or {}, has_tools=bool(body.get("tools")))


def check_embed(model: str, body: Any) -> None:
    """Refuse what the service refuses to embed."""
    _known(body, {"requests"}, "")
    requests = body.get("requests") or []
    if not requests:
        raise invalid("* BatchEmbedContentsRequest.requests: requests is not specified\n")
    if len(requests) > 100:
        raise invalid(
            "* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch\n"
        )
    for request in requests:
        _known(request, _FIELDS["requests"], "requests")
        if request.get("model") != f"models/{model}":
            raise invalid("* BatchEmbedContentsRequest.requests[0].model: model does not match\n")
        content = request.get("content") or {}
        _check_content(content, {"user", None})
        if not 128 <= request.get("outputDimensionality", 3072) <= 3072:
            raise invalid("output_dimensionality must be between 128 and 3072.")
        if request.get("taskType", "RETRIEVAL_QUERY") not in _TASK_TYPES:
            raise invalid(f"Invalid value at 'requests[0].task_type': {request['taskType']!r}")


def _known(value: Any, names: set[str], where: str) -> None:
    if not isinstance(value, dict):
        raise invalid(f"Invalid value at '{where}'")
    for name in value:
        if name not in names:
            at = f" at '{where}'" if where else ""
            raise invalid(
                f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.'
            )


def _check_content(content: Any, roles: set[str | None]) -> None:
    _known(content, _FIELDS["content"], "content")
    if content.get("role") not in roles:
        raise invalid("Please use a valid role: user, model.")
    if not content.get("parts"):
        raise invalid(
            "* GenerateContentRequest.contents[0].parts: contents.parts must not be empty."
        )
    for part in content["parts"]:
        _known(part, _FIELDS["part"], "part")
        data = [name for name in _DATA if name in part]
        if len(data) != 1 or (part.get("text") == "" and "thoughtSignature" not in part):
            raise invalid(
                "contents.parts.data: required oneof field 'data' must have one initialized field"
            )
        if "functionCall" in part:
            _known(part["functionCall"], _FIELDS["function_call"], "function_call")
        if "functionResponse" in part:
            _known(part["functionResponse"], _FIELDS["function_response"], "function_response")
            if not isinstance(part["functionResponse"].get("response"), dict):
                raise invalid("Invalid value at 'function_response.response' (Struct)")


def _check_calls(model: str, contents: list[Any]) -> None:
    last_question = max(
        (
            n
            for n, c in enumerate(contents)
            if c["role"] == "user" and not _of(c, "functionResponse")
        ),
        default=0,
    )
    calls: list[Any] = []
    for number, content in enumerate(contents):
        answers = _of(content, "functionResponse")
        if len(answers) != len(calls):
            raise invalid(
                "Please ensure that the number of function response parts is equal to the number of"
                " function call parts of the function call turn."
            )
        if version(model) >= (3, 5):
            given = [answer["functionResponse"].get("id") for answer in answers]
            if given != [call["functionCall"].get("id") for call in calls] or None in given:
                raise invalid("Function response id does not match the id of its function call.")
        calls = _of(content, "functionCall") if content["role"] == "model" else []
        if calls and version(model) >= (3, 0) and number > last_question:
            _check_signature(model, calls[0])
    if calls:
        raise invalid(
            "Please ensure that function call turn comes immediately before its responses."
        )


def _check_signature(model: str, call: Any) -> None:
    given = call.get("thoughtSignature")
    name = call["functionCall"]["name"]
    if not given:
        raise invalid(
            "Function call is missing a thought_signature in functionCall parts. This is required for"
            f" tools to work correctly. Additional data, function call `default_api:{name}`, position 1."
        )
    # Of base64, the service takes both alphabets.
    found = base64.b64decode(given.replace("-", "+").replace("_", "/"))
    if found not in (base64.b64decode(signature(model)), NOT_SIGNED):
        raise invalid("Corrupted thought signature.")


def _of(content: Any, name: str) -> list[Any]:
    return [part for part in content["parts"] if name in part]


def _check_tools(tools: list[Any]) -> None:
    for tool in tools:
        _known(tool, _FIELDS["tools"], "tools")
        for declared in tool.get("functionDeclarations", ()):
            _known(declared, _FIELDS["function_declarations"], "tools.function_declarations")
            if not _FUNCTION_NAME.match(declared.get("name", "")):
                raise invalid("Invalid function name. Must start with a letter or an underscore.")


def _check_generation(model: str, config: Any, *, has_tools: bool) -> None:
    _known(config, _GENERATION, "generation_config")
    if not 0 <= config.get("temperature", 1) <= 2:
        raise invalid(
            "* GenerateContentRequest.generation_config.temperature: must be in [0.0, 2.0]\n"
        )
    if config.get("maxOutputTokens", 1) < 1:
        raise invalid("max_output_tokens must be positive")
    stops = config.get("stopSequences", ())
    if len(stops) > 5 or "" in stops:
        raise invalid("The number of stop_sequences must not exceed 5.")
    is_json = config.get("responseMimeType") == "application/json"
    if ("responseSchema" in config or "responseJsonSchema" in config) and not is_json:
        raise invalid("response_schema requires a response_mime_type of application/json")
    if is_json and has_tools and version(model) < (3, 0):
        raise invalid(
            "Function calling with a response mime type: 'application/json' is unsupported"
        )
    _check_thinking(model, config.get("thinkingConfig") or {})


def _check_thinking(model: str, config: Any) -> None:
    _known(config, _FIELDS["thinking_config"], "generation_config.thinking_config")
    level, budget = config.get("thinkingLevel"), config.get("thinkingBudget")
    if (level is not None or budget is not None) and version(model) < (2, 5):
        raise invalid("Thinking is not enabled for this model")
    if level is not None and budget is not None:
        raise invalid("You can only set only one of thinking budget and thinking level.")
    if level is not None and version(model) < (3, 0):
        raise invalid("Thinking level is not supported for this model.")
    if level == "MINIMAL" and "-pro" in model:
        raise invalid("Thinking level MINIMAL is not supported for this model.")
    if budget is not None and not (128 if "-pro" in model else 0) <= budget <= 32768:
        raise invalid(f"The thinking budget {budget} is invalid.")
