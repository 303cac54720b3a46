"""Conversations and messages in PostgreSQL."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select, text, update

from adapters._psycopg import Connection, Pool, Row
from adapters.postgres.database import Reader
from adapters.postgres.schema import conversations, messages
from application.ports.conversations import (
    AbandonedAnswers,
    ConversationRepository,
    MessageRepository,
)
from domain.citations import Citation
from domain.conversations import (
    Conversation,
    Message,
    MessageRole,
    MessageStatus,
    Problem,
    TokenUsage,
)
from domain.errors import NotFound

SELECT_CONVERSATION = select(conversations).where(
    conversations.c.tenant_id == bindparam("tenant_id"),
    conversations.c.id == bindparam("id"),
    conversations.c.deleted_at.is_(None),
)
_LOCK_CONVERSATION = SELECT_CONVERSATION.with_for_update()
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
_SAVE_MESSAGE = update(messages).where(
    messages.c.tenant_id == bindparam("of_tenant"), messages.c.id == bindparam("of_id")
)
_LEASE = text("""
UPDATE messages SET lease_until = :until
FROM conversations c
WHERE messages.tenant_id = :tenant_id AND messages.id = :id
  AND c.tenant_id = messages.tenant_id AND c.id = messages.conversation_id
  AND c.deleted_at IS NULL
RETURNING messages.stop_requested
""")
_EXPIRED = text("""
SELECT m.tenant_id, m.id FROM messages m JOIN conversations c
  ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id AND c.deleted_at IS NULL
WHERE m.status IN ('pending', 'streaming') AND m.lease_until < :now
ORDER BY m.lease_until LIMIT :limit
""")


def to_conversation(row: Row) -> Conversation:
    """Make the entity from its row."""
    return Conversation(
        id=row.id,
        tenant_id=row.tenant_id,
        bot_id=row.bot_id,
        title=row.title,
        created_at=row.created_at,
        updated_at=row.updated_at,
        version=row.version,
    )


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
        degraded=row.degraded,
        error=Problem(row.error_code, row.error_detail) if row.error_code else None,
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
        "degraded": message.degraded,
        "error_code": message.error.code if message.error else None,
        "error_detail": message.error.detail if message.error else None,
    }


class PostgresConversationRepository(ConversationRepository):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, conversation: Conversation) -> None:
        await self._connection.execute(
            insert(conversations),
            {
                "tenant_id": self._tenant_id,
                "bot_id": conversation.bot_id,
                "id": conversation.id,
                "title": conversation.title,
                "version": conversation.version,
                "created_at": conversation.created_at,
                "updated_at": conversation.updated_at,
            },
        )

    async def get(self, conversation_id: str, *, lock: bool = False) -> Conversation:
        found = await self._connection.execute(
            _LOCK_CONVERSATION if lock else SELECT_CONVERSATION,
            {"tenant_id": self._tenant_id, "id": conversation_id},
        )
        row = found.one_or_none()
        if row is None:
            raise NotFound("There is no such conversation.")
        return to_conversation(row)

    async def save(self, conversation: Conversation) -> None:
        conversation.version += 1
        await self._connection.execute(
            update(conversations)
            .where(
                conversations.c.tenant_id == self._tenant_id, conversations.c.id == conversation.id
            )
            .values(
                title=conversation.title,
                version=conversation.version,
                updated_at=conversation.updated_at,
            )
        )

    async def delete(self, conversation_id: str) -> None:
        values = {"tenant_id": self._tenant_id, "id": conversation_id}
        await self._connection.execute(
            text(
                "DELETE FROM events WHERE tenant_id = :tenant_id AND stream_id IN (SELECT id "
                "FROM messages WHERE tenant_id = :tenant_id AND conversation_id = :id)"
            ),
            values,
        )
        await self._connection.execute(
            delete(conversations).where(
                conversations.c.tenant_id == self._tenant_id, conversations.c.id == conversation_id
            )
        )


class PostgresMessageRepository(MessageRepository):
    """Works in the connection's transaction, within one tenant."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._connection = connection
        self._tenant_id = tenant_id

    async def add(self, new: Sequence[Message]) -> None:
        await self._connection.execute(
            insert(messages),
            [
                {
                    **_state(message),
                    "tenant_id": self._tenant_id,
                    "conversation_id": message.conversation_id,
                    "id": message.id,
                    "parent_id": message.parent_id,
                    "role": message.role.value,
                    "created_at": message.created_at,
                }
                for message in new
            ],
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

    async def save(self, message: Message) -> None:
        await self._connection.execute(
            _SAVE_MESSAGE,
            {**_state(message), "of_tenant": self._tenant_id, "of_id": message.id},
        )

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

    async def lease(self, message_id: str, until: datetime) -> bool:
        stop = await self._connection.scalar(
            _LEASE, {"tenant_id": self._tenant_id, "id": message_id, "until": until}
        )
        return stop is None or bool(stop)

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

    async def expired(self, now: datetime, limit: int) -> list[tuple[str, str]]:
        async with self._reader.connect(None) as connection:
            found = await connection.execute(_EXPIRED, {"now": now, "limit": limit})
            return [(row.tenant_id, row.id) for row in found]
