"""API keys, and tickets for the socket."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Response

from application.services.api_key_views import api_key_view
from application.use_cases.api_keys import MadeKey
from application.use_cases.socket_tickets import TICKET_LIFETIME
from entrypoints.api import schemas
from entrypoints.api.access import ActorDep
from entrypoints.api.api_key_schemas import (
    ApiKey,
    ApiKeyInput,
    ApiKeyPatch,
    NewApiKey,
    Rotation,
    SocketTicket,
)
from entrypoints.api.deps import (
    ContainerDep,
    IdempotencyDep,
    IfMatchDep,
    PageDep,
    etag,
    json_response,
    page_response,
    replay_headers,
)

router = APIRouter(tags=["API keys"])
KeyId = Annotated[
    str, Path(pattern="^key_[0-7][0-9a-hjkmnp-tv-z]{25}$", description="Id of an API key.")
]


def _with_secret(made: MadeKey, status: int) -> Response:
    body = {**api_key_view(made.key), "secret": made.secret}
    headers = {**etag(made.key.version), **replay_headers(made.secret is None)}
    return json_response(body, status, headers)


@router.get("/api_keys", response_model=schemas.ListOf[ApiKey])
async def list_api_keys(actor: ActorDep, container: ContainerDep, page: PageDep) -> Response:
    """Return the workspace's keys, newest first; revoked ones are gone."""
    found = await container.api_key_queries().list(actor.tenant_id, page)
    return page_response([api_key_view(key) for key in found.items], found)


@router.post("/api_keys", status_code=201, response_model=NewApiKey)
async def create_api_key(
    body: ApiKeyInput, actor: ActorDep, container: ContainerDep, key: IdempotencyDep
) -> Response:
    """Make a key that acts as you, within its scopes.

    The secret is shown once. A request that is repeated with its Idempotency-Key gets the key without
    the secret: rotate the key for another.
    """
    made = await container.create_api_key()(actor, body.name, body.scopes, body.expires_at, key)
    return _with_secret(made, 201)


@router.get("/api_keys/{key_id}", response_model=ApiKey)
async def get_api_key(key_id: KeyId, actor: ActorDep, container: ContainerDep) -> Response:
    """Return a key, without its secret."""
    found = await container.api_key_queries().get(actor.tenant_id, key_id)
    return json_response(api_key_view(found), headers=etag(found.version))


@router.patch("/api_keys/{key_id}", response_model=ApiKey)
async def rename_api_key(
    key_id: KeyId,
    body: ApiKeyPatch,
    actor: ActorDep,
    container: ContainerDep,
    if_match: IfMatchDep,
) -> Response:
    """Call a key something else."""
    key = await container.rename_api_key()(actor, key_id, body.name, if_match)
    return json_response(api_key_view(key), headers=etag(key.version))


@router.delete("/api_keys/{key_id}", status_code=204)
async def revoke_api_key(
    key_id: KeyId, actor: ActorDep, container: ContainerDep, if_match: IfMatchDep
) -> Response:
    """End a key: requests at once, open streams and sockets within five seconds."""
    await container.revoke_api_key()(actor, key_id, if_match)
    return Response(status_code=204)


@router.post("/api_keys/{key_id}/rotate", response_model=NewApiKey)
async def rotate_api_key(
    key_id: KeyId, actor: ActorDep, container: ContainerDep, body: Rotation | None = None
) -> Response:
    """Give a key of your own a new secret; the one before lives for the grace time, older ones do not."""
    grace = timedelta(seconds=body.grace_seconds if body else 0)
    return _with_secret(await container.rotate_api_key()(actor, key_id, grace), 200)


@router.post("/ws_tickets", status_code=201, response_model=SocketTicket, tags=["Chat"])
async def create_ws_ticket(actor: ActorDep, container: ContainerDep) -> Response:
    """Return what opens one socket within 30 seconds: `/api/v1/ws?ticket=…`."""
    ticket = await container.issue_ticket()(actor)
    expires_in = int(TICKET_LIFETIME.total_seconds())
    return json_response({"ticket": ticket, "expires_in": expires_in}, 201)
