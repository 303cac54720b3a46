"""VectorIndex on a Pinecone index: a namespace for each generation of each bot."""

import asyncio
from collections.abc import Sequence
from functools import partial
from heapq import nsmallest
from typing import TYPE_CHECKING

from adapters.pinecone import _names as names
from adapters.pinecone import _sdk
from adapters.pinecone._freshness import Freshness
from adapters.pinecone._listing import Listing
from adapters.pinecone._writes import (
    DELETED_AT_ONCE,
    Batch,
    batches,
    check_length,
    checked,
    numbers,
)
from adapters.pinecone.connection import Connection, Creation, NamespaceMissing
from application.ports.embedder import Vector
from application.ports.vector_index import (
    Hit,
    Namespace,
    VectorId,
    VectorIndex,
    VectorIndexUnavailable,
    VectorRecord,
)

if TYPE_CHECKING:
    from pinecone.async_client.async_index import AsyncIndex
    from pinecone.models.namespaces.models import ListNamespacesResponse

_FOUND_AT_ONCE = 10_000  # Pinecone's largest top_k
_FILTERED_AT_ONCE = 10_000  # values that one $in takes
_NAMESPACES_A_PAGE = 100
_REQUESTS_AT_ONCE = 4


class PineconeVectorIndex(VectorIndex):
    """Vectors in a serverless index with the metric cosine; a record's id is that of its chunk.

    A write returns when it can be read. The index is looked at in the first call: one of another
    length or metric raises VectorIndexMismatch. A wrong key and a missing index (where none is to be
    created) raise VectorIndexDeclined, and so do too many requests, with the code
    `vector_index_rate_limited`. A record that Pinecone would refuse is a ValueError.
    Source: docs.pinecone.io and the SDK pinecone 10.
    """

    kind = "pinecone"

    def __init__(
        self,
        api_key: str,
        index_name: str,
        dimensions: int,
        *,
        host: str = "https://api.pinecone.io",
        create: Creation | None = None,
        timeout_seconds: float = 10.0,
        visible_within_seconds: float = 20.0,
        ready_within_seconds: float = 120.0,
    ) -> None:
        """Use the index of that name, whose vectors have `dimensions` numbers.

        `host` is the control plane. `create` says where a missing index is created. One request
        takes `timeout_seconds` at most, retries included; a write is waited for
        `visible_within_seconds` (0: no wait), a new index `ready_within_seconds`.
        """
        self._connection = Connection(
            api_key,
            index_name,
            dimensions,
            host=host,
            create=create,
            timeout_seconds=timeout_seconds,
            ready_within_seconds=ready_within_seconds,
        )
        self._index_name, self._dimensions = index_name, dimensions
        self._listing = Listing(self._connection)
        self._freshness = Freshness(self._connection, visible_within_seconds)
        self._requests = asyncio.Semaphore(_REQUESTS_AT_ONCE)

    def __repr__(self) -> str:
        return f"PineconeVectorIndex({self._index_name}, {self._dimensions})"

    async def prepare(self) -> None:
        """Look at the index; create it where it is missing and that is wanted."""
        await self._connection.ready()

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        """Write the records; the same id again replaces. All or an error.

        Raises VectorIndexUnavailable where a batch failed: others may have been written.
        """
        name = names.name_of(namespace)
        unique = checked(records, self._dimensions)
        writes: list[asyncio.Task[int | Exception | None]] = []
        async with asyncio.TaskGroup() as group:
            for batch in batches(namespace, unique):
                writes.append(group.create_task(self._write(name, batch)))
                await asyncio.sleep(0)  # one batch is encoded in some 10 ms: others get their turn
        written: list[int] = []
        for write in writes:
            answer = write.result()
            if isinstance(answer, Exception):
                raise answer
            written += [answer] if answer is not None else []
        await self._freshness.wait_for_write(name, max(written, default=None))

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """Return up to `limit` hits (10,000 at most), best first; within `document_ids` if given."""
        check_length(vector, self._dimensions)
        name, values = names.name_of(namespace), numbers(vector)
        limit = min(limit, _FOUND_AT_ONCE)
        if limit < 1:
            return []
        if document_ids is None:
            return await self._search(name, values, limit, None)
        wanted = list(dict.fromkeys(document_ids))
        hits: list[Hit] = []
        for start in range(0, len(wanted), _FILTERED_AT_ONCE):
            part = wanted[start : start + _FILTERED_AT_ONCE]
            hits += await self._search(name, values, limit, part)
        return _best(hits, limit)

    async def delete_chunks(self, namespace: Namespace, chunk_ids: Sequence[str]) -> None:
        """Remove these vectors; unknown ids are no error."""
        possible = [key for key in dict.fromkeys(chunk_ids) if names.may_exist(key)]
        await self._delete(names.name_of(namespace), possible)

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        """Remove the vectors of a document; with `keep_revision` only those of revisions before it."""
        name = names.name_of(namespace)
        found = await self._ids_of(name, document_id)
        if keep_revision is not None:
            found = [key for key in found if names.revision_of(key) < keep_revision]
        await self._delete(name, found)

    async def delete_namespace(self, namespace: Namespace) -> bool:
        """Remove the namespace at once, with all that it holds."""
        name = names.name_of(namespace)
        try:
            await self._connection.call(lambda index: index.delete_namespace(name=name))
        except NamespaceMissing:
            return False
        await self._freshness.wait_for_absence(name)
        return False

    async def count(self, namespace: Namespace, document_id: str | None = None) -> int:
        """Return how many vectors the namespace (or one document in it) holds."""
        name = names.name_of(namespace)
        if document_id is not None:
            return len(await self._ids_of(name, document_id))
        try:
            found = await self._connection.call(lambda index: index.describe_namespace(name=name))
        except NamespaceMissing:
            return 0
        return found.record_count

    async def ids(
        self,
        namespace: Namespace,
        after: str | None,
        limit: int,
        document_id: str | None = None,
    ) -> list[VectorId]:
        """Return a page of ids, in the order of the chunks' ids."""
        prefix = "" if document_id is None else names.document_prefix(document_id)
        found = await self._listing.after(names.name_of(namespace), prefix, after, limit)
        return [VectorId(key, names.document_of(key) or "") for key in found]

    async def namespaces(self, tenant_id: str) -> list[Namespace]:
        """Return the tenant's namespaces."""
        prefix = names.tenant_prefix(tenant_id)
        found: list[Namespace | None] = []
        token: str | None = None
        while True:
            page = await self._namespaces_page(prefix, token)
            found += [names.namespace_of(one.name) for one in page.namespaces]
            token = page.pagination.next if page.pagination else None
            if not token:
                return [one for one in found if one is not None]

    async def aclose(self) -> None:
        """Close the connections."""
        await self._connection.aclose()

    async def _namespaces_page(self, prefix: str, token: str | None) -> "ListNamespacesResponse":
        return await self._connection.call(
            lambda index: index.list_namespaces_paginated(
                prefix=prefix, limit=_NAMESPACES_A_PAGE, pagination_token=token
            )
        )

    async def _write(self, name: str, batch: Batch) -> int | Exception | None:
        """Write a batch; return the number of the write, or why there is none."""

        async def ask(index: "AsyncIndex") -> int | None:
            answer = await index.upsert(vectors=batch, namespace=name)
            if answer.upserted_count != len(batch):
                raise VectorIndexUnavailable(
                    f"Pinecone wrote {answer.upserted_count} of {len(batch)} vectors."
                )
            return answer.response_info.lsn_committed if answer.response_info else None

        async with self._requests:
            try:
                return await self._connection.call(ask)
            except (VectorIndexUnavailable, ValueError) as error:
                return error

    async def _search(
        self, name: str, values: list[float], limit: int, document_ids: list[str] | None
    ) -> list[Hit]:
        within = None if document_ids is None else {"document_id": {"$in": document_ids}}
        try:
            answer = await self._connection.call(
                lambda index: index.query(namespace=name, vector=values, top_k=limit, filter=within)
            )
        except NamespaceMissing:
            return []
        return _best([Hit(one.id, min(max(one.score, -1.0), 1.0)) for one in answer.matches], limit)

    async def _ids_of(self, name: str, document_id: str) -> list[str]:
        prefix = names.document_prefix(document_id)
        return [key async for page in self._listing.pages(name, prefix) for key in page.ids]

    async def _delete(self, name: str, chunk_ids: list[str]) -> None:
        written: int | None = None
        for start in range(0, len(chunk_ids), DELETED_AT_ONCE):
            delete = partial(_sdk.delete_ids, name, chunk_ids[start : start + DELETED_AT_ONCE])
            try:
                written = await self._connection.call(delete)
            except NamespaceMissing:
                return
        await self._freshness.wait_for_write(name, written)


def _best(hits: list[Hit], limit: int) -> list[Hit]:
    return nsmallest(limit, hits, key=lambda hit: (-hit.score, hit.chunk_id))
