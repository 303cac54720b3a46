"""What the sweep and the receipts of erasures want to know of the rows, in PostgreSQL."""

from collections.abc import Mapping, Sequence

import orjson
from sqlalchemy import text

from adapters._psycopg import Connection, Pool, Row
from adapters.postgres.database import Reader
from application.ports.upkeep import Upkeep
from application.queries.page import Page, PageRequest
from application.queries.sweeps import SweepQueries
from domain.sweeps import Standing, Sweep

_STANDING = text("""
SELECT d.id, d.bot_id, d.revision, d.target, 0 AS chunk_count FROM documents d
JOIN bots b ON b.tenant_id = d.tenant_id AND b.id = d.bot_id AND b.deleted_at IS NULL
WHERE d.tenant_id = :tenant_id AND d.id = ANY(:ids) AND d.deleted_at IS NULL
""")
_ANSWERING = text("""
SELECT d.id, d.bot_id, d.revision, d.target, (
  SELECT count(*) FROM chunks c WHERE c.tenant_id = d.tenant_id AND c.document_id = d.id
    AND c.revision = d.revision) AS chunk_count
FROM documents d
WHERE d.tenant_id = :tenant_id AND d.bot_id = :bot_id AND d.deleted_at IS NULL
  AND d.revision > 0 AND d.id > :after
ORDER BY d.id LIMIT :limit
""")
# Revisions before the live one are kept for the citations that name them, without their bytes.
_READABLE = """
document_revisions r JOIN documents d
  ON d.tenant_id = r.tenant_id AND d.id = r.document_id AND r.revision >= d.revision
WHERE r.tenant_id = :tenant_id AND r.blob_key <> ''
"""
_NEEDED_BLOBS = text(f"SELECT r.blob_key FROM {_READABLE} AND r.blob_key = ANY(:keys)")  # noqa: S608
_BLOBS = text(f"""
SELECT d.id, array_agg(DISTINCT r.blob_key) AS keys FROM {_READABLE}
  AND d.deleted_at IS NULL AND d.id > :after
GROUP BY d.id ORDER BY d.id LIMIT :limit
""")  # noqa: S608
_STRAY_POSTINGS = text("""
SELECT k.document_id FROM keyword_documents k
LEFT JOIN documents d ON d.tenant_id = k.tenant_id AND d.id = k.document_id
LEFT JOIN bots b ON b.tenant_id = d.tenant_id AND b.id = d.bot_id
WHERE k.tenant_id = :tenant_id
  AND (cast(:among AS text[]) IS NULL OR k.document_id = ANY(cast(:among AS text[])))
  AND (d.id IS NULL OR b.deleted_at IS NULL
    AND (d.deleted_at IS NOT NULL OR d.revision <> k.revision))
LIMIT :limit
""")
_UNINDEXED = text("""
SELECT d.id FROM documents d
JOIN bots b ON b.tenant_id = d.tenant_id AND b.id = d.bot_id AND b.deleted_at IS NULL
WHERE d.tenant_id = :tenant_id AND d.deleted_at IS NULL AND d.status = 'ready' AND d.revision > 0
  AND NOT EXISTS (SELECT FROM keyword_documents k WHERE k.tenant_id = d.tenant_id
    AND k.document_id = d.id AND k.revision = d.revision)
LIMIT :limit
""")
_SUMS = """
SELECT t.bot_id, t.language, count(k.number) AS documents,
  coalesce(sum(k.chunks), 0) AS chunks, coalesce(sum(k.terms), 0) AS terms
FROM keyword_totals t LEFT JOIN keyword_documents k
  ON k.tenant_id = t.tenant_id AND k.bot_id = t.bot_id AND k.language = t.language
  AND k.revision > 0
WHERE t.tenant_id = :tenant_id GROUP BY t.bot_id, t.language
"""
_WRONG = f"""
keyword_totals t JOIN ({_SUMS}) sums USING (bot_id, language)
WHERE t.tenant_id = :tenant_id AND (t.documents, t.chunks, t.terms)
  IS DISTINCT FROM (sums.documents, sums.chunks, sums.terms)
"""
_WRONG_TOTALS = text(f"SELECT t.bot_id, t.language FROM {_WRONG}")  # noqa: S608
# Who writes postings changes these rows last, by differences. So whoever has committed is in the sums
# that are taken once the rows are locked, and whoever has not adds to them afterwards.
_LOCK_TOTALS = text("""
SELECT FROM keyword_totals WHERE tenant_id = :tenant_id
  AND (bot_id, language) IN (SELECT * FROM unnest(cast(:bots AS text[]), cast(:languages AS text[])))
ORDER BY bot_id, language FOR UPDATE
""")
_MEND_TOTALS = text(f"""
UPDATE keyword_totals SET documents = sums.documents, chunks = sums.chunks, terms = sums.terms
FROM ({_SUMS}) sums
WHERE tenant_id = :tenant_id AND keyword_totals.bot_id = sums.bot_id
  AND keyword_totals.language = sums.language
  AND (sums.bot_id, sums.language) IN (
    SELECT * FROM unnest(cast(:bots AS text[]), cast(:languages AS text[])))
""")  # noqa: S608
_COUNT_DOCUMENT = text(f"""
SELECT 'blobs' AS kind, count(DISTINCT r.blob_key) AS rows FROM {_READABLE} AND d.id = :id
UNION ALL
SELECT 'revisions', count(*) FROM document_revisions
WHERE tenant_id = :tenant_id AND document_id = :id
UNION ALL
SELECT 'chunks', count(*) FROM chunks WHERE tenant_id = :tenant_id AND document_id = :id
UNION ALL
SELECT 'keyword_postings', count(*) FROM keyword_postings p JOIN keyword_documents k
  ON k.number = p.document WHERE k.tenant_id = :tenant_id AND k.document_id = :id
UNION ALL
SELECT 'events', count(*) FROM events WHERE tenant_id = :tenant_id AND stream_id = :id
""")  # noqa: S608
# Its postings are counted by document: there may be tens of millions of them.
_OF_BOT = "WHERE tenant_id = :tenant_id AND bot_id = :id"
_COUNT_BOT = text(f"""
SELECT 'bot_versions' AS kind, count(*) AS rows FROM bot_versions {_OF_BOT}
UNION ALL SELECT 'index_generations', count(*) FROM index_generations {_OF_BOT}
UNION ALL SELECT 'documents', count(*) FROM documents {_OF_BOT}
UNION ALL SELECT 'chunks', count(*) FROM chunks {_OF_BOT}
UNION ALL SELECT 'keyword_documents', count(*) FROM keyword_documents {_OF_BOT}
UNION ALL SELECT 'conversations', count(*) FROM conversations {_OF_BOT}
UNION ALL SELECT 'crawls', count(*) FROM crawls {_OF_BOT}
UNION ALL
SELECT 'revisions', count(*) FROM document_revisions r JOIN documents d
  ON d.tenant_id = r.tenant_id AND d.id = r.document_id
WHERE d.tenant_id = :tenant_id AND d.bot_id = :id
UNION ALL
SELECT 'blobs', count(DISTINCT r.blob_key) FROM {_READABLE} AND d.bot_id = :id
UNION ALL
SELECT 'messages', count(*) FROM messages m JOIN conversations c
  ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
WHERE c.tenant_id = :tenant_id AND c.bot_id = :id
UNION ALL
SELECT 'message_traces', count(*) FROM message_traces t
JOIN messages m ON m.tenant_id = t.tenant_id AND m.id = t.message_id
JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
WHERE c.tenant_id = :tenant_id AND c.bot_id = :id
UNION ALL
SELECT 'message_feedback', count(*) FROM message_feedback f JOIN conversations c
  ON c.tenant_id = f.tenant_id AND c.id = f.conversation_id
WHERE c.tenant_id = :tenant_id AND c.bot_id = :id
""")  # noqa: S608
_OLD = "e.tenant_id = :tenant_id AND e.created_at <= now() - make_interval(secs => 86400 * :days)"
_TRIM_ANSWERS = text(f"""
DELETE FROM events USING (
  SELECT DISTINCT e.stream_id FROM events e
  WHERE {_OLD} AND starts_with(e.stream_id, 'msg_')
    AND NOT EXISTS (SELECT FROM messages m WHERE m.tenant_id = e.tenant_id
      AND m.id = e.stream_id AND m.status IN ('pending', 'streaming'))
    AND NOT EXISTS (SELECT FROM events n WHERE n.tenant_id = e.tenant_id
      AND n.stream_id = e.stream_id
      AND n.created_at > now() - make_interval(secs => 86400 * :days))
  LIMIT :most
) old
WHERE events.tenant_id = :tenant_id AND events.stream_id = old.stream_id
""")  # noqa: S608
_TRIM_DOCUMENTS = text(f"""
DELETE FROM events USING (
  SELECT e.stream_id, e.seq FROM events e
  WHERE {_OLD} AND starts_with(e.stream_id, 'doc_')
    AND NOT EXISTS (SELECT FROM documents d WHERE d.tenant_id = e.tenant_id
      AND d.id = e.stream_id AND d.status IN ('pending', 'processing'))
    AND EXISTS (SELECT FROM events n WHERE n.tenant_id = e.tenant_id
      AND n.stream_id = e.stream_id AND n.seq > e.seq)
  LIMIT :most
) old
WHERE events.tenant_id = :tenant_id AND events.stream_id = old.stream_id AND events.seq = old.seq
""")  # noqa: S608
_TRIM_IDEMPOTENCY = text("""
DELETE FROM idempotency_keys USING (
  SELECT actor_id, key FROM idempotency_keys WHERE tenant_id = :tenant_id
    AND created_at <= now() - make_interval(secs => 3600 * :hours)
  LIMIT :most
) old
WHERE idempotency_keys.tenant_id = :tenant_id AND idempotency_keys.actor_id = old.actor_id
  AND idempotency_keys.key = old.key
""")
_RECORD = text("""
INSERT INTO sweeps (tenant_id, id, started_at, finished_at, counts)
VALUES (:tenant_id, :id, :started_at, :finished_at, cast(:counts AS jsonb))
""")
_LIST = text("""
SELECT * FROM sweeps WHERE tenant_id = :tenant_id AND (:after = '' OR id < :after)
ORDER BY id DESC LIMIT :limit
""")


def _to_standing(row: Row) -> Standing:
    return Standing(row.id, row.bot_id, row.revision, row.target, row.chunk_count)


class PostgresUpkeep(Upkeep):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant = {"tenant_id": tenant_id}

    async def standing(self, document_ids: Sequence[str]) -> Mapping[str, Standing]:
        values = {**self._tenant, "ids": list(document_ids)}
        rows = await self._connection.execute(_STANDING, values)
        return {row.id: _to_standing(row) for row in rows}

    async def answering(self, bot_id: str, after: str | None, limit: int) -> Sequence[Standing]:
        values = {**self._tenant, "bot_id": bot_id, "after": after or "", "limit": limit}
        return [_to_standing(row) for row in await self._connection.execute(_ANSWERING, values)]

    async def needed_blobs(self, keys: Sequence[str]) -> set[str]:
        values = {**self._tenant, "keys": list(keys)}
        return set((await self._connection.execute(_NEEDED_BLOBS, values)).scalars())

    async def blobs(self, after: str | None, limit: int) -> Mapping[str, Sequence[str]]:
        values = {**self._tenant, "after": after or "", "limit": limit}
        return {row.id: row.keys for row in await self._connection.execute(_BLOBS, values)}

    async def stray_postings(self, limit: int, among: Sequence[str] | None = None) -> Sequence[str]:
        ids = None if among is None else list(among)
        values = {**self._tenant, "among": ids, "limit": limit}
        return (await self._connection.execute(_STRAY_POSTINGS, values)).scalars()

    async def unindexed(self, limit: int) -> Sequence[str]:
        values = {**self._tenant, "limit": limit}
        return (await self._connection.execute(_UNINDEXED, values)).scalars()

    async def mend_totals(self) -> int:
        wrong = (await self._connection.execute(_WRONG_TOTALS, self._tenant)).all()
        if wrong:
            names = {"bots": [r.bot_id for r in wrong], "languages": [r.language for r in wrong]}
            await self._connection.execute(_LOCK_TOTALS, {**self._tenant, **names})
            await self._connection.execute(_MEND_TOTALS, {**self._tenant, **names})
        return len(wrong)

    async def count_document(self, document_id: str) -> Mapping[str, int]:
        rows = await self._connection.execute(_COUNT_DOCUMENT, {**self._tenant, "id": document_id})
        return {kind: count for kind, count in rows if count}

    async def count_bot(self, bot_id: str) -> Mapping[str, int]:
        rows = await self._connection.execute(_COUNT_BOT, {**self._tenant, "id": bot_id})
        return {kind: count for kind, count in rows if count}

    async def trim_events(self, days: float, most: int) -> int:
        values = {**self._tenant, "days": days, "most": most}
        answers = await self._connection.execute(_TRIM_ANSWERS, values)
        documents = await self._connection.execute(_TRIM_DOCUMENTS, values)
        return answers.rowcount + documents.rowcount

    async def trim_idempotency(self, hours: float, most: int) -> int:
        values = {**self._tenant, "hours": hours, "most": most}
        return (await self._connection.execute(_TRIM_IDEMPOTENCY, values)).rowcount

    async def record(self, sweep: Sweep) -> None:
        values = {
            **self._tenant,
            "id": sweep.id,
            "started_at": sweep.started_at,
            "finished_at": sweep.finished_at,
            "counts": orjson.dumps(dict(sweep.counts)).decode(),
        }
        await self._connection.execute(_RECORD, values)


class PostgresSweepQueries(SweepQueries):
    """Single statements, no transaction."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def list(self, tenant_id: str, page: PageRequest) -> Page[Sweep]:
        values = {"tenant_id": tenant_id, "after": page.after or "", "limit": page.limit + 1}
        async with self._reader.connect(tenant_id) as connection:
            found = [Sweep(**row._asdict()) for row in await connection.execute(_LIST, values)]
        return Page.cut(found, page.limit, lambda sweep: sweep.id)
