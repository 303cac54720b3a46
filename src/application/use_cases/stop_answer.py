"""Stop an answer, and end those whose process vanished."""

from contextlib import suppress

from application.ports.clock import Clock
from application.ports.conversations import AbandonedAnswers
from application.ports.unit_of_work import UnitsOfWork
from application.services.answer_stream import final_event
from application.services.metering import Spent, record_answer
from domain.accounts import Actor
from domain.conversations import Message, MessageRole, MessageStatus, Problem
from domain.errors import Conflict, NotFound


class StopAnswer:
    """Ask whoever writes the answer, in whatever process, to end it where it is."""

    def __init__(self, units: UnitsOfWork) -> None:
        self._units = units

    async def __call__(self, actor: Actor, message_id: str) -> Message:
        """Return the message as it is now; stopping an ended answer is no error. Raises NotFound."""
        async with self._units.open(actor.tenant_id) as uow:
            message = await uow.messages.get(message_id, lock=True)
            if message.role is not MessageRole.ASSISTANT:
                raise Conflict("Only an answer can be stopped.")
            if not message.status.is_final:
                await uow.messages.request_stop(message_id)
        return message


class EndAbandonedAnswers:
    """Give answers whose process died the one end they were promised."""

    def __init__(self, abandoned: AbandonedAnswers, units: UnitsOfWork, clock: Clock) -> None:
        self._abandoned = abandoned
        self._units = units
        self._clock = clock

    async def __call__(self) -> int:
        """End every answer whose lease has run out; return how many."""
        ended = 0
        for tenant_id, message_id in await self._abandoned.expired(self._clock.now(), limit=100):
            with suppress(NotFound):  # deleted since we looked
                ended += await self._end(tenant_id, message_id)
        return ended

    async def _end(self, tenant_id: str, message_id: str) -> bool:
        async with self._units.open(tenant_id) as uow:
            answer = await uow.messages.get(message_id, lock=True)
            if answer.status.is_final:
                return False
            reason = "The process that wrote this answer ended: ask again."
            answer.finish(MessageStatus.FAILED, answer.content, Problem("interrupted", reason))
            await uow.messages.save(answer)
            await uow.messages.request_stop(message_id)  # in case it was only asleep
            await uow.events.append(answer.id, [final_event(answer)])
            bot_id = (await uow.conversations.get(answer.conversation_id)).bot_id
            await record_answer(uow, answer, bot_id, Spent(), self._clock.now())
        return True
