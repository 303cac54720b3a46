"""The event log as it is read: answers whose events are kept no longer are told from what they became."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from application.ports.event_log import EventLog
from application.queries.conversations import ConversationQueries
from application.services.answer_stream import final_event, first_event
from application.services.views import citation_view
from domain.conversations import Message
from domain.events import CITATION_ADDED, MESSAGE_DELTA, Event, NewEvent


class RetellingEventLog(EventLog):
    """Follows answers in a log; a finished one that the log has forgotten is told from its message."""

    def __init__(self, log: EventLog, messages: ConversationQueries) -> None:
        self._log = log
        self._messages = messages

    async def read(
        self, tenant_id: str, stream_id: str, after: int, limit: int = 1000
    ) -> list[Event]:
        """Return what the log holds."""
        return await self._log.read(tenant_id, stream_id, after, limit)

    async def follow(
        self, tenant_id: str, stream_id: str, after: int, ends: frozenset[str]
    ) -> AsyncGenerator[list[Event], None]:
        """Follow an answer. Who resumes one that was forgotten gets its end alone. Raises NotFound."""
        kept = await self._log.read(tenant_id, stream_id, 0, limit=1)
        if not kept or kept[0].seq > after + 1:
            message = await self._messages.message(tenant_id, stream_id)
            if message.status.is_final:
                yield _retold(message, after)
                return
        async with aclosing(self._log.follow(tenant_id, stream_id, after, ends)) as batches:
            async for batch in batches:
                yield batch


def _retold(answer: Message, after: int) -> list[Event]:
    told = [final_event(answer)]
    if after == 0:
        text = [NewEvent(MESSAGE_DELTA, {"text": answer.content})] if answer.content else []
        cited = [NewEvent(CITATION_ADDED, {"citation": citation_view(c)}) for c in answer.citations]
        told = [first_event(answer), *text, *cited, *told]
    return [Event(seq, event.type, event.data) for seq, event in enumerate(told, start=after + 1)]
