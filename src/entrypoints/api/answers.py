"""The answers that this process is writing: they go on when their client goes away."""

import asyncio
import logging
from contextlib import suppress

from application.use_cases.answer_message import AnswerMessage
from domain.conversations import Message
from domain.errors import DependencyUnavailable

_log = logging.getLogger(__name__)
_QUEUE_FACTOR = 4
DRAIN_SECONDS = 30.0


class Answers:
    """Runs AnswerMessage in tasks of its own: so many at a time, so many more waiting, then 503."""

    def __init__(self, answer: AnswerMessage, concurrency: int) -> None:
        self._answer = answer
        self._room = asyncio.Semaphore(concurrency)
        self._most = concurrency * (1 + _QUEUE_FACTOR)
        self._tasks: dict[str, asyncio.Task[Message]] = {}

    def require_room(self) -> None:
        """Refuse new work before it is accepted. Raises DependencyUnavailable."""
        if len(self._tasks) >= self._most:
            raise DependencyUnavailable(
                "This server is writing as many answers as it can.",
                retry_after=2,
                code="overloaded",
            )

    def start(self, message: Message, *, draft: bool = False) -> "asyncio.Task[Message]":
        """Begin to write an accepted answer."""
        task = asyncio.create_task(self._run(message, draft), name=f"answer {message.id}")
        self._tasks[message.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(message.id, None))
        task.add_done_callback(_log_failure)
        return task

    def running(self, message_id: str) -> "asyncio.Task[Message] | None":
        """Return the task of an answer that this process writes."""
        return self._tasks.get(message_id)

    async def _run(self, message: Message, draft: bool) -> Message:
        async with self._room:
            return await self._answer(message.tenant_id, message.id, draft=draft)

    async def drain(self, seconds: float = DRAIN_SECONDS) -> None:
        """Wait for running answers; end those that take too long with a reason."""
        if self._tasks:
            await asyncio.wait(list(self._tasks.values()), timeout=seconds)
        for task in list(self._tasks.values()):
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


def _log_failure(task: "asyncio.Task[Message]") -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.error("an answer failed", exc_info=task.exception())
