"""What comes in as a document: files of a form, or a text or an address as JSON."""

from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from typing import Any, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from pydantic_core import from_json

from application.use_cases.documents import NewContent
from application.use_cases.web_documents import NewAddress
from domain.errors import ChatSphereError, UnsupportedMediaType
from entrypoints.api import schemas
from entrypoints.api.forms import FILES_MAX, files_of
from entrypoints.api.intake import Take, take_files
from entrypoints.api.source_schemas import UrlDocument

T = TypeVar("T")
Model = TypeVar("Model", bound=schemas.Input)


def _document(file: dict[str, Any], *models: type[schemas.Input]) -> dict[str, Any]:
    """Describe the body for OpenAPI: FastAPI does not see it, as the route reads it itself."""
    shapes = [model.model_json_schema() for model in models]
    form = {"type": "object", "required": ["file"], "properties": {"file": file}}
    return {
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": form},
                "application/json": {"schema": {"anyOf": shapes} if shapes[1:] else shapes[0]},
            },
        }
    }


_FILE = {"type": "string", "format": "binary"}
CONTENT_DOC = _document(_FILE, schemas.TextDocument)
UPLOAD_DOC = _document(
    {"type": "array", "items": _FILE, "description": "One file or more."},
    schemas.TextDocument,
    UrlDocument,
)


async def address_of(request: Request) -> NewAddress | None:
    """Return the address that was sent as JSON, None where something else was. Raises InvalidInput."""
    if _kind(request) != "application/json":
        return None
    body = await request.body()
    try:
        sent = from_json(body)
    except ValueError:
        return None  # whoever reads the text will tell
    if not isinstance(sent, dict) or "url" not in sent:
        return None
    given = _read(UrlDocument, body)
    return NewAddress(given.url, given.title, given.metadata)


def _kind(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def received(request: Request, take: Take[T], *, most: int = FILES_MAX) -> list[T]:
    """Hand what was sent to `take`, each file as it comes in, and return what it made of it.

    All or none where the form is broken, too large or has more than `most` files (`take_files`).
    Raises UnsupportedMediaType, InvalidInput, the framework's errors and those of `take`.
    """
    kind = _kind(request)
    if kind == "application/json":
        return [await take(0, _pasted(await request.body()))]
    if kind != "multipart/form-data":
        raise UnsupportedMediaType("Send multipart/form-data with `file`, or application/json.")
    events = files_of(request.headers["content-type"], request.stream())
    try:
        async with aclosing(events):
            return await take_files(events, take, most=most)
    except ChatSphereError:
        with suppress(Exception):  # who goes on sending does not see the answer
            async for _ in request.stream():
                pass
        raise


async def _encoded(text: str) -> AsyncIterator[bytes]:
    yield text.encode()


def _pasted(body: bytes) -> NewContent:
    pasted = _read(schemas.TextDocument, body)
    name = f"{pasted.title or 'Text'}.txt"
    return NewContent(name, "text/plain", _encoded(pasted.text), pasted.title, pasted.metadata)


def _read(model: type[Model], body: bytes) -> Model:
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(
            [{**item, "loc": ("body", *item["loc"])} for item in error.errors()]
        ) from error
