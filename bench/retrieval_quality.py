"""How well retrieval finds what answers: words, vectors, their fusion, and the local reranker on top of
it where it is installed; in process and offline.

    python -m bench.retrieval_quality --data ../shared/data --json bench/results/quality.json

Sets: XQuAD in seven languages, SciFact, Cranfield, and spans (chunking included: which share of the
evidence the first chunks hold, and which share of them is evidence). The parts are those of the
product; the two indexes are exact and in memory. Vectors and the reranker's scores are kept in
.cache/bench, so that only the first run takes minutes (with `--rerank` twenty more). Without the data
it says so and measures nothing.
"""

import argparse
import asyncio
import json
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import log2
from pathlib import Path

import numpy as np
import numpy.typing as npt
from bench._kept import CachedEmbedder, CachedReranker
from bench.quality_sets import LANGUAGES, RankingSet, SpanSet, cranfield, scifact, spans, xquad

from adapters.cross_encoder.reranker import CrossEncoderReranker
from adapters.minilm.embedder import MiniLmEmbedder
from adapters.snowball.text_analyzer import SnowballTextAnalyzer
from application.ports.embedder import EmbedTask
from application.ports.text_analyzer import TextAnalyzer
from domain.bm25 import idf, saturation
from domain.chunking import chunk_text
from domain.documents import ExtractedText
from domain.fusion import CANDIDATES, ScoredId, fuse, vector_weight

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache" / "bench"
KNOWN_LANGUAGES = frozenset({"en"})  # of MiniLM

Matrix = npt.NDArray[np.float32]
Row = dict[str, str | int | float]
Ranking = list[int]


class KeywordScores:
    """BM25 in memory, as the product's keyword index computes it."""

    def __init__(self, chunks: Sequence[Sequence[str]]) -> None:
        mean = sum(map(len, chunks)) / len(chunks)
        self._postings: dict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, terms in enumerate(chunks):
            for term, count in Counter(terms).items():
                self._postings[term].append((number, saturation(count, len(terms), mean)))
        self._size = len(chunks)

    def best(self, terms: Iterable[str], limit: int) -> list[ScoredId]:
        """Return up to `limit` chunks that hold any of the terms, best first."""
        scores: dict[int, float] = defaultdict(float)
        for term in terms:
            postings = self._postings.get(term, [])
            weight = idf(self._size, len(postings))
            for number, value in postings:
                scores[number] += weight * value
        ranked = sorted(scores, key=lambda number: (-scores[number], number))
        return [(str(number), scores[number]) for number in ranked[:limit]]


class Searcher:
    """Ranks passages in the ways that are compared."""

    def __init__(
        self,
        embedder: CachedEmbedder,
        analyzer: TextAnalyzer,
        reranker: CachedReranker | None = None,
    ) -> None:
        self._embedder = embedder
        self._analyzer = analyzer
        self._reranker = reranker

    async def rankings(
        self, passages: Sequence[str], questions: Sequence[str], language: str
    ) -> dict[str, list[Ranking]]:
        """Return for each way and question the numbers of the passages found, best first."""
        keywords = KeywordScores([self._analyzer.terms(text, language) for text in passages])
        asked = await self._embedder.embed(questions, EmbedTask.QUERY)
        cosines = asked @ (await self._embedder.embed(passages, EmbedTask.DOCUMENT)).T
        weight = vector_weight({language}, KNOWN_LANGUAGES)
        found: dict[str, list[Ranking]] = {"keyword": [], "vector": [], "fused": []}
        for question, row in zip(questions, cosines, strict=True):
            terms = self._analyzer.query_terms(question, frozenset({language}))
            by_keyword = keywords.best(terms, CANDIDATES)
            nearest = np.argsort(-row, kind="stable")[:CANDIDATES]
            by_vector = [(str(number), float(row[number])) for number in nearest]
            both = fuse(by_vector, by_keyword, vector_weight=weight, limit=CANDIDATES)
            found["keyword"].append([int(id_) for id_, _ in by_keyword])
            found["vector"].append([int(id_) for id_, _ in by_vector])
            found["fused"].append([int(hit.chunk_id) for hit in both])
            if self._reranker and self._reranker.knows(language):
                order = await self._reranker(question, both, passages)
                found.setdefault("rerank", []).append(order)
        return found


def rank_figures(rankings: Sequence[Ranking], relevant: Sequence[dict[int, int]]) -> Row:
    """Return hit@1, hit@5, MRR@10 and nDCG@10, each the mean over the questions."""
    firsts = [
        next((rank for rank, number in enumerate(ranking[:10]) if number in wanted), None)
        for ranking, wanted in zip(rankings, relevant, strict=True)
    ]
    gains = [ndcg(ranking[:10], wanted) for ranking, wanted in zip(rankings, relevant, strict=True)]
    return {
        "hit@1": _mean(first == 0 for first in firsts),
        "hit@5": _mean(first is not None and first < 5 for first in firsts),
        "MRR@10": _mean(0.0 if first is None else 1 / (first + 1) for first in firsts),
        "nDCG@10": _mean(gains),
    }


def ndcg(ranking: Ranking, relevant: dict[int, int]) -> float:
    """Return the discounted gain of a ranking as a share of the best one of the same length."""
    gain = sum(relevant.get(number, 0) / log2(rank + 2) for rank, number in enumerate(ranking))
    best = sorted(relevant.values(), reverse=True)[:10]
    return gain / sum(grade / log2(rank + 2) for rank, grade in enumerate(best))


async def measure_ranking(data: RankingSet, searcher: Searcher) -> list[Row]:
    """Return the figures of one set, one row a way of searching."""
    found = await searcher.rankings(data.passages, data.questions, data.language)
    return [
        {"set": data.name, "search": way, **rank_figures(rankings, data.relevant)}
        for way, rankings in found.items()
    ]


async def measure_spans(data: SpanSet, searcher: Searcher) -> list[Row]:
    """Return how much of the evidence the first 5 and 10 chunks hold, and how purely."""
    chunks = [
        (name, chunk)
        for name, text in data.documents.items()
        for chunk in chunk_text(ExtractedText(text, language="en"))
    ]
    texts = [chunk.embedded_text for _, chunk in chunks]
    places = [(name, chunk.start, chunk.end) for name, chunk in chunks]
    found = await searcher.rankings(texts, data.questions, "en")
    rows: list[Row] = []
    for way, rankings in found.items():
        row: Row = {"set": f"spans ({len(chunks)} chunks)", "search": way}
        row["hit@1"] = _mean(
            covered([places[n] for n in ranking[:1]], wanted) > 0
            for ranking, wanted in zip(rankings, data.evidence, strict=True)
        )
        for k in (5, 10):
            held = [
                covered([places[n] for n in ranking[:k]], wanted)
                for ranking, wanted in zip(rankings, data.evidence, strict=True)
            ]
            sizes = [sum(b - a for _, a, b in (places[n] for n in r[:k])) for r in rankings]
            wanted_sizes = [sum(b - a for a, b in parts) for _, parts in data.evidence]
            row[f"recall@{k}"] = _mean(h / s for h, s in zip(held, wanted_sizes, strict=True))
            row[f"precision@{k}"] = _mean(h / s for h, s in zip(held, sizes, strict=True))
        rows.append(row)
    return rows


def covered(
    places: Sequence[tuple[str, int, int]], evidence: tuple[str, list[tuple[int, int]]]
) -> int:
    """Return how many characters of the evidence lie in these places; chunks do not overlap."""
    name, parts = evidence
    return sum(
        max(0, min(end, last) - max(start, first))
        for document, start, end in places
        if document == name
        for first, last in parts
    )


async def measure(
    folder: Path, chosen: Sequence[str], cache: Path, *, with_reranker: bool = False
) -> list[Row]:
    """Measure the chosen sets (all if none is named) and print each as it is done."""
    product, second = MiniLmEmbedder(cache / "model"), CrossEncoderReranker()
    embedder = CachedEmbedder(product, cache)
    reranker = CachedReranker(second, cache) if with_reranker else None
    searcher = Searcher(embedder, SnowballTextAnalyzer(), reranker)
    sets: dict[str, Callable[[], RankingSet]] = {
        f"xquad-{language}": lambda language=language: xquad(folder, language)  # type: ignore[misc]
        for language in LANGUAGES
    }
    sets |= {"scifact": lambda: scifact(folder), "cranfield": lambda: cranfield(folder)}
    rows: list[Row] = []
    for name, load in sets.items():
        if not chosen or name in chosen:
            rows += show(await measure_ranking(load(), searcher))
    if not chosen or "spans" in chosen:
        rows += show(await measure_spans(spans(folder), searcher))
    await product.aclose()
    await second.aclose()
    return rows


def show(rows: list[Row]) -> list[Row]:
    """Print rows of the table and return them."""
    for row in rows:
        figures = "  ".join(f"{k} {v:.3f}" for k, v in row.items() if isinstance(v, float))
        print(f"{row['set']:20} {row['search']:8} {figures}", flush=True)
    return rows


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    default = os.environ.get("CHATSPHERE_BENCH_DATA", str(ROOT.parent / "shared" / "data"))
    parser.add_argument("--data", type=Path, default=Path(default), help="folder of the sets")
    parser.add_argument(
        "--sets", nargs="*", default=[], help="xquad-en ... scifact cranfield spans"
    )
    parser.add_argument(
        "--rerank", action="store_true", help="with the local reranker (extra cross-encoder)"
    )
    parser.add_argument("--json", type=Path, help="where to write the figures")
    given = parser.parse_args(arguments)
    folder = given.data / "retrieval"
    if not folder.is_dir():
        print(f"Retrieval quality is not measured: there is no folder {folder}.")
        return
    rows = asyncio.run(measure(folder, given.sets, CACHE, with_reranker=given.rerank))
    if given.json is not None:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        given.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
