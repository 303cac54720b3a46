"""Reads of conversations and messages."""

from abc import ABC, abstractmethod

from application.queries.page import Page, PageRequest
from domain.conversations import Conversation, Message


class ConversationQueries(ABC):
    """Every call is scoped by tenant; deleted conversations do not appear."""

    @abstractmethod
    async def get(self, tenant_id: str, conversation_id: str) -> Conversation:
        """Raises NotFound."""

    @abstractmethod
    async def list(
        self, tenant_id: str, bot_id: str, q: str | None, page: PageRequest
    ) -> Page[Conversation]:
        """Return conversations, newest first; with `q` those whose title or messages hold the words."""

    @abstractmethod
    async def messages(
        self, tenant_id: str, conversation_id: str, page: PageRequest
    ) -> Page[Message]:
        """Return messages, oldest first; the position is a message id."""

    @abstractmethod
    async def message(self, tenant_id: str, message_id: str) -> Message:
        """Raises NotFound."""
