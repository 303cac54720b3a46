"""The dashboard: its files, and its first page at every address that names a screen of it."""

from fastapi import APIRouter, Request, Response
from starlette.convertors import Convertor, register_url_convertor

from domain.errors import NotFound
from entrypoints.api.built_dashboard import HASHED, INDEX, NOT_BUILT, Dashboard, File

router = APIRouter(include_in_schema=False)
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'"
)
_FOREVER = "public, max-age=31536000, immutable"
_NOT_MODIFIED = 304


class _Screen(Convertor[str]):
    """A path that no part of the API claims: there, what is unknown stays a problem."""

    regex = r"(?!(?:api|assets|mcp|openai|page)(?:/|$)).+"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


register_url_convertor("screen", _Screen())


@router.api_route("/", methods=["GET", "HEAD"])
async def home(request: Request) -> Response:
    """Return the dashboard, or a sentence on how to build it."""
    return _first_page(request)


@router.api_route("/assets/{name:path}", methods=["GET", "HEAD"])
async def asset(request: Request, name: str) -> Response:
    """Return a file with its hash in its name."""
    found = _dashboard(request).get(HASHED + name)
    if found is None:
        raise NotFound("There is no such file.")
    return _serve(request, found)


@router.api_route("/{path:screen}", methods=["GET", "HEAD"])
async def screen(request: Request, path: str) -> Response:
    """Return another file of the dashboard, or to a browser its first page: it knows the screens."""
    found = _dashboard(request).get(path)
    if found is not None:
        return _serve(request, found)
    if "text/html" not in request.headers.get("accept", "").lower():
        raise NotFound("There is no such thing.")
    return _first_page(request)


def _dashboard(request: Request) -> Dashboard:
    dashboard: Dashboard = request.app.state.dashboard
    return dashboard


def _first_page(request: Request) -> Response:
    found = _dashboard(request).get(INDEX)
    if found is None:
        return Response(NOT_BUILT, 404, media_type="text/plain")
    return _serve(request, found)


def _serve(request: Request, file: File) -> Response:
    sent = file.accepted(request.headers.get("accept-encoding", ""))
    headers = {
        "Content-Security-Policy": _CSP,
        "Cache-Control": _FOREVER if file.is_immutable else "no-cache",
        "ETag": sent.etag,
        "Vary": "Accept, Accept-Encoding",
    }
    known = {
        tag.strip().removeprefix("W/")
        for tag in request.headers.get("if-none-match", "").split(",")
    }
    if known & {sent.etag, "*"}:
        return Response(status_code=_NOT_MODIFIED, headers=headers)
    if sent.encoding != "identity":
        headers["Content-Encoding"] = sent.encoding
    headers["Content-Type"] = file.media_type
    return Response(sent.content, headers=headers)
