"""The writing side of an answer's stream: events in batches, under a lease that notices a stop."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from typing import cast

from application.ports.clock import Clock
from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.services.views import message_view, problem_view
from domain.conversations import Message, MessageStatus, Problem
from domain.errors import DependencyUnavailable
from domain.events import (
    CITATION_ADDED,
    ERROR,
    MESSAGE_COMPLETED,
    MESSAGE_DELTA,
    MESSAGE_STOPPED,
    NewEvent,
)

_log = logging.getLogger(__name__)
LEASE = timedelta(seconds=20)
_BEAT_SECONDS = 1.0  # how often an answerer that has nothing to write shows that it lives
_PAUSE_SECONDS = 0.06  # deltas that come within this time make one event


class AnswerStream:
    """Collects events and writes them in the background; the first ones at once.

    A client sees only what is durable, so any process can go on from any event. `on_stop` is called
    once when somebody asked for a stop; nothing is written in the background from then on. The
    answer's stream holds `message.started` already, and nobody else writes to it before the end.
    """

    def __init__(
        self, units: UnitsOfWork, clock: Clock, message: Message, on_stop: Callable[[], object]
    ) -> None:
        self._units = units
        self._clock = clock
        self._message = message
        self._on_stop = on_stop
        self._events: list[NewEvent] = []
        self._delta: list[str] = []
        self._seq = 1  # the last event that is surely written: message.started
        self._in_doubt = False  # whether a write failed that may have come through
        self._stopped = False
        self._dirty = asyncio.Event()
        self._writer: asyncio.Task[None] | None = None
        self._writing: asyncio.Task[None] | None = None

    def open(self) -> None:
        """Begin to write in the background."""
        self._writer = asyncio.create_task(self._write_for_ever(), name=f"write {self._message.id}")

    def delta(self, text: str) -> None:
        """Add a piece of the answer."""
        self._delta.append(text)
        self._dirty.set()

    def event(self, kind: str, data: Mapping[str, object]) -> None:
        """Add an event, after the text so far."""
        self._join_deltas()
        self._events.append(NewEvent(kind, data))
        self._dirty.set()

    async def close(self) -> None:
        """Stop writing in the background; what is not written yet goes with the final transaction."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.wait([self._writer])
        if self._writing is not None:
            await asyncio.wait([self._writing])  # a batch under way goes before what comes last
        self._join_deltas()

    async def append(self, uow: UnitOfWork, *last: NewEvent) -> int:
        """Append what is not written yet, and `last`, in this unit; return how many are waiting.

        Raises DependencyUnavailable where a commit that seemed lost had come through: roll back and
        do it again, for the events it brought are then known to be there.
        """
        if not self._in_doubt:
            self._events = await _without_deleted(uow, self._events)
        waiting = len(self._events)
        events = [*self._events, *last]
        if events:
            before = await uow.events.append(self._message.id, events) - len(events)
            if self._in_doubt and before > self._seq:
                self._written(before - self._seq)
                raise DependencyUnavailable("These events were written before.")
            self._seq, self._in_doubt = before, True  # until the commit has come through
        return waiting

    def _written(self, count: int) -> None:
        del self._events[:count]
        self._seq += count
        self._in_doubt = False

    def _join_deltas(self) -> None:
        if self._delta:
            self._events.append(NewEvent(MESSAGE_DELTA, {"text": "".join(self._delta)}))
            self._delta.clear()

    async def _write_for_ever(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_BEAT_SECONDS):
                    await self._dirty.wait()
            self._dirty.clear()
            self._join_deltas()
            self._writing = asyncio.create_task(self._write())
            await asyncio.shield(self._writing)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _write(self) -> None:
        count = 0
        try:
            async with self._units.open(self._message.tenant_id) as uow:
                stop = await uow.messages.lease(self._message.id, self._clock.now() + LEASE)
                if not stop:  # perhaps it has been ended for us: nothing may follow the last event
                    count = await self.append(uow)
        except DependencyUnavailable:
            return  # the database is out: the events stay, and the next beat tries again
        except Exception:
            _log.exception("events of %s could not be written", self._message.id)
            return
        self._written(count)
        if stop and not self._stopped:
            self._stopped = True
            self._on_stop()


async def _without_deleted(uow: UnitOfWork, events: list[NewEvent]) -> list[NewEvent]:
    """Leave out citations of what was deleted while they waited; the rest stays until the commit."""
    cited = {place: _cited(e) for place, e in enumerate(events) if e.type == CITATION_ADDED}
    if not cited:
        return events
    alive = await uow.documents.citable(list(cited.values()))
    gone = {place for place, (document_id, _) in cited.items() if document_id not in alive}
    return [event for place, event in enumerate(events) if place not in gone]


def _cited(event: NewEvent) -> tuple[str, int]:
    citation = cast("Mapping[str, str | int]", event.data["citation"])
    return str(citation["document_id"]), int(citation["revision"])


INTERNAL = Problem("internal_error", "Something went wrong on our side; the error was logged.")


def final_event(answer: Message) -> NewEvent:
    """Return the event that ends the stream of a finished answer."""
    if answer.status is MessageStatus.FAILED:
        problem = answer.error or INTERNAL
        view = problem_view(problem.code, problem.detail)
        return NewEvent(ERROR, {"problem": view, "message": message_view(answer)})
    kind = MESSAGE_STOPPED if answer.status is MessageStatus.STOPPED else MESSAGE_COMPLETED
    return NewEvent(kind, {"message": message_view(answer)})
