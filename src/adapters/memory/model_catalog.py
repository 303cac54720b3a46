"""A catalog of the chat models it is given."""

from collections.abc import Mapping, Sequence

from application.ports.chat_model import ChatModel
from application.ports.model_catalog import ModelCatalog, ModelChoice
from domain.credentials import FIELDS, StoredCredentials
from domain.errors import InvalidInput, NotFound


class InMemoryModelCatalog(ModelCatalog):
    """Resolves `provider/model` among `providers`; `default` is such a name.

    A workspace with credentials of its own gets the model that `own` holds under their sealed text.
    """

    def __init__(
        self,
        providers: Mapping[str, ChatModel],
        default: str,
        own: Mapping[str, ChatModel] | None = None,
    ) -> None:
        self._providers = providers
        self._default = default
        self._own = own or {}

    def resolve(self, name: str | None, own: Sequence[StoredCredentials]) -> tuple[ChatModel, str]:
        """Return the provider and the model's full name."""
        full_name = self._default if name is None else name
        provider, _, model = full_name.partition("/")
        sealed = next((each.sealed for each in own if each.provider == provider), None)
        found = self._providers.get(provider) if sealed is None else self._own.get(sealed)
        if found is None or not model:
            raise InvalidInput(
                f"The model {full_name!r} is not configured here.",
                pointer="/configuration/llm_model",
                code="model_not_configured",
            )
        return found, full_name

    def choices(
        self, default: str | None, own: Sequence[StoredCredentials]
    ) -> Sequence[ModelChoice]:
        """Return the default, then the model `default` of each other provider."""
        first = default or self._default
        others = (f"{provider}/default" for provider in sorted(self._providers))
        return [
            self._choice(name, own, is_default=name == first)
            for name in dict.fromkeys((first, *others))
        ]

    def _choice(
        self, name: str, own: Sequence[StoredCredentials], *, is_default: bool
    ) -> ModelChoice:
        provider, _, model = name.partition("/")
        try:
            found, _ = self.resolve(name, own)
        except InvalidInput:
            return ModelChoice(provider, model, None, is_default=is_default)
        is_own = any(each.provider == provider for each in own)
        return ModelChoice(
            provider,
            model,
            "workspace" if is_own else "installation",
            is_default=is_default,
            capabilities=found.capabilities,
        )

    def own_fields(self, provider: str) -> frozenset[str]:
        """Return all fields for each provider there is."""
        if provider not in self._providers:
            raise NotFound("There is no such provider.")
        return frozenset(FIELDS)
