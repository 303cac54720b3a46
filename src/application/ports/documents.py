"""Ports: documents, their revisions' texts and chunks, and the keyword postings of what is live."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from application.ports.keyword_index import KeywordEntry
from domain.chunks import Chunk
from domain.documents import Document, ExtractedText, Source


class DocumentRepository(ABC):
    """The documents of the unit's tenant. Deleted documents are not found."""

    @abstractmethod
    async def add(self, document: Document) -> None:
        """Write a new document with its first revision (0 where it is an address to be fetched).

        Raises Conflict: same bytes or same address in this bot.
        """

    @abstractmethod
    async def get(self, document_id: str, *, lock: bool = False) -> Document:
        """Return the document; with `lock` nobody else changes it before the commit. Raises NotFound."""

    @abstractmethod
    async def find_same(self, bot_id: str, sha256: str) -> Document | None:
        """Return the bot's document with exactly these bytes as newest content, or None."""

    @abstractmethod
    async def find_by_url(self, bot_id: str, url: str) -> Document | None:
        """Return the bot's document of this address, or None."""

    @abstractmethod
    async def save(self, document: Document) -> None:
        """Write the changed document and raise its `version`; a new `target` becomes a revision."""

    @abstractmethod
    async def save_text(self, document_id: str, revision: int, text: ExtractedText) -> None:
        """Store what the parser made of a revision."""

    @abstractmethod
    async def text(self, document_id: str, revision: int) -> ExtractedText | None:
        """Return the extracted text of a revision, or None where there is none yet."""

    @abstractmethod
    async def source(self, document_id: str, revision: int) -> Source:
        """Return the bytes' description of a revision. Raises NotFound."""

    @abstractmethod
    async def citable(self, revisions: Sequence[tuple[str, int]]) -> set[str]:
        """Return which documents of these (id, revision) may be cited; they stay until the commit."""

    @abstractmethod
    async def bot_of(self, document_id: str) -> str | None:
        """Return the bot of a document, a tombstoned one too, or None."""

    @abstractmethod
    async def deleted_of(self, bot_id: str) -> list[str]:
        """Return the ids of a bot's tombstoned documents."""

    @abstractmethod
    async def delete(self, document_id: str) -> None:
        """Tombstone the document: it is not found, retrieved or cited from the commit on."""

    @abstractmethod
    async def stored_bytes(self, document_id: str) -> int:
        """Return how many bytes are kept of a document: its live revision and those after it.

        What several revisions share counts once. A tombstoned document has none.
        """

    @abstractmethod
    async def largest(self, bot_id: str) -> int:
        """Return the size in bytes of the largest document of a bot, 0 where it has none."""

    @abstractmethod
    async def blob_keys(self, document_id: str) -> list[str]:
        """Return the blob keys of all revisions of a document, a tombstoned one too."""

    @abstractmethod
    async def erase(self, document_id: str) -> None:
        """Remove every row of a tombstoned document, its events too."""

    @abstractmethod
    async def retire(self, document_id: str, before: int) -> list[str]:
        """Remove the chunks of revisions below `before`; return the blob keys that only they name.

        Their texts stay as long as the document: answers that cite them open them.
        """


class ChunkRepository(ABC):
    """The chunks of revisions."""

    @abstractmethod
    async def replace(
        self, bot_id: str, document_id: str, revision: int, chunks: Sequence[Chunk]
    ) -> None:
        """Write the chunks of a revision in the place of what it had."""

    @abstractmethod
    async def of(self, document_id: str, revision: int) -> list[Chunk]:
        """Return the chunks of a revision in order."""

    @abstractmethod
    async def hashes(self, document_id: str) -> list[str]:
        """Return the distinct content hashes of all revisions of a document, a tombstoned one too."""


class KeywordPostings(ABC):
    """The writing side of the keyword index: part of the transaction that flips a revision live."""

    @abstractmethod
    async def put(
        self,
        bot_id: str,
        document_id: str,
        revision: int,
        language: str,
        entries: Sequence[KeywordEntry],
    ) -> None:
        """Index a document's revision in the place of whatever was indexed of that document."""

    @abstractmethod
    async def remove(self, document_id: str) -> None:
        """Take a document out; an unknown one is no error."""
