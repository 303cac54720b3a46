"""Reads of documents, their texts and passages."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from application.queries.page import Page, PageRequest
from domain.chunks import Chunk, Passage
from domain.documents import Document, DocumentStatus


@dataclass(frozen=True, slots=True)
class DocumentFilter:
    """Which documents: by status, by words in title or file name (case folded)."""

    status: DocumentStatus | None = None
    q: str | None = None


class DocumentQueries(ABC):
    """Every call is scoped by tenant; deleted documents do not appear."""

    @abstractmethod
    async def get(self, tenant_id: str, document_id: str) -> Document:
        """Raises NotFound."""

    @abstractmethod
    async def chunks(self, tenant_id: str, document_id: str, page: PageRequest) -> Page[Chunk]:
        """Return the live revision's chunks in order; the position is an ordinal."""

    @abstractmethod
    async def matching(
        self,
        tenant_id: str,
        bot_id: str,
        document_ids: Sequence[str] | None,
        metadata: Mapping[str, str],
    ) -> list[str]:
        """Return the ids of the bot's live documents among `document_ids` that carry this metadata."""

    @abstractmethod
    async def passages(
        self, tenant_id: str, bot_id: str, chunk_ids: Sequence[str]
    ) -> dict[str, Passage]:
        """Return the passages by chunk id, of live revisions of documents that are not deleted only.

        This is the one way from a hit to a text: what the system of record does not hold is not shown.
        """

    @abstractmethod
    async def list(
        self, tenant_id: str, bot_id: str, where: DocumentFilter, page: PageRequest
    ) -> Page[Document]:
        """Return documents, newest first; the position is a document id."""
