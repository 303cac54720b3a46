"""The read side of conversations over the committed dictionaries."""

from dataclasses import replace

from adapters.memory.queries import cut_page, found, holds_words
from adapters.memory.state import MemoryState, TenantTables
from application.queries.conversations import (
    ConversationFilter,
    ConversationOverview,
    ConversationQueries,
    Match,
)
from application.queries.page import Page, PageRequest
from domain.conversations import Conversation, Message, MessageRole
from domain.excerpts import excerpt
from domain.feedback import Rating


class InMemoryConversationQueries(ConversationQueries):
    """Reads of conversations and messages."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def get(self, tenant_id: str, conversation_id: str) -> Conversation:
        """Return a copy of the conversation."""
        return found(self._state.tenant(tenant_id).conversation(conversation_id))

    async def overview(self, tenant_id: str, conversation_id: str) -> ConversationOverview:
        """Return a copy of the conversation with what is in it."""
        tables = self._state.tenant(tenant_id)
        return _overview(tables, found(tables.conversation(conversation_id)))

    async def list(
        self, tenant_id: str, bot_id: str, where: ConversationFilter, page: PageRequest
    ) -> Page[ConversationOverview]:
        """Return conversations, newest first."""
        tables = self._state.tenant(tenant_id)
        own = (
            _overview(tables, conversation)
            for conversation in tables.conversations.values()
            if conversation.bot_id == bot_id and conversation.id not in tables.tombstones
        )
        fitting = (each for each in own if _fits(where, each, tables))
        cut = cut_page(fitting, page, lambda each: each.conversation.id, str, newest_first=True)
        items = [replace(each, match=_match(tables, each, where.words)) for each in cut.items]
        return Page(items, cut.next_after)

    async def messages(
        self,
        tenant_id: str,
        conversation_id: str,
        page: PageRequest,
        *,
        newest_first: bool = False,
    ) -> Page[Message]:
        """Return messages, oldest first unless told otherwise."""
        tables = self._state.tenant(tenant_id)
        known = tables.conversation(conversation_id) is not None
        messages = _messages(tables, conversation_id) if known else []
        return cut_page(messages, page, lambda message: message.id, str, newest_first=newest_first)

    async def message(self, tenant_id: str, message_id: str) -> Message:
        """Return a copy of the message."""
        row = self._state.tenant(tenant_id).message(message_id)
        return found(row.message if row else None)


def _messages(tables: TenantTables, conversation_id: str) -> list[Message]:
    rows = (row.message for row in tables.messages.values())
    own = (message for message in rows if message.conversation_id == conversation_id)
    return sorted(own, key=lambda message: message.id)


def _overview(tables: TenantTables, conversation: Conversation) -> ConversationOverview:
    messages = _messages(tables, conversation.id)
    said = [
        feedback.rating
        for feedback in tables.message_feedback.values()
        if feedback.conversation_id == conversation.id
    ]
    return ConversationOverview(
        conversation,
        len(messages),
        messages[-1].created_at if messages else None,
        said.count(Rating.UP),
        said.count(Rating.DOWN),
    )


def _match(tables: TenantTables, overview: ConversationOverview, words: list[str]) -> Match | None:
    """Return the oldest of the messages that hold the most words."""

    def held(message: Message) -> int:
        return sum(word.casefold() in message.content.casefold() for word in words)

    messages = _messages(tables, overview.conversation.id)
    best = max(messages, key=held, default=None)
    return Match(best.id, excerpt(best.content, words)) if best and held(best) else None


def _fits(where: ConversationFilter, overview: ConversationOverview, tables: TenantTables) -> bool:
    conversation = overview.conversation
    messages = _messages(tables, conversation.id)
    answers = {m.status for m in messages if m.role is MessageRole.ASSISTANT}
    said = {rating for rating in Rating if getattr(overview, rating.value)}
    return (
        (where.status is None or where.status in answers)
        and (where.since is None or conversation.created_at >= where.since)
        and (where.until is None or conversation.created_at < where.until)
        and (where.feedback is None or where.feedback in said)
        and where.degraded in (None, any(m.degraded for m in messages))
        and where.started_by in (None, conversation.started_by)
        and holds_words(where.q, [conversation.title, *(m.content for m in messages)])
    )
