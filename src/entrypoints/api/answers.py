"""The answers that this process is writing: they go on when their client goes away."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from application.services.told import NOTHING_TOLD, Told
from application.use_cases.answer_message import AnswerMessage
from domain.conversations import Message
from domain.errors import DependencyUnavailable
from entrypoints.api.departure import Departure

_log = logging.getLogger(__name__)
END_SECONDS = 4.0  # for those that are cut off to say so
_LOOK_SECONDS = 0.05  # between looks for what is still being accepted when the end begins


class Answers:
    """Runs AnswerMessage in tasks of its own: so many at a time, then 503.

    None waits here for its turn: an accepted answer has a lease, which only its writing renews.
    """

    def __init__(self, answer: AnswerMessage, concurrency: int) -> None:
        self._answer = answer
        self._most = concurrency
        self._accepting = 0
        self._tasks: dict[str, asyncio.Task[Message]] = {}
        self.departure = Departure()

    def require_room(self) -> None:
        """Refuse new work before it is accepted. Raises DependencyUnavailable."""
        if self.departure.begun:
            raise DependencyUnavailable(
                "This server is being stopped and takes no more questions: ask again in a moment.",
                retry_after=5,
                code="draining",
            )
        if not self.has_room():
            raise DependencyUnavailable(
                "This server is writing as many answers as it can.",
                retry_after=2,
                code="overloaded",
            )

    def has_room(self) -> bool:
        """Tell whether one more answer may be begun."""
        return not self.departure.begun and len(self._tasks) + self._accepting < self._most

    @contextmanager
    def room(self) -> Iterator[None]:
        """Keep room for an answer while it is accepted. Raises DependencyUnavailable."""
        self.require_room()
        self._accepting += 1
        try:
            yield
        finally:
            self._accepting -= 1

    def start(self, message: Message, told: Told = NOTHING_TOLD) -> "asyncio.Task[Message]":
        """Begin to write an answer that was accepted here, or taken over with what was `told`."""
        task = asyncio.create_task(self._answer(message, told), name=f"answer {message.id}")
        self._tasks[message.id] = task
        task.add_done_callback(lambda done: self._forget(message.id, done))
        task.add_done_callback(_log_failure)
        return task

    def _forget(self, message_id: str, done: "asyncio.Task[Message]") -> None:
        if self._tasks.get(message_id) is done:
            del self._tasks[message_id]

    def is_writing(self, message_id: str) -> bool:
        """Tell whether this process writes an answer."""
        return message_id in self._tasks

    def running(self, message_id: str) -> "asyncio.Task[Message] | None":
        """Return the task of an answer that this process writes."""
        return self._tasks.get(message_id)

    async def drain(self, seconds: float) -> None:
        """Take no more; wait for running answers, and end those that take too long with a reason.

        What is being accepted by now counts as running.
        """
        self.departure.begin()
        clock = asyncio.get_running_loop().time
        until = clock() + seconds
        while (self._tasks or self._accepting) and (left := until - clock()) > 0:
            if self._tasks:
                await asyncio.wait(list(self._tasks.values()), timeout=left)
            else:
                await asyncio.sleep(min(left, _LOOK_SECONDS))
        late = list(self._tasks.values())
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late, timeout=END_SECONDS)


def _log_failure(task: "asyncio.Task[Message]") -> None:
    if not task.cancelled() and task.exception() is not None:
        _log.error("an answer failed", exc_info=task.exception())
