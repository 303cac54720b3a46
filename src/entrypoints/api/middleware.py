"""What every request goes through: who asks and how often, by which name, an id, headers, a bound on
the body, and an answer to any crash."""

import logging
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from math import ceil

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from application.ports.rate_limiter import RateLimiter
from entrypoints.api.bodies import TOO_LARGE, Body, BodyRefused, body_limit, content_length
from entrypoints.api.cors import Cors, Headers
from entrypoints.api.forwarded import Forwarding
from entrypoints.api.hosts import allowed_hosts, is_allowed
from entrypoints.api.limits import charge_address, rate_headers
from entrypoints.api.problems import problem
from entrypoints.settings import Settings

_log = logging.getLogger(__name__)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}\Z")
HEALTH = frozenset({"/healthz", "/health", "/readyz"})  # probes come often, and by any name
SCRAPED = frozenset({"/metrics"})  # by whatever address the process has; a token lets in
SECURITY_HEADERS: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-frame-options", b"DENY"),
    (
        b"content-security-policy",
        b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (
        b"permissions-policy",
        b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    ),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]
HSTS = (b"strict-transport-security", b"max-age=31536000")
_CRASHED = "Something went wrong on our side; the error was logged under this request id."


@dataclass(frozen=True, slots=True)
class _Refusal:
    status: int
    code: str
    detail: str
    headers: tuple[tuple[bytes, bytes], ...] = ()


_CLOSE = (b"connection", b"close")
_INVALID_HOST = _Refusal(400, "invalid_host", "This server is not asked by this name.")
_CRASH = _Refusal(500, "internal_error", _CRASHED, (_CLOSE,))


class Edge:
    """One plain ASGI middleware: the stackable kind costs a task and a queue for each request."""

    def __init__(self, app: ASGIApp, *, settings: Settings, limiter: RateLimiter) -> None:
        self._app = app
        self._max_upload_bytes = settings.max_upload_bytes
        self._limiter = limiter
        self._limit = settings.rate_limits.ip
        self._hosts = allowed_hosts(settings)
        self._forwarding = Forwarding(settings.trusted_networks)
        self._cors = Cors(settings.origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request, or the opening of a socket; the lifespan passes through."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        self._forwarding.apply(scope)
        scope["request_id"] = _request_id(scope)
        refusal = await self._refusal(scope)
        if scope["type"] == "http":
            await self._serve(scope, receive, send, refusal)
        elif refusal is not None:
            await receive()  # the opening
            await self._answer(_denying(send), scope, refusal)
        else:
            await self._app(scope, receive, send)

    async def _refusal(self, scope: Scope) -> _Refusal | None:
        """Tell why this is not to be looked at any further; the cheapest way to say no."""
        if scope["path"] in HEALTH:
            return None
        verdict = await charge_address(self._limiter, self._limit, scope)
        if not verdict.allowed:
            seconds = max(1, ceil(verdict.retry_after))
            return _Refusal(
                429,
                "rate_limited",
                "Too many requests from this address: wait, then try again.",
                ((b"retry-after", b"%d" % seconds),),
            )
        by_any_name = scope["path"] in SCRAPED or is_allowed(scope, self._hosts)
        return None if by_any_name else _INVALID_HOST

    async def _serve(
        self, scope: Scope, receive: Receive, send: Send, refusal: _Refusal | None
    ) -> None:
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = self._headers(scope, message.get("headers", []))
            await send(message)

        if refusal is not None:
            await self._answer(send_with_headers, scope, refusal)
            return
        preflight = self._cors.preflight(scope)
        if preflight is not None:
            await send_with_headers(
                {"type": "http.response.start", "status": 204, "headers": preflight}
            )
            await send_with_headers({"type": "http.response.body"})
            return
        try:
            limit = body_limit(scope, self._max_upload_bytes)
            if (content_length(scope) or 0) > limit:
                raise BodyRefused(TOO_LARGE)
            with suppress(ClientDisconnect):  # in the middle of its body: nobody is there to answer
                await self._app(scope, Body(receive, scope, limit), send_with_headers)
        except BodyRefused as refused:
            if started:
                raise
            why = refused.problem
            gone = _Refusal(why.status, why.code, why.detail, (_CLOSE,))
            await self._answer(send_with_headers, scope, gone)
        except Exception:
            _log.exception("unhandled error", extra={"request_id": scope["request_id"]})
            if started:
                raise
            await self._answer(send_with_headers, scope, _CRASH)

    def _headers(self, scope: Scope, given: Headers) -> Headers:
        """Return the headers of a response: what the route did not say for itself is added."""
        said = {name.lower() for name, _ in given}
        headers = list(given)
        headers += [header for header in SECURITY_HEADERS if header[0] not in said]
        headers.append((b"x-request-id", scope["request_id"].encode()))
        headers += rate_headers(scope)
        headers += self._cors.headers(scope)
        if scope["scheme"] in {"https", "wss"}:
            headers.append(HSTS)
        return headers

    async def _answer(self, send: Send, scope: Scope, refusal: _Refusal) -> None:
        body = problem(
            refusal.status,
            refusal.code,
            refusal.detail,
            instance=scope["path"],
            request_id=scope["request_id"],
        )
        encoded = orjson.dumps(body)
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", b"%d" % len(encoded)),
            *refusal.headers,
        ]
        if scope["type"] == "websocket":
            headers = self._headers(scope, headers)
        await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
        await send({"type": "http.response.body", "body": encoded})


def _denying(send: Send) -> Send:
    """Answer the opening of a socket by HTTP (ASGI's extension `websocket.http.response`)."""

    async def deny(message: Message) -> None:
        await send({**message, "type": f"websocket.{message['type']}"})

    return deny


def _request_id(scope: Scope) -> str:
    """Take the client's id where it is harmless, else make one."""
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            given = value.decode("latin-1")
            if _REQUEST_ID.match(given):
                return str(given)
    return secrets.token_hex(16)
