"""Models to choose from, as the API shows them."""

from application.ports.model_catalog import ModelChoice
from application.services.views import View


def model_view(choice: ModelChoice) -> View:
    """A model that a bot can be given."""
    return {
        "id": f"{choice.provider}/{choice.name}",
        "provider": choice.provider,
        "name": choice.name,
        "configured": choice.provided_by is not None,
        "provided_by": choice.provided_by,
        "local": choice.is_local,
        "default": choice.is_default,
        "capabilities": sorted(choice.capabilities),
    }
