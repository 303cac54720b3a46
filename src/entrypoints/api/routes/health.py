"""Is it alive, can it work, what is it."""

import asyncio
from collections.abc import Awaitable, Callable
from math import inf

from fastapi import APIRouter, Request, Response

from entrypoints.api import schemas
from entrypoints.api.deps import ContainerDep, json_response

router = APIRouter(tags=["Health"])
_READY_SECONDS = 2.0
FRESH_SECONDS = 0.5


class Health:
    """Asks the database at most twice a second: whoever asks is not known, and not limited."""

    def __init__(self) -> None:
        self._asking = asyncio.Lock()
        self._asked_at = -inf
        self._database = "failed"

    async def database(self, answers: Callable[[], Awaitable[bool]]) -> str:
        """Return `ok` or `failed`, as of now or a moment ago."""
        loop = asyncio.get_running_loop()
        async with self._asking:
            if loop.time() - self._asked_at >= FRESH_SECONDS:
                self._database = await _answer(answers)
                self._asked_at = loop.time()
        return self._database


async def _answer(answers: Callable[[], Awaitable[bool]]) -> str:
    try:
        async with asyncio.timeout(_READY_SECONDS):
            return "ok" if await answers() else "failed"
    except Exception:  # whatever is wrong with it, it is not ready
        return "failed"


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
    """Tell whether requests can be served: not draining, and the database answers.

    Of the models, the embedder and the vector store, `degraded` tells that they did not answer of late
    and are let alone for a moment; what does without them is served.
    """
    checks = {
        "accepting": "ok" if not request.app.state.draining else "draining",
        "database": await request.app.state.health.database(container.probe().answers),
    }
    ready = all(value == "ok" for value in checks.values())
    checks |= container.breakers().states()
    body = {"status": "ready" if ready else "not_ready", "checks": checks}
    return json_response(body, 200 if ready else 503)
