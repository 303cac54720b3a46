"""What every request goes through: an id, headers, a bound on the body, and an answer to any crash."""

import logging
import re
import secrets
from collections.abc import MutableMapping
from typing import Any

import orjson
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from entrypoints.api.problems import problem

_log = logging.getLogger(__name__)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}\Z")
JSON_MAX_BYTES = 1024 * 1024
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


class BodyTooLarge(Exception):
    """The body went over the limit while it was read."""


class Edge:
    """One plain ASGI middleware: the stackable kind costs a task and a queue for each request."""

    def __init__(self, app: ASGIApp, *, max_upload_bytes: int) -> None:
        self._app = app
        self._max_upload_bytes = max_upload_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; sockets and the lifespan pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = _request_id(scope)
        scope["request_id"] = request_id
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        limit = self._limit(scope)
        length = _content_length(scope)
        if length is not None and length > limit:
            await _answer(send_with_headers, scope, 413, "payload_too_large", _TOO_LARGE)
            return
        try:
            await self._app(scope, _bounded(receive, limit, scope), send_with_headers)
        except BodyTooLarge:
            if started:
                raise
            await _answer(send_with_headers, scope, 413, "payload_too_large", _TOO_LARGE)
        except Exception:
            _log.exception("unhandled error", extra={"request_id": request_id})
            if started:
                raise
            await _answer(send_with_headers, scope, 500, "internal_error", _CRASHED)

    def _limit(self, scope: Scope) -> int:
        content_type = next((v for k, v in scope["headers"] if k == b"content-type"), b"")
        upload = content_type.lower().startswith(b"multipart/")
        # A multipart body holds a little more than its files.
        return (
            self._max_upload_bytes + 64 * 1024 if upload else max(JSON_MAX_BYTES, _text_room(scope))
        )


_TOO_LARGE = "The body is larger than this server accepts."
_CRASHED = "Something went wrong on our side; the error was logged under this request id."


def _text_room(scope: Scope) -> int:
    """Pasted texts come as JSON and may be long."""
    return 16 * JSON_MAX_BYTES if scope["path"].endswith(("/documents", "/content")) else 0


def _bounded(receive: Receive, limit: int, scope: MutableMapping[str, Any]) -> Receive:
    read = 0

    async def bounded() -> Message:
        nonlocal read
        message = await receive()
        if message["type"] == "http.request":
            read += len(message.get("body", b""))
            if read > limit:
                scope["body_too_large"] = True
                raise BodyTooLarge
        return message

    return bounded


def _request_id(scope: Scope) -> str:
    """Take the client's id where it is harmless, else make one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given = value.decode("latin-1")
            if _REQUEST_ID.match(given):
                return str(given)
    return secrets.token_hex(16)


def _content_length(scope: Scope) -> int | None:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return None


async def _answer(send: Send, scope: Scope, status: int, code: str, detail: str) -> None:
    body = problem(status, code, detail, instance=scope["path"], request_id=scope["request_id"])
    headers = [(b"content-type", b"application/problem+json"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": orjson.dumps(body)})
