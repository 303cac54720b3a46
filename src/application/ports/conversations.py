"""Ports: conversations and their messages."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import datetime

from domain.conversations import Conversation, Message


class ConversationRepository(ABC):
    """The conversations of the unit's tenant. Deleted ones are not found."""

    @abstractmethod
    async def add(self, conversation: Conversation) -> None:
        """Write a new conversation."""

    @abstractmethod
    async def get(self, conversation_id: str, *, lock: bool = False) -> Conversation:
        """Return the conversation. Raises NotFound."""

    @abstractmethod
    async def save(self, conversation: Conversation) -> None:
        """Write the changed conversation and raise its `version`."""

    @abstractmethod
    async def delete(self, conversation_id: str) -> None:
        """Remove the conversation with its messages and their events."""


class MessageRepository(ABC):
    """The messages of the unit's tenant."""

    @abstractmethod
    async def add(self, messages: Sequence[Message]) -> None:
        """Write new messages."""

    @abstractmethod
    async def get(self, message_id: str, *, lock: bool = False) -> Message:
        """Return the message. Raises NotFound."""

    @abstractmethod
    async def save(self, message: Message) -> None:
        """Write the changed message."""

    @abstractmethod
    async def last(self, conversation_id: str) -> Message | None:
        """Return the newest message of the conversation, or None."""

    @abstractmethod
    async def branch(self, message_id: str, limit: int) -> list[Message]:
        """Return up to `limit` messages that lead to this one, itself last, oldest first."""

    @abstractmethod
    async def lease(self, message_id: str, until: datetime) -> bool:
        """Note until when its answerer vouches for an unfinished answer; tell whether it is to stop.

        An answer whose conversation was deleted is to stop.
        """

    @abstractmethod
    async def request_stop(self, message_id: str) -> None:
        """Ask whoever answers, in whatever process, to stop."""


class AbandonedAnswers(ABC):
    """Finds answers whose process vanished, in all tenants."""

    @abstractmethod
    async def expired(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        """Return (tenant id, message id) of unfinished answers whose lease has run out."""
