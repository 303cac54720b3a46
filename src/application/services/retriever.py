"""Retrieval: vectors and words in parallel, fused, judged anew where there is a reranker, and read back
from the system of record."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass, field

from application.ports.clock import Clock
from application.ports.embedder import Embedder, EmbedTask
from application.ports.keyword_index import KeywordIndex, KeywordScope
from application.ports.text_analyzer import TextAnalyzer
from application.ports.vector_index import Hit, Namespace, VectorIndex
from application.queries.bots import BotQueries
from application.queries.documents import DocumentQueries
from application.services.guards.gate import Gate
from application.services.reranking import Reranking
from application.services.stopwatch import Stopwatch
from domain.chunks import Passage, ScoredPassage, Scores
from domain.errors import DependencyUnavailable
from domain.fusion import CANDIDATES, FusedHit, fuse, reranked, vector_weight

_PART = (
    0.8  # of the budget; what is left is for reading the passages, without the part that is late
)
_SPARE = 10  # hits beyond those asked for, in the place of chunks that have just been deleted


_LATE = "The search did not end in time."


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """Search within these documents and those that carry this metadata."""

    document_ids: Sequence[str] | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Tell whether there is nothing to filter by."""
        return self.document_ids is None and not self.metadata


@dataclass(frozen=True, slots=True)
class Retrieval:
    """Passages, best first; `timings` in milliseconds. `degraded`: a part of retrieval was out."""

    passages: list[ScoredPassage]
    degraded: bool
    timings: dict[str, float]


@dataclass(slots=True)
class _Found:
    """What the parts of a search brought."""

    hits: list[FusedHit]
    degraded: bool


class Retriever:
    """Finds passages of a bot for a question, within `budget_seconds` and as far as there is room."""

    def __init__(
        self,
        embedder: Embedder,
        vectors: VectorIndex,
        keywords: KeywordIndex,
        analyzer: TextAnalyzer,
        bots: BotQueries,
        documents: DocumentQueries,
        clock: Clock,
        gate: Gate,
        budget_seconds: float = 15.0,
        reranking: Reranking | None = None,
    ) -> None:
        self._embedder = embedder
        self._vectors = vectors
        self._keywords = keywords
        self._analyzer = analyzer
        self._bots = bots
        self._documents = documents
        self._clock = clock
        self._gate = gate
        self._budget_seconds = budget_seconds
        self._reranking = reranking

    async def __call__(
        self,
        tenant_id: str,
        bot_id: str,
        question: str,
        *,
        k: int,
        mode: str = "hybrid",
        where: SearchFilter | None = None,
        patience: float | None = None,
        rerank: bool | None = None,
        watch: Stopwatch | None = None,
    ) -> Retrieval:
        """Return up to `k` passages; `mode` is hybrid, vector or keyword.

        In hybrid mode one part that is out or late leaves the other, marked `degraded`; so does a
        reranker, which is left out with `rerank` False. `watch` is told the steps. Raises NotFound,
        DependencyUnavailable where nothing is left, and Overloaded where there is no room within
        `patience` seconds (default: the whole budget).
        """
        budget, watch = self._budget_seconds, watch or Stopwatch(self._clock)
        begun = watch.ms
        judge = self._reranking if rerank is not False else None
        try:
            async with (
                asyncio.timeout(budget),
                self._gate.enter(tenant_id, patience=min(patience or budget, budget)),
            ):
                found = await self._search(tenant_id, bot_id, question, mode, where, watch)
                most = max(k, judge.candidates) if judge else k
                passages = await self._read(tenant_id, bot_id, found.hits, most, watch)
            best = [each.passage for each in passages[: judge.candidates]] if judge else []
            if judge and judge.knows(best):  # out of the gate, and with no connection in hand
                with watch.step("rerank"):
                    await self._judge(judge, tenant_id, question, best, found)
                async with asyncio.timeout(budget):  # again: documents may be deleted by now
                    passages = await self._read(tenant_id, bot_id, found.hits, k, watch)
        except TimeoutError as error:
            raise DependencyUnavailable(_LATE, code="search_timeout") from error
        timings = watch.timings() | {"total_ms": round(watch.ms - begun, 2)}
        return Retrieval(passages[:k], found.degraded, timings)

    async def _search(
        self,
        tenant_id: str,
        bot_id: str,
        question: str,
        mode: str,
        where: SearchFilter | None,
        watch: Stopwatch,
    ) -> _Found:
        within = await self._documents_within(tenant_id, bot_id, where)
        scope = KeywordScope(tenant_id, bot_id)
        languages = await self._languages(scope)
        nothing: list[Hit] = []
        vector, keyword = await asyncio.gather(
            self._in_time(self._by_vector(tenant_id, bot_id, question, within, watch))
            if mode != "keyword"
            else _value(nothing),
            self._in_time(self._by_keyword(scope, question, languages, within, watch))
            if mode != "vector"
            else _value(nothing),
            return_exceptions=True,
        )
        degraded = _is_degraded(vector, keyword, mode)
        fused = fuse(
            _pairs(vector),
            _pairs(keyword),
            vector_weight=vector_weight(languages, self._embedder.languages),
            limit=CANDIDATES,
        )
        return _Found(fused, degraded)

    async def _judge(
        self,
        judge: Reranking,
        tenant_id: str,
        question: str,
        best: Sequence[Passage],
        found: _Found,
    ) -> None:
        """Put what was found into the order of the reranker; without it, the order stays."""
        try:
            found.hits = reranked(found.hits, await judge(tenant_id, question, best))
        except DependencyUnavailable:
            found.degraded = True

    async def _in_time(self, part: Awaitable[list[Hit]]) -> list[Hit]:
        try:
            async with asyncio.timeout(_PART * self._budget_seconds):
                return await part
        except TimeoutError as error:
            raise DependencyUnavailable(_LATE, code="search_timeout") from error

    async def _documents_within(
        self, tenant_id: str, bot_id: str, where: SearchFilter | None
    ) -> list[str] | None:
        if where is None or where.is_empty:
            return None
        return await self._documents.matching(tenant_id, bot_id, where.document_ids, where.metadata)

    async def _languages(self, scope: KeywordScope) -> frozenset[str]:
        try:
            return await self._keywords.languages(scope)
        except DependencyUnavailable:
            return frozenset()  # whoever needs the words will find that they are out

    async def _by_vector(
        self,
        tenant_id: str,
        bot_id: str,
        question: str,
        within: Sequence[str] | None,
        watch: Stopwatch,
    ) -> list[Hit]:
        generation = await self._bots.generation(tenant_id, bot_id)
        if generation.space != self._embedder.space:
            raise DependencyUnavailable(
                "This bot's index was made with another embedder.", code="embedder_changed"
            )
        if generation.store != self._vectors.kind:
            raise DependencyUnavailable(
                "This bot's vectors are in another store.", code="vector_index_changed"
            )
        with watch.step("embed"):
            vector = (await self._embedder.embed([question], EmbedTask.QUERY))[0]
        namespace = Namespace(tenant_id, bot_id, generation.id)
        with watch.step("vector"):
            return await self._vectors.search(namespace, vector, CANDIDATES, within)

    async def _by_keyword(
        self,
        scope: KeywordScope,
        question: str,
        languages: frozenset[str],
        within: Sequence[str] | None,
        watch: Stopwatch,
    ) -> list[Hit]:
        with watch.step("keyword"):
            terms = self._analyzer.query_terms(question, languages)
            return await self._keywords.search(scope, terms, CANDIDATES, within) if terms else []

    async def _read(
        self, tenant_id: str, bot_id: str, fused: Sequence[FusedHit], k: int, watch: Stopwatch
    ) -> list[ScoredPassage]:
        found: list[ScoredPassage] = []
        step = k + _SPARE
        for start in range(0, len(fused), step):
            hits = fused[start : start + step]
            with watch.step("read"):
                texts = await self._documents.passages(
                    tenant_id, bot_id, [hit.chunk_id for hit in hits]
                )
            found += [
                ScoredPassage(
                    texts[hit.chunk_id], hit.score, Scores(hit.vector, hit.keyword, hit.rerank)
                )
                for hit in hits
                if hit.chunk_id in texts
            ]
            if len(found) >= k:
                break
        return found[:k]


async def _value(value: list[Hit]) -> list[Hit]:
    return value


def _pairs(hits: list[Hit] | BaseException) -> list[tuple[str, float]]:
    return [] if isinstance(hits, BaseException) else [(hit.chunk_id, hit.score) for hit in hits]


def _is_degraded(vector: object, keyword: object, mode: str) -> bool:
    """Tell whether one part is out; raise where nothing is left or the error is another."""
    errors = [part for part in (vector, keyword) if isinstance(part, BaseException)]
    for error in errors:
        if not isinstance(error, DependencyUnavailable):
            raise error
    if errors and (len(errors) == 2 or mode != "hybrid"):  # noqa: PLR2004  # both parts
        raise errors[0]
    return bool(errors)
