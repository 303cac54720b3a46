"""What the stand-ins of chat models say where a script does not tell them: what was asked for."""

import json
from collections.abc import Sequence
from typing import Any

COUNTED = ("one ", "two ", "three ", "four ", "five ", "six ", "seven ", "eight ", "nine ", "ten.")


def example(schema: Any) -> Any:
    """Return a value that fits a simple JSON Schema."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type", "object")
    if kind == "object":
        return {name: example(each) for name, each in schema.get("properties", {}).items()}
    if kind == "array":
        return [example(schema.get("items", {"type": "string"}))]
    return {"string": "Paris", "integer": 9, "number": 9.5, "boolean": True}.get(kind)


def pieces_of(text: str, size: int = 7) -> list[str]:
    """Return a text in pieces."""
    return [text[start : start + size] for start in range(0, len(text), size)]


def json_tokens(schema: Any) -> list[str]:
    """Return JSON that fits a schema, in pieces."""
    return pieces_of(json.dumps(example(schema)))


def limited(tokens: Sequence[str], stops: Sequence[str], most: int | None) -> tuple[list[str], str]:
    """Return the tokens as a request limits them, and why they end: `end`, `stop` or `length`."""
    why, kept = "end", list(tokens)
    text = "".join(kept)
    found = [at for stop in stops if (at := text.find(stop)) >= 0]
    if found:
        kept, why = [text[: min(found)]], "stop"
    if most is not None and most < len(kept):
        kept, why = kept[:most], "length"
    return kept, why
