"""Reads of how much a bot has."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.documents import DocumentStatus


@dataclass(frozen=True, slots=True)
class BotSummary:
    """Documents by status, with chunks and bytes (`size`) of them all; conversations; answers that ended
    since a moment, and those of them that failed; ratings of answers, of all time."""

    documents: Mapping[DocumentStatus, int]
    chunks: int
    size: int
    conversations: int
    messages_today: int
    failed_today: int
    up: int = 0
    down: int = 0


class SummaryQueries(ABC):
    """Every call is scoped by tenant; what is deleted does not count."""

    @abstractmethod
    async def of_bot(self, tenant_id: str, bot_id: str, since: datetime) -> BotSummary:
        """Return what a bot has; of answers, those that ended from `since` on. Raises NotFound."""
