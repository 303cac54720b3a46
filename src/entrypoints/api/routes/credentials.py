"""A workspace's own keys for providers: write-only."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from application.services.views import credentials_view
from entrypoints.api import schemas
from entrypoints.api.access import ActorDep
from entrypoints.api.credential_schemas import CredentialsInput, ProviderCredentials
from entrypoints.api.deps import ContainerDep, json_response

router = APIRouter(tags=["Provider keys"])
Provider = Annotated[
    str, Path(pattern="^[a-z][a-z0-9_]{0,39}$", description="Name of the provider: `openai`.")
]


@router.get("/provider_credentials", response_model=schemas.ListOf[ProviderCredentials])
async def list_provider_credentials(actor: ActorDep, container: ContainerDep) -> Response:
    """Return for which providers the workspace has keys of its own, without the keys."""
    found = await container.credential_queries().list(actor.tenant_id)
    views = [credentials_view(each) for each in found]
    return json_response({"data": views, "next_cursor": None, "has_more": False})


@router.put("/provider_credentials/{provider}", response_model=ProviderCredentials)
async def set_provider_credentials(
    provider: Provider, body: CredentialsInput, actor: ActorDep, container: ContainerDep
) -> Response:
    """Give or replace the workspace's own key; the next answer uses it."""
    values = {"api_key": body.api_key.get_secret_value(), "base_url": body.base_url}
    stored = await container.set_credentials()(actor, provider, values)
    return json_response(credentials_view(stored))


@router.delete("/provider_credentials/{provider}", status_code=204)
async def remove_provider_credentials(
    provider: Provider, actor: ActorDep, container: ContainerDep
) -> Response:
    """Forget the workspace's own key."""
    await container.remove_credentials()(actor, provider)
    return Response(status_code=204)
