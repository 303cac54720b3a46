"""The second look: the best candidates of a search, each judged together with the question."""

from collections.abc import Mapping, Sequence

from application.ports.reranker import Reranker, RerankerDeclined
from application.services.guards.gate import Gate
from domain.chunks import Passage, embedded_text

CANDIDATES = 20
"""How many of the best passages are judged anew."""


class Reranking:
    """Judges passages with `reranker`, as far as there is room behind `gate`.

    It is a gate of its own: to judge takes longer than to search, and who waits for a model must not
    keep others from searching. Who finds no room within `patience_seconds` goes without: a search
    without a second look is better than one that waits for it.
    """

    def __init__(
        self,
        reranker: Reranker,
        gate: Gate,
        candidates: int = CANDIDATES,
        *,
        patience_seconds: float = 1.0,
    ) -> None:
        self._reranker = reranker
        self._gate = gate
        self._patience_seconds = patience_seconds
        self.candidates = min(candidates, reranker.most)

    def knows(self, passages: Sequence[Passage]) -> bool:
        """Tell whether there are passages, and all in languages that the reranker was trained for."""
        known = self._reranker.languages
        return bool(passages) and (
            known is None or all(passage.language in {*known, ""} for passage in passages)
        )

    async def __call__(
        self, tenant_id: str, question: str, passages: Sequence[Passage]
    ) -> Mapping[str, float]:
        """Return the score of each passage, 0 to 1, by chunk id.

        Raises RerankerUnavailable, and Overloaded where there is no room.
        """
        texts = [embedded_text(passage.heading_path, passage.text) for passage in passages]
        async with self._gate.enter(tenant_id, patience=self._patience_seconds):
            scores = await self._reranker.rerank(question, texts)
        if len(scores) != len(texts) or not all(0 <= score <= 1 for score in scores):
            raise RerankerDeclined("The reranker's scores do not fit the passages.")
        return {p.chunk_id: score for p, score in zip(passages, scores, strict=True)}

    async def aclose(self) -> None:
        """Release the reranker."""
        await self._reranker.aclose()
