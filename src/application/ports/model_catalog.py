"""Port: which chat models a workspace can use."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from application.ports.chat_model import ChatCapability, ChatModel
from domain.credentials import StoredCredentials


def split_name(name: str) -> tuple[str, str]:
    """Return the provider and the model of `provider/model`; without a model, the latter is empty.

    A name such as `gemini-3.5-flash` tells its provider.
    """
    provider, slash, model = name.partition("/")
    if not slash and name.startswith("gemini-"):
        return "gemini", name
    return provider, model


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A model that a bot can be given; `provided_by` None: once there is a key for its provider."""

    provider: str
    name: str
    provided_by: Literal["installation", "workspace"] | None
    is_local: bool = False
    is_default: bool = False
    capabilities: frozenset[ChatCapability] = frozenset()


class ModelCatalog(ABC):
    """Names are `provider/model`; None names the installation's default."""

    @abstractmethod
    def resolve(self, name: str | None, own: Sequence[StoredCredentials]) -> tuple[ChatModel, str]:
        """Return the model's provider and the model's full name.

        `own` are the credentials of the workspace that asks: where it has some for the provider, these
        are used and never the installation's. Raises InvalidInput (code `model_not_configured`) where
        the provider is unknown or nobody has a key for it, and SecretUnreadable.
        """

    @abstractmethod
    def choices(
        self, default: str | None, own: Sequence[StoredCredentials]
    ) -> Sequence[ModelChoice]:
        """Return the `default` of a workspace (None: the installation's), then of each provider its own.

        What could not be had even with a key of the workspace's is left out.
        """

    @abstractmethod
    def own_fields(self, provider: str) -> frozenset[str]:
        """Return which fields a workspace's own credentials for a provider may have (`api_key` is one).

        Raises NotFound where there is no such provider, or it takes no keys.
        """
