"""A catalog of the chat models it is given."""

from collections.abc import Mapping

from application.ports.chat_model import ChatModel
from application.ports.model_catalog import ModelCatalog
from domain.errors import InvalidInput


class InMemoryModelCatalog(ModelCatalog):
    """Resolves `provider/model` among `providers`; `default` is such a name."""

    def __init__(self, providers: Mapping[str, ChatModel], default: str) -> None:
        self._providers = providers
        self._default = default

    def resolve(self, name: str | None) -> tuple[ChatModel, str]:
        """Return the provider and the model's full name."""
        full_name = self._default if name is None else name
        provider, _, model = full_name.partition("/")
        if provider not in self._providers or not model:
            raise InvalidInput(
                f"The model {full_name!r} is not configured here.",
                pointer="/configuration/llm_model",
                code="model_not_configured",
            )
        return self._providers[provider], full_name
