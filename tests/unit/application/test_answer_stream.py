"""The writing side of an answer: nothing lost, doubled or reordered, whenever it is closed."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from random import Random

import pytest

from application.ports.unit_of_work import UnitOfWork
from application.services.answer_stream import AnswerStream
from domain.conversations import Message
from domain.errors import DependencyUnavailable
from domain.events import NewEvent
from unit.installation import Installation, nothing

END = NewEvent("message.completed", {})


async def _pending(installation: Installation) -> Message:
    bot = await installation.add_bot()
    return (await installation.ask("When?", bot_id=bot.id)).answer


async def _end(installation: Installation, stream: AnswerStream, message: Message) -> None:
    """Write the last event as a use case does: again where the commit was in doubt."""
    await stream.close()
    for _ in range(20):
        try:
            async with installation.units.open(message.tenant_id) as uow:
                await stream.append(uow, END)
        except DependencyUnavailable:
            kinds = await _kinds(installation, message)
            if kinds[-1] == END.type:
                return
        else:
            return


async def _kinds(installation: Installation, message: Message) -> list[str]:
    return [event.type for event in await installation.events(message.id)]


async def _write_with(seed: int, *, faults: bool) -> None:
    """Say letters with events between them, under slow units of work; close at a random moment."""
    random = Random(seed)
    installation = Installation()
    message = await _pending(installation)

    async def stumble(_: int) -> None:
        await asyncio.sleep(random.choice((0, 0, 0.005, 0.02)))
        if faults and random.random() < 0.3:
            raise DependencyUnavailable

    installation.units.before = installation.units.after = stumble
    stream = AnswerStream(installation.units, message, lambda: None)
    stream.open()
    said = ""
    for number in range(random.randrange(30)):
        if random.random() < 0.2:
            stream.event("tool.started", {"after": said})
        else:
            stream.delta(chr(97 + number % 26))
            said += chr(97 + number % 26)
        await asyncio.sleep(random.choice((0, 0, 0.01, 0.03)))
    await _end(installation, stream, message)
    installation.units.before = installation.units.after = nothing
    heard = ""
    events = await installation.events(message.id)
    for event in events:
        if event.type == "message.delta":
            heard += str(event.data["text"])
        elif event.type == "tool.started":
            assert event.data["after"] == heard, f"seed {seed}"
    assert heard == said, f"seed {seed}"
    assert [event.type for event in events].count(END.type) == 1, f"seed {seed}"
    assert events[-1].type == END.type


@pytest.mark.parametrize("faults", [False, True])
async def test_closing_at_any_moment_loses_doubles_and_reorders_nothing(faults: bool) -> None:
    async with asyncio.timeout(30):
        await asyncio.gather(*(_write_with(seed, faults=faults) for seed in range(100)))


async def test_the_first_words_are_written_at_once() -> None:
    installation = Installation()
    message = await _pending(installation)
    stream = AnswerStream(installation.units, message, lambda: None)
    stream.open()
    stream.delta("Nine")
    for _ in range(20):
        await asyncio.sleep(0)
    assert await installation.said(message.id) == "Nine"
    await stream.close()


async def test_words_that_come_close_together_make_one_event() -> None:
    installation = Installation()
    message = await _pending(installation)
    stream = AnswerStream(installation.units, message, lambda: None)
    stream.open()
    for word in ("Nine", " in", " the", " morning"):
        stream.delta(word)
    await _end(installation, stream, message)
    deltas = [e for e in await installation.events(message.id) if e.type == "message.delta"]
    assert [event.data["text"] for event in deltas] == ["Nine in the morning"]


async def test_a_stop_is_told_once_and_ends_the_writing() -> None:
    installation = Installation()
    message = await _pending(installation)
    async with installation.units.open(message.tenant_id) as uow:
        await uow.messages.request_stop(message.id)
    stops: list[bool] = []
    stream = AnswerStream(installation.units, message, lambda: stops.append(True))
    stream.open()
    for word in ("Nine", " in", " the"):
        stream.delta(word)
        await asyncio.sleep(0.08)
    assert stops == [True]
    assert await _kinds(installation, message) == ["message.started"]
    await _end(installation, stream, message)
    assert await installation.said(message.id) == "Nine in the"


async def test_an_open_stream_keeps_the_answer_from_being_given_up() -> None:
    installation = Installation()
    message = await _pending(installation)
    stream = AnswerStream(installation.units, message, lambda: None)
    installation.clock.advance(10)
    stream.open()
    stream.delta("Nine")
    await installation.wait_for(message.id, "message.delta")
    installation.clock.advance(10)
    assert await installation.abandoned.expired(10) == []
    await stream.close()
    installation.clock.advance(10)
    expired = await installation.abandoned.expired(10)
    assert expired == [(message.tenant_id, message.id)]


async def test_an_unexpected_error_of_the_database_does_not_end_the_writing() -> None:
    installation = Installation()
    message = await _pending(installation)
    broken = installation.units.opened + 1

    async def fail(number: int) -> None:
        if number == broken:
            raise RuntimeError("out of shape")

    installation.units.before = fail
    stream = AnswerStream(installation.units, message, lambda: None)
    stream.open()
    stream.delta("Nine")
    await asyncio.sleep(0.1)
    stream.delta(" in the morning")
    await installation.wait_for(message.id, "message.delta", 2)
    await stream.close()
    assert await installation.said(message.id) == "Nine in the morning"


async def test_a_stream_that_was_never_opened_closes_with_what_it_was_given() -> None:
    installation = Installation()
    message = await _pending(installation)
    stream = AnswerStream(installation.units, message, lambda: None)
    stream.delta("Nine")
    await stream.close()

    async def append(uow: UnitOfWork) -> int:
        return await stream.append(uow, END)

    async with installation.units.open(message.tenant_id) as uow:
        assert await append(uow) == 1
    assert await _kinds(installation, message) == ["message.started", "message.delta", END.type]


@pytest.mark.parametrize("in_doubt", [False, True])
async def test_a_stream_names_nothing_that_was_deleted_while_its_events_waited(
    in_doubt: bool,
) -> None:
    installation = Installation()
    bot = await installation.add_bot()
    gone = await installation.add_ready(bot, "Gone soon.")
    kept = await installation.add_ready(bot, "Here to stay.")
    message = (await installation.ask("When?", bot_id=bot.id)).answer
    stream = AnswerStream(installation.units, message, lambda: None)
    views = [{"document_id": document.id, "revision": 1} for document in (gone, kept)]
    stream.event("retrieval.completed", {"sources": views, "degraded": False})
    for view in views:
        stream.event("citation.added", {"citation": view})
    if in_doubt:  # a commit that did not come through
        with suppress(RuntimeError):
            async with installation.units.open(message.tenant_id) as uow:
                await stream.append(uow)
                raise RuntimeError
    await installation.delete(gone)
    await _end(installation, stream, message)
    events = await installation.events(message.id)
    assert [e.type for e in events[1:]] == ["retrieval.completed", "citation.added", END.type]
    assert not any(gone.id in str(event.data) for event in events)
    assert events[1].data["sources"] == [views[1]]


async def test_a_citation_that_comes_while_another_is_looked_up_is_told_too() -> None:
    installation = Installation()
    bot = await installation.add_bot()
    documents = [await installation.add_ready(bot, text) for text in ("One.", "Two.")]
    message = (await installation.ask("When?", bot_id=bot.id)).answer
    views = [{"document_id": document.id, "revision": 1} for document in documents]
    stream = AnswerStream(installation.units, message, lambda: None)
    stream.event("citation.added", {"citation": views[0]})
    async with installation.units.open(message.tenant_id) as uow:
        look_up = uow.documents.citable

        async def slowly(revisions: Sequence[tuple[str, int]]) -> set[str]:
            stream.event("citation.added", {"citation": views[1]})
            return await look_up(revisions)

        uow.documents.citable = slowly  # type: ignore[method-assign]
        assert await stream.append(uow) == 1
    await _end(installation, stream, message)
    told = [event.data.get("citation") for event in await installation.events(message.id)]
    assert told == [None, *views, None]


async def test_a_stop_after_a_commit_in_doubt_doubles_nothing() -> None:
    installation = Installation()
    message = await _pending(installation)

    async def lose_the_reply(_: int) -> None:
        installation.units.after = nothing
        async with installation.units.open(message.tenant_id) as uow:
            await uow.messages.request_stop(message.id)
        raise DependencyUnavailable

    stopped = asyncio.Event()
    stream = AnswerStream(installation.units, message, stopped.set)
    installation.units.after = lose_the_reply
    stream.open()
    stream.delta("Nine")
    async with asyncio.timeout(5):
        await stopped.wait()
    await _end(installation, stream, message)
    assert await installation.said(message.id) == "Nine"
