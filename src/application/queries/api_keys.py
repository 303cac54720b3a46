"""Reads of API keys."""

from abc import ABC, abstractmethod

from application.queries.page import Page, PageRequest
from domain.api_keys import ApiKey


class ApiKeyQueries(ABC):
    """Every call is scoped by tenant; revoked keys do not appear, expired ones do."""

    @abstractmethod
    async def get(self, tenant_id: str, key_id: str) -> ApiKey:
        """Raises NotFound."""

    @abstractmethod
    async def list(self, tenant_id: str, page: PageRequest) -> Page[ApiKey]:
        """Return the keys of a workspace, newest first; the position is a key id."""
