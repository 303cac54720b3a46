"""The configuration of a bot: one table of fields gives validation, defaults and the JSON Schema."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from domain.errors import InvalidInput

Json = dict[str, object]

_FIELDS: Mapping[str, Json] = {
    "agent_type": {
        "type": "string",
        "enum": ["rag", "chat"],
        "default": "rag",
        "title": "Kind of agent",
        "description": "rag: answers from the bot's documents, with citations. chat: talks freely.",
    },
    "llm_model": {
        "type": ["string", "null"],
        "minLength": 1,
        "maxLength": 200,
        "default": None,
        "title": "Model",
        "description": "`provider/model`, such as `openai/gpt-5-mini` or `extractive/default`; "
        "null: the workspace's default, or else the installation's.",
    },
    "fallback_models": {
        "type": "array",
        "maxItems": 3,
        "uniqueItems": True,
        "items": {"type": "string", "minLength": 1, "maxLength": 200},
        "default": [],
        "title": "Fallback models",
        "description": "Models that are asked in turn where the one before gives no answer.",
    },
    "temperature": {
        "type": "number",
        "minimum": 0,
        "maximum": 2,
        "default": 0.7,
        "title": "Temperature",
        "description": "0 answers the same each time; higher varies more.",
    },
    "system_prompt": {
        "type": "string",
        "maxLength": 20000,
        "default": "",
        "title": "Instructions",
        "description": "Who the bot is and how it is to answer.",
    },
    "retriever_k": {
        "type": "integer",
        "minimum": 1,
        "maximum": 50,
        "default": 5,
        "title": "Passages",
        "description": "How many passages an answer may draw on.",
    },
    "chat_history_length": {
        "type": "integer",
        "minimum": 0,
        "maximum": 100,
        "default": 10,
        "title": "History",
        "description": "How many earlier messages of the conversation are taken into account.",
    },
    "retrieval_mode": {
        "type": "string",
        "enum": ["hybrid", "vector", "keyword"],
        "default": "hybrid",
        "title": "Retrieval",
        "description": "hybrid: meaning and words together.",
    },
    "rerank": {
        "type": ["boolean", "null"],
        "default": None,
        "title": "Second look",
        "description": "Whether the best passages are judged anew, each together with the question; "
        "null: where this installation has a reranker.",
    },
    "unverified_citations": {
        "type": "string",
        "enum": ["mark", "drop"],
        "default": "mark",
        "title": "Unverified citations",
        "description": "What happens to a citation whose passage does not support the sentence.",
    },
    "tools": {
        "type": "array",
        "maxItems": 0,
        "items": {"type": "object"},
        "default": [],
        "title": "Tools",
        "description": "Tools the agent may call (none are available in this version).",
    },
}

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "array": (list,),
    "boolean": (bool,),
    "null": (type(None),),
}


_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Configuration:
    """How a bot behaves. Built by `Configuration.of`, which fills in defaults and refuses the rest."""

    agent_type: str = "rag"
    llm_model: str | None = None
    fallback_models: tuple[str, ...] = ()
    temperature: float = 0.7
    system_prompt: str = ""
    retriever_k: int = 5
    chat_history_length: int = 10
    retrieval_mode: str = "hybrid"
    rerank: bool | None = None
    unverified_citations: str = "mark"
    tools: tuple[Json, ...] = field(default=())

    @classmethod
    def of(cls, values: Mapping[str, object]) -> "Configuration":
        """Check `values` against the field table. Raises InvalidInput with a JSON pointer."""
        checked: Json = {}
        for name, value in values.items():
            rule = _FIELDS.get(name)
            if rule is None:
                known = ", ".join(_FIELDS)
                raise InvalidInput(
                    f"There is no setting called {name[:60]!r}; known are {known}.",
                    pointer=f"/configuration/{name[:60]}",
                )
            _check(rule, value, f"/configuration/{name}")
            checked[name] = tuple(value) if isinstance(value, list) else value
        return cls(**checked)  # type: ignore[arg-type]  # each value was checked against its rule

    @classmethod
    def stored(cls, values: Mapping[str, object]) -> "Configuration":
        """Return a configuration as `as_dict` gave it: it was checked when it was taken."""
        kept = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
        return cls(**kept)  # type: ignore[arg-type]  # checked then

    def as_dict(self) -> Json:
        """Return every setting, defaults filled in, as JSON values."""
        values = {name: getattr(self, name) for name in _FIELDS}
        return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}

    def defaulting_to(self, model: str | None) -> "Configuration":
        """Return it with `model` where it names none."""
        return replace(self, llm_model=self.llm_model or model)

    def merged(self, patch: Mapping[str, object]) -> "Configuration":
        """Apply a JSON Merge Patch (RFC 7396): null takes a setting back to its default."""
        values = {**self.as_dict(), **patch}
        return Configuration.of({k: v for k, v in values.items() if v is not None})


def json_schema() -> Json:
    """Return the JSON Schema (2020-12) of a configuration; forms are made from it."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Bot configuration",
        "type": "object",
        "additionalProperties": False,
        "properties": {name: dict(rule) for name, rule in _FIELDS.items()},
    }


def _check(rule: Json, value: object, pointer: str) -> None:
    """Raise InvalidInput where a value, or an item of a list, does not fit its rule."""
    problem = _problem(rule, value)
    if problem:
        raise InvalidInput(problem, pointer=pointer)
    if not isinstance(value, list):
        return
    for number, item in enumerate(value):
        _check(cast(Json, rule["items"]), item, f"{pointer}/{number}")
        if rule.get("uniqueItems") and item in value[:number]:
            raise InvalidInput("This stands in the list already.", pointer=f"{pointer}/{number}")


def _problem(rule: Json, value: object) -> str | None:
    """Say in a sentence what is wrong with a value, or None."""
    given = rule["type"]
    kinds = cast(list[str], given if isinstance(given, list) else [given])
    if not _is_of(kinds, value):
        return f"This must be of type {' or '.join(kinds)}."
    allowed = cast(list[object] | None, rule.get("enum"))
    if allowed is not None:
        fits = value in allowed
        return None if fits else f"This must be one of {', '.join(map(str, allowed))}."
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high = cast(float, rule["minimum"]), cast(float, rule["maximum"])
        return None if low <= value <= high else f"This must be from {low} to {high}."
    if isinstance(value, str):
        return _text_problem(rule, value)
    if isinstance(value, list) and len(value) > (most := cast(int, rule["maxItems"])):
        return f"This has {most} items at most." if most else "This stays empty in this version."
    return None


def _is_of(kinds: list[str], value: object) -> bool:
    """Tell whether a value is of one of these types; a truth value is no number."""
    if isinstance(value, bool):
        return "boolean" in kinds
    return any(isinstance(value, _TYPES[kind]) for kind in kinds)


def _text_problem(rule: Json, value: str) -> str | None:
    low, high = cast(int, rule.get("minLength", 0)), cast(int, rule["maxLength"])
    if not low <= len(value) <= high:
        return f"This must have {low} to {high} characters."
    if _UNSTORABLE.search(value):
        return "This must not contain a NUL character or half a surrogate pair."
    return None
