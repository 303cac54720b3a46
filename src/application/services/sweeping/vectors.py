"""Vectors against rows: what no document needs goes, what a document lacks comes back."""

from collections import Counter
from collections.abc import Sequence

from application.ports.embedding_cache import EmbeddingCache
from application.ports.vector_index import Namespace, VectorId, VectorIndex, VectorRecord
from application.services.sweeping.round import PAGE, Round
from domain.bots import GenerationState, IndexGeneration
from domain.chunks import Chunk
from domain.ids import chunk_id, split_chunk_id
from domain.sweeps import Finding, Standing

_WRITTEN_AT_ONCE = 512
Present = Counter[tuple[str, int]]


class VectorSweep:
    """Always asks the index first and the rows after that.

    A revision's row is committed before its first vector is written, and a revision that is neither
    the live nor the newest one never becomes either again. So a vector that was listed, and that the
    rows then do not want, will never be wanted: an ingestion under way loses nothing.
    """

    def __init__(self, vectors: VectorIndex, cache: EmbeddingCache) -> None:
        self._vectors = vectors
        self._cache = cache

    async def __call__(self, sweep: Round) -> None:
        """Raises LeaseLost and DependencyUnavailable."""
        namespaces = await self._vectors.namespaces(sweep.tenant_id)
        async with sweep.unit() as uow:
            generations = await uow.estate.generations()
        known = {Namespace(sweep.tenant_id, each.bot_id, each.id): each for each in generations}
        present: dict[Namespace, Present] = {}
        for namespace in namespaces:
            sweep.counts[Finding.NAMESPACES_LOOKED_AT] += 1
            if namespace in known:
                present[namespace] = await self._prune(sweep, namespace)
            else:
                await self._drop(sweep, namespace)
        for namespace, generation in known.items():
            if generation.state is GenerationState.LIVE and generation.store == self._vectors.kind:
                there = present.get(namespace, Counter())
                await self._complete(sweep, namespace, generation, there)

    async def _drop(self, sweep: Round, namespace: Namespace) -> None:
        sweep.counts[Finding.NAMESPACES_DELETED] += 1
        sweep.counts[Finding.VECTORS_DELETED] += await self._vectors.count(namespace)
        if not sweep.dry_run:
            await self._vectors.empty(namespace)

    async def _prune(self, sweep: Round, namespace: Namespace) -> Present:
        """Delete what is not wanted; return how many vectors there are of each revision that is."""
        present, after = Present(), None
        while page := await self._vectors.ids(namespace, after, PAGE):
            after = page[-1].chunk_id
            async with sweep.unit() as uow:
                standing = await uow.upkeep.standing(list({each.document_id for each in page}))
            doomed = []
            for vector in page:
                revision = _wanted(vector, namespace, standing.get(vector.document_id))
                if revision is None:
                    doomed.append(vector.chunk_id)
                else:
                    present[vector.document_id, revision] += 1
            sweep.counts[Finding.VECTORS_LOOKED_AT] += len(page)
            sweep.counts[Finding.VECTORS_DELETED] += len(doomed)
            if doomed and not sweep.dry_run:
                await self._vectors.delete_chunks(namespace, doomed)
        return present

    async def _complete(
        self, sweep: Round, namespace: Namespace, generation: IndexGeneration, present: Present
    ) -> None:
        after = None
        while True:
            async with sweep.unit() as uow:
                page = await uow.upkeep.answering(namespace.bot_id, after, PAGE)
            for document in page:
                if present[document.document_id, document.revision] < document.chunk_count:
                    await self._restore(sweep, namespace, generation, document)
            if len(page) < PAGE:
                return
            after = page[-1].document_id

    async def _restore(
        self, sweep: Round, namespace: Namespace, generation: IndexGeneration, document: Standing
    ) -> None:
        """Write the vectors that are missing from the cache, or have the document taken in anew."""
        missing = await self._missing(sweep, namespace, document)
        if not missing:
            return
        hashes = list({chunk.content_hash for chunk in missing.values()})
        cached = await self._cache.get(sweep.tenant_id, generation.space, hashes)
        records = [
            VectorRecord(key, document.document_id, cached[chunk.content_hash])
            for key, chunk in missing.items()
            if chunk.content_hash in cached
        ]
        sweep.counts[Finding.VECTORS_RESTORED] += len(records)
        if records and not sweep.dry_run:
            await self._write(sweep, namespace, document, records)
        if len(records) < len(missing):
            await sweep.requeue(document.document_id, document.revision)

    async def _missing(
        self, sweep: Round, namespace: Namespace, document: Standing
    ) -> dict[str, Chunk]:
        """Return the chunks without a vector by their ids; whoever went live meanwhile has them all."""
        there, after = set[str](), None
        async with sweep.unit() as uow:
            chunks = await uow.chunks.of(document.document_id, document.revision)
        while page := await self._vectors.ids(namespace, after, PAGE, document.document_id):
            after = page[-1].chunk_id
            there.update(vector.chunk_id for vector in page)
        named = {chunk_id(document.document_id, document.revision, c.ordinal): c for c in chunks}
        return {key: chunk for key, chunk in named.items() if key not in there}

    async def _write(
        self,
        sweep: Round,
        namespace: Namespace,
        document: Standing,
        records: Sequence[VectorRecord],
    ) -> None:
        """Write vectors, and take them back where the document was replaced or deleted meanwhile."""
        for start in range(0, len(records), _WRITTEN_AT_ONCE):
            await self._vectors.upsert(namespace, records[start : start + _WRITTEN_AT_ONCE])
        async with sweep.unit() as uow:
            standing = await uow.upkeep.standing([document.document_id])
        now = standing.get(document.document_id)
        if now is None or not now.keeps(document.revision):
            await self._vectors.delete_chunks(namespace, [record.chunk_id for record in records])


def _wanted(vector: VectorId, namespace: Namespace, document: Standing | None) -> int | None:
    """Return the revision that a vector is of, or None where nothing wants it."""
    parts = split_chunk_id(vector.chunk_id)
    if parts is None or document is None or document.bot_id != namespace.bot_id:
        return None
    document_id, revision, _ = parts
    wanted = document_id == vector.document_id and document.keeps(revision)
    return revision if wanted else None
