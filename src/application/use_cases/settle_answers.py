"""Settle the answers whose process vanished: have them written anew, or end them."""

import logging
from contextlib import suppress
from typing import Protocol

from application.ports.clock import Clock
from application.ports.conversations import AbandonedAnswers, Claim
from application.ports.event_log import EventLog
from application.ports.unit_of_work import UnitsOfWork
from application.services.answer_ending import citable, lock_answer
from application.services.answer_stream import ANSWER_LEASE_SECONDS, final_event
from application.services.metering import Spent, record_answer
from application.services.told import Told, told_so_far
from domain.answer_text import without_markers
from domain.conversations import ATTEMPTS_MAX, Message, MessageStatus, Problem
from domain.errors import DependencyUnavailable, NotFound, Overloaded
from domain.links import KnownLinks

_log = logging.getLogger(__name__)
SOON_SECONDS = 1.5  # whoever lives has renewed the lease by then: it beats once a second
LATE_SECONDS = 4.0  # whoever has room has taken the answer over by then
_AT_ONCE = 100
_INTERRUPTED = Problem("interrupted", "The process that wrote this answer ended: ask again.")


class Writers(Protocol):
    """Those that write answers in this process."""

    def has_room(self) -> bool:
        """Tell whether one more answer may be begun."""
        ...

    def is_writing(self, message_id: str) -> bool:
        """Tell whether an answer is being written here."""
        ...

    def start(self, answer: Message, told: Told) -> object:
        """Begin to write an answer whose stream holds what was `told`."""
        ...


class SettleAnswers:
    """Gives answers whose process died the one end they were promised; to be called every few seconds.

    An answer of which nobody has seen any text is written anew, where there is room for it: its stream
    goes on. One that was being read, that was to be stopped, or that has cost so many processes their
    lives already, ends with the text that was told. A lease that has run out proves nothing by itself:
    the database may have been away, or its clock put forward. So an answer counts as abandoned when it
    was found so in several looks in a row.
    """

    def __init__(
        self,
        abandoned: AbandonedAnswers,
        units: UnitsOfWork,
        log: EventLog,
        clock: Clock,
        lease_seconds: float = ANSWER_LEASE_SECONDS,
    ) -> None:
        self._abandoned = abandoned
        self._units = units
        self._log = log
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._found_at: dict[tuple[str, str], float] = {}

    async def __call__(self, writers: Writers | None = None) -> int:
        """Look once; return how many answers were settled. Without `writers` they are only ended.

        What could be written anew is left to those that have room, for a while. Raises
        DependencyUnavailable.
        """
        try:
            found = await self._abandoned.expired(_AT_ONCE)
        except BaseException:
            self._found_at.clear()  # nobody could renew a lease meanwhile
            raise
        now = self._clock.monotonic()
        self._found_at = {key: self._found_at.get(key, now) for key in found}
        settled, crowded = 0, set[str]()
        for key, since in list(self._found_at.items()):
            if key[0] in crowded:
                continue
            try:
                if await self._settle(*key, now - since, writers):
                    self._found_at.pop(key, None)
                    settled += 1
            except Overloaded:  # one tenant's crowd keeps no other's answers from their end
                crowded.add(key[0])
            except Exception as error:  # nor does one answer any other
                if isinstance(error, DependencyUnavailable) and error.is_outage:
                    self._found_at.clear()
                    raise
                _log.exception("the answer %s could not be settled", key[1])
        return settled

    async def _settle(
        self, tenant_id: str, message_id: str, waited: float, writers: Writers | None
    ) -> bool:
        may_write = writers is not None and writers.has_room()
        if waited < (SOON_SECONDS if may_write else LATE_SECONDS):
            return False
        if writers is not None and writers.is_writing(message_id):
            return False
        async with self._units.open(tenant_id) as uow:
            claim = await uow.messages.claim(message_id, self._lease_seconds)
        if claim is None:
            return False
        told = await told_so_far(self._log, tenant_id, message_id)
        if writers is not None and may_write and _can_be_written(claim, told):
            if not writers.has_room():  # it ends itself, since: another takes the answer over
                return False
            writers.start(claim.answer, told)
        else:
            with suppress(NotFound):  # deleted since we looked
                await self._end(claim, told)
        return True

    async def _end(self, claim: Claim, told: Told) -> None:
        async with self._units.open(claim.answer.tenant_id) as uow:
            answer, is_ours = await lock_answer(uow, claim.answer)
            if not is_ours:
                return
            answer.citations = await citable(uow, told.citations)
            content = without_markers(told.text, told.citations, answer.citations, KnownLinks())
            if claim.stop:
                answer.finish(MessageStatus.STOPPED, content)
            else:
                answer.finish(MessageStatus.FAILED, content, _INTERRUPTED)
            await uow.messages.save(answer)
            await uow.events.append(answer.id, [final_event(answer)])
            bot_id = (await uow.conversations.get(answer.conversation_id)).bot_id
            await record_answer(uow, answer, bot_id, Spent(text=[told.text]), self._clock.now())


def _can_be_written(claim: Claim, told: Told) -> bool:
    return not (claim.stop or told.has_begun or claim.answer.attempt > ATTEMPTS_MAX)
