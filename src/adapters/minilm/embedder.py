"""Embedder on all-MiniLM-L6-v2 (Reimers and Gurevych 2019), int8, in this process."""

import asyncio
import os
import sys
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from application.ports.embedder import Embedder, EmbedderUnavailable, EmbedTask, Vector

if TYPE_CHECKING:
    from adapters.minilm._session import Session

_DIMENSIONS = 384
_BACKGROUND_NICENESS = 5


class MiniLmEmbedder(Embedder):
    """Turns a text into 384 numbers in about 2 ms (question) to 25 ms (paragraph) of one core.

    Texts go through the model one by one: measured, a batch costs more a text (it pads and leaves
    the processor's cache), and alone a text's vector never depends on its neighbours. Questions
    have threads of their own and never queue behind documents. The first call loads the model.
    """

    def __init__(
        self, model_dir: Path, *, threads: int | None = None, query_cache_size: int = 1024
    ) -> None:
        """Keep the converted model in `model_dir`.

        `threads` documents, and as many questions, are embedded at a time (default: two, or one on
        a single core); the vectors of the last `query_cache_size` questions are remembered.
        """
        workers = threads or min(2, os.cpu_count() or 1)
        self._queries = ThreadPoolExecutor(workers, "embed-query")
        self._documents = ThreadPoolExecutor(workers, "embed-document", _step_back)
        self._waiting_documents = 0
        self._cache: OrderedDict[str, Vector] = OrderedDict()
        self._cache_size = query_cache_size
        self._model_dir = model_dir
        self._session: Session | None = None
        self._loading = threading.Lock()
        self._closed = False

    @property
    def space(self) -> str:
        """Name of the vector space."""
        return f"minilm-l6-v2-int8/{_DIMENSIONS}"

    @property
    def languages(self) -> frozenset[str]:
        """English: other languages' likenesses are mostly those of shared letters and names."""
        return frozenset({"en"})

    @property
    def dimensions(self) -> int:
        """Length of each vector."""
        return _DIMENSIONS

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        """Return one unit-length float32 vector a text. Raises EmbedderUnavailable.

        Of a text the first 256 tokens count. Cancelling drops the texts that have not begun. The
        first call on a new `model_dir` takes seconds (see `prepare_model`).
        """
        if task is EmbedTask.QUERY:
            return await self._embed_queries(texts)
        self._waiting_documents += 1
        try:
            return await self._run(self._documents, texts)
        finally:
            self._waiting_documents -= 1
            if self._session and not self._waiting_documents:
                self._documents.submit(self._session.release_scratch)

    async def _embed_queries(self, texts: Sequence[str]) -> list[Vector]:
        known = {text: self._cache[text] for text in texts if text in self._cache}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        known.update(zip(missing, await self._run(self._queries, missing), strict=True))
        for text, vector in known.items():
            self._cache[text] = vector
            self._cache.move_to_end(text)
        while len(self._cache) > self._cache_size:
            self._cache.popitem(last=False)
        return [known[text] for text in texts]

    async def _run(self, pool: ThreadPoolExecutor, texts: Sequence[str]) -> list[Vector]:
        loop = asyncio.get_running_loop()
        embed: Callable[[str], Vector] = self._embed_one
        try:
            return await asyncio.gather(*(loop.run_in_executor(pool, embed, t) for t in texts))
        except RuntimeError as error:  # a pool that is shut down
            raise EmbedderUnavailable from error

    def _embed_one(self, text: str) -> Vector:
        return (self._session or self._load()).embed(text)

    def _load(self) -> "Session":
        with self._loading:
            if self._closed:
                raise EmbedderUnavailable("The embedder is shut down.")
            if self._session is None:
                from adapters.minilm._session import Session  # heavy: 40 MB

                self._session = Session(self._model_dir)
            return self._session

    async def aclose(self) -> None:
        """Stop the threads and free the model; queued texts end with EmbedderUnavailable."""
        self._closed, self._session = True, None
        await asyncio.to_thread(self._queries.shutdown)
        await asyncio.to_thread(self._documents.shutdown)
        self._session = None  # a thread that was loading may have set it


def _step_back() -> None:
    """Let questions, the event loop and the database go first: documents can wait."""
    if sys.platform == "linux":  # elsewhere niceness is the whole process's
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _BACKGROUND_NICENESS)
