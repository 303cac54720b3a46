"""The public contract as documents: OpenAPI 3.1 for HTTP, AsyncAPI 3.0 for the socket."""

from importlib.metadata import version
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

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
_PROBLEM = {"model": schemas.Problem, "content": {"application/problem+json": {}}}
PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {"description": text, **_PROBLEM}
    for code, text in {
        400: "The body is not valid JSON, or the form is broken.",
        401: "No valid credentials.",
        404: "There is no such thing, or it is not yours.",
        422: "The input does not fit.",
        503: "Something this needs does not answer; try again.",
    }.items()
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
        app.openapi_schema = made
    return app.openapi_schema


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
        "info": {
            "title": "ChatSphere WebSocket",
            "version": version("chatsphere"),
            "description": "Sub-protocol chatsphere.v1. The first frame is `auth`, within 10 s. "
            "Close codes: 4400 bad frame, 4401 unauthenticated, 4408 too slow, "
            "1009 too big, 1012 restart.",
        },
        "channels": {"socket": {"address": "/api/v1/ws", "messages": messages}},
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
