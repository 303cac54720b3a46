"""Every error leaves as application/problem+json (RFC 9457): one table of statuses, one shape."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException

from application.ports.chat_model import ModelRefused, ModelUnavailable
from domain.errors import (
    ChatSphereError,
    Conflict,
    DependencyUnavailable,
    Forbidden,
    IdempotencyConflict,
    InvalidInput,
    InvalidToken,
    NotFound,
    PayloadTooLarge,
    PreconditionFailed,
    QuotaExceeded,
    RateLimited,
    SecondFactorRequired,
    Unauthenticated,
    UnsupportedMediaType,
)
from entrypoints.api.bodies import BodyProblem

_log = logging.getLogger(__name__)

# The first class that fits decides, so subclasses stand before what they derive from.
STATUS: tuple[tuple[type[ChatSphereError], int], ...] = (
    (NotFound, 404),
    (InvalidInput, 422),
    (InvalidToken, 400),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (QuotaExceeded, 403),
    (IdempotencyConflict, 422),
    (Conflict, 409),
    (PreconditionFailed, 412),
    (PayloadTooLarge, 413),
    (UnsupportedMediaType, 415),
    (RateLimited, 429),
    (ModelUnavailable, 503),
    (ModelRefused, 502),
    (DependencyUnavailable, 503),
    (ChatSphereError, 500),
)
_CODE_OF_STATUS = {
    400: "invalid_request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "payload_too_large",
    415: "unsupported_media_type",
    422: "invalid_request",
    426: "upgrade_required",
    431: "headers_too_large",
}
_ERRORS_MAX = 20
_DETAIL_MAX = 300


def status_of(error: ChatSphereError) -> int:
    """Return the HTTP status of an error."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    instance: str,
    request_id: str,
    errors: list[dict[str, str]] | None = None,
    limit: str | None = None,
) -> dict[str, object]:
    """Return the members of a problem; `limit` is the plan's limit that was exceeded."""
    body: dict[str, object] = {
        "type": f"urn:chatsphere:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": _encodable(detail),
        "instance": instance,
        "code": code,
        "request_id": request_id,
    }
    if errors is not None:
        body["errors"] = [{name: _encodable(text) for name, text in e.items()} for e in errors]
    if limit is not None:
        body["limit"] = limit
    return body


def _encodable(text: str) -> str:
    """Return `text` as it can be sent: what a client named may hold lone surrogates."""
    return text.encode(errors="replace").decode()


def problem_response(
    request: Request,
    status: int,
    code: str,
    detail: str,
    *,
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
    limit: str | None = None,
    challenge: str | None = None,
) -> Response:
    """Return the response for a problem of this request."""
    body = problem(
        status,
        code,
        detail,
        instance=request.url.path,
        request_id=request.scope.get("request_id", ""),
        errors=errors,
        limit=limit,
    )
    if challenge is not None:
        body["challenge"] = challenge
    return Response(
        orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS),
        status_code=status,
        media_type="application/problem+json",
        headers=dict(headers or {}),
    )


async def on_error(request: Request, error: Exception) -> Response:
    """Answer an error of ours."""
    if not isinstance(error, ChatSphereError):
        raise error
    status, headers = status_of(error), {}
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        headers["Retry-After"] = str(max(1, round(retry_after)))
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = "Bearer"
    errors = None
    if isinstance(error, InvalidInput):
        errors = [{"pointer": error.pointer, "detail": error.detail}]
    limit = error.limit if isinstance(error, QuotaExceeded) else None
    challenge = error.challenge if isinstance(error, SecondFactorRequired) else None
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        _log.warning("%s: %s", error.code, error.detail, exc_info=status == 500)  # noqa: PLR2004
    return problem_response(
        request,
        status,
        error.code,
        error.detail,
        errors=errors,
        headers=headers,
        limit=limit,
        challenge=challenge,
    )


async def on_http_exception(request: Request, error: Exception) -> Response:
    """Answer an error of the framework."""
    if not isinstance(error, HTTPException):
        raise error
    refused = request.scope.get("body_problem")
    if refused is not None and error.status_code in (400, 422):
        return _on_refused_body(request, refused)
    code = _CODE_OF_STATUS.get(error.status_code, "invalid_request")
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(allowed_methods(request))
    return problem_response(
        request, error.status_code, code, str(error.detail)[:_DETAIL_MAX], headers=headers
    )


async def on_validation_error(request: Request, error: Exception) -> Response:
    """Answer input that does not fit its schema; the input itself is not repeated."""
    if not isinstance(error, RequestValidationError):
        raise error
    if request.scope.get("body_problem") is not None:
        return _on_refused_body(request, request.scope["body_problem"])
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return problem_response(request, 400, "invalid_json", "The body is not valid JSON.")
    if any(item["loc"][0] == "path" for item in found):
        return problem_response(request, 404, "not_found", "There is no such thing.")
    if any(item["loc"] == ("body",) for item in found) and _is_of_another_type(request):
        return await on_error(request, UnsupportedMediaType("Send application/json."))
    errors = [
        {"pointer": _pointer(item["loc"]), "detail": str(item["msg"])[:_DETAIL_MAX]}
        for item in found[:_ERRORS_MAX]
    ]
    detail = f"{errors[0]['pointer'] or '/'}: {errors[0]['detail']}"
    return problem_response(request, 422, "invalid_request", detail, errors=errors)


def _on_refused_body(request: Request, why: BodyProblem) -> Response:
    headers = {"Connection": "close"}  # what else comes is not read
    return problem_response(request, why.status, why.code, why.detail, headers=headers)


def _is_of_another_type(request: Request) -> bool:
    """Tell whether there is a body that was not sent as JSON."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    empty = request.headers.get("content-length", "") == "0"
    return not empty and kind != "application/json" and not kind.endswith("+json")


def _pointer(location: tuple[int | str, ...]) -> str:
    """Return a JSON pointer (RFC 6901) into the body, or the place and name of a parameter."""
    place, *rest = (str(part).replace("~", "~0").replace("/", "~1")[:100] for part in location)
    inside = "".join(f"/{part}" for part in rest)
    return inside if place == "body" else f"/{place}{inside}"


def allowed_methods(request: Request) -> list[str]:
    """Return every method that the path takes; the router by itself names those of one route only."""
    methods: set[str] = set()
    for route in iter_route_contexts(request.app.routes):
        if route.methods and route.path_regex.match(request.url.path):
            methods |= route.methods
    return sorted(methods)


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(ChatSphereError, on_error)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_validation_error)
