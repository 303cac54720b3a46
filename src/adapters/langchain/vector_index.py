"""VectorIndex on LangChain's vector stores: one store a namespace."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from heapq import nsmallest
from math import hypot, isfinite
from typing import TYPE_CHECKING, TypeVar

from adapters.langchain._errors import failure_of
from adapters.langchain._parts import Lazy
from adapters.langchain._secrets import Redactor
from adapters.langchain.stores import VectorStores, vector_id
from application.ports.embedder import Vector
from application.ports.plugins import NotConfigured
from application.ports.vector_index import (
    Hit,
    Namespace,
    VectorId,
    VectorIndex,
    VectorIndexDeclined,
    VectorIndexRefused,
    VectorIndexUnavailable,
    VectorRecord,
)
from domain.ids import split_chunk_id

if TYPE_CHECKING:
    from langchain_core.vectorstores import VectorStore

    from adapters.langchain._given import GivenVectors

T = TypeVar("T")

_WRITTEN_AT_ONCE = 250
_OPENED = 1_000  # stores kept open


class LangChainVectorIndex(VectorIndex):
    """Vectors in the stores of a `VectorStores`; the stores get ids and vectors, never a text.

    Counting and listing read the whole list of a store. A vector without direction or of another length
    is a ValueError. Source: langchain-core 1.7, VectorStore.
    """

    kind = "langchain"

    def __init__(
        self, make: Callable[[], VectorStores], dimensions: int, *, timeout_seconds: float = 30.0
    ) -> None:
        """Use the stores that `make` returns, called once, in a thread; `timeout_seconds` a call."""
        self._stores = Lazy(make)
        self._dimensions = dimensions
        self._timeout = timeout_seconds
        self._opened: dict[str, Lazy[VectorStore]] = {}
        self._shim: GivenVectors | None = None

    def __repr__(self) -> str:
        return f"LangChainVectorIndex({self._dimensions})"

    async def prepare(self) -> None:
        """Import the stores, so that what is wrong with the setting is said when a server starts."""
        await self._call(self._stores.get)

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        """Write the records; the same id again replaces. All or an error (some may be written)."""
        vectors = [self._unit(record.vector) for record in records]
        last = {
            record.chunk_id: (record, vector)
            for record, vector in zip(records, vectors, strict=True)
        }
        written = list(last.values())
        for start in range(0, len(written), _WRITTEN_AT_ONCE):
            batch = written[start : start + _WRITTEN_AT_ONCE]
            await self._in_store(namespace, partial(self._add, batch))
            await asyncio.sleep(0)  # a store may work on the event loop: others get their turn

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """Return up to `limit` hits, best first; within `document_ids` where given (none: no hit)."""
        unit = self._unit(vector)
        if limit < 1 or (document_ids is not None and not document_ids):
            return []

        async def find(store: "VectorStore") -> list[Hit]:
            stores = await self._stores.get()
            kept = {} if document_ids is None else stores.within(document_ids)
            with self._given().named([unit]) as [name]:
                found = await store.asimilarity_search_with_score(name, k=limit, **kept)
            return [
                Hit(vector_id(document.metadata).chunk_id, _clipped(stores.cosine(float(score))))
                for document, score in found
            ]

        none: list[Hit] = []
        hits = await self._in_known(namespace, find, none)
        return nsmallest(limit, hits, key=lambda hit: (-hit.score, hit.chunk_id))

    async def delete_chunks(self, namespace: Namespace, chunk_ids: Sequence[str]) -> None:
        """Remove these vectors; unknown ids are no error."""
        ids = list(dict.fromkeys(chunk_ids))
        if ids:  # none would mean all, to some stores
            await self._in_known(namespace, partial(self._delete, ids), None)

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        """Remove the vectors of a document; with `keep_revision` only those of revisions before it."""
        found = [one.chunk_id for one in await self._listed(namespace, document_id)]
        if keep_revision is not None:
            found = [key for key in found if _revision(key) < keep_revision]
        await self.delete_chunks(namespace, found)

    async def delete_namespace(self, namespace: Namespace) -> bool:
        """Remove the namespace's store at once."""
        name = _name_of(namespace)

        async def drop() -> None:
            stores = await self._stores.get()
            await asyncio.to_thread(stores.drop, name)

        self._opened.pop(name, None)  # who writes meanwhile opens it anew
        await self._call(drop)
        self._opened.pop(name, None)
        return False

    async def count(self, namespace: Namespace, document_id: str | None = None) -> int:
        """Return how many vectors the namespace (or one document in it) holds."""
        return len(await self._listed(namespace, document_id))

    async def ids(
        self,
        namespace: Namespace,
        after: str | None,
        limit: int,
        document_id: str | None = None,
    ) -> list[VectorId]:
        """Return a page of ids, in the order of the chunks' ids."""
        found = await self._listed(namespace, document_id)
        following = [one for one in found if one.chunk_id > (after or "")]
        return nsmallest(limit, following, key=lambda one: one.chunk_id)

    async def namespaces(self, tenant_id: str) -> list[Namespace]:
        """Return the namespaces of the tenant that have a store."""

        parts = [name.split(".") for name in await self._names()]
        return [Namespace(*one) for one in parts if len(one) == 3 and one[0] == tenant_id]  # noqa: PLR2004

    async def _listed(self, namespace: Namespace, document_id: str | None) -> list[VectorId]:
        async def read(store: "VectorStore") -> list[VectorId]:
            stores = await self._stores.get()
            return await asyncio.to_thread(lambda: list(stores.listed(store, document_id)))

        return await self._in_known(namespace, read, [])

    async def _add(
        self, batch: Sequence[tuple[VectorRecord, Sequence[float]]], store: "VectorStore"
    ) -> None:
        from langchain_core.documents import Document

        ids = [record.chunk_id for record, _ in batch]
        with self._given().named([vector for _, vector in batch]) as names:
            documents = [
                Document(
                    id=record.chunk_id,
                    page_content=name,
                    metadata={"chunk_id": record.chunk_id, "document_id": record.document_id},
                )
                for name, (record, _) in zip(names, batch, strict=True)
            ]
            if list(await store.aadd_documents(documents, ids=ids)) != ids:
                raise VectorIndexDeclined("The store keeps vectors under ids of its own.")

    async def _delete(self, ids: list[str], store: "VectorStore") -> None:
        if await store.adelete(ids) is not False:
            return
        stores = await self._stores.get()
        held = await asyncio.to_thread(lambda: {one.chunk_id for one in stores.listed(store, None)})
        if not held.isdisjoint(ids):
            raise VectorIndexUnavailable("The store has not deleted what it was told to.")

    def _given(self) -> "GivenVectors":
        from adapters.langchain._given import GivenVectors

        if self._shim is None:
            self._shim = GivenVectors(self._dimensions)
        return self._shim

    async def _names(self) -> list[str]:
        async def read() -> list[str]:
            stores = await self._stores.get()
            return await asyncio.to_thread(lambda: list(stores.names()))

        return await self._call(read)

    async def _in_known(
        self, namespace: Namespace, work: Callable[["VectorStore"], Awaitable[T]], nothing: T
    ) -> T:
        """Do something with the store of a namespace; where there is none, none is made for it."""
        name = _name_of(namespace)
        if name not in self._opened and name not in await self._names():
            return nothing
        return await self._in_store(namespace, work)

    async def _in_store(
        self, namespace: Namespace, work: Callable[["VectorStore"], Awaitable[T]]
    ) -> T:
        """Do something with the store of a namespace; one that has failed is opened anew next time."""
        name = _name_of(namespace)

        async def open_and_work() -> T:
            stores = await self._stores.get()
            if name not in self._opened:
                if len(self._opened) >= _OPENED:
                    self._opened.clear()
                self._opened[name] = Lazy(lambda: stores.open(name, self._given()))
            return await work(await self._opened[name].get())

        try:
            return await self._call(open_and_work)
        except VectorIndexUnavailable:
            self._opened.pop(name, None)
            raise

    async def _call(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(self._timeout):
                return await work()
        except VectorIndexUnavailable:
            raise
        except NotConfigured as error:
            raise VectorIndexDeclined(str(error)) from None
        except Exception as error:  # a store's; no cause, which may hold its key
            failure = failure_of(error, Redactor())
            refused = VectorIndexRefused if failure.about_content else VectorIndexDeclined
            raise failure.as_error(VectorIndexUnavailable, refused, "vector_index") from None

    def _unit(self, vector: Vector) -> list[float]:
        """Return it at unit length. Raises ValueError for another length or none."""
        if len(vector) != self._dimensions:
            raise ValueError(f"the vectors of this index have {self._dimensions} numbers")
        length = hypot(*vector)
        if not length or not isfinite(length):
            raise ValueError("a vector without direction")
        return [value / length for value in vector]


def _name_of(namespace: Namespace) -> str:
    return f"{namespace.tenant_id}.{namespace.bot_id}.{namespace.generation_id}"


def _revision(key: str) -> int:
    """Return the revision that a vector is of; 0 where its id is no chunk's."""
    parts = split_chunk_id(key)
    return parts[1] if parts else 0


def _clipped(score: float) -> float:
    return min(max(score, -1.0), 1.0)
