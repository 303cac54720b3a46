"""Sweeps: whether vectors, files and caches are as the database says."""

from fastapi import APIRouter, Response

from application.services.audit_views import sweep_view
from entrypoints.api import audit_schemas, schemas
from entrypoints.api.access import ActorDep
from entrypoints.api.deps import ContainerDep, PageDep, page_response

router = APIRouter(tags=["Audit"])


@router.get("/sweeps", response_model=schemas.ListOf[audit_schemas.Sweep])
async def list_sweeps(actor: ActorDep, container: ContainerDep, page: PageDep) -> Response:
    """Return what the sweeps of the last 30 days found and mended in the workspace, newest first."""
    found = await container.sweep_queries().list(actor.tenant_id, page)
    return page_response([sweep_view(sweep) for sweep in found.items], found)
