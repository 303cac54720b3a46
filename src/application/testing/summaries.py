"""What every store promises that tells how much a bot has."""

from datetime import timedelta

from application.testing.backend import Backend, add_tenant, in_unit, outcome
from application.testing.contract import Contract
from application.testing.samples import (
    add_bot,
    add_conversation,
    add_document,
    add_pending_answer,
    add_ready_document,
)
from domain.bots import Bot
from domain.conversations import Conversation, Message, MessageStatus
from domain.documents import DocumentStatus
from domain.errors import NotFound
from domain.feedback import Feedback, Rating
from domain.plans import UsageKind, UsageRecord


async def _end(
    backend: Backend,
    conversation: Conversation,
    status: MessageStatus = MessageStatus.COMPLETED,
    days: int = 0,
) -> Message:
    """Store an answer that ended, at some moment, with what it cost."""
    answer = await add_pending_answer(backend, conversation)
    answer.finish(status, "Yes.")
    record = UsageRecord(
        id=answer.id,
        kind=UsageKind.ANSWER,
        bot_id=conversation.bot_id,
        model=None,
        at=backend.clock.now() + timedelta(days=days),
    )
    async with backend.units.open(answer.tenant_id) as unit:
        await unit.messages.save(answer)
        await unit.usage.record(record)
    return answer


async def _rate(backend: Backend, answer: Message, who: str, rating: Rating) -> None:
    now = backend.clock.now()
    said = Feedback(answer.id, answer.conversation_id, who, rating, None, None, now, now)
    await in_unit(backend, answer.tenant_id, lambda unit: unit.feedback.put(said))


class SummariesContract(Contract):
    """A subclass gives the fixture `backend`."""

    async def _bot(self, backend: Backend) -> Bot:
        return await add_bot(backend, await add_tenant(backend))

    async def test_documents_are_counted_by_status(self, backend: Backend) -> None:
        bot = await self._bot(backend)
        await add_document(backend, bot)
        for _ in range(2):
            await add_ready_document(backend, bot)
        gone = await add_ready_document(backend, bot)
        await in_unit(backend, bot.tenant_id, lambda unit: unit.documents.delete(gone.id))
        await add_ready_document(backend, await add_bot(backend, bot.tenant_id, "Another"))
        found = await backend.summary_queries.of_bot(bot.tenant_id, bot.id, backend.clock.now())
        assert found.documents == {
            DocumentStatus.PENDING: 1,
            DocumentStatus.PROCESSING: 0,
            DocumentStatus.READY: 2,
            DocumentStatus.FAILED: 0,
        }
        assert (found.chunks, found.size) == (4, 3 * 42)

    async def test_answers_are_counted_since_a_moment(self, backend: Backend) -> None:
        bot = await self._bot(backend)
        conversation = await add_conversation(backend, bot)
        since = backend.clock.now()
        await _end(backend, conversation)
        await _end(backend, conversation, MessageStatus.FAILED)
        await _end(backend, conversation, MessageStatus.FAILED, days=-1)
        await add_pending_answer(backend, conversation)
        other = await add_bot(backend, bot.tenant_id, "Another")
        await _end(backend, await add_conversation(backend, other))
        found = await backend.summary_queries.of_bot(bot.tenant_id, bot.id, since)
        assert (found.conversations, found.messages_today, found.failed_today) == (1, 2, 1)

    async def test_ratings_are_counted_while_their_conversation_stands(
        self, backend: Backend
    ) -> None:
        bot = await self._bot(backend)
        stays, gone = [await add_conversation(backend, bot) for _ in range(2)]
        answer = await _end(backend, stays)
        await _rate(backend, answer, "usr_a", Rating.UP)
        await _rate(backend, answer, "usr_b", Rating.UP)
        await _rate(backend, answer, "key_c", Rating.DOWN)
        await _rate(backend, await _end(backend, gone), "usr_a", Rating.DOWN)
        await in_unit(backend, bot.tenant_id, lambda unit: unit.conversations.delete(gone.id))
        found = await backend.summary_queries.of_bot(bot.tenant_id, bot.id, backend.clock.now())
        assert (found.conversations, found.up, found.down) == (1, 2, 1)

    async def test_a_bot_that_is_deleted_or_anothers_has_no_summary(self, backend: Backend) -> None:
        bot, now = await self._bot(backend), backend.clock.now()
        summary = backend.summary_queries.of_bot
        assert await outcome(summary(await add_tenant(backend), bot.id, now)) is NotFound
        await in_unit(backend, bot.tenant_id, lambda unit: unit.bots.delete(bot.id))
        assert await outcome(summary(bot.tenant_id, bot.id, now)) is NotFound
