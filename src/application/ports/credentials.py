"""Ports: a workspace's own keys for providers, sealed; and all workspaces, for maintenance."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.credentials import StoredCredentials


class CredentialsRepository(ABC):
    """The sealed credentials of one tenant, one set for each provider; and which model it chose."""

    @abstractmethod
    async def default_model(self) -> str | None:
        """Return the model of its bots that name none; None: the installation's."""

    @abstractmethod
    async def list(self, *, lock: bool = False) -> Sequence[StoredCredentials]:
        """Return all, by provider; `lock` them to write them back, and others wait for the end."""

    @abstractmethod
    async def save(self, credentials: StoredCredentials) -> None:
        """Write them in the place of those of the same provider, whose `created_at` stays."""

    @abstractmethod
    async def remove(self, provider: str) -> None:
        """Remove those of a provider. Raises NotFound."""


class WorkspaceList(ABC):
    """The ids of all workspaces of the installation, for commands that keep house."""

    @abstractmethod
    async def ids(self, after: str | None, limit: int) -> Sequence[str]:
        """Return up to `limit` ids in order, those that follow `after`; none: there are no more."""
