"""JSON Schemas as providers take them that hold a model to one word by word."""

from collections.abc import Mapping, Set
from typing import Any

_BY_NAME = ("properties", "$defs")
_OF_MANY = ("anyOf", "allOf")
_PLAIN = ("type", "enum", "const", "title", "description", "$ref", "required", "format", "default")
_KNOWN = frozenset((*_PLAIN, "additionalProperties"))


class _OpenError(Exception):
    """The schema wants what no closed one can say."""


def closed(
    schema: Mapping[str, Any], more: Set[str] = frozenset(), *, all_required: bool = False
) -> dict[str, Any] | None:
    """Return the schema with every object closed to other properties; None where it wants them open.

    Keywords that providers do not know, but for `more`, are told in the description: they would be
    refused. With `all_required`, None as well where there is one, or an object can do without a
    property.
    """
    try:
        return _closed(schema, more, all_required)
    except _OpenError:
        return None


def _closed(schema: Mapping[str, Any], more: Set[str], all_required: bool) -> dict[str, Any]:
    found: dict[str, Any] = {}
    told: list[str] = []
    for name, value in schema.items():
        if name in _BY_NAME:
            found[name] = {key: _closed(each, more, all_required) for key, each in value.items()}
        elif name in _OF_MANY:
            found[name] = [_closed(each, more, all_required) for each in value]
        elif name == "items" and isinstance(value, Mapping):
            found[name] = _closed(value, more, all_required)
        elif name in _KNOWN or name in more:
            found[name] = value
        else:
            told.append(f"{name}: {value}")
    if told:
        found["description"] = f"{found.get('description', '')} ({', '.join(told)})".strip()
    if found.get("type") == "object" or "properties" in found:
        if found.get("additionalProperties", False) is not False or "properties" not in found:
            raise _OpenError
        found["additionalProperties"] = False
    optional = set(found.get("properties", ())) - set(found.get("required", ()))
    if all_required and (told or optional):
        raise _OpenError
    return found
