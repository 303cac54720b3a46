"""Vectors as rows of SQLite, all of a namespace compared: good for some ten thousand of them each."""

import asyncio
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
from application.ports.embedder import Vector
from application.ports.vector_index import (
    Hit,
    Namespace,
    VectorId,
    VectorIndex,
    VectorIndexUnavailable,
    VectorRecord,
)
from domain.ids import split_chunk_id

_TABLE = """CREATE TABLE IF NOT EXISTS vectors (tenant TEXT, bot TEXT, generation TEXT, chunk TEXT,
    document TEXT, revision INTEGER, vector BLOB, PRIMARY KEY (tenant, bot, generation, chunk))"""
_HERE = "FROM vectors WHERE tenant = ? AND bot = ? AND generation = ?"
_LISTED = "(SELECT value FROM json_each(?))"


class SqliteVectorIndex(VectorIndex):
    """Processes may share the file; SQLite sees to it that nobody reads half of what another writes."""

    kind = "sqlite"

    def __init__(self, file: Path, dimensions: int) -> None:
        self._file, self._dimensions = file, dimensions

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        rows = []
        for one in records:
            _, revision, _ = split_chunk_id(one.chunk_id) or ("", 0, 0)
            told = (one.chunk_id, one.document_id, revision, self._unit(one.vector).tobytes())
            rows.append((*astuple(namespace), *told))
        sql = "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?, ?, ?, ?, ?)"
        await self._run(lambda db: db.executemany(sql, rows))

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        wanted, among = self._unit(vector), json.dumps(document_ids and [*document_ids])
        sql = f"SELECT chunk, vector {_HERE} AND (? OR document IN {_LISTED})"
        given = (*astuple(namespace), document_ids is None, among)

        def nearest(db: sqlite3.Connection) -> list[Hit]:
            found = db.execute(sql, given).fetchall()
            held = np.frombuffer(b"".join(blob for _, blob in found), dtype=np.float32)
            scores = np.clip(held.reshape(len(found), self._dimensions) @ wanted, -1, 1)
            best = np.argsort(-scores, kind="stable")[:limit]
            return [Hit(found[place][0], float(scores[place])) for place in best]

        return await self._run(nearest)

    async def delete_chunks(self, namespace: Namespace, chunk_ids: Sequence[str]) -> None:
        sql = f"DELETE {_HERE} AND chunk IN {_LISTED}"
        await self._all(sql, namespace, json.dumps([*chunk_ids]))

    async def delete_document(
        self, namespace: Namespace, document_id: str, keep_revision: int | None = None
    ) -> None:
        sql = f"DELETE {_HERE} AND document = ? AND revision < ifnull(?, 9e99)"
        await self._all(sql, namespace, document_id, keep_revision)

    async def delete_namespace(self, namespace: Namespace) -> bool:
        await self._all(f"DELETE {_HERE}", namespace)
        return False

    async def count(self, namespace: Namespace, document_id: str | None = None) -> int:
        sql = f"SELECT count(*) {_HERE} AND document = ifnull(?, document)"
        return int((await self._all(sql, namespace, document_id))[0][0])

    async def ids(
        self, namespace: Namespace, after: str | None, limit: int, document_id: str | None = None
    ) -> list[VectorId]:
        sql = f"SELECT chunk, document {_HERE} AND chunk > ? AND document = ifnull(?, document)"
        given = (after or "", document_id, limit)
        found = await self._all(f"{sql} ORDER BY chunk LIMIT ?", namespace, *given)
        return [VectorId(*row) for row in found]

    async def namespaces(self, tenant_id: str) -> list[Namespace]:
        sql = "SELECT DISTINCT tenant, bot, generation FROM vectors WHERE tenant = ?"
        found = await self._run(lambda db: db.execute(sql, [tenant_id]).fetchall())
        return [Namespace(*row) for row in found]

    def _unit(self, vector: Vector) -> Any:
        if len(vector) != self._dimensions:
            raise ValueError(f"{len(vector)} dimensions are not {self._dimensions}")
        row = np.asarray(vector, dtype=np.float32)
        return row / max(float(np.linalg.norm(row)), 1e-12)

    async def _all(self, sql: str, namespace: Namespace, *given: object) -> list[Any]:
        values = (*astuple(namespace), *given)
        return await self._run(lambda db: db.execute(sql, values).fetchall())

    async def _run(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """Do it in a transaction of a thread's own. Raises VectorIndexUnavailable."""

        def run() -> Any:
            with closing(sqlite3.connect(self._file, timeout=30)) as db, db:
                db.execute(_TABLE)
                return work(db)

        try:
            return await asyncio.to_thread(run)
        except sqlite3.Error as error:
            raise VectorIndexUnavailable("The file of the vectors cannot be used.") from error
