"""The numbers of this process, for Prometheus."""

import secrets

from fastapi import APIRouter, Request, Response

from application.services.metric_names import BREAKER_OPEN
from domain.errors import NotFound, Unauthenticated
from entrypoints.api.deps import ContainerDep

router = APIRouter(include_in_schema=False)
_TEXT = "text/plain; version=0.0.4; charset=utf-8"


@router.get("/metrics")
async def metrics(request: Request, container: ContainerDep) -> Response:
    """Tell who knows the token; without one there is nothing here."""
    token, numbers = container.settings().metrics_token, container.metrics()
    if token is None or numbers is None:
        raise NotFound("There is no such thing.")
    given = request.headers.get("authorization", "").encode()
    expected = f"Bearer {token.get_secret_value()}".encode()
    if not secrets.compare_digest(given, expected):
        raise Unauthenticated("Send CHATSPHERE_METRICS_TOKEN: Authorization: Bearer …")
    for part, state in container.breakers().states().items():
        numbers.set(BREAKER_OPEN, float(state != "ok"), part)
    return Response(numbers.exposition(), media_type=_TEXT)
