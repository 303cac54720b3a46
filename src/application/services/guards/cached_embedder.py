"""An embedder that remembers questions, so that one asked again costs neither time nor money."""

import asyncio
import logging
import struct
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from hmac import digest
from typing import TypeVar

from application.ports.cache import Cache
from application.ports.clock import Clock
from application.ports.embedder import Embedder, EmbedTask, Vector
from application.services.guards._wrapped import WrappedEmbedder

T = TypeVar("T")
KEEP_SECONDS = 3600.0
PATIENCE_SECONDS = 0.1  # a cache that is slower than that is no help
REST_SECONDS = 2.0  # after a failure the cache is let alone for so long
_PURPOSE = b"questions in the cache"
_FLOAT_BYTES = 4
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Flight:
    """A question that is being embedded, and how many wait for it."""

    task: "asyncio.Task[Vector]"
    waiting: int = 0


class CachedEmbedder(WrappedEmbedder):
    """Keeps the vector of a single question for an hour; asked by many at once, it is embedded once.

    Documents, which have a cache of their own (`EmbeddingCache`), and questions in a batch, which are
    sentences of documents, pass through. A cache that fails never fails a question.

    The port knows no tenant, and a vector depends on nothing but model and text: workspaces share
    entries. A key is an HMAC under `secret`, so who reads the cache cannot try out questions; a vector
    in it goes to nobody who does not have the very text. What is left is time: an answer comes sooner
    where somebody asked the same, to the letter, within the hour.
    """

    def __init__(
        self,
        embedder: Embedder,
        cache: Cache,
        clock: Clock,
        *,
        secret: bytes,
        keep_seconds: float = KEEP_SECONDS,
    ) -> None:
        super().__init__(embedder)
        self._cache = cache
        self._monotonic = clock.monotonic
        self._secret = digest(secret, _PURPOSE, sha256)
        self._keep_seconds = keep_seconds
        self._resting_until = 0.0
        self._flights: dict[str, _Flight] = {}
        self._writing: set[asyncio.Task[None]] = set()

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        """Return one vector of unit length a text, in order. Raises EmbedderUnavailable."""
        if task is not EmbedTask.QUERY or len(texts) != 1:
            return await super().embed(texts, task)
        return [await self._together(self._key(texts[0]), texts[0])]

    async def aclose(self) -> None:
        """End what is under way; release the cache and the embedder."""
        tasks = [*self._writing, *(flight.task for flight in self._flights.values())]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._cache.aclose()
        await super().aclose()

    def _key(self, question: str) -> str:
        named = f"{self.space}\0{EmbedTask.QUERY}\0{question}".encode(errors="surrogatepass")
        return f"question:{digest(self._secret, named, sha256).hex()}"

    async def _together(self, key: str, question: str) -> Vector:
        """Wait with all who ask the same; when the last of them leaves, it is given up."""
        flight = self._flights.get(key)
        if flight is None:
            flight = _Flight(asyncio.create_task(self._find(key, question)))
            self._flights[key] = flight
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if flight.task.done() or not flight.waiting:
                flight.task.cancel()
                if self._flights.get(key) is flight:
                    del self._flights[key]

    async def _find(self, key: str, question: str) -> Vector:
        value = await self._read(key)
        if len(value) == _FLOAT_BYTES * self.dimensions:
            return struct.unpack(f"<{self.dimensions}f", value)
        [vector] = await self._embedder.embed([question], EmbedTask.QUERY)
        writing = asyncio.create_task(self._write(key, struct.pack(f"<{len(vector)}f", *vector)))
        self._writing.add(writing)  # nobody waits for it
        writing.add_done_callback(self._writing.discard)
        return vector

    async def _read(self, key: str) -> bytes:
        known = await self._ask(lambda: self._cache.get_many([key]))
        return (known or {}).get(key, b"")

    async def _write(self, key: str, value: bytes) -> None:
        await self._ask(lambda: self._cache.put_many({key: value}, self._keep_seconds))

    async def _ask(self, call: Callable[[], Awaitable[T]]) -> T | None:
        """Return the cache's answer; None where it has none in time, or is let alone."""
        if self._monotonic() < self._resting_until:
            return None
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await call()
        except Exception as error:  # whatever it is: a question does not need the cache
            self._resting_until = self._monotonic() + REST_SECONDS
            _log.warning("the cache is out: questions go without it (%s)", type(error).__name__)
            return None
