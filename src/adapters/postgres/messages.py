"""Messages in PostgreSQL, and who writes the answers among them."""

from collections.abc import Sequence
from dataclasses import asdict

import orjson
from sqlalchemy import bindparam, insert, select, text, update

from adapters._psycopg import Connection, Pool, Row
from adapters.postgres.credentials import to_credentials
from adapters.postgres.database import Reader
from adapters.postgres.schema import conversations, message_traces, messages
from application.ports.conversations import AbandonedAnswers, Claim, Commission, MessageRepository
from domain.citations import Citation
from domain.configuration import Configuration
from domain.conversations import (
    Fallback,
    Message,
    MessageRole,
    MessageStatus,
    Problem,
    TokenUsage,
)
from domain.errors import NotFound
from domain.traces import Trace

SELECT_MESSAGES = (
    select(messages)
    .join(
        conversations,
        (conversations.c.tenant_id == messages.c.tenant_id)
        & (conversations.c.id == messages.c.conversation_id)
        & conversations.c.deleted_at.is_(None),
    )
    .where(messages.c.tenant_id == bindparam("tenant_id"))
)
SELECT_MESSAGE = SELECT_MESSAGES.where(messages.c.id == bindparam("id"))
_LOCK_MESSAGE = SELECT_MESSAGE.with_for_update(of=messages)
_LAST = (
    SELECT_MESSAGES.where(messages.c.conversation_id == bindparam("conversation_id"))
    .order_by(messages.c.id.desc())
    .limit(1)
)
_BRANCH = text("""
WITH RECURSIVE branch AS (
  SELECT m.*, 1 AS depth FROM messages m JOIN conversations c
    ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id AND c.deleted_at IS NULL
  WHERE m.tenant_id = :tenant_id AND m.id = :id
  UNION ALL
  SELECT m.*, b.depth + 1 FROM branch b
  JOIN messages m ON m.tenant_id = b.tenant_id AND m.id = b.parent_id
  WHERE b.depth < :limit
)
SELECT * FROM branch ORDER BY depth DESC
""")
_NEW = (
    "tenant_id, conversation_id, id, parent_id, role, content, status, citations, prompt_tokens, "
    "completion_tokens, timings, model, fallbacks, degraded, error_code, error_detail, attempt, draft, "
    "created_at"
)
_ADD = text(f"""
INSERT INTO messages ({_NEW}, lease_until)
SELECT {_NEW}, CASE WHEN status IN ('pending', 'streaming')
  THEN now() + make_interval(secs => cast(:seconds AS float)) END
FROM jsonb_populate_recordset(cast(NULL AS messages), cast(:rows AS jsonb))
""")  # noqa: S608
_SAVE_MESSAGE = update(messages).where(
    messages.c.tenant_id == bindparam("of_tenant"), messages.c.id == bindparam("of_id")
)
# In the statement that ends the answer: no way to the database more.
_SAVE_WITH_TRACE = _SAVE_MESSAGE.add_cte(
    insert(message_traces)
    .values(
        tenant_id=bindparam("of_tenant"), message_id=bindparam("of_id"), trace=bindparam("traced")
    )
    .cte("traced")
)
# One row for each provider that the tenant has a key of its own for, or one without.
_COMMISSION = text("""
SELECT b.id AS bot_id, coalesce(v.configuration, b.configuration) AS configuration,
  v.number AS published, w.default_model, p.*
FROM messages m
JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
JOIN bots b ON b.tenant_id = c.tenant_id AND b.id = c.bot_id
JOIN workspaces w ON w.id = m.tenant_id
LEFT JOIN bot_versions v ON v.tenant_id = b.tenant_id AND v.bot_id = b.id
  AND v.number = b.published_version AND NOT m.draft
LEFT JOIN provider_credentials p ON p.tenant_id = m.tenant_id
WHERE m.tenant_id = :tenant_id AND m.id = :id AND c.deleted_at IS NULL AND b.deleted_at IS NULL
ORDER BY p.provider
""")
# The clock of the database alone counts here: those of the processes may differ, or be put back.
_UNFINISHED = """
m.id = :id AND m.status IN ('pending', 'streaming')
  AND c.tenant_id = m.tenant_id AND c.id = m.conversation_id AND c.deleted_at IS NULL
"""
_LEASE = text(f"""
UPDATE messages m SET lease_until = now() + make_interval(secs => :seconds),
  status = CASE WHEN :has_text THEN 'streaming' ELSE m.status END
FROM conversations c WHERE m.tenant_id = :tenant_id AND {_UNFINISHED} AND m.attempt = :attempt
RETURNING m.stop_requested
""")  # noqa: S608
# Who is in the middle of writing lives, or its session is about to be ended: others wait meanwhile.
_CLAIM = text(f"""
UPDATE messages SET lease_until = now() + make_interval(secs => :seconds), attempt = attempt + 1
WHERE tenant_id = :tenant_id AND id = (
  SELECT m.id FROM messages m, conversations c
  WHERE m.tenant_id = :tenant_id AND {_UNFINISHED} AND m.lease_until < now() FOR UPDATE OF m SKIP LOCKED
) RETURNING *
""")  # noqa: S608
_EXPIRED = text("""
SELECT m.tenant_id, m.id FROM messages m JOIN conversations c
  ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id AND c.deleted_at IS NULL
WHERE m.status IN ('pending', 'streaming') AND m.lease_until < now()
ORDER BY m.lease_until LIMIT :limit
""")


def to_message(row: Row) -> Message:
    """Make the entity from its row."""
    return Message(
        id=row.id,
        tenant_id=row.tenant_id,
        conversation_id=row.conversation_id,
        parent_id=row.parent_id,
        role=MessageRole(row.role),
        content=row.content,
        status=MessageStatus(row.status),
        created_at=row.created_at,
        citations=tuple(Citation(**citation) for citation in row.citations),
        usage=TokenUsage(row.prompt_tokens, row.completion_tokens),
        timings=row.timings,
        model=row.model,
        fallbacks=tuple(Fallback(**each) for each in row.fallbacks),
        degraded=row.degraded,
        error=Problem(row.error_code, row.error_detail) if row.error_code else None,
        attempt=row.attempt,
        draft=row.draft,
    )


def _state(message: Message) -> dict[str, object]:
    return {
        "content": message.content,
        "status": message.status.value,
        "citations": [asdict(citation) for citation in message.citations],
        "prompt_tokens": message.usage.prompt_tokens,
        "completion_tokens": message.usage.completion_tokens,
        "timings": message.timings,
        "model": message.model,
        "fallbacks": [asdict(each) for each in message.fallbacks],
        "degraded": message.degraded,
        "error_code": message.error.code if message.error else None,
        "error_detail": message.error.detail if message.error else None,
    }


class PostgresMessageRepository(MessageRepository):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, new: Sequence[Message], lease_seconds: float | None = None) -> None:
        rows = [
            {
                **_state(message),
                "tenant_id": self._tenant_id,
                "conversation_id": message.conversation_id,
                "id": message.id,
                "parent_id": message.parent_id,
                "role": message.role.value,
                "attempt": message.attempt,
                "draft": message.draft,
                "created_at": message.created_at,
            }
            for message in new
        ]
        await self._connection.execute(
            _ADD, {"rows": orjson.dumps(rows).decode(), "seconds": lease_seconds}
        )

    async def get(self, message_id: str, *, lock: bool = False) -> Message:
        found = await self._connection.execute(
            _LOCK_MESSAGE if lock else SELECT_MESSAGE,
            {"tenant_id": self._tenant_id, "id": message_id},
        )
        row = found.one_or_none()
        if row is None:
            raise NotFound("There is no such message.")
        return to_message(row)

    async def save(self, message: Message, trace: Trace | None = None) -> None:
        values = {**_state(message), "of_tenant": self._tenant_id, "of_id": message.id}
        if trace is None:
            await self._connection.execute(_SAVE_MESSAGE, values)
        else:
            await self._connection.execute(_SAVE_WITH_TRACE, {**values, "traced": asdict(trace)})

    async def last(self, conversation_id: str) -> Message | None:
        found = await self._connection.execute(
            _LAST, {"tenant_id": self._tenant_id, "conversation_id": conversation_id}
        )
        row = found.one_or_none()
        return None if row is None else to_message(row)

    async def branch(self, message_id: str, limit: int) -> list[Message]:
        if limit < 1:
            return []
        found = await self._connection.execute(
            _BRANCH, {"tenant_id": self._tenant_id, "id": message_id, "limit": limit}
        )
        return [to_message(row) for row in found]

    async def commission(self, message_id: str) -> Commission:
        values = {"tenant_id": self._tenant_id, "id": message_id}
        rows = (await self._connection.execute(_COMMISSION, values)).all()
        if not rows:
            raise NotFound("There is no such message.")
        return Commission(
            rows[0].bot_id,
            Configuration.stored(rows[0].configuration).defaulting_to(rows[0].default_model),
            [to_credentials(row) for row in rows if row.provider is not None],
            rows[0].published,
        )

    async def lease(
        self, message_id: str, attempt: int, seconds: float, *, has_text: bool = False
    ) -> bool:
        values = {"tenant_id": self._tenant_id, "id": message_id, "attempt": attempt}
        stop = await self._connection.scalar(
            _LEASE, {**values, "seconds": seconds, "has_text": has_text}
        )
        return stop is None or bool(stop)

    async def claim(self, message_id: str, seconds: float) -> Claim | None:
        values = {"tenant_id": self._tenant_id, "id": message_id, "seconds": seconds}
        row = (await self._connection.execute(_CLAIM, values)).one_or_none()
        return None if row is None else Claim(to_message(row), row.stop_requested)

    async def request_stop(self, message_id: str) -> None:
        await self._connection.execute(
            update(messages)
            .where(messages.c.tenant_id == self._tenant_id, messages.c.id == message_id)
            .values(stop_requested=True)
        )


class PostgresAbandonedAnswers(AbandonedAnswers):
    """Looks through all tenants by a partial index."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def expired(self, limit: int) -> list[tuple[str, str]]:
        async with self._reader.connect(None) as connection:
            found = await connection.execute(_EXPIRED, {"limit": limit})
            return [(row.tenant_id, row.id) for row in found]
