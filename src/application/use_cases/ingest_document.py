"""Take a document in: parse, chunk, embed, index, and flip the new revision live."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from application.ports.blob_store import BlobStore
from application.ports.clock import Clock
from application.ports.document_parser import DocumentParser, UnreadableDocument
from application.ports.embedder import Embedder, EmbedTask, Vector
from application.ports.embedding_cache import EmbeddingCache
from application.ports.keyword_index import KeywordEntry
from application.ports.text_analyzer import TextAnalyzer
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.ports.vector_index import Namespace, VectorIndex, VectorRecord
from application.services.ingestion import end_failed, tell_progress
from application.services.metering import record_ingestion
from application.services.suspicion import told_apart
from application.services.views import document_view
from domain.bots import IndexGeneration
from domain.chunking import chunk_text
from domain.chunks import Chunk
from domain.documents import Document, ExtractedText, Failure, Progress, Source, Stage
from domain.errors import ChatSphereError, NotFound
from domain.events import DOCUMENT_READY, NewEvent
from domain.ids import chunk_id
from domain.jobs import Lease

_CACHE_SLICE = 512
_PROGRESS_SECONDS = 0.5


class SpaceMismatch(UnreadableDocument):
    """This bot's index was made with another embedder: set the embedder back, or make a new bot."""

    code = "embedder_changed"


class StoreMismatch(UnreadableDocument):
    """This bot's vectors are in another store: set the vector index back, or make a new bot."""

    code = "vector_index_changed"


class IngestDocument:
    """Works under a lease: each write makes sure that nobody else has taken the job over."""

    def __init__(
        self,
        units: UnitsOfWork,
        blobs: BlobStore,
        parser: DocumentParser,
        embedder: Embedder,
        cache: EmbeddingCache,
        vectors: VectorIndex,
        analyzer: TextAnalyzer,
        clock: Clock,
    ) -> None:
        self._units = units
        self._blobs = blobs
        self._parser = parser
        self._embedder = embedder
        self._cache = cache
        self._vectors = vectors
        self._analyzer = analyzer
        self._clock = clock

    async def __call__(self, lease: Lease) -> None:
        """Bring the document to `ready` or, where it cannot be read, to `failed`; end the job.

        Raises LeaseLost (stop, write nothing) and DependencyUnavailable (try again later). Stages that
        were done before are not done again.
        """
        try:
            document, generation = await self._begin(lease)
            text = await self._extract(lease, document)
            chunks = await asyncio.to_thread(chunk_text, text)
            if not chunks:
                raise UnreadableDocument(
                    "There is no text in this document.", code="empty_document"
                )
            document = await self._store_chunks(lease, document, chunks)
            async with self._nothing_left_of_deleted(document, generation, chunks):
                await self._embed(lease, document, generation, chunks)
                blobs = await self._go_live(lease, document, text, chunks)
        except UnreadableDocument as error:
            await self.fail(lease, Failure(error.code, error.detail))
            return
        # The job is done, so a newer revision may be under way or live: nothing of that is touched.
        await self._vectors.delete_document(
            _namespace(document, generation), document.id, keep_revision=document.target
        )
        for key in blobs:
            await self._blobs.delete(key)

    async def fail(self, lease: Lease, failure: Failure) -> None:
        """End the job with the reason why the document cannot be taken. Raises LeaseLost."""
        await end_failed(self._units, self._clock, lease, failure)

    async def _begin(self, lease: Lease) -> tuple[Document, IndexGeneration]:
        async with self._units.open(lease.job.tenant_id) as uow:
            await uow.jobs.fence(lease)
            document = await uow.documents.get(lease.job.subject_id)
            generation = await uow.generations.live(document.bot_id)
        if generation.space != self._embedder.space:
            raise SpaceMismatch
        if generation.store != self._vectors.kind:
            raise StoreMismatch
        return await self._progress(lease, Progress(Stage.PARSING)), generation

    async def _progress(self, lease: Lease, progress: Progress) -> Document:
        async with self._units.open(lease.job.tenant_id) as uow:
            document = await self._hold(uow, lease)
            return await self._advance(uow, document, progress)

    async def _hold(self, uow: UnitOfWork, lease: Lease) -> Document:
        """Lock the document, then the job: the order of those who replace or delete a document."""
        document = await uow.documents.get(lease.job.subject_id, lock=True)
        await uow.jobs.fence(lease)
        return document

    async def _advance(self, uow: UnitOfWork, document: Document, progress: Progress) -> Document:
        document.advance(progress, self._clock.now())
        await uow.documents.save(document)
        await tell_progress(uow, document)
        return document

    async def _extract(self, lease: Lease, document: Document) -> ExtractedText:
        async with self._units.open(document.tenant_id) as uow:
            known = await uow.documents.text(document.id, document.target)
        if known is not None:
            return known
        text = await self._parse(document.source)
        async with self._units.open(document.tenant_id) as uow:
            held = await self._hold(uow, lease)
            await uow.documents.save_text(document.id, document.target, text)
            await self._advance(uow, held, Progress(Stage.CHUNKING))
        return text

    async def _parse(self, source: Source) -> ExtractedText:
        try:
            async with self._blobs.local_path(source.blob_key) as path:
                return await self._parser.parse(
                    path, filename=source.filename, media_type=source.media_type
                )
        except NotFound:
            raise UnreadableDocument(
                "The stored file is gone: upload it again.", code="content_missing"
            ) from None

    @asynccontextmanager
    async def _nothing_left_of_deleted(
        self, document: Document, generation: IndexGeneration, chunks: Sequence[Chunk]
    ) -> AsyncIterator[None]:
        """Take vectors back if the document was deleted, and perhaps purged, while they were made."""
        try:
            yield
        except BaseException:
            with suppress(ChatSphereError):
                if await self._is_deleted(document):
                    namespace = _namespace(document, generation)
                    await self._vectors.delete_document(namespace, document.id)
                    hashes = [chunk.content_hash for chunk in chunks]
                    await self._cache.forget_unused(document.tenant_id, hashes)
            raise

    async def _is_deleted(self, document: Document) -> bool:
        async with self._units.open(document.tenant_id) as uow:
            try:
                await uow.documents.get(document.id)
            except NotFound:
                return True
        return False

    async def _store_chunks(
        self, lease: Lease, document: Document, chunks: Sequence[Chunk]
    ) -> Document:
        async with self._units.open(document.tenant_id) as uow:
            held = await self._hold(uow, lease)
            await uow.chunks.replace(document.bot_id, document.id, document.target, chunks)
            return await self._advance(uow, held, Progress(Stage.EMBEDDING, 0, len(chunks)))

    async def _embed(
        self,
        lease: Lease,
        document: Document,
        generation: IndexGeneration,
        chunks: Sequence[Chunk],
    ) -> None:
        told = self._clock.monotonic()
        for start in range(0, len(chunks), _CACHE_SLICE):
            part = chunks[start : start + _CACHE_SLICE]
            hashes = list({chunk.content_hash for chunk in part})
            known = await self._cache.get(document.tenant_id, self._embedder.space, hashes)
            missing = {c.content_hash: c.embedded_text for c in part if c.content_hash not in known}
            for batch in _batches(list(missing.items()), self._embedder.batch_size):
                known.update(await self._embed_batch(lease, batch))
                if self._clock.monotonic() - told > _PROGRESS_SECONDS:
                    told = self._clock.monotonic()
                    done = start + sum(chunk.content_hash in known for chunk in part)
                    progress = Progress(Stage.EMBEDDING, done, len(chunks))
                    await self._progress(lease, progress)
            await self._index(lease, document, generation, part, known)

    async def _embed_batch(
        self, lease: Lease, batch: Sequence[tuple[str, str]]
    ) -> dict[str, Vector]:
        async with told_apart(lease, lambda: self._embedder.embed(["."], EmbedTask.DOCUMENT)):
            vectors = await self._embedder.embed([text for _, text in batch], EmbedTask.DOCUMENT)
        made = {key: vector for (key, _), vector in zip(batch, vectors, strict=True)}
        await self._cache.put(lease.job.tenant_id, self._embedder.space, made)
        return made

    async def _index(
        self,
        lease: Lease,
        document: Document,
        generation: IndexGeneration,
        chunks: Sequence[Chunk],
        vectors: dict[str, Vector],
    ) -> None:
        records = [
            VectorRecord(
                chunk_id(document.id, document.target, chunk.ordinal),
                document.id,
                vectors[chunk.content_hash],
            )
            for chunk in chunks
        ]
        namespace = _namespace(document, generation)
        async with told_apart(lease, lambda: self._vectors.count(namespace, document.id)):
            await self._vectors.upsert(namespace, records)

    async def _go_live(
        self,
        lease: Lease,
        document: Document,
        text: ExtractedText,
        chunks: Sequence[Chunk],
    ) -> list[str]:
        await self._progress(lease, Progress(Stage.INDEXING, len(chunks), len(chunks)))
        entries = await asyncio.to_thread(self._entries, chunks, text.language)
        async with self._units.open(document.tenant_id) as uow:
            live = await uow.documents.get(document.id, lock=True)
            await uow.jobs.complete(lease)
            stored = await uow.documents.stored_bytes(live.id)
            if live.title == live.source.filename and text.title:
                live.title = text.title
            live.become_ready(len(chunks), self._clock.now())
            await uow.documents.save(live)
            await uow.postings.put(live.bot_id, live.id, live.target, text.language, entries)
            blobs = await uow.documents.retire(live.id, before=live.target)
            ready = NewEvent(DOCUMENT_READY, {"document": document_view(live)})
            await uow.events.append(live.id, [ready])
            await record_ingestion(uow, live, self._embedder.space, stored)
        return blobs

    def _entries(self, chunks: Sequence[Chunk], language: str) -> list[KeywordEntry]:
        return [
            KeywordEntry(chunk.ordinal, self._analyzer.terms(chunk.embedded_text, language))
            for chunk in chunks
        ]


def _namespace(document: Document, generation: IndexGeneration) -> Namespace:
    return Namespace(document.tenant_id, document.bot_id, generation.id)


def _batches(items: Sequence[tuple[str, str]], size: int) -> list[Sequence[tuple[str, str]]]:
    return [items[i : i + size] for i in range(0, len(items), size)]
