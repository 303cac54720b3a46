"""Conversations and messages in dictionaries."""

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta

from adapters.memory.credentials import default_model
from adapters.memory.state import MemoryState, MessageRow, TenantTables
from application.ports.conversations import (
    AbandonedAnswers,
    Claim,
    Commission,
    ConversationRepository,
    MessageRepository,
)
from domain.conversations import Conversation, Message, MessageStatus
from domain.errors import NotFound
from domain.traces import Trace


class InMemoryConversationRepository(ConversationRepository):
    """The conversations of the tenant whose tables it gets."""

    def __init__(self, tables: TenantTables) -> None:
        self._tables = tables

    async def add(self, conversation: Conversation) -> None:
        """Write a new conversation."""
        self._tables.conversations[conversation.id] = deepcopy(conversation)

    async def get(self, conversation_id: str, *, lock: bool = False) -> Conversation:  # noqa: ARG002
        """Return a copy of the conversation; units take turns, so nothing needs a lock."""
        conversation = self._tables.conversation(conversation_id)
        if conversation is None:
            raise NotFound
        return deepcopy(conversation)

    async def save(self, conversation: Conversation) -> None:
        """Write the changed conversation and raise its version."""
        conversation.version += 1
        if self._tables.conversation(conversation.id) is not None:
            self._tables.conversations[conversation.id] = deepcopy(conversation)

    async def delete(self, conversation_id: str) -> None:
        """Remove the conversation with its messages and their events."""
        self._tables.drop_conversation(conversation_id)


class InMemoryMessageRepository(MessageRepository):
    """The messages of the tenant whose tables it gets, by the clock of the store."""

    def __init__(self, tables: TenantTables, state: MemoryState, tenant_id: str) -> None:
        self._tables = tables
        self._state = state
        self._tenant_id = tenant_id
        self._clock = state.clock

    async def add(self, messages: Sequence[Message], lease_seconds: float | None = None) -> None:
        """Write new messages, and lease the answers that are to be written."""
        for message in messages:
            row = MessageRow(deepcopy(message))
            if lease_seconds is not None and not message.status.is_final:
                until = self._clock.now() + timedelta(seconds=lease_seconds)
                row = replace(row, lease_until=until)
            self._tables.messages[message.id] = row

    async def get(self, message_id: str, *, lock: bool = False) -> Message:  # noqa: ARG002
        """Return a copy of the message; units take turns, so nothing needs a lock."""
        row = self._tables.message(message_id)
        if row is None:
            raise NotFound
        return deepcopy(row.message)

    async def save(self, message: Message, trace: Trace | None = None) -> None:
        """Write the changed message, but for its attempt."""
        row = self._tables.message(message.id)
        if row is not None:
            changed = replace(deepcopy(message), attempt=row.message.attempt)
            kept = row.trace if trace is None else deepcopy(trace)
            self._tables.messages[message.id] = replace(row, message=changed, trace=kept)

    async def last(self, conversation_id: str) -> Message | None:
        """Return the newest message, or None."""
        if self._tables.conversation(conversation_id) is None:
            return None
        messages = (row.message for row in self._tables.messages.values())
        own = (m for m in messages if m.conversation_id == conversation_id)
        return deepcopy(max(own, key=lambda message: message.id, default=None))

    async def branch(self, message_id: str, limit: int) -> list[Message]:
        """Return the messages that lead to this one, oldest first."""
        path: list[Message] = []
        next_id: str | None = message_id
        while next_id is not None and len(path) < limit:
            row = self._tables.message(next_id)
            if row is None:
                break
            path.append(deepcopy(row.message))
            next_id = row.message.parent_id
        return path[::-1]

    async def commission(self, message_id: str) -> Commission:
        """Return how an answer is to be made."""
        row = self._tables.message(message_id)
        if row is None:
            raise NotFound
        conversation = self._tables.conversations[row.message.conversation_id]
        bot = self._tables.bot(conversation.bot_id)
        if bot is None:
            raise NotFound
        settings, version = bot.configuration, None
        if bot.published_version is not None and not row.message.draft:
            version = bot.published_version
            settings = self._tables.versions[bot.id, version].configuration
        keys = sorted(self._tables.credentials.values(), key=lambda key: key.provider)
        chosen = default_model(self._state, self._tenant_id)
        return Commission(bot.id, settings.defaulting_to(chosen), keys, version)

    async def lease(
        self, message_id: str, attempt: int, seconds: float, *, has_text: bool = False
    ) -> bool:
        """Note the lease; tell whether to stop."""
        row = self._unfinished(message_id)
        if row is None or row.message.attempt != attempt:
            return True
        message = replace(row.message)
        if has_text:
            message.status = MessageStatus.STREAMING
        until = self._clock.now() + timedelta(seconds=seconds)
        self._tables.messages[message_id] = replace(row, message=message, lease_until=until)
        return row.stop_requested

    async def claim(self, message_id: str, seconds: float) -> Claim | None:
        """Take over what nobody vouches for."""
        row, now = self._unfinished(message_id), self._clock.now()
        if row is None or row.lease_until is None or row.lease_until >= now:
            return None
        answer = replace(row.message, attempt=row.message.attempt + 1)
        until = now + timedelta(seconds=seconds)
        self._tables.messages[message_id] = replace(row, message=answer, lease_until=until)
        return Claim(deepcopy(answer), row.stop_requested)

    def _unfinished(self, message_id: str) -> MessageRow | None:
        row = self._tables.message(message_id)
        return None if row is None or row.message.status.is_final else row

    async def request_stop(self, message_id: str) -> None:
        """Ask the answerer to stop."""
        row = self._tables.message(message_id)
        if row is not None:
            self._tables.messages[message_id] = replace(row, stop_requested=True)


class InMemoryAbandonedAnswers(AbandonedAnswers):
    """Looks through the messages of all tenants."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def expired(self, limit: int) -> list[tuple[str, str]]:
        """Return unfinished answers whose lease has run out, longest ago first."""
        now = self._state.clock.now()
        found = [
            (row.lease_until, tenant_id, message_id)
            for tenant_id, tables in self._state.tenants.items()
            for message_id, row in tables.messages.items()
            if row.lease_until is not None
            and row.lease_until < now
            and not row.message.status.is_final
            and tables.message(message_id) is not None
        ]
        return [(tenant_id, message_id) for _, tenant_id, message_id in sorted(found)[:limit]]
