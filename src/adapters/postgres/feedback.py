"""What people say of answers, in PostgreSQL."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text

from adapters._psycopg import Connection, Pool, Row
from adapters.postgres.database import Reader
from application.ports.feedback import FeedbackRepository
from application.queries.feedback import FeedbackQueries
from domain.feedback import Feedback, Rating

_OWN = "tenant_id = :tenant_id AND message_id = :message_id AND actor_id = :actor_id"
_GET = text(f"SELECT * FROM message_feedback WHERE {_OWN}")  # noqa: S608
_DELETE = text(f"DELETE FROM message_feedback WHERE {_OWN}")  # noqa: S608
_PUT = text("""
INSERT INTO message_feedback (tenant_id, message_id, actor_id, conversation_id, rating, reason,
  comment, created_at, updated_at)
VALUES (:tenant_id, :message_id, :actor_id, :conversation_id, :rating, :reason, :comment, :created_at,
  :updated_at)
ON CONFLICT (tenant_id, message_id, actor_id) DO UPDATE SET
  rating = excluded.rating, reason = excluded.reason, comment = excluded.comment,
  updated_at = excluded.updated_at
""")
_GIVEN = text("""
SELECT * FROM message_feedback
WHERE tenant_id = :tenant_id AND message_id = ANY (cast(:message_ids AS text[]))
  AND actor_id = :actor_id
""")
_OF_CONVERSATION = text("""
SELECT * FROM message_feedback
WHERE tenant_id = :tenant_id AND conversation_id = :conversation_id ORDER BY message_id, actor_id
""")


def _to_feedback(row: Row) -> Feedback:
    return Feedback(
        message_id=row.message_id,
        conversation_id=row.conversation_id,
        actor_id=row.actor_id,
        rating=Rating(row.rating),
        reason=row.reason,
        comment=row.comment,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


class PostgresFeedbackRepository(FeedbackRepository):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def get(self, message_id: str, actor_id: str) -> Feedback | None:
        row = (await self._connection.execute(_GET, self._key(message_id, actor_id))).one_or_none()
        return None if row is None else _to_feedback(row)

    async def put(self, feedback: Feedback) -> None:
        values = {
            **self._key(feedback.message_id, feedback.actor_id),
            "conversation_id": feedback.conversation_id,
            "rating": feedback.rating.value,
            "reason": feedback.reason,
            "comment": feedback.comment,
            "created_at": feedback.created_at,
            "updated_at": feedback.updated_at,
        }
        await self._connection.execute(_PUT, values)

    async def delete(self, message_id: str, actor_id: str) -> None:
        await self._connection.execute(_DELETE, self._key(message_id, actor_id))

    def _key(self, message_id: str, actor_id: str) -> dict[str, object]:
        return {"tenant_id": self._tenant_id, "message_id": message_id, "actor_id": actor_id}


class PostgresFeedbackQueries(FeedbackQueries):
    """Reads by single statements."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def given(
        self, tenant_id: str, actor_id: str, message_ids: Sequence[str]
    ) -> Mapping[str, Feedback]:
        values = {
            "tenant_id": tenant_id,
            "actor_id": actor_id,
            "message_ids": list(message_ids),
        }
        async with self._reader.connect(tenant_id) as connection:
            rows = await connection.execute(_GIVEN, values)
            return {row.message_id: _to_feedback(row) for row in rows}

    async def of_conversation(self, tenant_id: str, conversation_id: str) -> list[Feedback]:
        values = {"tenant_id": tenant_id, "conversation_id": conversation_id}
        async with self._reader.connect(tenant_id) as connection:
            rows = await connection.execute(_OF_CONVERSATION, values)
            return [_to_feedback(row) for row in rows]
