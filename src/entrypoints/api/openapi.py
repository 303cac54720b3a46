"""The public contract as documents: OpenAPI 3.1 for HTTP, AsyncAPI 3.0 for the socket."""

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

from domain.access import Least, rule_of
from entrypoints.api import schemas
from entrypoints.api.deps import json_response
from entrypoints.api.frames import FRAMES

DESCRIPTION = """
Retrieval-augmented chatbots that cite the exact passage.

Register or log in, make a bot, give it documents, and ask. Send the access token as
`Authorization: Bearer …`. Errors are `application/problem+json` with a stable `code`.
Answers come as JSON, or as server-sent events with `Accept: text/event-stream`; the socket at
`/api/v1/ws` speaks the same events and is described in `/asyncapi.json`.
"""
_PROBLEMS = {
    400: "The body is not valid JSON, or the form is broken.",
    401: "No valid credentials.",
    403: "Your role does not allow this.",
    404: "There is no such thing, or it is not yours.",
    409: "This does not fit with what already stands, or is under way.",
    412: "It has changed since you read it.",
    413: "The body is larger than this server accepts.",
    414: "The address is longer than this server accepts.",
    415: "The body is of another media type.",
    422: "The input does not fit.",
    429: "Too many requests; Retry-After says when to come back.",
    503: "Something this needs does not answer; try again.",
}
_PROBLEM_CONTENT = {
    "application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}
}


def install(app: FastAPI) -> None:
    """Serve both documents; `/docs` (routes/page.py) shows the first to people."""

    @app.get("/openapi.json", include_in_schema=False)
    async def openapi_json(request: Request) -> Response:
        return json_response(openapi_document(request.app))

    @app.get("/asyncapi.json", include_in_schema=False)
    async def asyncapi_json() -> Response:
        return json_response(asyncapi_document())


def openapi_document(app: FastAPI) -> dict[str, Any]:
    """Return the OpenAPI document, made once."""
    if app.openapi_schema is None:
        made = get_openapi(
            title=app.title,
            version=version("chatsphere"),
            openapi_version="3.1.0",
            description=app.description,
            routes=app.routes,
        )
        _document_problems(made)
        app.openapi_schema = made
    return app.openapi_schema


def _document_problems(document: dict[str, Any]) -> None:
    """Add to each operation the problems that follow from what it takes."""
    schema = schemas.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = {**schema.pop("$defs"), "Problem": schema}
    document["components"]["schemas"] |= parts
    for name in ("HTTPValidationError", "ValidationError"):
        document["components"]["schemas"].pop(name, None)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            rule = rule_of(f"{method.upper()} {path}")
            operation["x-access"] = {
                "least": rule.least.name.lower(),
                "scope": rule.scope,
                "visitor": rule.visitor,
            }
            responses = operation["responses"]
            told = {int(code) for code in responses}
            codes = (told | _problems_of(operation)) & _PROBLEMS.keys()
            if rule.least > Least.PUBLIC:
                codes |= {401, 403}
            if rule.least > Least.PERSON:
                codes.add(404)  # the workspace that is named
            for code in sorted(codes - _health(path)):
                responses[str(code)] = {
                    "description": _PROBLEMS[code],
                    "content": _PROBLEM_CONTENT,
                }


def _problems_of(operation: dict[str, Any]) -> set[int]:
    parameters = {(item["in"], item["name"].lower()) for item in operation.get("parameters", ())}
    codes = {429, 503}
    if any(place == "path" for place, _ in parameters):
        codes.add(404)
    if any(place == "query" for place, _ in parameters):
        codes.add(414)
    if ("header", "if-match") in parameters:
        codes.add(412)
    if ("header", "idempotency-key") in parameters:
        codes.add(409)
    if "requestBody" in operation:
        codes |= {400, 413, 415, 422}
    return codes


def _health(path: str) -> set[int]:
    """Health checks say in their own words that something is out."""
    return set() if path.startswith("/api/") else {422, 429, 503}


_EVENT_FIELDS = {
    "message.started": ["message_id", "conversation_id", "user_message_id"],
    "retrieval.completed": ["sources", "degraded"],
    "message.delta": ["text"],
    "citation.added": ["citation"],
    "message.completed": ["message"],
    "message.stopped": ["message"],
    "error": ["problem"],
}
_REPLY_FIELDS = {
    "ready": ["user_id"],
    "message.accepted": ["message_id", "conversation_id", "idempotency_key", "replayed"],
    "pong": [],
}


_SOCKET_INFO = {
    "title": "ChatSphere WebSocket",
    "description": "Sub-protocol chatsphere.v1. The first frame is `auth` with an access token or an "
    "API key (scope `chat`), within 10 s; or the address has a ticket from `POST /api/v1/ws_tickets`, "
    "and `ready` comes at once. Nothing else may stand in the address. What is revoked ends the "
    "connection within 5 s. Close codes: 4400 bad frame, 4401 unauthenticated (also: the session, key "
    "or ticket has ended), 4403 forbidden (also: no member of the workspace any more; a page of "
    "another origin sees HTTP 403, for the socket is not opened), 4404 no such workspace, 4408 too "
    "slow, 4429 too many frames or connections, 1009 too big, 1012 restart, 1013 try again later.",
}


_SOCKET_BINDINGS = {
    "ws": {
        "method": "GET",
        "query": {
            "type": "object",
            "properties": {
                "ticket": {"type": "string", "description": "Opens one connection, within 30 s."}
            },
            "additionalProperties": False,
        },
    }
}


def asyncapi_document() -> dict[str, Any]:
    """Return the AsyncAPI document of `/api/v1/ws`; client frames come from the checked table."""
    messages: dict[str, Any] = {}
    for kind, fields in FRAMES.items():
        properties: dict[str, Any] = {"type": {"const": kind}}
        for name, field in fields.items():
            properties[name] = (
                {"type": "integer", "minimum": 0}
                if field.kind is int
                else {"type": "string", "minLength": 1, "maxLength": field.longest}
            )
        required = ["type", *(name for name, field in fields.items() if field.required)]
        messages[f"client.{kind}"] = _message(kind, properties, required)
    for kind, names in {**_REPLY_FIELDS, **_EVENT_FIELDS}.items():
        properties = {"type": {"const": kind}, **{name: {} for name in names}}
        if kind in _EVENT_FIELDS:
            properties |= {"message_id": {"type": "string"}, "seq": {"type": "integer"}}
        messages[f"server.{kind}"] = _message(kind, properties, ["type", *names])
    channel = "#/channels/socket"
    sides = {"receive": "client.", "send": "server."}
    return {
        "asyncapi": "3.0.0",
        "info": {**_SOCKET_INFO, "version": version("chatsphere")},
        "channels": {
            "socket": {"address": "/api/v1/ws", "messages": messages, "bindings": _SOCKET_BINDINGS}
        },
        "operations": {
            action: {
                "action": action,
                "channel": {"$ref": channel},
                "messages": [
                    {"$ref": f"{channel}/messages/{name}"}
                    for name in messages
                    if name.startswith(prefix)
                ],
            }
            for action, prefix in sides.items()
        },
    }


def _message(kind: str, properties: dict[str, Any], required: list[str]) -> dict[str, Any]:
    payload = {"type": "object", "properties": properties, "required": required}
    return {"name": kind, "payload": payload}
