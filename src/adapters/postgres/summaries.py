"""How much a bot has, in PostgreSQL."""

from datetime import datetime

from sqlalchemy import text

from adapters._psycopg import Pool
from adapters.postgres.database import Reader
from application.queries.summaries import BotSummary, SummaryQueries
from domain.documents import DocumentStatus
from domain.errors import NotFound

# Answers of a day are found by what they cost: those records are in the order of time.
_OF_BOT = text("""
SELECT d.*, c.*, a.*, f.*
FROM bots b
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE d.status = 'pending') AS pending,
    count(*) FILTER (WHERE d.status = 'processing') AS processing,
    count(*) FILTER (WHERE d.status = 'ready') AS ready,
    count(*) FILTER (WHERE d.status = 'failed') AS failed,
    coalesce(sum(d.chunk_count), 0)::bigint AS chunks, coalesce(sum(r.size), 0)::bigint AS size
  FROM documents d LEFT JOIN document_revisions r
    ON r.tenant_id = d.tenant_id AND r.document_id = d.id AND r.revision = d.target
  WHERE d.tenant_id = b.tenant_id AND d.bot_id = b.id AND d.deleted_at IS NULL
) d
CROSS JOIN LATERAL (
  SELECT count(*) AS conversations FROM conversations c
  WHERE c.tenant_id = b.tenant_id AND c.bot_id = b.id AND c.deleted_at IS NULL
) c
CROSS JOIN LATERAL (
  SELECT count(*) AS answered, count(*) FILTER (WHERE m.status = 'failed') AS broken
  FROM usage_records u LEFT JOIN messages m ON m.tenant_id = u.tenant_id AND m.id = u.id
  WHERE u.tenant_id = b.tenant_id AND u.created_at >= :since AND u.bot_id = b.id
    AND u.kind = 'answer'
) a
CROSS JOIN LATERAL (
  SELECT count(*) FILTER (WHERE f.rating = 'up') AS up,
    count(*) FILTER (WHERE f.rating = 'down') AS down
  FROM message_feedback f JOIN conversations c
    ON c.tenant_id = f.tenant_id AND c.id = f.conversation_id AND c.deleted_at IS NULL
  WHERE f.tenant_id = b.tenant_id AND c.bot_id = b.id
) f
WHERE b.tenant_id = :tenant_id AND b.id = :id AND b.deleted_at IS NULL
""")


class PostgresSummaryQueries(SummaryQueries):
    """One statement."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def of_bot(self, tenant_id: str, bot_id: str, since: datetime) -> BotSummary:
        values = {"tenant_id": tenant_id, "id": bot_id, "since": since}
        async with self._reader.connect(tenant_id) as connection:
            row = (await connection.execute(_OF_BOT, values)).one_or_none()
        if row is None:
            raise NotFound("There is no such bot.")
        return BotSummary(
            documents={status: getattr(row, status.value) for status in DocumentStatus},
            chunks=row.chunks,
            size=row.size,
            conversations=row.conversations,
            messages_today=row.answered,
            failed_today=row.broken,
            up=row.up,
            down=row.down,
        )
