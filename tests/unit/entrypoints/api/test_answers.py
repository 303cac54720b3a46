"""The answers of a process: so many at a time, none queued, and an end in good time."""

import asyncio
from datetime import UTC, datetime
from typing import cast

import pytest

from application.services.told import NOTHING_TOLD, Told
from application.use_cases.answer_message import AnswerMessage
from domain.conversations import Message, MessageRole, MessageStatus
from domain.errors import DependencyUnavailable
from entrypoints.api.answers import Answers


class Writer:
    """Writes until it is let go; cut off, it takes `farewell` seconds to say so."""

    def __init__(self, farewell: float = 0.0) -> None:
        self.go = asyncio.Event()
        self.begun: list[str] = []
        self.cut: list[str] = []
        self._farewell = farewell

    async def __call__(self, held: Message, told: Told) -> Message:
        assert told == NOTHING_TOLD
        self.begun.append(held.id)
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            await asyncio.sleep(self._farewell)
            self.cut.append(held.id)
            raise
        return held


def message(message_id: str) -> Message:
    return Message(
        message_id, "ws_1", "conv_1", None, MessageRole.ASSISTANT, "", MessageStatus.PENDING,
        datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def answers_of(writer: Writer, concurrency: int) -> Answers:
    return Answers(cast(AnswerMessage, writer), concurrency)


async def test_every_accepted_answer_is_written_at_once_and_the_next_is_refused() -> None:
    writer = Writer()
    answers = answers_of(writer, 2)
    tasks = []
    for name in ("a", "b"):
        with answers.room():
            tasks.append(answers.start(message(name)))
    await asyncio.sleep(0)
    assert writer.begun == ["a", "b"]
    with pytest.raises(DependencyUnavailable) as refused, answers.room():
        pass
    assert (refused.value.code, refused.value.retry_after) == ("overloaded", 2)
    writer.go.set()
    await asyncio.gather(*tasks)
    answers.require_room()


async def test_what_is_being_accepted_takes_room_too() -> None:
    answers = answers_of(Writer(), 1)
    with answers.room(), pytest.raises(DependencyUnavailable):
        answers.require_room()
    answers.require_room()


async def test_a_departing_process_takes_no_more() -> None:
    answers = answers_of(Writer(), 1)
    await answers.drain(30.0)
    with pytest.raises(DependencyUnavailable) as refused:
        answers.require_room()
    assert (refused.value.code, refused.value.retry_after) == ("draining", 5)


async def test_answers_that_take_too_long_are_cut_off_together() -> None:
    writer = Writer(farewell=0.2)
    answers = answers_of(writer, 10)
    for number in range(10):
        answers.start(message(str(number)))
    await asyncio.sleep(0)
    async with asyncio.timeout(1.5):  # one after the other: 2 s
        await answers.drain(0.01)
    assert sorted(writer.cut) == sorted(writer.begun)
    assert len(writer.cut) == 10


async def test_what_is_being_accepted_when_the_end_begins_has_its_time_too() -> None:
    writer = Writer()
    answers = answers_of(writer, 2)
    with answers.room():
        drain = asyncio.create_task(answers.drain(5.0))
        await asyncio.sleep(0.01)
        assert not drain.done()
        answers.start(message("late"))
    await asyncio.sleep(0.2)
    assert not drain.done()
    writer.go.set()
    await drain
    assert (writer.begun, writer.cut) == (["late"], [])
