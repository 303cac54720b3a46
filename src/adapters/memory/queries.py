"""Reads over the committed dictionaries."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from typing import TypeVar

from adapters.memory.state import MemoryState, TenantTables
from application.queries.bots import BotQueries
from application.queries.documents import DocumentFilter, DocumentQueries
from application.queries.page import Page, PageRequest
from domain.bots import Bot, BotVersion, IndexGeneration
from domain.chunks import Chunk, Passage
from domain.documents import Document
from domain.errors import NotFound
from domain.ids import split_chunk_id

T = TypeVar("T")
K = TypeVar("K", int, str)


def cut_page(
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


def found(row: T | None) -> T:
    """Return a copy of a row. Raises NotFound where there is none."""
    if row is None:
        raise NotFound
    return deepcopy(row)


def holds_words(q: str | None, texts: Iterable[str]) -> bool:
    """Tell whether each word of `q` stands in one of the texts."""
    folded = [text.casefold() for text in texts]
    return all(any(word in text for text in folded) for word in (q or "").casefold().split())


class InMemoryBotQueries(BotQueries):
    """Reads of bots."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def get(self, tenant_id: str, bot_id: str) -> Bot:
        """Return a copy of the bot."""
        return found(self._state.tenant(tenant_id).bot(bot_id))

    async def list(self, tenant_id: str, page: PageRequest) -> Page[Bot]:
        """Return bots, newest first."""
        tables = self._state.tenant(tenant_id)
        bots = (bot for bot in tables.bots.values() if bot.id not in tables.tombstones)
        return cut_page(bots, page, lambda bot: bot.id, str, newest_first=True)

    async def versions(self, tenant_id: str, bot_id: str, page: PageRequest) -> Page[BotVersion]:
        """Return versions, newest first."""
        tables = self._state.tenant(tenant_id)
        own = (v for v in tables.versions.values() if v.bot_id == bot_id and tables.bot(bot_id))
        return cut_page(own, page, lambda version: version.number, int, newest_first=True)

    async def generation(self, tenant_id: str, bot_id: str) -> IndexGeneration:
        """Return the live generation."""
        return found(self._state.tenant(tenant_id).live_generation(bot_id))


class InMemoryDocumentQueries(DocumentQueries):
    """Reads of documents."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def get(self, tenant_id: str, document_id: str) -> Document:
        """Return a copy of the document."""
        return found(self._state.tenant(tenant_id).document(document_id))

    async def chunks(self, tenant_id: str, document_id: str, page: PageRequest) -> Page[Chunk]:
        """Return the live revision's chunks in order."""
        tables = self._state.tenant(tenant_id)
        document = tables.document(document_id)
        revision = document.revision if document else 0
        chunks = tables.chunks.get((document_id, revision), ())
        return cut_page(chunks, page, lambda chunk: chunk.ordinal, int)

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
            and holds_words(where.q, [f"{document.title}\n{document.source.filename}"])
        )
        return cut_page(documents, page, lambda document: document.id, str, newest_first=True)


def _documents(tables: TenantTables, bot_id: str) -> Iterable[Document]:
    own = (document for document in tables.documents.values() if document.bot_id == bot_id)
    return (document for document in own if document.id not in tables.tombstones)


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
