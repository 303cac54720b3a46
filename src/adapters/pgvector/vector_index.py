"""VectorIndex on PostgreSQL with pgvector: exact for small namespaces, an HNSW graph for large."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from math import isnan

from psycopg import AsyncConnection as DriverConnection
from psycopg import DataError
from psycopg import Error as DriverError
from sqlalchemy import TextClause

from adapters._driver import Trouble, trouble_of
from adapters._psycopg import Connection, Pool
from adapters.pgvector import statements as sql
from adapters.pgvector.halfvec import halfvec, halfvec_array, register
from application.ports.embedder import Vector
from application.ports.vector_index import (
    Hit,
    Namespace,
    VectorId,
    VectorIndex,
    VectorIndexUnavailable,
    VectorRecord,
)
from domain.errors import Overloaded, StorageFull

_DEADLINE_S = 10.0
_DEADLINE_PER_RECORD_S = 0.05
_WRITTEN_AT_ONCE = 1_000  # rows of one INSERT, which is about 1 MB
_PROMOTED_AT_ONCE = 256  # rows of one transaction; each goes into the graph
_PROMOTED_PER_WRITTEN = 4
_DELETED_AT_ONCE = 5_000  # rows of one transaction, of well under a second
_EF_SEARCH = 100
_LARGEST_EF_SEARCH = 1_000  # pgvector takes no more
_OVERFETCH = 4


class PgVectorIndex(VectorIndex):
    """Vectors as 16-bit floats in `chunk_vectors`.

    A namespace of up to `exact_limit` vectors is scanned exactly: that takes milliseconds, costs
    nothing on writing, and a filter loses no neighbour. Beyond, each write also moves a few times
    its own number of older rows into the graph, so that growing stays cheap; the graph is searched
    once it holds every row of the namespace. Vectors of a length that has no graph are scanned.

    Raises VectorIndexUnavailable where the database does not answer, Overloaded where no connection is
    free, and ValueError for a vector whose length is not that of its namespace.
    """

    kind = "pgvector"

    def __init__(self, pool: Pool, *, exact_limit: int = 10_000) -> None:
        self._pool = pool
        self._exact_limit = exact_limit

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        """Write the records; the same id again replaces. All or an error."""
        if not records:
            return
        # In the order of their ids, so that two writers of the same rows never wait in a circle.
        latest = {record.chunk_id: record for record in records}
        rows = [latest[key] for key in sorted(latest)]
        dimensions = len(rows[0].vector)
        deadline_s = _DEADLINE_S + _DEADLINE_PER_RECORD_S * len(rows)
        async with _answering(deadline_s), self._pool.begin(namespace.tenant_id) as connection:
            _prepare(connection)
            graph = await _write(connection, namespace, rows, dimensions)
        if not graph and dimensions == sql.GRAPH_DIMENSIONS:
            await self._promote(namespace, _PROMOTED_PER_WRITTEN * len(rows))

    async def _promote(self, namespace: Namespace, rows: int) -> None:
        """Move up to `rows` rows into the graph where the namespace is large; idempotent."""
        place = asdict(namespace)
        async with _answering(), self._pool.connect(namespace.tenant_id) as connection:
            more = await connection.scalar(sql.HOLDS_MORE_THAN, place | {"rows": self._exact_limit})
        while more and rows > 0:
            async with _answering(), self._pool.connect(namespace.tenant_id) as connection:
                batch = min(rows, _PROMOTED_AT_ONCE)
                moved = await connection.execute(sql.PROMOTE, place | {"rows": batch})
            rows -= batch
            if moved.rowcount < batch:
                await self._flip(namespace)
                return

    async def _flip(self, namespace: Namespace) -> None:
        place = asdict(namespace)
        async with _answering(), self._pool.begin(namespace.tenant_id) as connection:
            await connection.execute(sql.LOCK, place)  # waits for writers that saw the old flag
            await connection.execute(sql.FLIP, place)

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """Return up to `limit` hits, best first by cosine; within `document_ids` where given."""
        if limit <= 0 or (document_ids is not None and not document_ids):
            return []
        values: dict[str, object] = {
            **asdict(namespace),
            "vector": halfvec(vector),
            "limit": limit,
            "forced": False,
        }
        if document_ids is not None:
            values |= {"document_ids": list(document_ids), "exact_limit": self._exact_limit}
        async with _answering():
            # No hit from the exact scan: the namespace is empty or has a graph. Too few from the
            # graph: it gave up on a narrow filter, and only a scan finds the rest.
            hits = await self._scan(values)
            if not hits and len(vector) == sql.GRAPH_DIMENSIONS:
                hits = await self._walk(values, limit)
                if 0 < len(hits) < limit:
                    hits = await self._scan(values | {"forced": True})
        return hits

    async def _scan(self, values: Mapping[str, object]) -> list[Hit]:
        statement = sql.EXACT_IN_DOCUMENTS if "document_ids" in values else sql.EXACT
        tenant_id = str(values["tenant_id"])
        async with self._pool.connect(tenant_id) as connection, _planned_anew(connection):
            return await _hits(connection, statement, values)

    async def _walk(self, values: Mapping[str, object], limit: int) -> list[Hit]:
        statement = sql.GRAPH_IN_DOCUMENTS if "document_ids" in values else sql.GRAPH
        fetched = _OVERFETCH * limit
        ef_search = min(max(_EF_SEARCH, fetched), _LARGEST_EF_SEARCH)
        tenant_id = str(values["tenant_id"])
        async with self._pool.begin(tenant_id) as connection, _planned_anew(connection):
            await connection.execute(sql.TUNE, {"ef_search": ef_search})
            return await _hits(connection, statement, {**values, "fetched": fetched})

    async def delete_chunks(self, namespace: Namespace, chunk_ids: Sequence[str]) -> None:
        """Remove these vectors; unknown ids are no error."""
        if chunk_ids:
            await self._delete(namespace, sql.DELETE_CHUNKS, {"chunk_ids": list(chunk_ids)})

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        """Remove the vectors of a document; with `keep_revision` only those of revisions before it."""
        values: dict[str, object] = {"document_id": document_id, "kept": keep_revision}
        await self._delete(namespace, sql.DELETE_DOCUMENT, values)

    async def _delete(
        self, namespace: Namespace, statement: TextClause, values: dict[str, object]
    ) -> None:
        place = asdict(namespace)
        async with _answering(), self._pool.connect(namespace.tenant_id) as connection:
            await connection.execute(statement, place | values)
            # A namespace that has become small is a needle in the graph of its neighbours.
            await connection.execute(sql.DEMOTE, place | {"rows": self._exact_limit // 2})

    async def delete_namespace(self, namespace: Namespace) -> bool:
        """Remove some thousand rows, and the namespace with the last; tell whether more may be left."""
        place, most = asdict(namespace), _DELETED_AT_ONCE
        async with _answering(), self._pool.begin(namespace.tenant_id) as connection:
            await connection.execute(sql.LOCK, place)  # nobody writes between the two statements
            gone = await connection.execute(sql.DELETE_ROWS, place | {"rows": most})
            if gone.rowcount < most:
                await connection.execute(sql.DELETE_NAMESPACE, place)
        return gone.rowcount >= most

    async def count(self, namespace: Namespace, document_id: str | None = None) -> int:
        """Return how many vectors the namespace (or one document in it) holds."""
        statement, values = sql.COUNT, asdict(namespace)
        if document_id is not None:
            statement, values = sql.COUNT_DOCUMENT, values | {"document_id": document_id}
        async with _answering(), self._pool.connect(namespace.tenant_id) as connection:
            return int(await connection.scalar(statement, values) or 0)

    async def ids(
        self,
        namespace: Namespace,
        after: str | None,
        limit: int,
        document_id: str | None = None,
    ) -> list[VectorId]:
        """Return a page of ids, in the order of the chunks' ids."""
        statement = sql.IDS
        values = {**asdict(namespace), "after": after or "", "limit": limit}
        if document_id is not None:
            statement, values = sql.IDS_OF_DOCUMENT, values | {"document_id": document_id}
        async with _answering(), self._pool.connect(namespace.tenant_id) as connection:
            return [VectorId(*row) for row in await connection.execute(statement, values)]

    async def namespaces(self, tenant_id: str) -> list[Namespace]:
        """Return every namespace that is known, or that has a row all the same."""
        async with _answering(), self._pool.connect(tenant_id) as connection:
            found = await connection.execute(sql.NAMESPACES, {"tenant_id": tenant_id})
            return [Namespace(*row) for row in found]


async def _write(
    connection: Connection, namespace: Namespace, rows: list[VectorRecord], dimensions: int
) -> bool:
    """Write the rows; return whether the namespace has a graph."""
    place = asdict(namespace)
    state = (await connection.execute(sql.ENTER, place)).one_or_none()
    if state is None:
        await connection.execute(sql.CREATE, place | {"dimensions": dimensions})
        state = (await connection.execute(sql.ENTER, place)).one()
    if any(len(row.vector) != state.dimensions for row in rows):
        raise ValueError(f"the vectors of this namespace have {state.dimensions} dimensions")
    for start in range(0, len(rows), _WRITTEN_AT_ONCE):
        part = rows[start : start + _WRITTEN_AT_ONCE]
        values = {
            "graph": state.graph,
            "document_ids": [row.document_id for row in part],
            "chunk_ids": [row.chunk_id for row in part],
            "vectors": halfvec_array([row.vector for row in part], state.halfvec_oid),
        }
        await connection.execute(sql.UPSERT, place | values)
    return bool(state.graph)


async def _hits(
    connection: Connection, statement: TextClause, values: Mapping[str, object]
) -> list[Hit]:
    rows = await connection.execute(statement, values)
    # A vector of length zero has no direction: pgvector says NaN.
    return [Hit(chunk, 0.0 if isnan(away) else 1.0 - away) for chunk, away in rows]


def _prepare(connection: Connection) -> DriverConnection:
    register(connection.driver)
    return connection.driver


@asynccontextmanager
async def _planned_anew(connection: Connection) -> AsyncIterator[None]:
    """Plan each search for its own namespace: one plan for all treats small and large alike."""
    driver = _prepare(connection)
    threshold, driver.prepare_threshold = driver.prepare_threshold, None
    try:
        yield
    finally:
        driver.prepare_threshold = threshold


@asynccontextmanager
async def _answering(deadline_s: float = _DEADLINE_S) -> AsyncIterator[None]:
    """Bound what happens inside, and turn the database's errors into those of the port.

    At the deadline psycopg cancels the statement on the server too.
    """
    try:
        async with asyncio.timeout(deadline_s):
            yield
    except TimeoutError as error:
        raise VectorIndexUnavailable from error
    except DataError as error:
        raise ValueError("the vector does not fit the namespace") from error
    except DriverError as error:
        match trouble_of(error):
            case None:
                raise
            case Trouble.FULL:
                raise StorageFull from error
            case Trouble.NO_CONNECTION:  # the store itself was not asked
                raise Overloaded(str(error)) from error
            case _:
                raise VectorIndexUnavailable from error
