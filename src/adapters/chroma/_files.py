"""Chroma in this process, over files: its calls block, so they are made in threads."""

import asyncio
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from adapters.chroma._engine import COSINE, Batch, Engine, Metadata, Where
from adapters.chroma._errors import port_error
from adapters.chroma._points import numbers
from application.ports.embedder import Vector
from application.ports.vector_index import VectorIndexDeclined, VectorIndexUnavailable

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.api.models.Collection import Collection

T = TypeVar("T")

_THREADS = 4
_LOCK = "chatsphere.lock"
_DATABASE = "chroma.sqlite3"


class Files(Engine):
    """Chroma's files in `folder`, open in one process at a time.

    Chroma itself lets two processes in, and the one then does not find what the other wrote: counts
    agree and neighbours are missing. So the folder is locked, and a second process is refused with
    VectorIndexDeclined.
    """

    at_once = (
        50  # Chroma holds Python's lock while it writes: so for a tenth of a second, not a half
    )

    def __init__(self, folder: Path, *, timeout_seconds: float = 10.0) -> None:
        self._folder, self._timeout = folder, timeout_seconds
        self._client: ClientAPI | None = None
        self._collections: dict[str, Collection] = {}
        self._lock: int | None = None
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="chroma")
        self._opening = asyncio.Lock()

    async def prepare(self) -> None:
        """Open the files."""
        await self._opened()

    async def open(self, name: str) -> str:
        """Return the collection of that name."""
        return await self._call(lambda client: self._keep(client.get_collection(name, None)))

    async def create(self, name: str) -> str:
        """Return the collection of that name; made where it is missing."""
        asked: Any = COSINE
        return await self._call(
            lambda client: self._keep(
                client.get_or_create_collection(name, configuration=asked, embedding_function=None)
            )
        )

    async def drop(self, name: str) -> None:
        """Remove a collection, and the files it leaves."""

        def dropped(client: "ClientAPI") -> None:
            client.delete_collection(name)
            _remove_orphans(self._folder)

        await self._call(dropped)

    async def names(self, limit: int, offset: int) -> list[str]:
        """Return names of collections."""
        return await self._call(
            lambda client: [one.name for one in client.list_collections(limit, offset)]
        )

    async def upsert(self, collection: str, batch: Batch) -> None:
        """Write records."""

        def written(_: object) -> None:
            vectors: Any = [numbers(vector) for vector in batch.vectors]
            metadatas: Any = batch.metadatas
            self._collections[collection].upsert(batch.ids, vectors, metadatas)

        await self._call(written)

    async def query(
        self, collection: str, vector: Vector, limit: int, where: Where | None
    ) -> list[tuple[str, float]]:
        """Return the nearest."""
        vectors: Any = [numbers(vector)]
        asked: Any = where

        def found(_: object) -> list[tuple[str, float]]:
            its = self._collections[collection]
            answer = its.query(vectors, n_results=limit, where=asked, include=["distances"])
            distances = answer["distances"] or [[]]
            return list(zip(answer["ids"][0], distances[0], strict=True))

        return await self._call(found)

    async def get(self, collection: str, where: Where) -> list[tuple[str, Metadata]]:
        """Return ids and what stands beside them."""
        asked: Any = where

        def found(_: object) -> list[tuple[str, Metadata]]:
            answer = self._collections[collection].get(where=asked, include=["metadatas"])
            beside: Any = answer["metadatas"] or []
            return list(zip(answer["ids"], beside, strict=True))

        return await self._call(found)

    async def delete(
        self, collection: str, ids: Sequence[str] | None = None, where: Where | None = None
    ) -> None:
        """Remove these, or those that `where` holds for."""
        keys, asked = None if ids is None else list(ids), where
        its: Any = asked
        await self._call(lambda _: self._collections[collection].delete(keys, its))

    async def count(self, collection: str) -> int:
        """Return how many vectors there are."""
        return await self._call(lambda _: self._collections[collection].count())

    async def aclose(self) -> None:
        """Close the files: another process can open them."""
        async with self._opening:
            await asyncio.get_running_loop().run_in_executor(self._threads, self._close)
            self._threads.shutdown(wait=False)

    def _keep(self, collection: "Collection") -> str:
        key = str(collection.id)
        self._collections[key] = collection
        return key

    async def _call(self, ask: Callable[["ClientAPI"], T]) -> T:
        """Return what Chroma answers, within the deadline of a call."""
        client = await self._opened()
        return await self._in_time(lambda: _translated(lambda: ask(client)))

    async def _opened(self) -> "ClientAPI":
        if self._client is None:
            async with self._opening:
                if self._client is None:
                    self._client = await self._in_time(self._open)
        return self._client

    async def _in_time(self, work: Callable[[], T]) -> T:
        """Return what is done in a thread; one that is late ends by itself."""
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeout):
                return await loop.run_in_executor(self._threads, work)
        except TimeoutError as error:
            raise VectorIndexUnavailable("Chroma did not answer in time.") from error
        except OSError as error:
            raise VectorIndexUnavailable("The data directory cannot be used.") from error

    def _open(self) -> "ClientAPI":
        """Import Chroma and open the files: a second of CPU. It reports to nobody, and embeds nothing."""
        self._folder.mkdir(parents=True, exist_ok=True)
        if self._lock is None:
            self._lock = _locked(self._folder / _LOCK)
        from chromadb import PersistentClient
        from chromadb.config import Settings

        settings = Settings(
            anonymized_telemetry=False, chroma_api_impl="chromadb.api.rust.RustBindingsAPI"
        )
        client = _translated(lambda: PersistentClient(self._folder, settings))
        _remove_orphans(self._folder)
        return client

    def _close(self) -> None:
        client, self._client = self._client, None
        self._collections.clear()
        if client is not None:
            client.close()  # type: ignore[attr-defined]  # the client's interface leaves it out
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def _locked(path: Path) -> int:
    """Return a descriptor that holds the lock as long as it is open."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise VectorIndexDeclined(
            "Another process has Chroma's files open, and they can be open in one only: run a Chroma "
            "server and set CHATSPHERE_CHROMA_URL, or let one process be API and worker.",
            retry_after=10.0,
        ) from error
    return descriptor


def _translated(ask: Callable[[], T]) -> T:
    """Return what `ask` does, its errors as those of the port."""
    from chromadb.errors import ChromaError

    try:
        return ask()
    except ChromaError as error:
        raise port_error(error.code(), error.message()) from error
    except sqlite3.Error as error:
        raise VectorIndexUnavailable("Chroma's files cannot be read.") from error


def _remove_orphans(folder: Path) -> None:
    """Remove graphs of collections that are gone: Chroma leaves them, with every vector in them."""
    graphs = list(folder.glob("*-*-*-*-*/"))  # first: one made meanwhile has its collection already
    with closing(sqlite3.connect(f"file:{folder / _DATABASE}?mode=ro", uri=True)) as database:
        held = {str(key) for (key,) in database.execute("SELECT id FROM segments")}
    for graph in graphs:
        if graph.name not in held:
            shutil.rmtree(graph, ignore_errors=True)
