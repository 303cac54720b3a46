"""The writing side of an answer's stream: events in batches, under a lease that notices a stop."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import cast

from application.ports.unit_of_work import UnitOfWork, UnitsOfWork
from application.services.views import message_view, problem_view
from domain.conversations import Message, MessageStatus, Problem
from domain.errors import DependencyUnavailable
from domain.events import (
    CITATION_ADDED,
    ERROR,
    MESSAGE_COMPLETED,
    MESSAGE_DELTA,
    MESSAGE_STARTED,
    MESSAGE_STOPPED,
    RETRIEVAL_COMPLETED,
    NewEvent,
)

_log = logging.getLogger(__name__)
ANSWER_LEASE_SECONDS = 12.0
_BEAT_SECONDS = 1.0  # how often an answerer that has nothing to write shows that it lives
_PAUSE_SECONDS = 0.06  # deltas that come within this time make one event,
_GROWTH = 1.25  # later ones of a long answer within a longer one:
_PAUSE_MOST_SECONDS = 0.15  # each batch is a transaction; a longer pause is seen as stutter


class AnswerStream:
    """Collects events and writes them in the background; the first ones at once.

    A client sees only what is durable, so any process can go on from any event. `on_stop` is called
    once when the answer is to stop, or is not ours any more; nothing is written in the background
    from then on. Nobody else writes to the stream for as long as the attempt of `message` stands:
    each batch makes sure of that.
    """

    def __init__(
        self,
        units: UnitsOfWork,
        message: Message,
        on_stop: Callable[[], object],
        *,
        lease_seconds: float = ANSWER_LEASE_SECONDS,
    ) -> None:
        self._units = units
        self._message = message
        self._on_stop = on_stop
        self._lease_seconds = lease_seconds
        self._events: list[NewEvent] = []
        self._delta: list[str] = []
        self._has_text = False
        self._seq = 0  # the last event that is surely written, once one is in doubt
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
        self._has_text = True
        self._dirty.set()

    def event(self, kind: str, data: Mapping[str, object]) -> None:
        """Add an event, after the text so far."""
        self._join_deltas()
        self._events.append(NewEvent(kind, data))
        self._has_text |= kind == CITATION_ADDED
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

        Raises DependencyUnavailable after a commit that seemed lost: roll back and do it again, for it
        is known then which events it brought, and what is left can be held against what was deleted.
        """
        waiting = list(self._events)
        if not self._in_doubt:
            kept = await _without_deleted(uow, waiting)
            self._events[: len(waiting)] = kept  # what came meanwhile waits for the next batch
            waiting = kept
        events = [*waiting, *last]
        if events:
            before = await uow.events.append(self._message.id, events) - len(events)
            if self._in_doubt:
                self._written(before - self._seq)
                raise DependencyUnavailable("Now it is known which events were written before.")
            self._seq, self._in_doubt = before, True  # until the commit has come through
        return len(waiting)

    def _written(self, count: int) -> None:
        del self._events[:count]
        self._seq += count
        self._in_doubt = False

    def _join_deltas(self) -> None:
        if self._delta:
            self._events.append(NewEvent(MESSAGE_DELTA, {"text": "".join(self._delta)}))
            self._delta.clear()

    async def _write_for_ever(self) -> None:
        pause = _PAUSE_SECONDS
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(_BEAT_SECONDS):
                    await self._dirty.wait()
            self._dirty.clear()
            self._join_deltas()
            self._writing = asyncio.create_task(self._write())
            await asyncio.shield(self._writing)
            await asyncio.sleep(pause)
            if self._has_text:
                pause = min(pause * _GROWTH, _PAUSE_MOST_SECONDS)

    async def _write(self) -> None:
        try:
            async with self._units.open(self._message.tenant_id) as uow:
                stop = await uow.messages.lease(
                    self._message.id,
                    self._message.attempt,
                    self._lease_seconds,
                    has_text=self._has_text,
                )
                if not stop:  # perhaps it is another's by now, or has its end: nothing may follow
                    count = await self.append(uow)
        except DependencyUnavailable:
            return  # the database is out: the events stay, and the next beat tries again
        except Exception:
            _log.exception("events of %s could not be written", self._message.id)
            return
        if not stop:
            self._written(count)
        elif not self._stopped:
            self._stopped = True
            self._on_stop()


async def _without_deleted(uow: UnitOfWork, events: list[NewEvent]) -> list[NewEvent]:
    """Leave out citations and sources deleted while they waited; the rest stays until the commit."""
    named = [revision for event in events for revision in _named(event)]
    if not named:
        return events
    alive = await uow.documents.citable(named)
    left = (_only(event, alive) for event in events)
    return [event for event in left if event is not None]


def _named(event: NewEvent) -> list[tuple[str, int]]:
    """Return the documents that an event names, each with its revision."""
    return [(str(view["document_id"]), int(view["revision"])) for view in _views(event)]


def _views(event: NewEvent) -> Sequence[Mapping[str, str | int]]:
    if event.type == CITATION_ADDED:
        return [cast("Mapping[str, str | int]", event.data["citation"])]
    if event.type == RETRIEVAL_COMPLETED:
        return cast("Sequence[Mapping[str, str | int]]", event.data["sources"])
    return []


def _only(event: NewEvent, alive: set[str]) -> NewEvent | None:
    """Return an event as far as it may be told: without sources that are gone, or not at all."""
    left = [view for view in _views(event) if view["document_id"] in alive]
    if event.type == RETRIEVAL_COMPLETED:
        return NewEvent(event.type, {**event.data, "sources": left})
    return event if left or event.type != CITATION_ADDED else None


INTERNAL = Problem("internal_error", "Something went wrong on our side; the error was logged.")


def first_event(answer: Message) -> NewEvent:
    """Return the event that opens the stream of an answer."""
    started = {
        "message_id": answer.id,
        "conversation_id": answer.conversation_id,
        "user_message_id": answer.parent_id,
    }
    return NewEvent(MESSAGE_STARTED, started)


def final_event(answer: Message) -> NewEvent:
    """Return the event that ends the stream of a finished answer."""
    if answer.status is MessageStatus.FAILED:
        problem = answer.error or INTERNAL
        view = problem_view(problem.code, problem.detail)
        return NewEvent(ERROR, {"problem": view, "message": message_view(answer)})
    kind = MESSAGE_STOPPED if answer.status is MessageStatus.STOPPED else MESSAGE_COMPLETED
    return NewEvent(kind, {"message": message_view(answer)})
