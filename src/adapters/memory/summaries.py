"""How much a bot has, in dictionaries."""

from collections import Counter
from datetime import datetime

from adapters.memory.state import MemoryState, TenantTables
from application.queries.summaries import BotSummary, SummaryQueries
from domain.conversations import MessageStatus
from domain.documents import DocumentStatus
from domain.errors import NotFound
from domain.feedback import Rating
from domain.plans import UsageKind


class InMemorySummaryQueries(SummaryQueries):
    """Reads what is committed."""

    def __init__(self, state: MemoryState) -> None:
        self._state = state

    async def of_bot(self, tenant_id: str, bot_id: str, since: datetime) -> BotSummary:
        """Return what a bot has."""
        tables = self._state.tenant(tenant_id)
        if tables.bot(bot_id) is None:
            raise NotFound("There is no such bot.")
        alive = (tables.document(document_id) for document_id in tables.documents)
        documents = [d for d in alive if d is not None and d.bot_id == bot_id]
        statuses = Counter(document.status for document in documents)
        known = map(tables.conversation, tables.conversations)
        conversations = {c.id for c in known if c is not None and c.bot_id == bot_id}
        answers = [
            record.id
            for record in tables.usage_records.values()
            if record.kind is UsageKind.ANSWER and record.bot_id == bot_id and record.at >= since
        ]
        ratings = Counter(
            said.rating
            for said in tables.message_feedback.values()
            if said.conversation_id in conversations
        )
        return BotSummary(
            documents={status: statuses[status] for status in DocumentStatus},
            chunks=sum(document.chunk_count for document in documents),
            size=sum(document.source.size for document in documents),
            conversations=len(conversations),
            messages_today=len(answers),
            failed_today=sum(_has_failed(tables, answer) for answer in answers),
            up=ratings[Rating.UP],
            down=ratings[Rating.DOWN],
        )


def _has_failed(tables: TenantTables, message_id: str) -> bool:
    row = tables.messages.get(message_id)
    return row is not None and row.message.status is MessageStatus.FAILED
