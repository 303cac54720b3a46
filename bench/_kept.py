"""Vectors and judgements that are kept on disk, so that only the first run takes minutes."""

import sqlite3
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from application.ports.embedder import Embedder, EmbedTask
from application.ports.reranker import Reranker
from application.services import reranking
from domain.fusion import FusedHit, reranked

Matrix = npt.NDArray[np.float32]
Ranking = list[int]


class CachedEmbedder:
    """Embeds with the product's embedder and keeps the vectors on disk, by space and text."""

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._embedder = embedder
        self._database = sqlite3.connect(folder / "embeddings.sqlite")
        self._database.execute("CREATE TABLE IF NOT EXISTS e (key BLOB PRIMARY KEY, vector BLOB)")

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> Matrix:
        """Return one row a text."""
        keys = [sha256(f"{self._embedder.space}/{task}/{t}".encode()).digest() for t in texts]
        known = dict(self._find(keys))
        missing = [(k, t) for k, t in dict(zip(keys, texts, strict=True)).items() if k not in known]
        for start in range(0, len(missing), 64):
            batch = missing[start : start + 64]
            vectors = await self._embedder.embed([text for _, text in batch], task)
            rows = [
                (key, np.asarray(vector, np.float32).tobytes())
                for (key, _), vector in zip(batch, vectors, strict=True)
            ]
            self._database.executemany("INSERT OR IGNORE INTO e VALUES (?, ?)", rows)
            self._database.commit()
            known.update(rows)
            print(f"\rembedding {start + len(batch)} of {len(missing)} ", end="", flush=True)
        if missing:
            print()
        return np.stack([np.frombuffer(known[key], np.float32) for key in keys])

    def _find(self, keys: Sequence[bytes]) -> Iterable[tuple[bytes, bytes]]:
        for key in keys:
            yield from self._database.execute("SELECT * FROM e WHERE key = ?", (key,))


class CachedReranker:
    """Judges the first hits with the product's reranker and keeps the scores on disk."""

    def __init__(self, reranker: Reranker, folder: Path) -> None:
        self._reranker = reranker
        self._database = sqlite3.connect(folder / "reranked.sqlite")
        self._database.execute("CREATE TABLE IF NOT EXISTS r (key BLOB PRIMARY KEY, score REAL)")

    def knows(self, language: str) -> bool:
        """Tell whether the reranker was trained for a language."""
        return self._reranker.languages is None or language in self._reranker.languages

    async def __call__(
        self, question: str, hits: Sequence[FusedHit], passages: Sequence[str]
    ) -> Ranking:
        """Return the numbers of the passages in the order that the product would give them."""
        ids = [hit.chunk_id for hit in hits[: reranking.CANDIDATES]]
        texts = {id_: passages[int(id_)] for id_ in ids}
        keys = {
            id_: sha256(f"{self._reranker!r}\0{question}\0{text}".encode()).digest()
            for id_, text in texts.items()
        }
        judged = {id_: score for id_ in ids for score in self._find(keys[id_])}
        missing = [id_ for id_ in ids if id_ not in judged]
        scores = await self._reranker.rerank(question, [texts[id_] for id_ in missing])
        judged |= zip(missing, scores, strict=True)
        self._database.executemany(
            "INSERT OR IGNORE INTO r VALUES (?, ?)", [(keys[id_], judged[id_]) for id_ in missing]
        )
        self._database.commit()
        return [int(hit.chunk_id) for hit in reranked(hits, judged)]

    def _find(self, key: bytes) -> Iterable[float]:
        for (score,) in self._database.execute("SELECT score FROM r WHERE key = ?", (key,)):
            yield score
