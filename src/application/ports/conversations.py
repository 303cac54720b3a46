"""Ports: conversations and their messages."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from domain.configuration import Configuration
from domain.conversations import Conversation, Message
from domain.credentials import StoredCredentials
from domain.traces import Trace


@dataclass(frozen=True, slots=True)
class Claim:
    """An answer that was taken over from a process that vanished, and whether it is to stop."""

    answer: Message
    stop: bool


@dataclass(frozen=True, slots=True)
class Commission:
    """How an answer is to be made: by which configuration of its bot, with which keys of the tenant.

    `version` is the published version that the configuration is of; None: it is the bot's own.
    """

    bot_id: str
    settings: Configuration
    own_keys: Sequence[StoredCredentials]
    version: int | None = None


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
    async def add(self, messages: Sequence[Message], lease_seconds: float | None = None) -> None:
        """Write new messages; the answers among them that are to be written are leased so long."""

    @abstractmethod
    async def get(self, message_id: str, *, lock: bool = False) -> Message:
        """Return the message. Raises NotFound."""

    @abstractmethod
    async def save(self, message: Message, trace: Trace | None = None) -> None:
        """Write the changed message, but for its attempt; with the trace of an answer that has ended."""

    @abstractmethod
    async def last(self, conversation_id: str) -> Message | None:
        """Return the newest message of the conversation, or None."""

    @abstractmethod
    async def branch(self, message_id: str, limit: int) -> list[Message]:
        """Return up to `limit` messages that lead to this one, itself last, oldest first."""

    @abstractmethod
    async def commission(self, message_id: str) -> Commission:
        """Return how an answer is to be made, in one look: by the published version of its bot, if there
        is one and it is no draft. Raises NotFound."""

    @abstractmethod
    async def lease(
        self, message_id: str, attempt: int, seconds: float, *, has_text: bool = False
    ) -> bool:
        """Vouch for an unfinished answer from now on, by the store's clock; tell whether to stop.

        To stop is also who does not hold it any more: another took it over with a higher attempt, it
        has ended, or its conversation was deleted; that lease is not renewed. Who goes on holds it
        until the commit. With `has_text` its status is `streaming` from now on.
        """

    @abstractmethod
    async def claim(self, message_id: str, seconds: float) -> Claim | None:
        """Take over an unfinished answer that nobody vouches for any more: its attempt is one higher.

        None where somebody vouches for it, where it has ended, and where its conversation was deleted.
        """

    @abstractmethod
    async def request_stop(self, message_id: str) -> None:
        """Ask whoever answers, in whatever process, to stop."""


class AbandonedAnswers(ABC):
    """Finds answers whose process vanished, in all tenants."""

    @abstractmethod
    async def expired(self, limit: int) -> list[tuple[str, str]]:
        """Return (tenant id, message id) of unfinished answers whose lease has run out, oldest first.

        By the store's clock.
        """
