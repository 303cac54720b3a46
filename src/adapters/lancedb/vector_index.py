"""VectorIndex on LanceDB: a table for each namespace."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from heapq import nsmallest
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.lancedb import _rows as rows
from adapters.lancedb._errors import Gone
from adapters.lancedb._tables import OtherLength, Tables, dimensions_of
from adapters.lancedb._upkeep import Upkeep
from application.ports.embedder import Vector
from application.ports.vector_index import Hit, Namespace, VectorId, VectorIndex, VectorRecord

if TYPE_CHECKING:
    import pyarrow
    from lancedb.table import AsyncTable

_WRITTEN_AT_ONCE = 1_000
_DELETED_AT_ONCE = 1_000
_IN_ONE_FILTER = 1_000
_PARTS = 20  # of the index, searched at least; more where a filter leaves too few
_REFINED = 5  # times the limit: so many of the best by bytes are compared by their numbers


class LanceVectorIndex(VectorIndex):
    """Vectors in tables of Lance files, each made by the first record.

    A table for each namespace: nothing else keeps tenants apart as surely, writers of two bots never
    meet, and a namespace leaves the disk as a folder. Up to 10,000 rows are compared one by one,
    beyond that by an index; writes after it was made are found all the same. What is deleted leaves
    the files in the background, see Upkeep.

    A vector without direction or of another length is a ValueError. Source: lancedb 0.40.
    """

    kind = "lancedb"

    def __init__(self, place: Path | str, *, timeout_seconds: float = 10.0) -> None:
        """Use the folder `place`, or the object store at this address."""
        self._tables = Tables(place, timeout_seconds)
        self._upkeep = Upkeep(self._tables)
        self._resumed = False

    async def prepare(self) -> None:
        """Open the database, and go on with what an earlier process has left."""
        await self._tables.connect()
        if not self._resumed:
            self._resumed = True
            await self._upkeep.resume()

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        """Write the records; the same id again replaces. All or an error (some may be written)."""
        rows.check(records)
        name = rows.name_of(namespace)
        latest = list({record.chunk_id: record for record in records}.values())
        for start in range(0, len(latest), _WRITTEN_AT_ONCE):
            await self.prepare()
            part = latest[start : start + _WRITTEN_AT_ONCE]
            data = await asyncio.to_thread(rows.rows, part)
            await self._tables.write(name, lambda data=data: self._merge(name, data))  # type: ignore[misc]
            self._upkeep.written(name)

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """Return up to `limit` hits, best first; within `document_ids` where given (none: no hit)."""
        filters = _filters(document_ids)
        if limit < 1 or not filters or not rows.has_direction(vector):
            return []
        await self.prepare()
        name = rows.name_of(namespace)
        try:
            parts = [
                await self._tables.read(
                    name,
                    lambda table, where=where: _nearest(table, vector, limit, where),  # type: ignore[misc]
                )
                for where in filters
            ]
        except Gone:
            return []
        return nsmallest(
            limit,
            (hit for part in parts for hit in part),
            key=lambda hit: (-hit.score, hit.chunk_id),
        )

    async def delete_chunks(self, namespace: Namespace, chunk_ids: Sequence[str]) -> None:
        """Remove these vectors; unknown ids are no error."""
        ids = list(dict.fromkeys(chunk_ids))
        for start in range(0, len(ids), _DELETED_AT_ONCE):
            part = ids[start : start + _DELETED_AT_ONCE]
            await self._delete(namespace, rows.one_of("chunk_id", part))

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        """Remove the vectors of a document; with `keep_revision` only those of revisions before it."""
        where = rows.one_of("document_id", [document_id])
        if keep_revision is not None:
            where += f" AND revision < {int(keep_revision)}"
        await self._delete(namespace, where)

    async def delete_namespace(self, namespace: Namespace) -> bool:
        """Remove the table with its files, whole: nothing is left."""
        await self.prepare()
        name = rows.name_of(namespace)
        with suppress(Gone):
            await self._tables.write(name, lambda: self._tables.dropped(name))
        await self._upkeep.dropped(name)
        return False

    async def count(self, namespace: Namespace, document_id: str | None = None) -> int:
        """Return how many vectors the namespace (or one document in it) holds."""
        await self.prepare()
        where = None if document_id is None else rows.one_of("document_id", [document_id])
        try:
            return await self._tables.read(
                rows.name_of(namespace), lambda table: table.count_rows(where)
            )
        except Gone:
            return 0

    async def ids(
        self,
        namespace: Namespace,
        after: str | None,
        limit: int,
        document_id: str | None = None,
    ) -> list[VectorId]:
        """Return a page of ids, in the order of the chunks' ids."""
        if limit < 1:
            return []
        await self.prepare()
        where = [rows.after(after or "")]
        if document_id is not None:
            where.append(rows.one_of("document_id", [document_id]))
        try:
            found = await self._tables.read(
                rows.name_of(namespace), lambda table: _listed(table, " AND ".join(where), limit)
            )
        except Gone:
            return []
        return [VectorId(one["chunk_id"], one["document_id"]) for one in found]

    async def namespaces(self, tenant_id: str) -> list[Namespace]:
        """Return the tenant's namespaces, picked from the list of all tables."""
        await self.prepare()
        its = (rows.namespace_of(name, tenant_id) for name in await self._tables.names())
        return [namespace for namespace in its if namespace is not None]

    async def aclose(self) -> None:
        """Finish what is being written and what has to leave the disk, then close the tables."""
        await self._upkeep.aclose()
        await self._tables.aclose()

    async def _merge(self, name: str, data: "pyarrow.Table") -> None:
        await self._tables.made(name, data.schema.field(rows.VECTOR).type.list_size)
        await self._tables.ask(
            name,
            lambda table: (
                table.merge_insert("chunk_id")
                .when_matched_update_all()
                .when_not_matched_insert_all()
                .execute(data)
            ),
        )

    async def _delete(self, namespace: Namespace, where: str) -> None:
        await self.prepare()
        name = rows.name_of(namespace)

        async def deleted() -> None:
            await self._tables.opened(name)
            await self._upkeep.before_deleting(name)
            await self._tables.ask(name, lambda table: table.delete(where))

        try:
            await self._tables.write(name, deleted)
        except Gone:
            return
        self._upkeep.deleted(name)


async def _nearest(table: "AsyncTable", vector: Vector, limit: int, where: str | None) -> list[Hit]:
    dimensions = await dimensions_of(table)
    if len(vector) != dimensions:
        raise OtherLength(dimensions, len(vector))
    query = (
        table.query()
        .nearest_to(list(vector))
        .column(rows.VECTOR)
        .distance_type("cosine")
        .select(["chunk_id", "_distance"])
        .limit(limit)
        .refine_factor(_REFINED)
        .minimum_nprobes(_PARTS)
        .maximum_nprobes(0)
    )
    found = (await (query.where(where) if where else query).to_arrow()).to_pydict()
    return [
        Hit(key, min(max(1.0 - away, -1.0), 1.0))
        for key, away in zip(found["chunk_id"], found["_distance"], strict=True)
    ]


async def _listed(table: "AsyncTable", where: str, limit: int) -> list[dict[str, str]]:
    from lancedb.query import ColumnOrdering

    query = table.query().where(where).select(["chunk_id", "document_id"]).limit(limit)
    found: list[dict[str, str]] = await query.order_by(
        [ColumnOrdering(column_name="chunk_id")]
    ).to_list()
    return found


def _filters(document_ids: Sequence[str] | None) -> list[str | None]:
    """Return the filters to ask with, one after the other."""
    if document_ids is None:
        return [None]
    ids = list(dict.fromkeys(document_ids))
    return [
        rows.one_of("document_id", ids[start : start + _IN_ONE_FILTER])
        for start in range(0, len(ids), _IN_ONE_FILTER)
    ]
