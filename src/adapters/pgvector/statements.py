"""The SQL of the vector index. `{ns}` stands for the condition that a row is of one namespace."""

from sqlalchemy import TextClause, text

GRAPH_DIMENSIONS = 384  # the migration makes one HNSW index, for vectors of this length

_NS = "tenant_id = :tenant_id AND bot_id = :bot_id AND generation_id = :generation_id"
_GRAPH = "COALESCE((SELECT graph FROM vector_namespaces WHERE {ns}), false)"
_IN_DOCUMENTS = "AND document_id = ANY(CAST(:document_ids AS text[]))"


def _statement(template: str, **parts: str) -> TextClause:
    for name, part in (*parts.items(), ("ns", _NS), ("size", str(GRAPH_DIMENSIONS))):
        template = template.replace("{" + name + "}", part)
    return text(template)


# FOR SHARE: the graph flag stands still until the rows written under it are committed.
ENTER = _statement("""
    SELECT dimensions, graph, CAST(CAST('halfvec' AS regtype) AS oid) AS halfvec_oid
    FROM vector_namespaces WHERE {ns} FOR SHARE
""")
CREATE = _statement("""
    INSERT INTO vector_namespaces (tenant_id, bot_id, generation_id, dimensions)
    VALUES (:tenant_id, :bot_id, :generation_id, :dimensions) ON CONFLICT DO NOTHING
""")
UPSERT = _statement("""
    INSERT INTO chunk_vectors
        (tenant_id, bot_id, generation_id, document_id, chunk_id, graph, embedding)
    SELECT :tenant_id, :bot_id, :generation_id, document_id, chunk_id, :graph, embedding
    FROM unnest(
        CAST(:document_ids AS text[]), CAST(:chunk_ids AS text[]), CAST(:vectors AS halfvec[])
    ) AS record (document_id, chunk_id, embedding)
    ON CONFLICT (tenant_id, bot_id, generation_id, chunk_id)
    DO UPDATE SET document_id = EXCLUDED.document_id, embedding = EXCLUDED.embedding
""")

HOLDS_MORE_THAN = _statement(
    "SELECT EXISTS (SELECT FROM chunk_vectors WHERE {ns} OFFSET :rows LIMIT 1)"
)
PROMOTE = _statement("""
    UPDATE chunk_vectors SET graph = true WHERE {ns} AND chunk_id = ANY(ARRAY(
        SELECT chunk_id FROM chunk_vectors WHERE {ns} AND NOT graph
        LIMIT :rows FOR UPDATE SKIP LOCKED
    ))
""")
LOCK = _statement("SELECT FROM vector_namespaces WHERE {ns} FOR UPDATE")
FLIP = _statement("""
    UPDATE vector_namespaces SET graph = true
    WHERE {ns} AND NOT EXISTS (SELECT FROM chunk_vectors WHERE {ns} AND NOT graph)
""")
DEMOTE = _statement("""
    UPDATE vector_namespaces SET graph = false
    WHERE {ns} AND graph
        AND NOT EXISTS (SELECT FROM chunk_vectors WHERE {ns} OFFSET :rows LIMIT 1)
""")

# Scans all rows of the namespace; gives none where the graph has to be asked. The `+ 0` keeps the
# vector indexes out; what refuses names no column of the rows: it is decided once, before the scan.
_EXACT = """
    SELECT chunk_id, (embedding <=> CAST(:vector AS halfvec)) + 0 AS distance
    FROM chunk_vectors WHERE {ns} {documents} AND (:forced OR NOT ({refused}))
    ORDER BY distance, chunk_id LIMIT :limit
"""
_MANY = """(
    SELECT count(*) FROM (
        SELECT FROM chunk_vectors WHERE {ns} {documents} LIMIT :exact_limit + 1
    ) AS few
) > :exact_limit"""
EXACT = _statement(_EXACT, documents="", refused=_GRAPH)
EXACT_IN_DOCUMENTS = _statement(_EXACT, refused=_GRAPH + " AND " + _MANY, documents=_IN_DOCUMENTS)

# Without sorting allowed the planner takes the graph, also before it has statistics.
TUNE = text("""
    SELECT set_config('hnsw.ef_search', CAST(:ef_search AS text), true) AS ef_search,
        set_config('hnsw.iterative_scan', 'relaxed_order', true) AS iterative_scan,
        set_config('enable_sort', 'off', true) AS sorting
""")
# Walks the graph for `:fetched` candidates, which come nearly in order, and puts them in order. The
# planner takes them for ordered: without the `+ 0` it would stop after the first `:limit`.
_WALK = """
    WITH near AS MATERIALIZED (
        SELECT chunk_id, CAST(embedding AS halfvec({size})) <=> CAST(:vector AS halfvec({size}))
            AS distance
        FROM chunk_vectors
        WHERE {ns} {documents} AND graph AND vector_dims(embedding) = {size}
        ORDER BY distance LIMIT :fetched
    )
    SELECT chunk_id, distance FROM near ORDER BY distance + 0, chunk_id LIMIT :limit
"""
GRAPH = _statement(_WALK, documents="")
GRAPH_IN_DOCUMENTS = _statement(_WALK, documents=_IN_DOCUMENTS)

DELETE_CHUNKS = _statement(
    "DELETE FROM chunk_vectors WHERE {ns} AND chunk_id = ANY(CAST(:chunk_ids AS text[]))"
)
DELETE_DOCUMENT = _statement("""
    DELETE FROM chunk_vectors WHERE {ns} AND document_id = :document_id
        AND (CAST(:kept AS integer) IS NULL
            OR coalesce(CAST(substring(chunk_id FROM '_([0-9]{1,9})_[0-9]+$') AS integer), 0)
                < CAST(:kept AS integer))
""")
DELETE_NAMESPACE = _statement("DELETE FROM vector_namespaces WHERE {ns}")
DELETE_ROWS = _statement("""
    DELETE FROM chunk_vectors WHERE {ns} AND chunk_id = ANY(ARRAY(
        SELECT chunk_id FROM chunk_vectors WHERE {ns} ORDER BY chunk_id LIMIT :rows
    ))
""")
# In the order of the primary key: each page begins where the one before ended.
IDS = _statement("""
    SELECT chunk_id, document_id FROM chunk_vectors WHERE {ns} AND chunk_id > :after
    ORDER BY chunk_id LIMIT :limit
""")
IDS_OF_DOCUMENT = _statement("""
    SELECT chunk_id, document_id FROM chunk_vectors
    WHERE {ns} AND document_id = :document_id AND chunk_id > :after
    ORDER BY chunk_id LIMIT :limit
""")
NAMESPACES = text("""
    SELECT tenant_id, bot_id, generation_id FROM vector_namespaces WHERE tenant_id = :tenant_id
    UNION
    SELECT tenant_id, bot_id, generation_id FROM (
        WITH RECURSIVE held AS (
            (SELECT tenant_id, bot_id, generation_id FROM chunk_vectors
             WHERE tenant_id = :tenant_id
             ORDER BY bot_id, generation_id LIMIT 1)
            UNION ALL
            SELECT following.* FROM held CROSS JOIN LATERAL (
                SELECT v.tenant_id, v.bot_id, v.generation_id FROM chunk_vectors v
                WHERE v.tenant_id = :tenant_id
                    AND (v.bot_id, v.generation_id) > (held.bot_id, held.generation_id)
                ORDER BY v.bot_id, v.generation_id LIMIT 1
            ) following
        )
        SELECT * FROM held
    ) rows_without_a_namespace
""")
COUNT = _statement("SELECT count(*) FROM chunk_vectors WHERE {ns}")
COUNT_DOCUMENT = _statement(
    "SELECT count(*) FROM chunk_vectors WHERE {ns} AND document_id = :document_id"
)
