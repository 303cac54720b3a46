"""Documents, their revisions and chunks in dictionaries."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import replace

from adapters.memory.state import RevisionRow, TenantTables
from application.ports.documents import ChunkRepository, DocumentRepository
from domain.chunks import Chunk
from domain.documents import Document, ExtractedText, Source
from domain.errors import Conflict, NotFound


class InMemoryDocumentRepository(DocumentRepository):
    """The documents of the tenant whose tables it gets."""

    def __init__(self, tables: TenantTables) -> None:
        self._tables = tables

    async def add(self, document: Document) -> None:
        """Write a new document with its first revision."""
        self._refuse_same(document)
        self._write(document)

    async def get(self, document_id: str, *, lock: bool = False) -> Document:  # noqa: ARG002
        """Return a copy of the document; units take turns, so nothing needs a lock."""
        document = self._tables.document(document_id)
        if document is None:
            raise NotFound
        return deepcopy(document)

    async def find_same(self, bot_id: str, sha256: str) -> Document | None:
        """Return the bot's document with these bytes, or None."""
        return deepcopy(self._same_bytes(bot_id, sha256))

    async def find_by_url(self, bot_id: str, url: str) -> Document | None:
        """Return the bot's document of this address, or None."""
        return deepcopy(self._first(bot_id, lambda document: document.source_url == url))

    async def save(self, document: Document) -> None:
        """Write the changed document and raise its version."""
        document.version += 1
        if self._tables.document(document.id) is not None:
            self._refuse_same(document)
            self._write(document)

    async def save_text(self, document_id: str, revision: int, text: ExtractedText) -> None:
        """Store the text of a revision."""
        row = self._revision(document_id, revision)
        if row is not None:
            self._tables.revisions[document_id, revision] = replace(row, text=text)

    async def text(self, document_id: str, revision: int) -> ExtractedText | None:
        """Return the text of a revision, or None."""
        row = self._revision(document_id, revision)
        return row.text if row else None

    async def source(self, document_id: str, revision: int) -> Source:
        """Return the bytes' description of a revision."""
        row = self._revision(document_id, revision)
        if row is None:
            raise NotFound
        return row.source

    async def citable(self, revisions: Sequence[tuple[str, int]]) -> set[str]:
        """Return those that stand and whose revision is, or once was, the live one."""
        return {
            document_id
            for document_id, revision in revisions
            if (document := self._tables.document(document_id)) and revision <= document.revision
        }

    async def bot_of(self, document_id: str) -> str | None:
        """Return the bot of a document, or None."""
        document = self._tables.documents.get(document_id)
        return document.bot_id if document else None

    async def deleted_of(self, bot_id: str) -> list[str]:
        """Return the ids of a bot's tombstoned documents."""
        documents = self._tables.documents.values()
        return [d.id for d in documents if d.bot_id == bot_id and d.id in self._tables.tombstones]

    async def delete(self, document_id: str) -> None:
        """Tombstone the document."""
        if document_id in self._tables.documents:
            self._tables.tombstones.add(document_id)

    async def stored_bytes(self, document_id: str) -> int:
        """Return how many bytes are kept of a document."""
        return self._tables.stored_bytes(document_id)

    async def largest(self, bot_id: str) -> int:
        """Return the size of the largest document of a bot."""
        standing = (self._tables.document(one) for one in self._tables.documents)
        return max((d.source.size for d in standing if d and d.bot_id == bot_id), default=0)

    async def blob_keys(self, document_id: str) -> list[str]:
        """Return the blob keys of all revisions."""
        return sorted(self._blob_keys(document_id))

    async def erase(self, document_id: str) -> None:
        """Remove every row of a tombstoned document."""
        if document_id in self._tables.tombstones:
            self._tables.drop_document(document_id)

    async def retire(self, document_id: str, before: int) -> list[str]:
        """Remove the chunks of older revisions; return the blob keys that only they name."""
        old, kept = set[str](), set[str]()
        for (owner, revision), row in self._tables.revisions.items():
            retired = owner == document_id and revision < before
            (old if retired else kept).add(row.source.blob_key)
            if retired:
                self._tables.chunks.pop((owner, revision), None)
        return sorted(old - kept)

    def _revision(self, document_id: str, revision: int) -> RevisionRow | None:
        if self._tables.document(document_id) is None:
            return None
        return self._tables.revisions.get((document_id, revision))

    def _same_bytes(self, bot_id: str, sha256: str) -> Document | None:
        return self._first(bot_id, lambda document: document.source.sha256 == sha256 != "")

    def _first(self, bot_id: str, fits: Callable[[Document], bool]) -> Document | None:
        for document in self._tables.documents.values():
            own = document.bot_id == bot_id and document.id not in self._tables.tombstones
            if own and fits(document):
                return document
        return None

    def _refuse_same(self, document: Document) -> None:
        url = document.source_url
        for other in (
            self._same_bytes(document.bot_id, document.source.sha256),
            self._first(document.bot_id, lambda one: one.source_url == url) if url else None,
        ):
            if other is not None and other.id != document.id:
                raise Conflict("This bot has a document with exactly this content already.")

    def _write(self, document: Document) -> None:
        self._tables.documents[document.id] = deepcopy(document)
        key = (document.id, document.target)
        self._tables.revisions.setdefault(key, RevisionRow(document.source))

    def _blob_keys(self, document_id: str) -> set[str]:
        revisions = self._tables.revisions.items()
        return {row.source.blob_key for key, row in revisions if key[0] == document_id}


class InMemoryChunkRepository(ChunkRepository):
    """The chunks of the tenant whose tables it gets."""

    def __init__(self, tables: TenantTables) -> None:
        self._tables = tables

    async def replace(
        self,
        bot_id: str,  # noqa: ARG002 - the document knows its bot
        document_id: str,
        revision: int,
        chunks: Sequence[Chunk],
    ) -> None:
        """Write the chunks in the place of what the revision had."""
        self._tables.chunks[document_id, revision] = tuple(
            sorted(chunks, key=lambda chunk: chunk.ordinal)
        )

    async def of(self, document_id: str, revision: int) -> list[Chunk]:
        """Return the chunks in order."""
        return list(self._tables.chunks.get((document_id, revision), ()))

    async def hashes(self, document_id: str) -> list[str]:
        """Return the distinct content hashes of all revisions."""
        parts = (chunks for key, chunks in self._tables.chunks.items() if key[0] == document_id)
        return sorted({chunk.content_hash for chunks in parts for chunk in chunks})
