"""Documents of a bot: upload, read, replace, delete, follow."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.responses import PlainTextResponse, StreamingResponse

from application.queries.documents import DocumentFilter
from application.services.views import chunk_view, document_view
from application.use_cases.documents import Added, NewContent
from application.use_cases.web_documents import AddedAddress
from domain.accounts import Actor
from domain.documents import Document, DocumentStatus, ExtractedText
from domain.errors import NotFound
from domain.events import DOCUMENT_ENDS
from domain.ids import chunk_id
from entrypoints.api import schemas
from entrypoints.api.access import ActorDep
from entrypoints.api.deps import (
    BotId,
    ContainerDep,
    DocumentId,
    IdempotencyDep,
    IfMatchDep,
    PageDep,
    etag,
    json_response,
    numbered,
    page_response,
    receipt_header,
    replay_headers,
)
from entrypoints.api.downloads import Download
from entrypoints.api.streams import EVENT_STREAM, event_stream, last_event_id_of
from entrypoints.api.uploads import CONTENT_DOC, UPLOAD_DOC, address_of, received
from entrypoints.container import Container

router = APIRouter(tags=["Documents"])
_EVENTS_MAX = 100_000


@router.post(
    "/bots/{bot_id}/documents",
    status_code=202,
    response_model=schemas.Document | list[schemas.Document],
    responses={
        200: {
            "description": "The same bytes or address are there already.",
            "model": schemas.Document | list[schemas.Document],
        }
    },
    openapi_extra=UPLOAD_DOC,
)
async def add_documents(
    bot_id: BotId,
    request: Request,
    actor: ActorDep,
    container: ContainerDep,
    key: IdempotencyDep,
) -> Response:
    """Give a bot files, a text, or an address to fetch; ingestion goes on in the background."""
    await container.bot_queries().get(actor.tenant_id, bot_id)
    address = await address_of(request)
    if address is not None:
        return _added([await container.add_url()(actor, bot_id, address, key)])

    async def add(place: int, content: NewContent) -> Added:
        part = replace(key, key=f"{key.key}#{place}") if key and place else key
        return await container.add_document()(actor, bot_id, content, part)

    return _added(await received(request, add))


def _added(added: Sequence[Added | AddedAddress]) -> Response:
    views = [document_view(one.document) for one in added]
    headers = replay_headers(all(one.replayed for one in added))
    status = 200 if all(one.existed and not one.replayed for one in added) else 202
    if len(added) > 1:
        return json_response(views, status, headers)
    document = added[0].document
    headers |= {**etag(document.version), "Location": f"/api/v1/documents/{document.id}"}
    return json_response(views[0], status, headers)


@router.get("/bots/{bot_id}/documents", response_model=schemas.ListOf[schemas.Document])
async def list_documents(
    bot_id: BotId,
    actor: ActorDep,
    container: ContainerDep,
    page: PageDep,
    status: Literal["pending", "processing", "ready", "failed"] | None = None,
    q: Annotated[
        schemas.Text | None, Query(max_length=200, description="Words in title or name.")
    ] = None,
) -> Response:
    """Return the documents of a bot, newest first."""
    await container.bot_queries().get(actor.tenant_id, bot_id)
    where = DocumentFilter(DocumentStatus(status) if status else None, q)
    found = await container.document_queries().list(actor.tenant_id, bot_id, where, page)
    return page_response([document_view(document) for document in found.items], found)


@router.get("/documents/{document_id}", response_model=schemas.Document)
async def get_document(
    document_id: DocumentId, actor: ActorDep, container: ContainerDep
) -> Response:
    """Return a document with where its ingestion stands."""
    document = await container.document_queries().get(actor.tenant_id, document_id)
    return _one(document)


@router.patch("/documents/{document_id}", response_model=schemas.Document)
async def update_document(
    document_id: DocumentId,
    body: schemas.DocumentPatch,
    actor: ActorDep,
    container: ContainerDep,
    if_match: IfMatchDep,
) -> Response:
    """Change a document's title or metadata."""
    document = await container.update_document()(
        actor,
        document_id,
        title=body.title,
        metadata=body.metadata,
        expected_version=if_match,
    )
    return _one(document)


@router.delete("/documents/{document_id}", status_code=204)
async def delete_document(
    document_id: DocumentId, actor: ActorDep, container: ContainerDep, if_match: IfMatchDep
) -> Response:
    """Delete a document: no answer retrieves or cites it from now on.

    `Erasure-Receipt` names the receipt: `GET /erasures/{id}` shows it.
    """
    receipt = await container.delete_document()(actor, document_id, if_match)
    return Response(status_code=204, headers=receipt_header(receipt))


@router.put(
    "/documents/{document_id}/content",
    status_code=202,
    response_model=schemas.Document,
    responses={409: {}},
    openapi_extra=CONTENT_DOC,
)
async def replace_content(
    document_id: DocumentId,
    request: Request,
    actor: ActorDep,
    container: ContainerDep,
    if_match: IfMatchDep,
) -> Response:
    """Give a document new content; the old one answers until the new one is ready."""
    await container.document_queries().get(actor.tenant_id, document_id)

    async def put(_: int, content: NewContent) -> Document:
        return await container.replace_content()(actor, document_id, content, if_match)

    (document,) = await received(request, put, most=1)
    return _one(document, 202)


@router.post("/documents/{document_id}/reprocess", status_code=202, response_model=schemas.Document)
async def reprocess(document_id: DocumentId, actor: ActorDep, container: ContainerDep) -> Response:
    """Take the document in again, for instance after a failure."""
    return _one(await container.reprocess_document()(actor, document_id), 202)


def _one(document: Document, status: int = 200) -> Response:
    headers = etag(document.version)
    if status == 202:  # noqa: PLR2004
        headers["Location"] = f"/api/v1/documents/{document.id}"
    return json_response(document_view(document), status, headers)


@router.get(
    "/documents/{document_id}/content",
    response_class=StreamingResponse,
    responses={
        200: {"description": "The original bytes.", "content": {"application/octet-stream": {}}}
    },
)
async def get_content(
    document_id: DocumentId, actor: ActorDep, container: ContainerDep
) -> Response:
    """Return the original bytes, as a download."""
    document = await container.document_queries().get(actor.tenant_id, document_id)
    source = document.source
    blocks = container.blobs().open(source.blob_key)
    first = await anext(blocks, b"")  # before the response begins: missing bytes are a 404
    return Download(
        actor,
        _joined(first, blocks),
        "application/octet-stream",
        {
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(source.filename, safe='')}",
            "Content-Length": str(source.size),
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
    )


async def _joined(first: bytes, rest: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    yield first
    async for block in rest:
        yield block


async def _live_text(
    container: Container, actor: Actor, document_id: str, revision: int | None
) -> str:
    async with container.units().open(actor.tenant_id) as uow:
        document = await uow.documents.get(document_id)
        text: ExtractedText | None = await uow.documents.text(
            document_id, revision or document.revision
        )
    if text is None:
        raise NotFound("There is no text of this document yet.")
    return text.text


@router.get(
    "/documents/{document_id}/text",
    response_class=PlainTextResponse,
    responses={200: {"description": "The extracted text."}},
)
async def get_text(
    document_id: DocumentId,
    actor: ActorDep,
    container: ContainerDep,
    revision: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Response:
    """Return the extracted text; offsets of chunks and citations count its code points."""
    text = await _live_text(container, actor, document_id, revision)
    return Response(text.encode(), media_type="text/plain; charset=utf-8")


@router.get("/documents/{document_id}/chunks", response_model=schemas.ListOf[schemas.Chunk])
async def list_chunks(
    document_id: DocumentId, actor: ActorDep, container: ContainerDep, page: PageDep
) -> Response:
    """Return the passages of the live revision, in order."""
    queries = container.document_queries()
    document = await queries.get(actor.tenant_id, document_id)
    found = await queries.chunks(actor.tenant_id, document_id, numbered(page))
    views = [
        chunk_view(document_id, chunk_id(document_id, document.revision, chunk.ordinal), chunk)
        for chunk in found.items
    ]
    return page_response(views, found)


@router.get(
    "/documents/{document_id}/events",
    response_class=StreamingResponse,
    responses={200: {"description": "Events.", "content": EVENT_STREAM}},
)
async def document_events(
    document_id: DocumentId,
    actor: ActorDep,
    container: ContainerDep,
    after: Annotated[int, Depends(last_event_id_of)],
) -> Response:
    """Follow ingestion: `document.progress`, then `document.ready` or `document.failed`."""
    await container.document_queries().get(actor.tenant_id, document_id)
    log = container.event_log()
    if after == 0:  # begin with the newest content, after the end of what was there before
        past = await log.read(actor.tenant_id, document_id, 0, limit=_EVENTS_MAX)
        after = max((e.seq for e in past[:-1] if e.type in DOCUMENT_ENDS), default=0)
    return event_stream(log, actor, document_id, after, DOCUMENT_ENDS)
