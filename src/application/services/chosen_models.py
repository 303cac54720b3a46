"""The models that a bot names: its own, and those that are asked where that gives no answer."""

from collections.abc import Sequence
from math import inf

from application.ports.credentials import CredentialsRepository
from application.ports.model_catalog import ModelCatalog
from application.ports.secret_box import SecretUnreadable
from application.services.guards.fallback import FallbackChatModel
from domain.configuration import Configuration
from domain.credentials import StoredCredentials
from domain.errors import InvalidInput


async def check_models(
    models: ModelCatalog, settings: Configuration, credentials: CredentialsRepository
) -> None:
    """See that each model can be had, and none is named twice. Raises InvalidInput, SecretUnreadable."""
    own = await credentials.list()
    settings = settings.defaulting_to(await credentials.default_model())
    named = {models.resolve(settings.llm_model, own)[1]}
    for number, name in enumerate(settings.fallback_models):
        pointer = f"/configuration/fallback_models/{number}"
        try:
            _, full_name = models.resolve(name, own)
        except InvalidInput as error:
            raise InvalidInput(error.detail, pointer=pointer, code=error.code) from error
        if full_name in named:
            raise InvalidInput(f"{full_name} is asked already before this.", pointer=pointer)
        named.add(full_name)


async def require_a_model(
    models: ModelCatalog, settings: Configuration, credentials: CredentialsRepository
) -> None:
    """See that one of the models can be had by now. Raises what was wrong with the last one."""
    own = await credentials.list()
    names = _names(settings.defaulting_to(await credentials.default_model()))
    for name in names[:-1]:
        try:
            models.resolve(name, own)
        except (InvalidInput, SecretUnreadable):
            continue
        return
    models.resolve(names[-1], own)


def chain_of(
    models: ModelCatalog,
    settings: Configuration,
    own: Sequence[StoredCredentials],
    total_seconds: float = inf,
) -> FallbackChatModel:
    """Return the models for one answer, which has `total_seconds` with all of them together."""
    return FallbackChatModel(
        _names(settings), lambda name: models.resolve(name, own), total=total_seconds
    )


def _names(settings: Configuration) -> list[str | None]:
    """Return each name once: a workspace's default may be a fallback model of a bot by now."""
    return list(dict.fromkeys([settings.llm_model, *settings.fallback_models]))
