"""Questions and searches that failed are asked a second time; for adapters that do not do so."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from application.ports.embedder import Embedder, EmbedderUnavailable, EmbedTask, Vector
from application.ports.vector_index import Hit, Namespace, VectorIndex, VectorIndexUnavailable
from application.services.guards._wrapped import WrappedEmbedder, WrappedVectorIndex
from domain.errors import DependencyUnavailable

T = TypeVar("T")
Sleep = Callable[[float], Awaitable[object]]
_PAUSE_SECONDS = 0.1
_LONGEST_WAIT = 1.0  # seconds; who asks for more is left to the caller
_SHARE = 0.1  # of the calls: in an outage nobody is asked twice as much
_SAVED_MOST = 10.0


class Retries:
    """Lets one call in ten be made a second time, a moment later, where the first got no answer.

    A refusal is an answer. The deadline is whose the call is: wrap what retries, not the other way
    round. `jitter` gives numbers from 0 to 1.
    """

    def __init__(self, jitter: Callable[[], float], sleep: Sleep = asyncio.sleep) -> None:
        self._jitter = jitter
        self._sleep = sleep
        self._saved = _SAVED_MOST

    async def __call__(
        self, call: Callable[[], Awaitable[T]], unavailable: type[DependencyUnavailable]
    ) -> T:
        """Return what `call` does. Raises what it raises, the second time where there is one."""
        self._saved = min(self._saved + _SHARE, _SAVED_MOST)
        try:
            return await call()
        except unavailable as error:
            if self._saved < 1 or not _may_pass(error):
                raise
        self._saved -= 1
        await self._sleep(_PAUSE_SECONDS * (0.5 + self._jitter()))
        return await call()


def _may_pass(error: DependencyUnavailable) -> bool:
    return error.is_outage and not error.is_refusal and error.retry_after <= _LONGEST_WAIT


class RetryingEmbedder(WrappedEmbedder):
    """`embedder`, with questions asked a second time; documents are their job's to try again."""

    def __init__(self, embedder: Embedder, retries: Retries) -> None:
        super().__init__(embedder)
        self._retries = retries

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        """Return one vector of unit length a text, in order. Raises EmbedderUnavailable."""
        if task is EmbedTask.DOCUMENT:
            return await self._embedder.embed(texts, task)
        return await self._retries(lambda: self._embedder.embed(texts, task), EmbedderUnavailable)


class RetryingVectorIndex(WrappedVectorIndex):
    """`index`, with searches made a second time; what changes it is its job's to try again."""

    def __init__(self, index: VectorIndex, retries: Retries) -> None:
        super().__init__(index)
        self._retries = retries

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """Return up to `limit` hits, best first. Raises VectorIndexUnavailable."""
        return await self._retries(
            lambda: self._index.search(namespace, vector, limit, document_ids),
            VectorIndexUnavailable,
        )
