"""Reads of a workspace's own keys."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from domain.credentials import StoredCredentials


class CredentialQueries(ABC):
    """Scoped by tenant; what comes back is sealed."""

    @abstractmethod
    async def list(self, tenant_id: str) -> Sequence[StoredCredentials]:
        """Return the credentials of a workspace, by provider."""
