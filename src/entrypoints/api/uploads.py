"""What comes in as a document: files of a form, or a text as JSON."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile

from application.use_cases.documents import NewContent
from domain.errors import InvalidInput, UnsupportedMediaType
from entrypoints.api import schemas

_BLOCK = 256 * 1024
_FILES_MAX, _FIELDS_MAX = 100, 20


def _document(file: dict[str, Any]) -> dict[str, Any]:
    """Describe the body for OpenAPI: FastAPI does not see it, as the route reads it itself."""
    form = {"type": "object", "required": ["file"], "properties": {"file": file}}
    return {
        "requestBody": {
            "required": True,
            "content": {
                "multipart/form-data": {"schema": form},
                "application/json": {"schema": schemas.TextDocument.model_json_schema()},
            },
        }
    }


_FILE = {"type": "string", "format": "binary"}
CONTENT_DOC = _document(_FILE)
UPLOAD_DOC = _document({"type": "array", "items": _FILE, "description": "One file or more."})


@asynccontextmanager
async def contents_of(request: Request) -> AsyncIterator[list[NewContent]]:
    """Give what was sent; the files are closed at the end.

    Raises UnsupportedMediaType, InvalidInput and the framework's errors.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        yield [_pasted(await request.body())]
        return
    if kind != "multipart/form-data":
        raise UnsupportedMediaType("Send multipart/form-data with `file`, or application/json.")
    async with request.form(max_files=_FILES_MAX, max_fields=_FIELDS_MAX) as form:
        files = [item for item in form.getlist("file") if isinstance(item, UploadFile)]
        if not files:
            raise InvalidInput("Send at least one file in the field `file`.", pointer="/file")
        yield [
            NewContent(file.filename or "document", file.content_type or "", _blocks(file))
            for file in files
        ]


async def _blocks(upload: UploadFile) -> AsyncIterator[bytes]:
    while block := await upload.read(_BLOCK):
        yield block


async def _encoded(text: str) -> AsyncIterator[bytes]:
    yield text.encode()


def _pasted(body: bytes) -> NewContent:
    try:
        pasted = schemas.TextDocument.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(
            [{**item, "loc": ("body", *item["loc"])} for item in error.errors()]
        ) from error
    name = f"{pasted.title or 'Text'}.txt"
    return NewContent(name, "text/plain", _encoded(pasted.text), pasted.title, pasted.metadata)
