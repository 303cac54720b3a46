"""Erase what was deleted: vectors, blobs, rows; and write down on its receipt that it is so."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from application.ports.blob_store import BlobStore
from application.ports.clock import Clock
from application.ports.embedding_cache import EmbeddingCache
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.ports.vector_index import Namespace, VectorIndex
from application.services.quotas import release_documents
from domain.bots import IndexGeneration
from domain.errors import DependencyUnavailable
from domain.jobs import Lease

_CONVERSATIONS_AT_ONCE = 200  # with their messages and events a transaction of well under a second


class NotErased(DependencyUnavailable):
    """A store still shows what it was told to delete: it is asked again later."""

    code = "not_erased"


class _Eraser:
    """Erases vectors, bytes, cached embeddings, and rows last, so that a crash at any point leaves the
    rows by which the retry finds the rest; and no row goes before the stores have been asked again.

    The receipt says first what there is, and in the end that nothing is left. What was deleted before
    there were receipts has none.
    """

    _subject: ClassVar[str]

    def __init__(
        self,
        units: UnitsOfWork,
        blobs: BlobStore,
        vectors: VectorIndex,
        cache: EmbeddingCache,
        clock: Clock,
    ) -> None:
        self._units = units
        self._blobs = blobs
        self._vectors = vectors
        self._cache = cache
        self._clock = clock

    async def _begin(
        self, lease: Lease, namespaces: Sequence[Namespace], document_id: str | None = None
    ) -> None:
        """Write on the receipt what the stores hold."""
        vectors = await self._count(namespaces, document_id)
        async with self._units.open(lease.job.tenant_id) as uow:
            await uow.jobs.fence(lease)
            receipt = await uow.erasures.pending(self._subject, lease.job.subject_id)
            if receipt is None:
                return
            now, blobs = self._clock.now(), receipt.counts.get("blobs", 0)
            receipt = receipt.noted("vector_index", self._vectors.kind, vectors, now)
            receipt = receipt.noted("blob_store", self._blobs.kind, blobs, now)
            await uow.erasures.save(receipt)

    async def _count(self, namespaces: Sequence[Namespace], document_id: str | None) -> int:
        return sum([await self._vectors.count(each, document_id) for each in namespaces])

    async def _erase_vectors(
        self, namespaces: Sequence[Namespace], document_id: str | None = None
    ) -> None:
        """Delete, and ask whether it is done. Raises NotErased."""
        for namespace in namespaces:
            if document_id is None:
                await self._vectors.empty(namespace)
            else:
                await self._vectors.delete_document(namespace, document_id)
        if await self._count(namespaces, document_id):
            raise NotErased("The vector index still shows vectors that it was told to delete.")

    async def _erase_content(self, lease: Lease, document_id: str) -> int:
        """Erase bytes and cached embeddings; return how many of the latter. Raises NotErased."""
        async with self._units.open(lease.job.tenant_id) as uow:
            await uow.jobs.fence(lease)
            hashes = await uow.chunks.hashes(document_id)
            keys = await uow.documents.blob_keys(document_id)
        for key in keys:
            await self._blobs.delete(key)
            if await self._blobs.exists(key):
                raise NotErased("The blob store still shows bytes that it was told to delete.")
        return await self._cache.forget_unused(lease.job.tenant_id, hashes) if hashes else 0

    async def _erase_rows(
        self, uow: UnitOfWork, lease: Lease, document_id: str, forgotten: int
    ) -> None:
        await uow.documents.erase(document_id)
        receipt = await uow.erasures.pending(self._subject, lease.job.subject_id)
        if receipt is not None and forgotten:
            forgotten += receipt.counts.get("cached_embeddings", 0)
            counts = {**receipt.counts, "cached_embeddings": forgotten}
            await uow.erasures.save(replace(receipt, counts=counts))

    async def _finish(self, uow: UnitOfWork, lease: Lease) -> None:
        """End the job, and with it the receipt: nothing is left."""
        receipt = await uow.erasures.pending(self._subject, lease.job.subject_id)
        if receipt is not None:
            now = self._clock.now()
            for store in receipt.stores:
                receipt = receipt.noted(store.store, store.kind, 0, now)
            await uow.erasures.save(replace(receipt, finished_at=now))
        await uow.jobs.complete(lease)


class PurgeDocument(_Eraser):
    """Erase a deleted document."""

    _subject = "document"

    async def __call__(self, lease: Lease) -> None:
        """Erase the tombstoned document and end the job. Raises LeaseLost, and DependencyUnavailable
        where it must be tried again."""
        tenant_id, document_id = lease.job.tenant_id, lease.job.subject_id
        async with self._units.open(tenant_id) as uow:
            await uow.jobs.fence(lease)
            bot_id = await uow.documents.bot_of(document_id)
            generations = await uow.generations.all(bot_id) if bot_id else []
        namespaces = _namespaces(tenant_id, generations)
        await self._begin(lease, namespaces, document_id)
        await self._erase_vectors(namespaces, document_id)
        forgotten = await self._erase_content(lease, document_id)
        async with self._units.open(tenant_id) as uow:
            await uow.jobs.fence(lease)
            await self._erase_rows(uow, lease, document_id, forgotten)
            await self._finish(uow, lease)


class PurgeBot(_Eraser):
    """Erase a deleted bot with all its documents."""

    _subject = "bot"

    async def __call__(self, lease: Lease) -> None:
        """Erase the tombstoned bot and end the job. Raises LeaseLost, and DependencyUnavailable where
        it must be tried again."""
        tenant_id, bot_id = lease.job.tenant_id, lease.job.subject_id
        async with self._units.open(tenant_id) as uow:
            await uow.jobs.fence(lease)
            # Once more: nothing of the bot stays without a tombstone.
            gone = await uow.bots.delete(bot_id)
            generations = await uow.generations.all(bot_id)
            documents = await uow.documents.deleted_of(bot_id)
            await self._take_stock(uow, bot_id)
            await release_documents(uow, gone, lease.job.run_at)
        namespaces = _namespaces(tenant_id, generations)
        await self._begin(lease, namespaces)
        await self._erase_vectors(namespaces)
        for document_id in documents:
            forgotten = await self._erase_content(lease, document_id)
            async with self._units.open(tenant_id) as uow:
                await uow.jobs.fence(lease)
                await self._erase_rows(uow, lease, document_id, forgotten)
                # All at once might take longer than a statement may.
                await uow.postings.remove(document_id)
        await self._erase_conversations(lease)
        await self._erase_vectors(namespaces)  # what a slow worker wrote meanwhile
        async with self._units.open(tenant_id) as uow:
            await uow.jobs.fence(lease)
            await uow.bots.erase(bot_id)
            await self._finish(uow, lease)

    async def _erase_conversations(self, lease: Lease) -> None:
        more = True
        while more:
            async with self._units.open(lease.job.tenant_id) as uow:
                await uow.jobs.fence(lease)
                more = await uow.bots.erase_conversations(
                    lease.job.subject_id, _CONVERSATIONS_AT_ONCE
                )

    async def _take_stock(self, uow: UnitOfWork, bot_id: str) -> None:
        """Write down once what there is: to count it takes too long for whoever deletes a large bot."""
        receipt = await uow.erasures.pending(self._subject, bot_id)
        if receipt is not None and not receipt.counts:
            counts = await uow.upkeep.count_bot(bot_id)
            await uow.erasures.save(replace(receipt, counts=counts))


def _namespaces(tenant_id: str, generations: Sequence[IndexGeneration]) -> list[Namespace]:
    return [Namespace(tenant_id, each.bot_id, each.id) for each in generations]
