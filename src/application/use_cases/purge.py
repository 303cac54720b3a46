"""Erase what was deleted: vectors, blobs, rows."""

from application.ports.blob_store import BlobStore
from application.ports.embedding_cache import EmbeddingCache
from application.ports.unit_of_work import UnitsOfWork
from application.ports.vector_index import Namespace, VectorIndex
from application.services.quotas import release_documents
from domain.jobs import Lease


class _Eraser:
    """Erases one tombstoned document: vectors, bytes, cached embeddings, and its rows last, so that a
    crash at any point leaves the rows by which the retry finds the rest."""

    def __init__(
        self, units: UnitsOfWork, blobs: BlobStore, vectors: VectorIndex, cache: EmbeddingCache
    ) -> None:
        self._units = units
        self._blobs = blobs
        self._vectors = vectors
        self._cache = cache

    async def _erase_document(self, lease: Lease, document_id: str) -> None:
        tenant_id = lease.job.tenant_id
        async with self._units.open(tenant_id) as uow:
            await uow.jobs.fence(lease)
            bot_id = await uow.documents.bot_of(document_id)
            generations = await uow.generations.all(bot_id) if bot_id else []
            hashes = await uow.chunks.hashes(document_id)
            blob_keys = await uow.documents.blob_keys(document_id)
        for generation in generations:
            namespace = Namespace(tenant_id, generation.bot_id, generation.id)
            await self._vectors.delete_document(namespace, document_id)
        for key in blob_keys:
            await self._blobs.delete(key)
        if hashes:
            await self._cache.forget_unused(tenant_id, hashes)
        async with self._units.open(tenant_id) as uow:
            await uow.jobs.fence(lease)
            await uow.documents.erase(document_id)


class PurgeDocument(_Eraser):
    """Erase a deleted document."""

    async def __call__(self, lease: Lease) -> None:
        """Erase the tombstoned document and end the job. Raises LeaseLost, DependencyUnavailable."""
        await self._erase_document(lease, lease.job.subject_id)
        async with self._units.open(lease.job.tenant_id) as uow:
            await uow.jobs.complete(lease)


class PurgeBot(_Eraser):
    """Erase a deleted bot with all its documents."""

    async def __call__(self, lease: Lease) -> None:
        """Erase the tombstoned bot and end the job. Raises LeaseLost, DependencyUnavailable."""
        tenant_id, bot_id = lease.job.tenant_id, lease.job.subject_id
        async with self._units.open(tenant_id) as uow:
            await uow.jobs.fence(lease)
            # Once more: nothing of the bot stays without a tombstone.
            gone = await uow.bots.delete(bot_id)
            generations = await uow.generations.all(bot_id)
            documents = await uow.documents.deleted_of(bot_id)
            await release_documents(uow, gone, lease.job.run_at)
        for document_id in documents:
            await self._erase_document(lease, document_id)
        for generation in generations:
            await self._vectors.delete_namespace(Namespace(tenant_id, bot_id, generation.id))
        async with self._units.open(tenant_id) as uow:
            await uow.bots.erase(bot_id)
            await uow.jobs.complete(lease)
