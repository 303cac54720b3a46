"""HTTP/1.1 on a connection: heads of bounded size and time, and problems for what is no HTTP."""

import asyncio
import secrets
from http import HTTPStatus
from typing import cast

import orjson
from uvicorn.protocols.http.httptools_impl import (
    STATUS_LINE,
    HttpToolsProtocol,
    RequestResponseCycle,
)

from entrypoints.api.cutting import EXTENSION as CUT_OFF
from entrypoints.api.middleware import HSTS, SECURITY_HEADERS
from entrypoints.api.problems import problem

HEAD_SECONDS = 20.0
HEAD_MAX_BYTES = 64 * 1024
URL_MAX_BYTES = 16 * 1024
LAST_SECONDS = 1.0  # for who has connected to a server that ends, and has not asked yet
Refusal = tuple[HTTPStatus, str, str]
_UNREADABLE: Refusal = (
    HTTPStatus.BAD_REQUEST,
    "invalid_request",
    "This is no HTTP request that can be read.",
)
_SLOW: Refusal = (
    HTTPStatus.REQUEST_TIMEOUT,
    "request_timeout",
    "The head of the request came too slowly.",
)
_LONG_URL: Refusal = (HTTPStatus.REQUEST_URI_TOO_LONG, "uri_too_long", "The address is too long.")
_LONG_HEAD: Refusal = (
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    "headers_too_large",
    "The headers are too long.",
)


class _HeadRefused(Exception):
    """The parser stops here; the base class answers through send_400_response."""


class HttpProtocol(HttpToolsProtocol):
    """Uvicorn's protocol reads heads of any length for any time, and answers in plain text."""

    _timer: asyncio.TimerHandle | None = None
    _in_head = False
    _fruitless_bytes = 0  # read since the last that came to something
    _refusal = _UNREADABLE
    _leaving = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the base class
        """Wait for the first request."""
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; what comes while nothing is being answered has to become a request in time."""
        if self._timer is None and not self._is_answering():
            self._arm()
        self._fruitless_bytes += len(data)
        super().data_received(data)
        if self._fruitless_bytes > HEAD_MAX_BYTES:
            self._refuse(_LONG_HEAD)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self.scope["extensions"] = {CUT_OFF: {"abort": self.transport.abort}}
        self._in_head, self._fruitless_bytes = True, 0

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header; a trailer after the body is none."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Judge the head, and begin to answer."""
        self._in_head, self._fruitless_bytes = False, 0
        if len(self.url) > URL_MAX_BYTES:
            self._refusal = _LONG_URL
            raise _HeadRefused
        if sum(len(name) + len(value) + 4 for name, value in self.headers) > HEAD_MAX_BYTES:
            self._refusal = _LONG_HEAD
            raise _HeadRefused
        self._disarm()
        super().on_headers_complete()
        if self._leaving and self.cycle is not None:
            self.cycle.keep_alive = False

    def on_body(self, body: bytes) -> None:
        """Take a part of the body; trailers and the lengths of chunks are none."""
        self._fruitless_bytes = 0
        super().on_body(body)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002  # the base class's words
        """Answer what cannot be read, and close."""
        self._refuse(self._refusal)

    def shutdown(self) -> None:
        """End with what is being answered; who has only just connected has a moment to ask.

        The request may be on its way, and to whoever sent it a closed connection is a failure.
        """
        if cast("RequestResponseCycle | None", self.cycle) is None:
            self._leaving = True
            self.loop.call_later(LAST_SECONDS, self._close_unasked)
        else:
            super().shutdown()

    def _close_unasked(self) -> None:
        if not self._is_answering():
            self.transport.close()

    def _refuse(self, refusal: Refusal) -> None:
        if self.transport.is_closing():
            return
        if not self._is_answering():  # else it would land in the middle of a response
            self.transport.write(_response(refusal, self.scheme or "http"))
        self._disarm()
        self.transport.close()

    def _is_answering(self) -> bool:
        cycle = cast("RequestResponseCycle | None", self.cycle)  # None before the first request
        return cycle is not None and not cycle.response_complete

    def _arm(self) -> None:
        self._timer = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        if self._in_head:
            self._refuse(_SLOW)
        else:
            self.transport.close()


def _response(refusal: Refusal, scheme: str) -> bytes:
    status, code, detail = refusal
    request_id = secrets.token_hex(16)
    body = orjson.dumps(problem(status, code, detail, instance="", request_id=request_id))
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
        (b"x-request-id", request_id.encode()),
        *SECURITY_HEADERS,
    ]
    if scheme == "https":
        headers.append(HSTS)
    lines = [b"%b: %b\r\n" % header for header in headers]
    return b"".join([STATUS_LINE[status], *lines, b"\r\n", body])
