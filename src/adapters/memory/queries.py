"""Reads over the committed dictionaries."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from typing import TypeVar

from adapters.memory.state import MemoryState, TenantTables
from application.queries.bots import BotQueries
from application.queries.conversations import ConversationFilter, ConversationQueries
from application.queries.documents import DocumentFilter, DocumentQueries
from application.queries.page import Page, PageRequest
from domain.bots import Bot, BotVersion, IndexGeneration
from domain.chunks import Chunk, Passage
from domain.conversations import Conversation, Message, MessageRole
from domain.documents import Document
from domain.errors import NotFound
from domain.ids import split_chunk_id

T = TypeVar("T")
K = TypeVar("K", int, str)


def _page(
    rows: Iterable[T],
    page: PageRequest,
    key: Callable[[T], K],
    position: Callable[[str], K],
    *,
    newest_first: bool = False,
) -> Page[T]:
    """Cut a page out of rows, in the order of `key`, that come after the position."""
    ordered = sorted(rows, key=key, reverse=newest_first)
    if page.after:
        after = position(page.after)
        comes_after = operator.lt if newest_first else operator.gt
        ordered = [row for row in ordered if comes_after(key(row), after)]
    return Page.cut(deepcopy(ordered[: page.limit + 1]), page.limit, lambda row: str(key(row)))


def _found(row: T | None) -> T:
    if row is None:
        raise NotFound
    return deepcopy(row)


def _holds_words(q: str | None, texts: Iterable[str]) -> bool:
    """Tell whether each word of `q` stands in one of the texts."""
    folded = [text.casefold() for text in texts]
    return all(any(word in text for text in folded) for word in (q or "").casefold().split())


class InMemoryBotQueries(BotQueries):
    """Reads of bots."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def get(self, tenant_id: str, bot_id: str) -> Bot:
        """Return a copy of the bot."""
        return _found(self._state.tenant(tenant_id).bot(bot_id))

    async def list(self, tenant_id: str, page: PageRequest) -> Page[Bot]:
        """Return bots, newest first."""
        tables = self._state.tenant(tenant_id)
        bots = (bot for bot in tables.bots.values() if bot.id not in tables.tombstones)
        return _page(bots, page, lambda bot: bot.id, str, newest_first=True)

    async def versions(self, tenant_id: str, bot_id: str, page: PageRequest) -> Page[BotVersion]:
        """Return versions, newest first."""
        tables = self._state.tenant(tenant_id)
        own = (v for v in tables.versions.values() if v.bot_id == bot_id and tables.bot(bot_id))
        return _page(own, page, lambda version: version.number, int, newest_first=True)

    async def generation(self, tenant_id: str, bot_id: str) -> IndexGeneration:
        """Return the live generation."""
        return _found(self._state.tenant(tenant_id).live_generation(bot_id))


class InMemoryDocumentQueries(DocumentQueries):
    """Reads of documents."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def get(self, tenant_id: str, document_id: str) -> Document:
        """Return a copy of the document."""
        return _found(self._state.tenant(tenant_id).document(document_id))

    async def chunks(self, tenant_id: str, document_id: str, page: PageRequest) -> Page[Chunk]:
        """Return the live revision's chunks in order."""
        tables = self._state.tenant(tenant_id)
        document = tables.document(document_id)
        revision = document.revision if document else 0
        chunks = tables.chunks.get((document_id, revision), ())
        return _page(chunks, page, lambda chunk: chunk.ordinal, int)

    async def matching(
        self,
        tenant_id: str,
        bot_id: str,
        document_ids: Sequence[str] | None,
        metadata: Mapping[str, str],
    ) -> list[str]:
        """Return the ids of live documents that carry this metadata."""
        return [
            document.id
            for document in _documents(self._state.tenant(tenant_id), bot_id)
            if document.revision > 0
            and (document_ids is None or document.id in document_ids)
            and metadata.items() <= document.metadata.items()
        ]

    async def passages(
        self, tenant_id: str, bot_id: str, chunk_ids: Sequence[str]
    ) -> dict[str, Passage]:
        """Return the passages of live revisions by chunk id."""
        tables = self._state.tenant(tenant_id)
        found = ((chunk_id, _passage(tables, bot_id, chunk_id)) for chunk_id in chunk_ids)
        return {chunk_id: passage for chunk_id, passage in found if passage is not None}

    async def list(
        self, tenant_id: str, bot_id: str, where: DocumentFilter, page: PageRequest
    ) -> Page[Document]:
        """Return documents, newest first."""
        documents = (
            document
            for document in _documents(self._state.tenant(tenant_id), bot_id)
            if where.status in (None, document.status)
            and _holds_words(where.q, [f"{document.title}\n{document.source.filename}"])
        )
        return _page(documents, page, lambda document: document.id, str, newest_first=True)


class InMemoryConversationQueries(ConversationQueries):
    """Reads of conversations and messages."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def get(self, tenant_id: str, conversation_id: str) -> Conversation:
        """Return a copy of the conversation."""
        return _found(self._state.tenant(tenant_id).conversation(conversation_id))

    async def list(
        self, tenant_id: str, bot_id: str, where: ConversationFilter, page: PageRequest
    ) -> Page[Conversation]:
        """Return conversations, newest first."""
        tables = self._state.tenant(tenant_id)
        conversations = (
            conversation
            for conversation in tables.conversations.values()
            if conversation.bot_id == bot_id
            and conversation.id not in tables.tombstones
            and _fits(where, conversation, _messages(tables, conversation.id))
        )
        return _page(conversations, page, lambda c: c.id, str, newest_first=True)

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
        return _page(messages, page, lambda message: message.id, str, newest_first=newest_first)

    async def message(self, tenant_id: str, message_id: str) -> Message:
        """Return a copy of the message."""
        row = self._state.tenant(tenant_id).message(message_id)
        return _found(row.message if row else None)


def _documents(tables: TenantTables, bot_id: str) -> Iterable[Document]:
    own = (document for document in tables.documents.values() if document.bot_id == bot_id)
    return (document for document in own if document.id not in tables.tombstones)


def _messages(tables: TenantTables, conversation_id: str) -> list[Message]:
    rows = (row.message for row in tables.messages.values())
    return [message for message in rows if message.conversation_id == conversation_id]


def _fits(where: ConversationFilter, conversation: Conversation, messages: list[Message]) -> bool:
    answers = {m.status for m in messages if m.role is MessageRole.ASSISTANT}
    return (
        (where.status is None or where.status in answers)
        and (where.since is None or conversation.created_at >= where.since)
        and (where.until is None or conversation.created_at < where.until)
        and _holds_words(where.q, [conversation.title, *(m.content for m in messages)])
    )


def _passage(tables: TenantTables, bot_id: str, chunk_id: str) -> Passage | None:
    document_id, revision, ordinal = split_chunk_id(chunk_id) or ("", 0, 0)
    document = tables.document(document_id)
    if document is None or (document.bot_id, document.revision) != (bot_id, revision):
        return None
    chunks = tables.chunks.get((document_id, revision), ())
    chunk = next((chunk for chunk in chunks if chunk.ordinal == ordinal), None)
    if chunk is None:
        return None
    text = tables.revisions[document_id, revision].text
    return Passage(
        chunk_id=chunk_id,
        document_id=document.id,
        title=document.title,
        revision=document.revision,
        text=chunk.text,
        start=chunk.start,
        end=chunk.end,
        page=chunk.page,
        heading_path=chunk.heading_path,
        language=text.language if text else "",
        source_url=document.source_url,
    )
