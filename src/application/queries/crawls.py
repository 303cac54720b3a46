"""Reads of crawls."""

from abc import ABC, abstractmethod

from application.queries.page import Page, PageRequest
from domain.crawls import Crawl


class CrawlQueries(ABC):
    """Every call is scoped by tenant; crawls of deleted bots do not appear. The crawls come without
    their frontier."""

    @abstractmethod
    async def get(self, tenant_id: str, crawl_id: str) -> Crawl:
        """Raises NotFound."""

    @abstractmethod
    async def list(self, tenant_id: str, bot_id: str, page: PageRequest) -> Page[Crawl]:
        """Return the crawls of a bot, newest first; the position is a crawl id."""
