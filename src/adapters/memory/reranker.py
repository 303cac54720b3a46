"""Reranker without a model: it counts the question's words."""

import re
from collections.abc import Sequence

from application.ports.reranker import Reranker, RerankerUnavailable

_WORD = re.compile(r"\w+")


class InMemoryReranker(Reranker):
    """A score is the share of the question's words (of four letters or more) that a passage holds.

    Set `is_available` to False to play an outage; `asked` lists the questions and passages.
    """

    def __init__(self) -> None:
        self.is_available = True
        self.asked: list[tuple[str, list[str]]] = []

    async def rerank(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return a score from 0 to 1 for each passage. Raises RerankerUnavailable while told so."""
        if not self.is_available:
            raise RerankerUnavailable
        self.asked.append((question, list(passages)))
        words = _words(question)
        return [len(words & _words(passage)) / max(1, len(words)) for passage in passages]


def _words(text: str) -> set[str]:
    return {word for word in _WORD.findall(text.casefold()) if len(word) >= 4}  # noqa: PLR2004 - "the", "and" say nothing
