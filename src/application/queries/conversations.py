"""Reads of conversations and messages."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime

from application.queries.page import Page, PageRequest
from domain.conversations import Conversation, Message, MessageStatus
from domain.feedback import Rating


@dataclass(frozen=True, slots=True)
class ConversationFilter:
    """Which conversations: by words in title or messages (case folded), by the status of an answer in
    them, by when they began (`since` counts, `until` does not), by what anyone says of an answer in
    them, by whether an answer was made with a part out, and by who began them."""

    q: str | None = None
    status: MessageStatus | None = None
    since: datetime | None = None
    until: datetime | None = None
    feedback: Rating | None = None
    degraded: bool | None = None
    started_by: str | None = None

    @property
    def words(self) -> list[str]:
        """The words that are looked for."""
        return (self.q or "").split()


@dataclass(frozen=True, slots=True)
class Match:
    """The message that holds the most of the words looked for, the oldest of these, and a piece of it."""

    message_id: str
    text: str


@dataclass(frozen=True, slots=True)
class ConversationOverview:
    """A conversation and what there is in it; `up` and `down` count what all say of its answers."""

    conversation: Conversation
    message_count: int
    last_message_at: datetime | None
    up: int
    down: int
    match: Match | None = None


class ConversationQueries(ABC):
    """Every call is scoped by tenant; deleted conversations do not appear."""

    @abstractmethod
    async def get(self, tenant_id: str, conversation_id: str) -> Conversation:
        """Raises NotFound."""

    @abstractmethod
    async def overview(self, tenant_id: str, conversation_id: str) -> ConversationOverview:
        """Raises NotFound."""

    @abstractmethod
    async def list(
        self, tenant_id: str, bot_id: str, where: ConversationFilter, page: PageRequest
    ) -> Page[ConversationOverview]:
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
