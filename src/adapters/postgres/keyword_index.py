"""KeywordIndex on PostgreSQL: BM25 in one statement over the postings of the question's terms."""

from collections.abc import Sequence

from sqlalchemy import text

from adapters._psycopg import Pool
from adapters.postgres.database import Reader
from adapters.postgres.keyword_postings import stored_term
from application.ports.keyword_index import KeywordIndex, KeywordScope
from application.ports.vector_index import Hit
from domain import bm25
from domain.ids import chunk_id

_LANGUAGES = text("""
    SELECT language FROM keyword_totals
    WHERE tenant_id = :tenant_id AND bot_id = :bot_id AND documents > 0
""")

# The formulas are those of domain/bm25.py; `places` is unpacked as keyword_postings.py packs it.
# A term that stands in most chunks of a large bot tells them apart by next to nothing, and reading
# its places is most of the work: it is left out where another term remains.
_SEARCH = text("""
    WITH posting AS MATERIALIZED (
        SELECT term, document, places FROM keyword_postings
        WHERE term = ANY(CAST(:terms AS text[])) AND scope = (
            SELECT number FROM keyword_scopes WHERE tenant_id = :tenant_id AND bot_id = :bot_id
        )
    ), total AS MATERIALIZED (
        SELECT CAST(sum(chunks) AS float8) AS chunks,
            CAST(sum(terms) AS float8) / CAST(sum(chunks) AS float8) AS mean_length
        FROM keyword_totals
        WHERE tenant_id = :tenant_id AND bot_id = :bot_id AND chunks > 0
    ), holding AS (
        SELECT term, CAST(sum(cardinality(places)) AS float8) AS held FROM posting GROUP BY term
    ), weighed AS (
        SELECT term, ln(1 + (chunks - held + 0.5::float8) / (held + 0.5::float8)) AS idf,
            held > :common AND held > chunks / 2 AS common
        FROM holding, total
    ), weight AS MATERIALIZED (
        SELECT term, idf FROM (SELECT *, bool_and(common) OVER () AS all_common FROM weighed) AS one
        WHERE all_common OR NOT common
    ), place AS (
        SELECT document, idf, unnest(places) AS packed
        FROM posting JOIN weight USING (term)
        WHERE CAST(:document_ids AS text[]) IS NULL OR document IN (
            SELECT number FROM keyword_documents
            WHERE tenant_id = :tenant_id AND document_id = ANY(CAST(:document_ids AS text[]))
        )
    ), occurrence AS (
        SELECT document, packed >> 32 AS ordinal, idf,
            CAST(packed >> 16 & 32767 AS float8) AS count, CAST(packed & 32767 AS float8) AS length
        FROM place
    ), best AS (
        SELECT document, ordinal, sum(
            idf * count * (:k1 + 1) / (count + :k1 * (1 - :b + :b * length / mean_length))
        ) AS score
        FROM occurrence, total
        GROUP BY document, ordinal ORDER BY score DESC, document, ordinal LIMIT :limit
    )
    SELECT document_id, revision, ordinal, score
    FROM best JOIN keyword_documents ON number = document
    ORDER BY score DESC, document, ordinal
""")
_COMMON = 1_000  # chunks; below, reading a common term costs nothing to speak of


class PostgresKeywordIndex(KeywordIndex):
    """Searches what PostgresKeywordPostings wrote. Raises DatabaseUnavailable."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def languages(self, scope: KeywordScope) -> frozenset[str]:
        """Return the languages of the documents in the scope."""
        key = {"tenant_id": scope.tenant_id, "bot_id": scope.bot_id}
        async with self._reader.connect(scope.tenant_id) as connection:
            return frozenset((await connection.execute(_LANGUAGES, key)).scalars())

    async def search(
        self,
        scope: KeywordScope,
        terms: Sequence[str],
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        """Return up to `limit` chunks that hold any of the terms, best first by BM25."""
        wanted = {stored_term(term) for term in terms} - {""}
        if not wanted or limit <= 0 or (document_ids is not None and not document_ids):
            return []
        values = {
            "tenant_id": scope.tenant_id,
            "bot_id": scope.bot_id,
            "terms": sorted(wanted),
            "document_ids": None if document_ids is None else list(document_ids),
            "limit": limit,
            "common": _COMMON,
            "k1": bm25.K1,
            "b": bm25.B,
        }
        async with self._reader.connect(scope.tenant_id) as connection:
            rows = await connection.execute(_SEARCH, values)
            return [
                Hit(chunk_id(row.document_id, row.revision, row.ordinal), row.score) for row in rows
            ]
