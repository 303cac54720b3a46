"""Which models the bots of a workspace can be given."""

from collections.abc import Sequence

from application.ports.model_catalog import ModelCatalog, ModelChoice
from application.ports.unit_of_work import UnitsOfWork
from domain.accounts import Actor


class ListModels:
    """Tell what there is, by the workspace's own keys and its own default."""

    def __init__(self, units: UnitsOfWork, models: ModelCatalog) -> None:
        self._units = units
        self._models = models

    async def __call__(self, actor: Actor) -> Sequence[ModelChoice]:
        """Return the default model first, then one of each provider, and those that lack a key."""
        async with self._units.open(actor.tenant_id) as uow:
            own = await uow.credentials.list()
            default = await uow.credentials.default_model()
        return self._models.choices(default, own)
