"""Port: which chunks hold the words of a question, ranked by BM25."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from application.ports.vector_index import Hit


@dataclass(frozen=True, slots=True)
class KeywordScope:
    """What a search can reach: one bot of one tenant."""

    tenant_id: str
    bot_id: str


@dataclass(frozen=True, slots=True)
class KeywordEntry:
    """The analysed text of one chunk (heading path and passage): its terms in order, repeats kept."""

    ordinal: int
    terms: Sequence[str]


class KeywordIndex(ABC):
    """The keyword index of bots. It holds live revisions only: writing happens in the unit of work
    that flips a revision live or deletes a document (see KeywordPostings in unit_of_work)."""

    @abstractmethod
    async def languages(self, scope: KeywordScope) -> frozenset[str]:
        """Return the languages of the documents in the scope."""

    @abstractmethod
    async def search(
        self,
        scope: KeywordScope,
        terms: Sequence[str],
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """Return up to `limit` chunks that hold any of the terms, best first by BM25 (k1 1.2, b 0.75).

        Source: Robertson and Zaragoza, The Probabilistic Relevance Framework, 2009.
        """
