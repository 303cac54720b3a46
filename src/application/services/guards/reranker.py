"""A reranker that keeps its deadline and is let alone while it does not answer."""

from collections.abc import Sequence

from application.ports.reranker import Reranker, RerankerUnavailable
from application.services.guards._calls import guarded
from application.services.guards.breaker import Breaker


class GuardedReranker(Reranker):
    """`reranker` behind a breaker, with `seconds` for a call. A call is never repeated."""

    def __init__(self, reranker: Reranker, breaker: Breaker, *, seconds: float) -> None:
        self._reranker = reranker
        self._breaker = breaker
        self._seconds = seconds
        self.most = reranker.most
        self.languages = reranker.languages

    def __repr__(self) -> str:
        return repr(self._reranker)

    async def rerank(self, question: str, passages: Sequence[str]) -> Sequence[float]:
        """Return a score from 0 to 1 for each passage. Raises RerankerUnavailable."""
        async with guarded(self._breaker, RerankerUnavailable, self._seconds):
            return await self._reranker.rerank(question, passages)

    async def aclose(self) -> None:
        """Release what the reranker holds."""
        await self._reranker.aclose()
