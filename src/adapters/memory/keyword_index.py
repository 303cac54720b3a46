"""KeywordIndex and KeywordPostings in memory, gone with the process."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Self

from application.ports.documents import KeywordPostings
from application.ports.keyword_index import KeywordEntry, KeywordIndex, KeywordScope
from application.ports.vector_index import Hit
from domain import bm25
from domain.ids import chunk_id

_LONGEST_TERM = 64  # code points; what differs later only is one term


@dataclass(frozen=True, slots=True)
class _Passage:
    ordinal: int
    length: int
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class _Document:
    bot_id: str
    revision: int
    language: str
    passages: tuple[_Passage, ...]


class InMemoryPostingsStore:
    """What is indexed, by tenant and document. A unit of work writes to a copy and puts it back."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], _Document] = {}

    def copy(self) -> Self:
        """Return a store with the same documents that changes on its own."""
        twin = type(self)()
        twin.replace_with(self)
        return twin

    def replace_with(self, other: "InMemoryPostingsStore") -> None:
        """Hold what `other` holds, and nothing else."""
        self.documents = dict(other.documents)  # the documents themselves never change


class InMemoryKeywordPostings(KeywordPostings):
    """The postings of one tenant in a store."""

    def __init__(self, store: InMemoryPostingsStore, tenant_id: str) -> None:
        self._store = store
        self._tenant_id = tenant_id

    async def put(
        self,
        bot_id: str,
        document_id: str,
        revision: int,
        language: str,
        entries: Sequence[KeywordEntry],
    ) -> None:
        """Index a document's revision in the place of whatever was indexed of that document."""
        passages = tuple(
            _Passage(entry.ordinal, len(entry.terms), Counter(map(_stored_term, entry.terms)))
            for entry in entries
        )
        document = _Document(bot_id, revision, language, passages)
        self._store.documents[self._tenant_id, document_id] = document

    async def remove(self, document_id: str) -> None:
        """Take a document out; an unknown one is no error."""
        self._store.documents.pop((self._tenant_id, document_id), None)


class InMemoryKeywordIndex(KeywordIndex):
    """Scores every passage of the scope."""

    def __init__(self, store: InMemoryPostingsStore) -> None:
        self._store = store

    async def languages(self, scope: KeywordScope) -> frozenset[str]:
        """Return the languages of the documents in the scope."""
        return frozenset(document.language for document in self._of(scope).values())

    async def search(
        self,
        scope: KeywordScope,
        terms: Sequence[str],
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """Return up to `limit` chunks that hold any of the terms, best first by BM25."""
        documents = self._of(scope)
        passages = [one for document in documents.values() for one in document.passages]
        if not passages:
            return []
        wanted = {_stored_term(term) for term in terms} - {""}
        weights = {
            term: bm25.idf(len(passages), sum(term in one.counts for one in passages))
            for term in wanted
        }
        mean_length = sum(one.length for one in passages) / len(passages)
        hits = [
            Hit(
                chunk_id(document_id, document.revision, passage.ordinal),
                _score(passage, weights, mean_length),
            )
            for document_id, document in documents.items()
            if document_ids is None or document_id in document_ids
            for passage in document.passages
            if not wanted.isdisjoint(passage.counts)
        ]
        return nsmallest(limit, hits, key=lambda hit: (-hit.score, hit.chunk_id))

    def _of(self, scope: KeywordScope) -> dict[str, _Document]:
        return {
            document_id: document
            for (tenant_id, document_id), document in self._store.documents.items()
            if (tenant_id, document.bot_id) == (scope.tenant_id, scope.bot_id)
        }


def _score(passage: _Passage, weights: Mapping[str, float], mean_length: float) -> float:
    return sum(
        weight * bm25.saturation(passage.counts.get(term, 0), passage.length, mean_length)
        for term, weight in weights.items()
    )


def _stored_term(term: str) -> str:
    """Return the form in which a term stands in the index, as the other adapters cut it."""
    return term.replace("\0", "")[:_LONGEST_TERM]
