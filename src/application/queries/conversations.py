"""Reads of conversations and messages."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

from application.queries.page import Page, PageRequest
from domain.conversations import Conversation, Message, MessageStatus


@dataclass(frozen=True, slots=True)
class ConversationFilter:
    """Which conversations: by words in title or messages (case folded), by the status of an answer in
    them, by when they began (`since` counts, `until` does not)."""

    q: str | None = None
    status: MessageStatus | None = None
    since: datetime | None = None
    until: datetime | None = None


class ConversationQueries(ABC):
    """Every call is scoped by tenant; deleted conversations do not appear."""

    @abstractmethod
    async def get(self, tenant_id: str, conversation_id: str) -> Conversation:
        """Raises NotFound."""

    @abstractmethod
    async def list(
        self, tenant_id: str, bot_id: str, where: ConversationFilter, page: PageRequest
    ) -> Page[Conversation]:
        """Return the conversations that every part of the filter lets through, newest first."""

    @abstractmethod
    async def messages(
        self,
        tenant_id: str,
        conversation_id: str,
        page: PageRequest,
        *,
        newest_first: bool = False,
    ) -> Page[Message]:
        """Return messages, oldest first unless told otherwise; the position is a message id."""

    @abstractmethod
    async def message(self, tenant_id: str, message_id: str) -> Message:
        """Raises NotFound."""
