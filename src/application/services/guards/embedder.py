"""An embedder that keeps its deadlines and is let alone while it does not answer."""

from collections.abc import Sequence

from application.ports.embedder import Embedder, EmbedderUnavailable, EmbedTask, Vector
from application.services.guards._calls import guarded
from application.services.guards.breaker import Breaker

_DOCUMENT_SECONDS = 60.0  # of a batch, and on top of it:
_SECONDS_A_TEXT = 1.0


class GuardedEmbedder(Embedder):
    """`embedder` behind a breaker, with `query_seconds` for questions; documents have a minute or more.

    Documents have a breaker of their own: one that the model fails on must not cost others their
    questions. A query is not tried again here, for an adapter that speaks to a server knows which of
    its failures are safe to repeat.
    """

    def __init__(
        self, embedder: Embedder, breaker: Breaker, *, documents: Breaker, query_seconds: float
    ) -> None:
        self._embedder = embedder
        self._breaker = breaker
        self._documents = documents
        self._query_seconds = query_seconds

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
        """Return one vector of unit length a text, in order. Raises EmbedderUnavailable."""
        breaker, seconds = self._breaker, self._query_seconds
        if task is EmbedTask.DOCUMENT:
            breaker, seconds = self._documents, _DOCUMENT_SECONDS + _SECONDS_A_TEXT * len(texts)
        async with guarded(breaker, EmbedderUnavailable, seconds):
            return await self._embedder.embed(texts, task)

    async def aclose(self) -> None:
        """Release what the embedder holds."""
        await self._embedder.aclose()
