"""Adapters as the kit uses them: each call is counted, and what was written is known for cleaning up."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime

from application.ports.cache import Cache
from application.ports.chat_model import ChatCapability, ChatModel, ChatRequest, Delta, Finish
from application.ports.clock import Clock
from application.ports.embedder import Embedder, EmbedTask, Vector
from application.ports.rate_limiter import Charge, Limit, RateLimiter, Verdict
from application.ports.reranker import Reranker
from application.ports.vector_index import Hit, Namespace, VectorId, VectorIndex, VectorRecord
from entrypoints.kit.subject import Subject

_LATE_SECONDS = 1.0  # for a thread or a server that was at it when nobody waited any more


class WatchedChatModel(ChatModel):
    """Counts answers."""

    def __init__(self, subject: Subject) -> None:
        self._subject, self._inner = subject, subject.part

    def __repr__(self) -> str:
        return repr(self._inner)

    @property
    def capabilities(self) -> frozenset[ChatCapability]:
        return frozenset(self._inner.capabilities)

    def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        self._subject.calls += 1
        stream: AsyncGenerator[Delta | Finish, None] = self._inner.stream(request)
        return stream


class WatchedEmbedder(Embedder):
    """Counts calls."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._inner: Embedder = subject.part

    @property
    def space(self) -> str:
        return self._inner.space

    @property
    def dimensions(self) -> int:
        return self._inner.dimensions

    @property
    def batch_size(self) -> int:
        return self._inner.batch_size

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        self._subject.calls += 1
        return await self._inner.embed(texts, task)


class WatchedReranker(Reranker):
    """Counts calls."""

    def __init__(self, subject: Subject) -> None:
        self._subject = subject
        self._inner: Reranker = subject.part
        self.most, self.languages = self._inner.most, self._inner.languages

    async def rerank(self, question: str, passages: Sequence[str]) -> Sequence[float]:
        self._subject.calls += 1
        return await self._inner.rerank(question, passages)


class WatchedVectorIndex(VectorIndex):
    """Remembers the namespaces that were written to."""

    def __init__(self, inner: VectorIndex) -> None:
        self._inner, self._written = inner, dict[Namespace, None]()
        self._cancelled = set[Namespace]()
        self.kind = inner.kind

    async def clean_up(self) -> None:
        """Empty what was written; what cannot be emptied keeps no other from it."""
        failed: list[Exception] = []
        for namespace in list(self._written):
            try:
                await self._inner.empty(namespace)
            except Exception as error:
                failed.append(error)
            else:
                del self._written[namespace]
        if failed:
            raise failed[0]

    async def clean_up_at_the_end(self) -> None:
        """Empty what is left, and what a write that was called off may have reached after all."""
        if self._cancelled:
            await asyncio.sleep(_LATE_SECONDS)
        self._written |= dict.fromkeys(self._cancelled)
        await self.clean_up()

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        self._written[namespace] = None
        try:
            await self._inner.upsert(namespace, records)
        except asyncio.CancelledError:
            self._cancelled.add(namespace)
            raise

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        return await self._inner.search(namespace, vector, limit, document_ids)

    async def delete_chunks(self, namespace: Namespace, chunk_ids: Sequence[str]) -> None:
        await self._inner.delete_chunks(namespace, chunk_ids)

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        await self._inner.delete_document(namespace, document_id, keep_revision)

    async def delete_namespace(self, namespace: Namespace) -> bool:
        return await self._inner.delete_namespace(namespace)

    async def count(self, namespace: Namespace, document_id: str | None = None) -> int:
        return await self._inner.count(namespace, document_id)

    async def ids(
        self, namespace: Namespace, after: str | None, limit: int, document_id: str | None = None
    ) -> Sequence[VectorId]:
        return await self._inner.ids(namespace, after, limit, document_id)

    async def namespaces(self, tenant_id: str) -> Sequence[Namespace]:
        return await self._inner.namespaces(tenant_id)


class WatchedRateLimiter(RateLimiter):
    """Remembers what was charged."""

    def __init__(self, inner: RateLimiter) -> None:
        self._inner, self._charged = inner, set[tuple[Limit, str]]()

    async def clean_up(self) -> None:
        """Give everything back."""
        while self._charged:
            await self._inner.reset(*self._charged.pop())

    async def hit_all(self, charges: Sequence[Charge]) -> Sequence[Verdict]:
        self._charged.update((charge.limit, charge.key) for charge in charges)
        return await self._inner.hit_all(charges)

    async def reset(self, limit: Limit, key: str) -> None:
        await self._inner.reset(limit, key)


class WatchedCache(Cache):
    """Remembers which keys were put."""

    def __init__(self, inner: Cache) -> None:
        self._inner, self._put = inner, set[str]()

    async def clean_up(self) -> None:
        """Delete what was put."""
        await self._inner.delete_many(sorted(self._put))
        self._put.clear()

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        return await self._inner.get_many(keys)

    async def put_many(self, values: Mapping[str, bytes], seconds: float) -> None:
        self._put.update(values)
        await self._inner.put_many(values, seconds)

    async def delete_many(self, keys: Sequence[str]) -> None:
        await self._inner.delete_many(keys)


class WatchedClock(Clock):
    """Remembers the ids that were given out."""

    def __init__(self, inner: Clock) -> None:
        self._inner = inner
        self.ids: list[str] = []

    def now(self) -> datetime:
        return self._inner.now()

    def monotonic(self) -> float:
        return self._inner.monotonic()

    def new_id(self, prefix: str) -> str:
        self.ids.append(self._inner.new_id(prefix))
        return self.ids[-1]

    def new_secret(self) -> str:
        return self._inner.new_secret()
