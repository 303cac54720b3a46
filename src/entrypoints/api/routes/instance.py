"""What this installation is, and which models its bots can be given."""

from importlib.metadata import version

from fastapi import APIRouter, Response

from application.services.model_views import model_view
from entrypoints.api.access import ActorDep
from entrypoints.api.deps import ContainerDep, json_response
from entrypoints.api.instance_schemas import Instance, ModelChoices

router = APIRouter(tags=["Instance"])


@router.get("/instance", response_model=Instance)
async def get_instance(container: ContainerDep) -> Response:
    """Tell what forms need to know before anybody is logged in."""
    settings, provider = container.settings(), container.identity_provider()
    formats = container.parser().formats
    return json_response(
        {
            "name": "ChatSphere",
            "version": version("chatsphere"),
            "registration": settings.registration,
            "email_verification": settings.verified_only,
            "oidc": {
                "enabled": provider is not None,
                "name": provider.name if provider is not None else "",
            },
            "max_upload_bytes": settings.max_upload_bytes,
            "media_types": [
                {"suffix": suffix, "media_type": kind} for suffix, kind in formats.items()
            ],
        }
    )


@router.get("/models", response_model=ModelChoices)
async def list_models(actor: ActorDep, container: ContainerDep) -> Response:
    """Return the models that the workspace's bots can be given."""
    choices = await container.list_models()(actor)
    return json_response({"data": [model_view(choice) for choice in choices]})
