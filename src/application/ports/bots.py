"""Ports: bots, their versions, and the generations of their index."""

from abc import ABC, abstractmethod
from datetime import datetime

from domain.bots import Bot, BotVersion, IndexGeneration
from domain.plans import Footprint


class BotRepository(ABC):
    """The bots of the unit's tenant. Deleted bots are not found."""

    @abstractmethod
    async def add(self, bot: Bot) -> None:
        """Write a new bot."""

    @abstractmethod
    async def get(self, bot_id: str, *, lock: bool = False) -> Bot:
        """Return the bot; with `lock` nobody else changes it before the commit. Raises NotFound."""

    @abstractmethod
    async def hold(self, bot_id: str) -> Bot:
        """Return the bot, which is neither deleted nor changed before the commit; any number of units
        may hold it at once. Raises NotFound."""

    @abstractmethod
    async def save(self, bot: Bot) -> None:
        """Write the changed bot and raise its `version` by one."""

    @abstractmethod
    async def delete(self, bot_id: str) -> Footprint:
        """Tombstone the bot, its documents and conversations: none is found from now on.

        Returns which documents that were not deleted before went with it.
        """

    @abstractmethod
    async def erase_conversations(self, bot_id: str, most: int) -> bool:
        """Remove up to `most` conversations of a tombstoned bot with their messages and events; tell
        whether there were any."""

    @abstractmethod
    async def erase(self, bot_id: str) -> None:
        """Remove every row of a tombstoned bot. Of what it may have many of, let little be left first."""

    @abstractmethod
    async def add_version(self, version: BotVersion) -> None:
        """Write an immutable version. Raises Conflict where the number is taken."""

    @abstractmethod
    async def version(self, bot_id: str, number: int) -> BotVersion:
        """Return a version. Raises NotFound."""

    @abstractmethod
    async def note_publication(self, bot_id: str, number: int, moment: datetime) -> None:
        """Keep when a version was published, the last time."""

    @abstractmethod
    async def last_version(self, bot_id: str) -> int:
        """Return the highest version number, 0 where there is none."""


class GenerationRepository(ABC):
    """The index generations of the unit's tenant."""

    @abstractmethod
    async def add(self, generation: IndexGeneration) -> None:
        """Write a new generation."""

    @abstractmethod
    async def live(self, bot_id: str) -> IndexGeneration:
        """Return the generation that answers. Raises NotFound."""

    @abstractmethod
    async def all(self, bot_id: str) -> list[IndexGeneration]:
        """Return every generation of a bot, deleted bots' too (purging needs them)."""
