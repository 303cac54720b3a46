"""Answer an accepted message, and bring it to an end exactly once."""

import asyncio

from application.ports.clock import Clock
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.services.answer_ending import citable, lock_answer
from application.services.answer_stream import (
    ANSWER_LEASE_SECONDS,
    INTERNAL,
    AnswerStream,
    final_event,
)
from application.services.answer_writer import AnswerWriter, Made, Task
from application.services.metering import record_answer
from application.services.patience import ended, patiently
from application.services.told import NOTHING_TOLD, Told
from domain.conversations import Message, MessageStatus, Problem, TokenUsage
from domain.errors import ChatSphereError, NotFound

_LAST_WORD_SECONDS = 3.0  # what a cancelled answer has left to write its end
_INTERRUPTED = Problem("interrupted", "The server was stopped before the answer ended.")


class AnswerMessage:
    """Runs in the background of the process that accepted the message, or that took it over."""

    def __init__(
        self,
        units: UnitsOfWork,
        writer: AnswerWriter,
        clock: Clock,
        lease_seconds: float = ANSWER_LEASE_SECONDS,
    ) -> None:
        self._units = units
        self._writer = writer
        self._clock = clock
        self._lease_seconds = lease_seconds

    async def __call__(self, held: Message, told: Told = NOTHING_TOLD) -> Message:
        """Write the answer that the caller holds by its attempt to its end, and return it.

        The answer ends as completed, stopped, or failed with a reason. One that has ended already, or
        that another process has taken over meanwhile, is returned as it is. `told` is what its stream
        holds. Cancelling ends it as failed. A database that is out is waited for. Raises NotFound.
        """
        begun = self._clock.monotonic()
        task = await patiently(lambda: self._load(held))
        if task.answer.status.is_final or task.answer.attempt != held.attempt:
            return task.answer
        made = Made()
        generating: asyncio.Task[None] | None = None
        stream = AnswerStream(
            self._units,
            task.answer,
            lambda: generating and generating.cancel(),
            lease_seconds=self._lease_seconds,
        )
        generating = asyncio.create_task(self._writer(task, made, stream, told, begun))
        stream.open()
        interrupted = await ended(generating, grace_seconds=0)
        status, problem = _outcome(generating, interrupted)
        finishing = asyncio.create_task(self._finish(task, made, stream, status, problem))
        await ended(finishing, grace_seconds=_LAST_WORD_SECONDS)
        if problem is INTERNAL:
            generating.result()  # raises what nobody expected, for the log
        return finishing.result()

    async def _load(self, held: Message) -> Task:
        async with self._units.open(held.tenant_id) as uow:
            commission = await uow.messages.commission(held.id)
            length = commission.settings.chat_history_length
            branch = await uow.messages.branch(held.id, limit=length + 2)
        if not branch:
            raise NotFound("The conversation was deleted.")
        *history, question, answer = branch
        return Task(answer, question, history, commission)

    async def _finish(
        self,
        task: Task,
        made: Made,
        stream: AnswerStream,
        status: MessageStatus,
        problem: Problem | None,
    ) -> Message:
        await stream.close()
        try:
            return await patiently(lambda: self._end(task, made, stream, status, problem))
        except NotFound:  # deleted meanwhile: it cost what it cost
            await patiently(lambda: self._charge(task, made))
            raise

    async def _charge(self, task: Task, made: Made) -> None:
        async with self._units.open(task.answer.tenant_id) as uow:
            await record_answer(uow, task.answer, task.commission.bot_id, made, self._clock.now())

    async def _end(
        self,
        task: Task,
        made: Made,
        stream: AnswerStream,
        status: MessageStatus,
        problem: Problem | None,
    ) -> Message:
        async with self._units.open(task.answer.tenant_id) as uow:
            answer, is_ours = await lock_answer(uow, task.answer)
            if not is_ours:
                return answer
            await self._fill(uow, answer, made)
            answer.finish(status, answer.content, problem)
            await uow.messages.save(answer, made.trace(task.commission))
            await stream.append(uow, final_event(answer))
            await record_answer(uow, answer, task.commission.bot_id, made, self._clock.now())
        return answer

    async def _fill(self, uow: UnitOfWork, answer: Message, made: Made) -> None:
        answer.citations = await citable(uow, made.citations)
        answer.content = "".join(made.text)
        if made.writer is not None:
            answer.content = made.writer.without_markers(
                answer.content, made.citations, answer.citations
            )
        answer.usage = TokenUsage(made.usage.prompt_tokens, made.usage.completion_tokens)
        answer.timings, answer.degraded = made.timings, made.degraded
        answer.model, answer.fallbacks = made.model, tuple(made.fallbacks)


def _outcome(
    generating: "asyncio.Task[None]", interrupted: bool
) -> tuple[MessageStatus, Problem | None]:
    """Return how the answer ends; `interrupted`: by whoever runs us, not by whoever asked."""
    if generating.cancelled():
        if interrupted:
            return MessageStatus.FAILED, _INTERRUPTED
        return MessageStatus.STOPPED, None
    match generating.exception():
        case None:
            return MessageStatus.COMPLETED, None
        case ChatSphereError() as error:
            return MessageStatus.FAILED, Problem(error.code, error.detail)
    return MessageStatus.FAILED, INTERNAL
