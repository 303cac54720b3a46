"""Is it alive, can it work, what is it."""

import asyncio

from fastapi import APIRouter, Request, Response

from entrypoints.api import schemas
from entrypoints.api.deps import ContainerDep, json_response

router = APIRouter(tags=["Health"])
_READY_SECONDS = 2.0


@router.get("/healthz", summary="Alive", response_model=schemas.Alive)
@router.get("/health", include_in_schema=False)
async def healthz() -> Response:
    """Answer as long as the process serves."""
    return json_response({"status": "ok"})


@router.get(
    "/readyz",
    summary="Ready",
    response_model=schemas.Readiness,
    responses={
        503: {
            "description": "Something that requests need does not answer.",
            "model": schemas.Readiness,
        }
    },
)
async def readyz(request: Request, container: ContainerDep) -> Response:
    """Tell whether requests can be served: not draining, and the database answers."""
    checks = {"accepting": "ok" if not request.app.state.draining else "draining"}
    try:
        async with asyncio.timeout(_READY_SECONDS):
            checks["database"] = "ok" if await container.probe().answers() else "failed"
    except Exception:  # whatever is wrong with it, it is not ready
        checks["database"] = "failed"
    ready = all(value == "ok" for value in checks.values())
    body = {"status": "ready" if ready else "not_ready", "checks": checks}
    return json_response(body, 200 if ready else 503)
