"""Port: crawls of sites."""

from abc import ABC, abstractmethod

from domain.crawls import Crawl


class CrawlRepository(ABC):
    """The crawls of the unit's tenant. Those of deleted bots are not found."""

    @abstractmethod
    async def add(self, crawl: Crawl) -> None:
        """Write a new crawl."""

    @abstractmethod
    async def get(self, crawl_id: str, *, lock: bool = False) -> Crawl:
        """Return the crawl; with `lock` nobody else changes it before the commit. Raises NotFound."""

    @abstractmethod
    async def running(self, bot_id: str) -> str | None:
        """Return the id of the crawl that is running for a bot, or None."""

    @abstractmethod
    async def save(self, crawl: Crawl) -> None:
        """Write the changed crawl."""
