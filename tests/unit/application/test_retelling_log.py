"""A finished answer whose events are kept no longer is told from its message."""

from collections.abc import AsyncGenerator

import pytest

from adapters.memory.chat_model import InMemoryChatModel
from adapters.memory.conversation_queries import InMemoryConversationQueries
from application.services.retelling_log import RetellingEventLog
from domain.conversations import Message
from domain.errors import NotFound
from domain.events import MESSAGE_ENDS, Event
from unit.application.answers import ANSWER, RULES
from unit.installation import Installation


async def _answered(on: Installation) -> Message:
    bot = await on.add_bot()
    await on.add_ready(bot, RULES)
    return await on.answered("When?", bot_id=bot.id)


async def _follow(on: Installation, message_id: str, after: int = 0) -> list[Event]:
    log = RetellingEventLog(on.event_log, InMemoryConversationQueries(on.state))
    follow = log.follow(on.actor.tenant_id, message_id, after, MESSAGE_ENDS)
    return [event async for batch in follow for event in batch]


async def test_events_that_are_kept_are_told_as_they_are() -> None:
    on = Installation(InMemoryChatModel(ANSWER))
    answer = await _answered(on)
    events = await on.events(answer.id)
    for after in range(len(events) + 1):
        assert await _follow(on, answer.id, after) == events[after:]


async def test_a_forgotten_answer_is_told_whole_from_its_message() -> None:
    on = Installation(InMemoryChatModel(ANSWER))
    answer = await _answered(on)
    first, *_, last = await on.events(answer.id)
    on.tables.events.clear()
    told = await _follow(on, answer.id)
    assert [event.seq for event in told] == [1, 2, 3, 4, 5]
    kinds = ["message.started", "message.delta", "citation.added", "citation.added"]
    assert [event.type for event in told] == [*kinds, "message.completed"]
    assert told[0] == first
    assert told[1].data == {"text": answer.content}
    assert told[-1].data == last.data
    assert [told[2].data, told[3].data] == [
        {"citation": citation}
        for citation in told[-1].data["message"]["citations"]  # type: ignore[index]
    ]


async def test_who_resumes_a_forgotten_answer_gets_its_end_alone() -> None:
    on = Installation(InMemoryChatModel(ANSWER))
    answer = await _answered(on)
    last = (await on.events(answer.id))[-1]
    on.tables.events.clear()
    assert await _follow(on, answer.id, 3) == [Event(4, last.type, last.data)]


async def test_a_failed_answer_that_was_forgotten_ends_with_its_error() -> None:
    on = Installation(InMemoryChatModel(()))
    answer = await _answered(on)
    on.tables.events.clear()
    told = await _follow(on, answer.id)
    assert [event.type for event in told] == ["message.started", "error"]
    assert told[-1].data["problem"]["code"] == "model_empty"  # type: ignore[index]


async def test_events_whose_beginning_was_forgotten_are_not_told_with_a_gap() -> None:
    on = Installation(InMemoryChatModel(ANSWER))
    answer = await _answered(on)
    events = await on.events(answer.id)

    class Trimmed(type(on.event_log)):  # type: ignore[misc]  # the fake, without its first events
        async def read(
            self, tenant_id: str, stream_id: str, after: int, limit: int = 1000
        ) -> list[Event]:
            return [event for event in events[2:] if event.seq > after][:limit]

        async def follow(
            self, tenant_id: str, stream_id: str, after: int, ends: frozenset[str]
        ) -> AsyncGenerator[list[Event], None]:
            yield await self.read(tenant_id, stream_id, after)

    on.event_log = Trimmed(on.state)
    assert (await _follow(on, answer.id))[0].type == "message.started"
    assert await _follow(on, answer.id, 2) == events[2:]


async def test_an_unknown_answer_is_not_found() -> None:
    with pytest.raises(NotFound):
        await _follow(Installation(), "msg_unknown")
