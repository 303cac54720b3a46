"""Port: which chat models this installation can use."""

from abc import ABC, abstractmethod

from application.ports.chat_model import ChatModel


class ModelCatalog(ABC):
    """Names are `provider/model`; None names the installation's default."""

    @abstractmethod
    def resolve(self, name: str | None) -> tuple[ChatModel, str]:
        """Return the model's provider and the model's full name.

        Raises InvalidInput (code `model_not_configured`) where the provider is unknown or has no key.
        """
