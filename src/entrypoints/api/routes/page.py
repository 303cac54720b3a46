"""The built-in pages, at `/` to try a chat and at `/docs` to read the API; no third party."""

from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Response

from domain.errors import NotFound

router = APIRouter(include_in_schema=False)
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_TYPES = {
    "index.html": "text/html; charset=utf-8",
    "app.js": "text/javascript; charset=utf-8",
    "chat.js": "text/javascript; charset=utf-8",
    "client.js": "text/javascript; charset=utf-8",
    "style.css": "text/css; charset=utf-8",
    "docs.html": "text/html; charset=utf-8",
    "docs.js": "text/javascript; charset=utf-8",
    "docs.css": "text/css; charset=utf-8",
    "favicon.svg": "image/svg+xml",
}


@cache
def _file(name: str) -> bytes:
    return (files("entrypoints.api") / "page" / name).read_bytes()


def _serve(name: str) -> Response:
    headers = {"Content-Security-Policy": _CSP, "Cache-Control": "no-cache"}
    return Response(_file(name), headers=headers, media_type=_TYPES[name])


@router.get("/")
async def index() -> Response:
    """Return the page."""
    return _serve("index.html")


@router.get("/docs")
async def docs() -> Response:
    """Return the page that shows the OpenAPI document."""
    return _serve("docs.html")


@router.get("/page/{name}")
async def part(name: str) -> Response:
    """Return a script or a style of the pages."""
    if name not in _TYPES:
        raise NotFound("There is no such file.")
    return _serve(name)


@router.get("/favicon.svg")
@router.get("/favicon.ico")
async def icon() -> Response:
    """Return the icon."""
    return _serve("favicon.svg")
