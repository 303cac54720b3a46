"""What the system of record says, read beside the product: the judge of the fault tests."""

from pathlib import Path

from faults.harness.postgres import Postgres
from faults.harness.process import Process

_UNFINISHED = "SELECT id FROM messages WHERE status IN ('pending', 'streaming')"
_UNSETTLED = """
SELECT id, status, stage FROM documents
WHERE deleted_at IS NULL AND (status NOT IN ('ready', 'failed') OR target <> revision AND status <> 'failed')
"""
_NO_REASON = """
SELECT id FROM documents WHERE deleted_at IS NULL AND status = 'failed' AND error_code IS NULL
"""
# A ready document has its chunks, a vector of each in the live generation, and postings that speak of
# exactly these chunks. `places` packs ordinal << 32.
_WRONG_READY = """
SELECT d.id, d.revision, d.chunk_count,
  (SELECT count(*) FROM chunks c WHERE c.tenant_id = d.tenant_id AND c.document_id = d.id
     AND c.revision = d.revision) AS chunks,
  (SELECT count(*) FROM chunk_vectors v JOIN index_generations g ON g.id = v.generation_id
     AND g.state = 'live' WHERE v.tenant_id = d.tenant_id AND v.document_id = d.id
     AND v.chunk_id LIKE 'chk\\_%%\\_' || d.revision || '\\_%%') AS vectors,
  (SELECT count(DISTINCT place >> 32) FROM keyword_documents k
     JOIN keyword_postings p ON p.document = k.number, unnest(p.places) AS place
     WHERE k.tenant_id = d.tenant_id AND k.document_id = d.id AND k.revision = d.revision) AS words
FROM documents d WHERE d.deleted_at IS NULL AND d.status = 'ready'
"""
_LEFT = {
    "vectors": "SELECT count(*) FROM chunk_vectors WHERE document_id = ANY(%s)",
    "chunks": "SELECT count(*) FROM chunks WHERE document_id = ANY(%s)",
    "revisions": "SELECT count(*) FROM document_revisions WHERE document_id = ANY(%s)",
    "postings": "SELECT count(*) FROM keyword_documents WHERE document_id = ANY(%s)",
}


async def in_hand(postgres: Postgres, process: Process) -> bool:
    """Tell whether a (frozen) process holds a job, or an answer that was asked for there."""
    if process.kind == "worker":
        held = await postgres.sql(
            "SELECT 1 FROM jobs j JOIN workers w ON w.id = j.worker "
            "WHERE j.lease_until > now() AND w.pid = %s",
            process.pid,
        )
        return bool(held)
    unfinished = await postgres.sql(_UNFINISHED)
    return any(message in process.messages for (message,) in unfinished)


async def in_flight(postgres: Postgres) -> int:
    """Return how many jobs are leased and answers unfinished."""
    (jobs,) = (await postgres.sql("SELECT count(*) FROM jobs WHERE lease_until > now()"))[0]
    return int(jobs) + len(await postgres.sql(_UNFINISHED))


async def unsettled(postgres: Postgres) -> list[str]:
    """Return the documents and answers that have not come to an end."""
    documents = await postgres.sql(_UNSETTLED)
    answers = await postgres.sql(_UNFINISHED)
    return [f"document {row}" for row in documents] + [f"answer {row[0]}" for row in answers]


async def wrong_ready(postgres: Postgres) -> list[str]:
    """Return what is wrong with `ready` documents, and failed ones that give no reason."""
    wrong = [
        f"ready, but not whole: {document} revision {revision}: said {said}, chunks {chunks}, "
        f"vectors {vectors}, chunks with words {words}"
        for document, revision, said, chunks, vectors, words in await postgres.sql(_WRONG_READY)
        if not said == chunks == vectors == words or not said
    ]
    return wrong + [f"failed without a reason: {row[0]}" for row in await postgres.sql(_NO_REASON)]


async def left_of(postgres: Postgres, documents: list[str]) -> dict[str, int]:
    """Return how much is left of deleted documents, by kind; what is gone is left out."""
    counts = {name: (await postgres.sql(sql, documents))[0][0] for name, sql in _LEFT.items()}
    return {name: count for name, count in counts.items() if count}


def is_stored(data: Path, blob_key: str) -> bool:
    """Tell whether the file of a key is in the data directory."""
    return (data / "blobs" / blob_key).exists()


async def stray_blobs(postgres: Postgres, data: Path) -> list[str]:
    """Return the files of documents on the disk that no revision names.

    Such a file may be an upload's whose server was killed before it accepted: that is for the sweep.
    """
    known = {key for (key,) in await postgres.sql("SELECT blob_key FROM document_revisions")}
    root = data / "blobs"
    found = {
        str(path.relative_to(root))
        for path in root.glob("*/*/*")
        if path.is_file() and not path.relative_to(root).parts[0].startswith(".")
    }
    return sorted(found - known)


async def namings(postgres: Postgres, document: str) -> set[str]:
    """Return where answers name a document: events of answers, and answers that have ended.

    The document's own stream does not count: it has to say that it was deleted.
    """
    like = f"%{document.partition('_')[2]}%"  # the ids of its chunks name it too
    events = await postgres.sql(
        "SELECT stream_id, seq, type FROM events WHERE stream_id <> %s AND data::text LIKE %s",
        document,
        like,
    )
    answers = await postgres.sql("SELECT id FROM messages WHERE citations::text LIKE %s", like)
    return {f"{stream} event {seq} {kind}" for stream, seq, kind in events} | {
        f"{answer} citation" for (answer,) in answers
    }
