"""Conversations in PostgreSQL."""

from sqlalchemy import bindparam, delete, insert, select, text, update

from adapters._psycopg import Connection, Row
from adapters.postgres.schema import conversations
from application.ports.conversations import ConversationRepository
from domain.conversations import Conversation
from domain.errors import NotFound

SELECT_CONVERSATION = select(conversations).where(
    conversations.c.tenant_id == bindparam("tenant_id"),
    conversations.c.id == bindparam("id"),
    conversations.c.deleted_at.is_(None),
)
_LOCK_CONVERSATION = SELECT_CONVERSATION.with_for_update()
# Whoever is writing an answer commits first: what a later statement does not see is not deleted.
_LOCK_ANSWERS = text("""
SELECT count(*) FROM (
  SELECT FROM messages WHERE tenant_id = :tenant_id AND conversation_id = :id
    AND status IN ('pending', 'streaming') FOR UPDATE
) unfinished
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
        started_by=row.started_by,
    )


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
                "started_by": conversation.started_by,
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
        await self._connection.execute(_LOCK_ANSWERS, values)
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
