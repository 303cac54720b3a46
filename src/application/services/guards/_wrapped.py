"""What wrappers leave to what they wrap."""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext

from application.ports.chat_model import ChatCapability, ChatModel
from application.ports.embedder import Embedder, EmbedTask, Vector
from application.ports.vector_index import Hit, Namespace, VectorId, VectorIndex, VectorRecord


class WrappedChatModel(ChatModel):
    """`model` in all but how it streams."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    def __repr__(self) -> str:
        return repr(self._model)

    @property
    def capabilities(self) -> frozenset[ChatCapability]:
        """What the model can do."""
        return self._model.capabilities

    async def aclose(self) -> None:
        """Release what the model holds."""
        await self._model.aclose()


class WrappedEmbedder(Embedder):
    """`embedder` in all but what a subclass does otherwise."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def __repr__(self) -> str:
        return repr(self._embedder)

    @property
    def space(self) -> str:
        """Name of the vector space."""
        return self._embedder.space

    @property
    def dimensions(self) -> int:
        """Length of each vector."""
        return self._embedder.dimensions

    @property
    def batch_size(self) -> int:
        """How many texts a call should hold."""
        return self._embedder.batch_size

    @property
    def languages(self) -> frozenset[str] | None:
        """The languages the model was trained for."""
        return self._embedder.languages

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        """Return one vector of unit length a text, in order."""
        return await self._embedder.embed(texts, task)

    async def aclose(self) -> None:
        """Release what the embedder holds."""
        await self._embedder.aclose()


class WrappedVectorIndex(VectorIndex):
    """`index` in all but what a subclass does otherwise, or around each call."""

    def __init__(self, index: VectorIndex) -> None:
        self._index = index
        self.kind = index.kind

    def __repr__(self) -> str:
        return repr(self._index)

    def around(self, operation: str) -> AbstractAsyncContextManager[None]:  # noqa: ARG002
        """Return what is entered for a call of an operation."""
        return nullcontext()

    async def prepare(self) -> None:
        """See to it that vectors can be stored."""
        async with self.around("prepare"):
            await self._index.prepare()

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        """Write the records; the same id again replaces."""
        async with self.around("upsert"):
            await self._index.upsert(namespace, records)

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """Return up to `limit` hits, best first; within `document_ids` where given (none: no hit)."""
        async with self.around("search"):
            return await self._index.search(namespace, vector, limit, document_ids)

    async def delete_chunks(self, namespace: Namespace, chunk_ids: Sequence[str]) -> None:
        """Remove these vectors; unknown ids are no error."""
        async with self.around("delete"):
            await self._index.delete_chunks(namespace, chunk_ids)

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        """Remove the vectors of a document; with `keep_revision` only those of revisions before it."""
        async with self.around("delete"):
            await self._index.delete_document(namespace, document_id, keep_revision)

    async def delete_namespace(self, namespace: Namespace) -> bool:
        """Remove a part of the namespace; tell whether more may be left."""
        async with self.around("delete"):
            return await self._index.delete_namespace(namespace)

    async def count(self, namespace: Namespace, document_id: str | None = None) -> int:
        """Return how many vectors the namespace (or one document in it) holds."""
        async with self.around("list"):
            return await self._index.count(namespace, document_id)

    async def ids(
        self, namespace: Namespace, after: str | None, limit: int, document_id: str | None = None
    ) -> Sequence[VectorId]:
        """Return a page of the vectors there are, after the chunk id `after`."""
        async with self.around("list"):
            return await self._index.ids(namespace, after, limit, document_id)

    async def namespaces(self, tenant_id: str) -> Sequence[Namespace]:
        """Return every namespace of a tenant that may hold a vector."""
        async with self.around("list"):
            return await self._index.namespaces(tenant_id)

    async def aclose(self) -> None:
        """Release what the index holds."""
        await self._index.aclose()
