"""How retrieval scales: recall and milliseconds of the vector and the keyword index on PostgreSQL.

    python bench/vector_scale.py --sizes 10000 100000 --json bench/results/vector_scale.json

For each size three bots of 1 %, 20 % and 100 % of it, all in one partition and so in one graph, which
is the worst case. Vectors are a mixture of clusters with few latent dimensions, like those of real
text; words follow Zipf's law. Runs on the embedded PostgreSQL in a temporary folder, or on `--url`
(which must be a database to throw away). Times are wall clock of one caller, CPU is the client's.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psycopg

from adapters._psycopg import Pool
from adapters.embedded_postgres import EmbeddedPostgres
from adapters.pgvector.vector_index import PgVectorIndex
from adapters.postgres.database import make_pool
from adapters.postgres.keyword_index import PostgresKeywordIndex
from adapters.postgres.keyword_postings import PostgresKeywordPostings
from adapters.postgres.migrate import migrate
from application.ports.keyword_index import KeywordEntry, KeywordScope
from application.ports.vector_index import Namespace, VectorRecord
from domain.ids import chunk_id, make_id

DIMENSIONS, LATENT, CLUSTERS = 384, 32, 300
SHARES = (0.01, 0.2, 1.0)
QUERIES, NEIGHBOURS = 100, 10
BATCH = 500  # vectors of one upsert
CHUNKS_OF_DOCUMENT, WORDS_OF_CHUNK, VOCABULARY = 100, 120, 60_000

Row = dict[str, object]


def an_id(prefix: str, number: int) -> str:
    """Return the id of a thing by its number."""
    return make_id(prefix, number, number.to_bytes(10, "big"))


class Vectors:
    """Unit vectors around cluster centres, on a plane of few dimensions with a little noise."""

    def __init__(self, seed: int = 1) -> None:
        self._random = np.random.default_rng(seed)
        self._centres = self._random.normal(size=(CLUSTERS, LATENT))
        self._plane = np.linalg.qr(self._random.normal(size=(DIMENSIONS, LATENT)))[0].T

    def sample(self, count: int) -> np.ndarray:
        """Return `count` vectors, float32."""
        centres = self._centres[self._random.integers(CLUSTERS, size=count)]
        points = (centres + self._random.normal(scale=0.7, size=centres.shape)) @ self._plane
        points += self._random.normal(scale=0.02, size=points.shape)
        unit: np.ndarray = points / np.linalg.norm(points, axis=1, keepdims=True)
        return unit.astype(np.float32)


class Words:
    """Chunks whose words are Zipf's, and questions with common, middling and rare words."""

    def __init__(self, seed: int = 2) -> None:
        self._random = np.random.default_rng(seed)
        weights = 1 / np.arange(1, VOCABULARY + 1) ** 1.05
        self._cumulated = np.cumsum(weights / weights.sum())

    def entries(self, chunks: int) -> list[KeywordEntry]:
        """Return the chunks of one document."""
        draws = self._random.random((chunks, WORDS_OF_CHUNK))
        return [
            KeywordEntry(ordinal, [f"w{rank}" for rank in ranks])
            for ordinal, ranks in enumerate(np.searchsorted(self._cumulated, draws).tolist())
        ]

    def question(self) -> list[str]:
        """Return six words: two as frequent as 'the', four that carry meaning."""
        bounds = [(0, 1), (1, 10), (30, 300), (300, 3_000), (300, 3_000), (3_000, 20_000)]
        return [f"w{self._random.integers(low, high)}" for low, high in bounds]


async def timed(
    calls: Sequence[Callable[[], Awaitable[object]]],
) -> tuple[list[object], float, float]:
    """Return the answers, the median and the 95th percentile in milliseconds."""
    answers, times = [], []
    for call in calls:
        began = time.perf_counter()
        answers.append(await call())
        times.append((time.perf_counter() - began) * 1_000)
    return answers, statistics.median(times), sorted(times)[int(len(times) * 0.95)]


async def fill_vectors(index: PgVectorIndex, namespace: Namespace, vectors: np.ndarray) -> Row:
    """Write the vectors as a bot's chunks; return what a thousand of them cost."""
    rows = vectors.tolist()
    began, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(rows), BATCH):
        document = an_id("doc", start)
        records = [
            VectorRecord(chunk_id(document, 1, ordinal), document, vector)
            for ordinal, vector in enumerate(rows[start : start + BATCH])
        ]
        await index.upsert(namespace, records)
    thousands = len(rows) / 1_000
    return {
        "write_s_per_1000": (time.perf_counter() - began) / thousands,
        "write_client_cpu_s_per_1000": (time.process_time() - cpu) / thousands,
    }


async def vectors_at(pool: Pool, url: str, size: int) -> list[Row]:
    """Measure the vector index with bots of all shares of `size`."""
    mixture, index = Vectors(), PgVectorIndex(pool)
    corpus, questions = mixture.sample(size), mixture.sample(QUERIES)
    results: list[Row] = []
    bots: list[tuple[Namespace, np.ndarray, Row]] = []
    for number, share in enumerate(SHARES):
        # Generations of one bot stand for bots that meet in one partition.
        namespace = Namespace(an_id("ws", size), an_id("bot", size), an_id("gen", size + number))
        own = corpus[: int(size * share)]
        row: Row = {"index": "vector", "of": size, "share": share, "chunks": len(own)}
        bots.append((namespace, own, row | await fill_vectors(index, namespace, own)))
    analyse(url, "chunk_vectors")
    for namespace, own, row in bots:
        calls = [
            partial(index.search, namespace, question.tolist(), NEIGHBOURS)
            for question in questions
        ]
        answers, median, p95 = await timed(calls)
        recall = statistics.mean(
            recalled(hits, own, question) for hits, question in zip(answers, questions, strict=True)
        )
        results.append(row | {"recall_at_10": recall, "median_ms": median, "p95_ms": p95})
    return results


def recalled(hits: object, vectors: np.ndarray, question: np.ndarray) -> float:
    """Return the share of the exact nearest that was found; ties count as found."""
    assert isinstance(hits, list)
    exact = np.sort(vectors @ question)[::-1][: len(hits)]
    found = sum(hit.score >= exact[-1] - 1e-3 for hit in hits)
    return float(found / NEIGHBOURS)


async def keywords_at(pool: Pool, url: str, size: int) -> Row:
    """Measure the keyword index with one bot of `size` chunks."""
    words, scope = Words(), KeywordScope(an_id("ws", size), an_id("bot", size))
    began, cpu = time.perf_counter(), 0.0
    for number in range(size // CHUNKS_OF_DOCUMENT):
        entries = words.entries(CHUNKS_OF_DOCUMENT)
        before = time.process_time()
        await put(pool, scope, an_id("doc", number), entries)
        cpu += time.process_time() - before
    wall = time.perf_counter() - began
    analyse(url, "keyword_postings")
    index = PostgresKeywordIndex(pool)
    calls = [partial(index.search, scope, words.question(), 50) for _ in range(QUERIES)]
    _, median, p95 = await timed(calls)
    return {
        "index": "keyword",
        "of": size,
        "share": 1.0,
        "chunks": size,
        "write_s_per_1000": wall / size * 1_000,
        "write_client_cpu_s_per_1000": cpu / size * 1_000,
        "median_ms": median,
        "p95_ms": p95,
    }


async def large_document(pool: Pool) -> Row:
    """Measure indexing one document of 5 MB (800,000 words)."""
    entries = Words().entries(800_000 // WORDS_OF_CHUNK)
    began, cpu = time.perf_counter(), time.process_time()
    await put(pool, KeywordScope("ws_large", "bot_large"), an_id("doc", 1), entries)
    thousands = len(entries) / 1_000
    return {
        "index": "keyword, one document of 5 MB",
        "of": len(entries),
        "share": 1.0,
        "chunks": len(entries),
        "write_s": time.perf_counter() - began,
        "write_client_cpu_s": time.process_time() - cpu,
        "write_s_per_1000": (time.perf_counter() - began) / thousands,
        "write_client_cpu_s_per_1000": (time.process_time() - cpu) / thousands,
        "terms": len({term for entry in entries for term in entry.terms}),
    }


async def put(pool: Pool, scope: KeywordScope, document: str, entries: list[KeywordEntry]) -> None:
    """Index one document in a transaction of its own."""
    async with pool.begin(scope.tenant_id) as connection:
        postings = PostgresKeywordPostings(connection, scope.tenant_id)
        await postings.put(scope.bot_id, document, 1, "en", entries)


def analyse(url: str, table: str) -> None:
    """Do what autovacuum does within a minute, as the owner of the tables."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"VACUUM ANALYZE {table}")


async def measure(url: str, sizes: list[int], parts: list[str]) -> list[Row]:
    """Run everything on the database."""
    pool = make_pool(url)
    results: list[Row] = []
    for size in sizes:
        if "keyword" in parts:
            results.append(await keywords_at(pool, url, size))
            show(results[-1:])
        if "vector" in parts:
            results += await vectors_at(pool, url, size)
            show(results[-len(SHARES) :])
    if "keyword" in parts:
        results.append(await large_document(pool))
        show(results[-1:])
    await pool.dispose()
    return results


def show(rows: list[Row]) -> None:
    """Print rows of the table."""
    columns = (
        "recall_at_10",
        "median_ms",
        "p95_ms",
        "write_s_per_1000",
        "write_client_cpu_s_per_1000",
    )
    for row in rows:
        numbers = [f"{column} {row[column]:.3f}" for column in columns if column in row]
        print(f"{row['index']:8} {row['chunks']:>7} of {row['of']:>7} | " + " | ".join(numbers))


@contextmanager
def database(url: str | None) -> Iterator[str]:
    """Give the URL of a migrated database."""
    if url is not None:
        migrate(url)
        yield url
        return
    with TemporaryDirectory(prefix="chatsphere-bench-") as folder:
        postgres = EmbeddedPostgres(Path(folder) / "data")
        try:
            own = postgres.start()
            migrate(own)
            yield own
        finally:
            postgres.stop()


def main() -> None:
    """Measure, print a table, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--parts", nargs="+", default=["keyword", "vector"])
    parser.add_argument("--url", help="a libpq URL of a database to throw away")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    arguments = parser.parse_args()
    with database(arguments.url) as url:
        results = asyncio.run(measure(url, arguments.sizes, arguments.parts))
    if arguments.json is not None:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(results, indent=2) + "\n")


if __name__ == "__main__":
    main()
