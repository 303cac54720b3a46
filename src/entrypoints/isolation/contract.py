"""Where ids go into the API: every position, read from the OpenAPI and AsyncAPI documents."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_PREFIX = re.compile(r"\^\(?\??:?([a-z]{2,5})_")
# Ids whose schema does not tell their prefix. A name that ends in _id and is not here is an error: the
# matrix must learn of every position.
KINDS: Mapping[str, str] = {
    "bot_id": "bot",
    "document_id": "doc",
    "document_ids": "doc",
    "conversation_id": "conv",
    "message_id": "msg",
    "parent_id": "msg",
    "workspace_id": "ws",
    "x-workspace-id": "ws",
    "user_id": "usr",
    "key_id": "key",
    "invitation_id": "inv",
    "session_id": "ses",
    "crawl_id": "crawl",
}
# Numbers and names that lead to a thing only within what another id names.
_LOCAL = frozenset({"number", "provider", "plan_id", "name"})
_NOT_IDS = frozenset({"last-event-id"})


class UnknownPosition(RuntimeError):
    """There is a new position for an id: tell the matrix its kind."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place for an id: `where` is path, query, header or body; `steps` lead to it."""

    where: str
    steps: tuple[str, ...]
    kind: str

    def __str__(self) -> str:
        return f"{self.where} {'/'.join(self.steps)}"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation with the positions of its ids."""

    method: str
    path: str
    least: str
    scope: str | None
    positions: tuple[Position, ...]
    parameters: tuple[Mapping[str, Any], ...]
    body: Mapping[str, Any] | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


class Contract:
    """What the two documents say."""

    def __init__(self, openapi: Mapping[str, Any], asyncapi: Mapping[str, Any]) -> None:
        self._schemas = openapi["components"]["schemas"]
        self.operations = [
            self._operation(method.upper(), path, described)
            for path, methods in openapi["paths"].items()
            for method, described in methods.items()
            if path.startswith("/api/")
        ]
        messages = asyncapi["channels"]["socket"]["messages"]
        self.frames = {
            message["name"]: message["payload"]
            for key, message in messages.items()
            if key.startswith("client.")
        }

    def _operation(self, method: str, path: str, described: Mapping[str, Any]) -> Operation:
        access = described["x-access"]
        parameters = tuple(described.get("parameters", ()))
        content = described.get("requestBody", {}).get("content", {})
        body = content.get("application/json", {}).get("schema")
        positions = [
            Position(item["in"], (item["name"],), kind)
            for item in parameters
            if (kind := kind_of(item["name"], item.get("schema", {})))
            and (item["in"] != "header" or _heeds_header(path, access["least"]))
        ]
        if body is not None:
            positions += [Position("body", steps, kind) for steps, kind in self._ids_in(body, ())]
        return Operation(
            method, path, access["least"], access["scope"], tuple(positions), parameters, body
        )

    def frame_positions(self, name: str) -> list[Position]:
        """Return the positions in a frame that a client sends."""
        return [
            Position("frame", (field,), kind)
            for field, schema in self.frames[name]["properties"].items()
            if (kind := kind_of(field, schema))
        ]

    def _ids_in(
        self, schema: Mapping[str, Any], steps: tuple[str, ...]
    ) -> Iterator[tuple[tuple[str, ...], str]]:
        schema = self.resolved(schema)
        for option in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
            yield from self._ids_in(option, steps)
        if "items" in schema:
            yield from self._ids_in(schema["items"], (*steps, "*"))
        for name, inner in schema.get("properties", {}).items():
            kind = kind_of(name, inner)
            if kind:
                listed = any("items" in option for option in (inner, *inner.get("anyOf", ())))
                yield (*steps, name, *(("*",) if listed else ())), kind
            else:
                yield from self._ids_in(inner, (*steps, name))

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the schema that a reference stands for."""
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema

    def example(self, schema: Mapping[str, Any]) -> Any:
        """Return a value that fits a schema: the required members, as small as may be."""
        schema = self.resolved(schema)
        told = [schema[key] for key in ("const", "default") if key in schema]
        told += [schema[key][0] for key in ("enum", "examples") if schema.get(key)]
        if told:
            return told[0]
        options = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
        if options:
            return self.example(next(o for o in options if o.get("type") != "null"))
        return self._smallest(schema)

    def _smallest(self, schema: Mapping[str, Any]) -> Any:
        match schema.get("type"):
            case "object":
                required = schema.get("required", ())
                inner = schema.get("properties", {})
                return {name: self.example(inner[name]) for name in required}
            case "array":
                return [self.example(schema["items"])] * schema.get("minItems", 1)
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return False
        return _text(schema)


def _heeds_header(path: str, least: str) -> bool:
    """Tell whether X-Workspace-Id decides where an operation works."""
    return least not in ("public", "person") and "{workspace_id}" not in path


def _text(schema: Mapping[str, Any]) -> str:
    known = {
        "email": "nobody@example.com",
        "date-time": "2099-01-01T00:00:00Z",
        "uri": "https://example.com/",
    }
    return known.get(schema.get("format", "")) or "x" * max(1, schema.get("minLength", 1))


def kind_of(name: str, schema: Mapping[str, Any]) -> str | None:
    """Return the prefix of the ids that go here; None where it is no place for an id.

    Raises UnknownPosition.
    """
    name = name.lower()
    if name in _LOCAL or name in _NOT_IDS:
        return None
    found = _PREFIX.match(schema.get("pattern", ""))
    if found:
        return found[1]
    if name in KINDS:
        return KINDS[name]
    if name == "id" or name.endswith(("_id", "_ids", "-id")):
        raise UnknownPosition(f"{name} is a new position for an id: give it a kind in KINDS")
    return None
