"""The audit log, and what data protection law calls access and portability."""

from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import asdict
from datetime import date
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse

from application.queries.audit import AuditFilter
from application.services.audit_views import audit_view, erasure_view
from domain.audit import AuditLink, ChainCheck
from domain.errors import NotFound
from entrypoints.api import audit_schemas, schemas
from entrypoints.api.access import ActorDep
from entrypoints.api.archive import zipped
from entrypoints.api.days import span_of
from entrypoints.api.deps import (
    ContainerDep,
    ErasureId,
    PageDep,
    WorkspaceId,
    json_response,
    numbered,
    page_response,
)
from entrypoints.api.downloads import Download

router = APIRouter(tags=["Audit"])
_NDJSON = "application/x-ndjson"
_SANDBOX = {"Content-Security-Policy": "default-src 'none'; sandbox"}


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', **_SANDBOX}


@router.get("/audit_events", response_model=schemas.ListOf[audit_schemas.AuditEvent])
async def list_audit_events(
    actor: ActorDep,
    container: ContainerDep,
    page: PageDep,
    action: Annotated[
        schemas.Text | None,
        Query(max_length=60, description="Only actions that begin so, such as `bot.`."),
    ] = None,
    who: Annotated[
        schemas.Text | None,
        Query(alias="actor", max_length=60, description="Only what this person or key did."),
    ] = None,
    target: Annotated[
        schemas.Text | None,
        Query(max_length=60, description="Only what was done to the thing with this id."),
    ] = None,
    from_: Annotated[
        date | None, Query(alias="from", description="Only from this day (UTC) on.")
    ] = None,
    to: Annotated[date | None, Query(description="Only until the end of this day (UTC).")] = None,
) -> Response:
    """Return who did what to what in the workspace, newest first."""
    where = AuditFilter(action, who, target, *span_of(from_, to))
    found = await container.audit_queries().list(actor.tenant_id, numbered(page), where)
    return page_response([audit_view(link) for link in found.items], found)


@router.get("/audit_events/verification", response_model=audit_schemas.AuditVerification)
async def verify_audit_events(actor: ActorDep, container: ContainerDep) -> Response:
    """Check the chain from its beginning to its end."""
    check = ChainCheck()
    async for link in container.audit_queries().chain(actor.tenant_id):
        check.add(link)
    return json_response({"intact": check.first_break is None, **asdict(check)})


@router.get(
    "/audit_events/export",
    response_class=StreamingResponse,
    responses={200: {"description": "The chain, oldest first.", "content": {_NDJSON: {}}}},
)
async def export_audit_events(actor: ActorDep, container: ContainerDep) -> Response:
    """Return the whole chain, one entry a line; `chatsphere audit verify` checks the file."""
    lines = _lines(container.audit_queries().chain(actor.tenant_id))
    return Download(actor, lines, _NDJSON, _attachment("audit_events.ndjson"))


async def _lines(chain: AsyncIterator[AuditLink]) -> AsyncGenerator[bytes, None]:
    async for link in chain:
        yield orjson.dumps(audit_view(link)) + b"\n"


@router.get(
    "/workspaces/{workspace_id}/export",
    response_class=StreamingResponse,
    responses={200: {"description": "A ZIP archive.", "content": {"application/zip": {}}}},
)
async def export_workspace(
    workspace_id: WorkspaceId, actor: ActorDep, container: ContainerDep
) -> Response:
    """Return everything that the workspace stores, with the original files; no secrets."""
    files = await container.export_workspace()(actor)
    body = zipped(files, container.clock().now())
    return Download(actor, body, "application/zip", _attachment(f"{workspace_id}.zip"))


@router.get("/me/export", response_model=dict[str, object])
async def export_me(actor: ActorDep, container: ContainerDep) -> Response:
    """Return everything that is kept of oneself."""
    found = await container.export_person()(actor)
    return json_response(found, headers=_attachment("account.json"))


@router.get("/erasures/{erasure_id}", response_model=audit_schemas.Erasure)
async def get_erasure(erasure_id: ErasureId, container: ContainerDep) -> Response:
    """Return the receipt of an erasure: who asked for it may have no account any more."""
    async with container.identities().open() as identities:
        found = await identities.erasures.get(erasure_id)
    if found is None:
        raise NotFound("There is no such receipt.")
    return json_response(erasure_view(found))
