"""An embedder that keeps its deadlines and is let alone while it does not answer."""

from collections.abc import Sequence

from application.ports.embedder import Embedder, EmbedderUnavailable, EmbedTask, Vector
from application.services.guards._calls import guarded
from application.services.guards._wrapped import WrappedEmbedder
from application.services.guards.breaker import Breaker

_DOCUMENT_SECONDS = 60.0  # of a batch, and on top of it:
_SECONDS_A_TEXT = 1.0


class GuardedEmbedder(WrappedEmbedder):
    """`embedder` behind a breaker, with `query_seconds` for questions; documents have a minute or more.

    Documents have a breaker of their own: one that the model fails on must not cost others their
    questions. A query is not tried again here, for an adapter that speaks to a server knows which of
    its failures are safe to repeat.
    """

    def __init__(
        self, embedder: Embedder, breaker: Breaker, *, documents: Breaker, query_seconds: float
    ) -> None:
        super().__init__(embedder)
        self._breaker = breaker
        self._documents = documents
        self._query_seconds = query_seconds

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        """Return one vector of unit length a text, in order. Raises EmbedderUnavailable."""
        breaker, seconds = self._breaker, self._query_seconds
        if task is EmbedTask.DOCUMENT:
            breaker, seconds = self._documents, _DOCUMENT_SECONDS + _SECONDS_A_TEXT * len(texts)
        async with guarded(breaker, EmbedderUnavailable, seconds):
            return await self._embedder.embed(texts, task)
