"""Reranker on ms-marco-MiniLM-L12-v2 (Reimers and Gurevych 2019; Wang et al. 2020), int8, in this
process."""

import asyncio
import os
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from application.ports.reranker import Reranker, RerankerUnavailable

if TYPE_CHECKING:
    from adapters.cross_encoder._session import Session


class CrossEncoderReranker(Reranker):
    """Reads question and passage together, about 50 ms of one core a passage of 250 tokens.

    Passages go through the model one by one, on threads of its own, in the order in which they were
    asked for: who came first is served, and who gave up costs nothing more. The first call loads the
    model. Trained on English questions to a search engine.
    """

    languages = frozenset({"en"})

    def __init__(self, *, threads: int | None = None) -> None:
        """Judge `threads` passages at a time (default: two, or one on a single core)."""
        self._pool = ThreadPoolExecutor(threads or min(2, os.cpu_count() or 1), "rerank")
        self._session: Session | None = None
        self._loading = threading.Lock()
        self._closed = False

    def __repr__(self) -> str:
        return "CrossEncoderReranker(ms-marco-MiniLM-L12-v2)"

    async def rerank(self, question: str, passages: Sequence[str]) -> list[float]:
        """Return a score from 0 to 1 for each passage. Raises RerankerUnavailable.

        Of question and passage together the first 512 tokens count. Cancelling drops the passages
        that have not begun.
        """
        loop = asyncio.get_running_loop()
        try:
            return await asyncio.gather(
                *(loop.run_in_executor(self._pool, self._score, question, p) for p in passages)
            )
        except RuntimeError as error:  # a pool that is shut down
            raise RerankerUnavailable from error

    def _score(self, question: str, passage: str) -> float:
        return (self._session or self._load()).score(question, passage)

    def _load(self) -> "Session":
        with self._loading:
            if self._closed:
                raise RerankerUnavailable("The reranker is shut down.")
            if self._session is None:
                from adapters.cross_encoder._session import Session  # heavy: 80 MB

                self._session = Session()
            return self._session

    async def aclose(self) -> None:
        """Stop the threads and free the model; queued passages end with RerankerUnavailable."""
        self._closed, self._session = True, None
        await asyncio.to_thread(self._pool.shutdown)
        self._session = None  # a thread that was loading may have set it
