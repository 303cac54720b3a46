"""Bots, their versions and index generations in dictionaries."""

from copy import deepcopy
from dataclasses import replace
from datetime import datetime

from adapters.memory.state import TenantTables
from application.ports.bots import BotRepository, GenerationRepository
from domain.bots import Bot, BotVersion, IndexGeneration
from domain.errors import Conflict, NotFound
from domain.plans import Footprint


class InMemoryBotRepository(BotRepository):
    """The bots of the tenant whose tables it gets."""

    def __init__(self, tables: TenantTables) -> None:
        self._tables = tables

    async def add(self, bot: Bot) -> None:
        """Write a new bot."""
        self._tables.bots[bot.id] = deepcopy(bot)

    async def get(self, bot_id: str, *, lock: bool = False) -> Bot:  # noqa: ARG002 - units take turns
        """Return a copy of the bot."""
        bot = self._tables.bot(bot_id)
        if bot is None:
            raise NotFound
        return deepcopy(bot)

    async def hold(self, bot_id: str) -> Bot:
        """Return a copy of the bot; units take turns, so nothing changes it."""
        return await self.get(bot_id)

    async def save(self, bot: Bot) -> None:
        """Write the changed bot and raise its version."""
        bot.version += 1
        if self._tables.bot(bot.id) is not None:
            self._tables.bots[bot.id] = deepcopy(bot)

    async def delete(self, bot_id: str) -> Footprint:
        """Tombstone the bot with its documents and conversations."""
        tables = self._tables
        if bot_id not in tables.bots:
            return Footprint()
        standing = [one for one in self._documents(bot_id) if one not in tables.tombstones]
        gone = Footprint(len(standing), sum(map(tables.stored_bytes, standing)))
        tables.tombstones.update({bot_id}, self._documents(bot_id), self._conversations(bot_id))
        return gone

    async def erase_conversations(self, bot_id: str, most: int) -> bool:
        """Remove up to `most` conversations of a tombstoned bot."""
        is_gone = bot_id in self._tables.tombstones
        doomed = self._conversations(bot_id)[:most] if is_gone else []
        for conversation_id in doomed:
            self._tables.drop_conversation(conversation_id)
        return bool(doomed)

    async def erase(self, bot_id: str) -> None:
        """Remove every row of a tombstoned bot."""
        tables = self._tables
        if bot_id not in tables.tombstones:
            return
        for document_id in self._documents(bot_id):
            tables.drop_document(document_id)
        for conversation_id in self._conversations(bot_id):
            tables.drop_conversation(conversation_id)
        tables.versions = {key: v for key, v in tables.versions.items() if v.bot_id != bot_id}
        tables.generations = {k: g for k, g in tables.generations.items() if g.bot_id != bot_id}
        tables.crawls = {key: c for key, c in tables.crawls.items() if c.bot_id != bot_id}
        tables.bots.pop(bot_id, None)
        tables.tombstones.discard(bot_id)

    async def add_version(self, version: BotVersion) -> None:
        """Write a version, unless its number is taken."""
        key = (version.bot_id, version.number)
        if key in self._tables.versions:
            raise Conflict("This version exists already.")
        self._tables.versions[key] = version

    async def version(self, bot_id: str, number: int) -> BotVersion:
        """Return a version."""
        version = self._tables.versions.get((bot_id, number))
        if version is None or self._tables.bot(bot_id) is None:
            raise NotFound
        return version

    async def note_publication(self, bot_id: str, number: int, moment: datetime) -> None:
        """Keep when a version was published."""
        version = self._tables.versions[bot_id, number]
        self._tables.versions[bot_id, number] = replace(version, published_at=moment)

    async def last_version(self, bot_id: str) -> int:
        """Return the highest number."""
        return max((number for bot, number in self._tables.versions if bot == bot_id), default=0)

    def _documents(self, bot_id: str) -> list[str]:
        return [d.id for d in self._tables.documents.values() if d.bot_id == bot_id]

    def _conversations(self, bot_id: str) -> list[str]:
        return [c.id for c in self._tables.conversations.values() if c.bot_id == bot_id]


class InMemoryGenerationRepository(GenerationRepository):
    """The index generations of the tenant whose tables it gets."""

    def __init__(self, tables: TenantTables) -> None:
        self._tables = tables

    async def add(self, generation: IndexGeneration) -> None:
        """Write a new generation."""
        self._tables.generations[generation.id] = generation

    async def live(self, bot_id: str) -> IndexGeneration:
        """Return the generation that answers."""
        generation = self._tables.live_generation(bot_id)
        if generation is None:
            raise NotFound
        return generation

    async def all(self, bot_id: str) -> list[IndexGeneration]:
        """Return every generation of the bot, oldest first."""
        return [g for g in self._tables.generations.values() if g.bot_id == bot_id]
