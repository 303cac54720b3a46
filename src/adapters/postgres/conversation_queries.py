"""The read side of conversations in PostgreSQL."""

from sqlalchemy import select

from adapters._psycopg import Pool
from adapters.postgres.conversation_overviews import conditions, overviews, to_overview
from adapters.postgres.conversations import SELECT_CONVERSATION, to_conversation
from adapters.postgres.database import Reader
from adapters.postgres.messages import SELECT_MESSAGE, SELECT_MESSAGES, to_message
from adapters.postgres.schema import conversations, messages
from application.queries.conversations import (
    ConversationFilter,
    ConversationOverview,
    ConversationQueries,
)
from application.queries.page import Page, PageRequest
from domain.conversations import Conversation, Message
from domain.errors import NotFound

_OVERVIEW = overviews(SELECT_CONVERSATION)


class PostgresConversationQueries(ConversationQueries):
    """Reads of conversations and messages."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def get(self, tenant_id: str, conversation_id: str) -> Conversation:
        async with self._reader.connect(tenant_id) as connection:
            found = await connection.execute(
                SELECT_CONVERSATION, {"tenant_id": tenant_id, "id": conversation_id}
            )
            row = found.one_or_none()
        if row is None:
            raise NotFound("There is no such conversation.")
        return to_conversation(row)

    async def overview(self, tenant_id: str, conversation_id: str) -> ConversationOverview:
        async with self._reader.connect(tenant_id) as connection:
            found = await connection.execute(
                _OVERVIEW, {"tenant_id": tenant_id, "id": conversation_id}
            )
            row = found.one_or_none()
        if row is None:
            raise NotFound("There is no such conversation.")
        return to_overview(row)

    async def list(
        self, tenant_id: str, bot_id: str, where: ConversationFilter, page: PageRequest
    ) -> Page[ConversationOverview]:
        statement = (
            select(conversations)
            .where(
                conversations.c.tenant_id == tenant_id,
                conversations.c.bot_id == bot_id,
                conversations.c.deleted_at.is_(None),
            )
            .order_by(conversations.c.id.desc())
            .where(*conditions(tenant_id, where))
            .limit(page.limit + 1)
        )
        if page.after:
            statement = statement.where(conversations.c.id < page.after)
        async with self._reader.connect(tenant_id) as connection:
            rows = await connection.execute(overviews(statement, where.words))
            found = [to_overview(row, where.words) for row in rows]
        return Page.cut(found, page.limit, lambda overview: overview.conversation.id)

    async def messages(
        self,
        tenant_id: str,
        conversation_id: str,
        page: PageRequest,
        *,
        newest_first: bool = False,
    ) -> Page[Message]:
        statement = (
            SELECT_MESSAGES.where(messages.c.conversation_id == conversation_id)
            .order_by(messages.c.id.desc() if newest_first else messages.c.id)
            .limit(page.limit + 1)
        )
        if page.after:
            beyond = messages.c.id < page.after if newest_first else messages.c.id > page.after
            statement = statement.where(beyond)
        async with self._reader.connect(tenant_id) as connection:
            rows = await connection.execute(statement, {"tenant_id": tenant_id})
            found = [to_message(row) for row in rows]
        return Page.cut(found, page.limit, lambda message: message.id)

    async def message(self, tenant_id: str, message_id: str) -> Message:
        async with self._reader.connect(tenant_id) as connection:
            found = await connection.execute(
                SELECT_MESSAGE, {"tenant_id": tenant_id, "id": message_id}
            )
            row = found.one_or_none()
        if row is None:
            raise NotFound("There is no such message.")
        return to_message(row)
