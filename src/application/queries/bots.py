"""Reads of bots."""

from abc import ABC, abstractmethod

from application.queries.page import Page, PageRequest
from domain.bots import Bot, BotVersion, IndexGeneration


class BotQueries(ABC):
    """Every call is scoped by tenant; deleted bots do not appear. Newest first."""

    @abstractmethod
    async def get(self, tenant_id: str, bot_id: str) -> Bot:
        """Raises NotFound."""

    @abstractmethod
    async def list(self, tenant_id: str, page: PageRequest) -> Page[Bot]:
        """Return bots, newest first; the position is a bot id."""

    @abstractmethod
    async def versions(self, tenant_id: str, bot_id: str, page: PageRequest) -> Page[BotVersion]:
        """Return published and unpublished versions, newest first; the position is a number."""

    @abstractmethod
    async def generation(self, tenant_id: str, bot_id: str) -> IndexGeneration:
        """Return the live index generation of a bot. Raises NotFound."""
