"""The page at `/docs`, to read the API and to try it; no third party."""

from functools import cache
from importlib.resources import files
from pathlib import PurePath

from fastapi import APIRouter, Response

from domain.errors import NotFound

router = APIRouter(include_in_schema=False)
_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}


@cache
def _parts() -> dict[str, bytes]:
    """Every file of the page, by its name: nothing else can be asked for."""
    return {part.name: part.read_bytes() for part in (files("entrypoints.api") / "page").iterdir()}


def _serve(name: str) -> Response:
    content = _parts().get(name)
    if content is None:
        raise NotFound("There is no such file.")
    headers = {"Content-Security-Policy": _CSP, "Cache-Control": "no-cache"}
    return Response(content, headers=headers, media_type=_TYPES[PurePath(name).suffix])


@router.get("/docs")
async def docs() -> Response:
    """Return the page that shows the OpenAPI document."""
    return _serve("docs.html")


@router.get("/page/{name}")
async def part(name: str) -> Response:
    """Return a script or a style of the page."""
    return _serve(name)


@router.get("/favicon.svg")
@router.get("/favicon.ico")
async def icon() -> Response:
    """Return the icon."""
    return _serve("favicon.svg")
