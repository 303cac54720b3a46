"""Answers that outlive their process: written anew or ended, once, with what was told."""

import asyncio
from dataclasses import dataclass, field

import pytest

from adapters.memory.chat_model import InMemoryChatModel
from adapters.memory.model_catalog import InMemoryModelCatalog
from application.services.answer_stream import ANSWER_LEASE_SECONDS, AnswerStream
from application.services.idempotency import IdempotencyKey
from application.services.told import Told
from application.use_cases.bots import CreateVersion, PublishVersion, UpdateBot
from application.use_cases.conversations import DeleteConversation
from application.use_cases.settle_answers import LATE_SECONDS, SOON_SECONDS, SettleAnswers
from application.use_cases.stop_answer import StopAnswer
from domain.bots import Bot
from domain.conversations import ATTEMPTS_MAX, Message, MessageStatus
from domain.documents import Document
from domain.errors import DependencyUnavailable, Overloaded
from domain.events import CITATION_ADDED, RETRIEVAL_COMPLETED
from unit.application.answers import ANSWER, RULES, assert_one_end
from unit.installation import DictatedModel, Installation, nothing


@dataclass
class Desk:
    """Those that write answers in a process with room for so many."""

    on: Installation
    room: int = 10
    tasks: dict[str, "asyncio.Task[Message]"] = field(default_factory=dict)

    def has_room(self) -> bool:
        return len(self.tasks) < self.room

    def is_writing(self, message_id: str) -> bool:
        return message_id in self.tasks

    def start(self, answer: Message, told: Told) -> None:
        self.tasks[answer.id] = asyncio.create_task(self.on.answer(answer, told))


async def _pending(on: Installation, bot: Bot | None = None) -> Message:
    return (await on.ask("When?", bot_id=(bot or await on.add_bot()).id)).answer


async def _tell(on: Installation, answer: Message, *events: tuple[str, dict[str, object]]) -> None:
    """Write events as a process does that dies then."""
    stream = AnswerStream(on.units, answer, lambda: None)
    stream.open()
    for kind, data in events:
        if kind == "message.delta":
            stream.delta(str(data["text"]))
        else:
            stream.event(kind, data)
    await on.wait_for(answer.id, events[-1][0])
    await stream.close()


async def _abandon(on: Installation, settle: SettleAnswers, waited: float = LATE_SECONDS) -> None:
    """Let leases run out, and let that be seen for so long."""
    on.clock.advance(ANSWER_LEASE_SECONDS + 1)
    assert await settle(Desk(on)) == 0, "one look proves nothing"
    on.clock.advance(waited)


def _cited(document: Document, index: int = 1) -> tuple[str, dict[str, object]]:
    citation = {
        "index": index,
        "document_id": document.id,
        "title": document.title,
        "revision": document.revision,
        "chunk_id": f"{document.id}.1.0",
        "start": 0,
        "end": 11,
        "page": None,
        "quote": RULES[:11],
        "verified": True,
    }
    return CITATION_ADDED, {"citation": citation}


async def test_an_answer_without_text_is_written_anew_by_another_process() -> None:
    on = Installation(InMemoryChatModel(ANSWER))
    bot = await on.add_bot()
    await on.add_ready(bot, RULES)
    pending, settle, desk = await _pending(on, bot), on.settle, Desk(on)
    await _abandon(on, settle, SOON_SECONDS)
    assert await settle(desk) == 1
    answer = await desk.tasks[pending.id]
    assert (answer.status, answer.attempt) == (MessageStatus.COMPLETED, 2)
    assert len(answer.citations) == 2
    await assert_one_end(on, answer)
    on.clock.advance(60)
    assert await settle(desk) == 0


async def test_the_sources_are_told_once_though_two_processes_looked_for_them() -> None:
    on = Installation(InMemoryChatModel(ANSWER))
    bot = await on.add_bot()
    await on.add_ready(bot, RULES)
    pending, settle, desk = await _pending(on, bot), on.settle, Desk(on)
    sources: dict[str, object] = {"sources": [], "degraded": False}
    await _tell(on, pending, (RETRIEVAL_COMPLETED, sources))
    await _abandon(on, settle)
    await settle(desk)
    answer = await desk.tasks[pending.id]
    assert answer.status is MessageStatus.COMPLETED
    assert (await on.kinds(answer.id)).count(RETRIEVAL_COMPLETED) == 1
    await assert_one_end(on, answer)


@pytest.mark.parametrize("writers", [True, False])
async def test_an_answer_that_was_being_read_ends_with_what_was_told(writers: bool) -> None:
    on = Installation()
    bot = await on.add_bot()
    document = await on.add_ready(bot, RULES)
    pending, settle, desk = await _pending(on, bot), on.settle, Desk(on)
    await _tell(
        on, pending, ("message.delta", {"text": "It opens"}), _cited(document),
        ("message.delta", {"text": " at nine [1]"}),
    )  # fmt: skip
    await on.wait_for(pending.id, "message.delta", 2)
    assert (await on.message(pending.id)).status is MessageStatus.STREAMING
    await _abandon(on, settle)
    assert await settle(desk if writers else None) == 1
    assert desk.tasks == {}
    answer = await on.message(pending.id)
    assert (answer.status, answer.content) == (MessageStatus.FAILED, "It opens at nine [1]")
    assert answer.error is not None
    assert answer.error.code == "interrupted"
    assert [c.document_id for c in answer.citations] == [document.id]
    await assert_one_end(on, answer)
    (record,) = [r for r in on.tables.usage_records.values() if r.id == answer.id]
    assert record.completion_tokens > 0, "what was told was written by a model"


async def test_what_was_told_cites_nothing_that_was_deleted_since() -> None:
    on = Installation()
    bot = await on.add_bot()
    gone, stays = await on.add_ready(bot, RULES), await on.add_ready(bot, RULES[:41], "b.txt")
    pending, settle = await _pending(on, bot), on.settle
    await _tell(
        on, pending, _cited(gone, 1), _cited(stays, 2), ("message.delta", {"text": "So [1][2]."})
    )
    await on.delete(gone)
    await _abandon(on, settle)
    await settle()
    answer = await on.message(pending.id)
    assert (answer.content, [c.document_id for c in answer.citations]) == ("So[2].", [stays.id])


async def test_a_stop_ends_an_answer_whose_process_has_died() -> None:
    on = Installation()
    pending, settle, desk = await _pending(on), on.settle, Desk(on)
    await StopAnswer(on.units)(on.actor, pending.id)
    await _abandon(on, settle)
    assert await settle(desk) == 1
    answer = await on.message(pending.id)
    assert (answer.status, answer.error, desk.tasks) == (MessageStatus.STOPPED, None, {})
    await assert_one_end(on, answer)


async def test_an_answer_that_kills_its_processes_is_given_up() -> None:
    on = Installation()
    pending, settle = await _pending(on), on.settle
    begun: list[int] = []

    class Deadly(Desk):
        def start(self, answer: Message, told: Told) -> None:
            begun.append(answer.attempt)

    for _ in range(ATTEMPTS_MAX + 1):
        await _abandon(on, settle)
        await settle(Deadly(on))
    assert begun == list(range(2, ATTEMPTS_MAX + 1))
    answer = await on.message(pending.id)
    assert answer.status is MessageStatus.FAILED
    await assert_one_end(on, answer)


async def test_who_has_no_room_leaves_an_answer_to_others_for_a_while() -> None:
    on = Installation()
    pending, full = await _pending(on), Desk(on, room=0)
    for writers in (full, None):
        settle = on.settle
        await _abandon(on, settle, LATE_SECONDS - 0.1)
        assert await settle(writers) == 0
    on.clock.advance(0.1)
    assert await settle(full) == 1
    assert (await on.message(pending.id)).status is MessageStatus.FAILED


async def test_after_an_outage_those_that_write_have_time_to_show_it() -> None:
    on = Installation()
    pending, settle = await _pending(on), on.settle
    await _abandon(on, settle)

    class Broken(type(on.abandoned)):  # type: ignore[misc]  # the fake, out of order
        async def expired(self, limit: int) -> list[tuple[str, str]]:
            raise DependencyUnavailable

    settle._abandoned = Broken(on.state)
    with pytest.raises(DependencyUnavailable):
        await settle()
    settle._abandoned = on.abandoned
    on.clock.advance(60)
    assert await settle() == 0
    assert (await on.message(pending.id)).status is MessageStatus.PENDING


async def test_an_outage_in_the_middle_of_a_look_gives_them_time_too() -> None:
    on = Installation()
    pending, settle = await _pending(on), on.settle
    await _abandon(on, settle)
    on.clock.advance(60)

    async def out(_: int) -> None:
        raise DependencyUnavailable

    on.units.before = out
    with pytest.raises(DependencyUnavailable):
        await settle()
    on.units.before = nothing
    assert await settle() == 0
    assert (await on.message(pending.id)).status is MessageStatus.PENDING


async def test_a_lease_that_was_renewed_between_two_looks_is_respected() -> None:
    on = Installation()
    pending, settle = await _pending(on), on.settle
    await _abandon(on, settle)
    async with on.units.open(pending.tenant_id) as uow:
        await uow.messages.lease(pending.id, pending.attempt, 5)
    assert await settle() == 0
    on.clock.advance(6)
    assert await settle() == 0, "it counts from the next look"


async def test_an_answer_that_is_written_here_is_left_alone() -> None:
    on = Installation()
    pending, settle, desk = await _pending(on), on.settle, Desk(on)
    desk.tasks[pending.id] = asyncio.create_task(asyncio.sleep(0, pending))
    await _abandon(on, settle)
    assert await settle(desk) == 0


async def test_many_processes_settle_an_answer_once() -> None:
    on = Installation()
    pending = await _pending(on)
    settlers = [on.settle for _ in range(5)]
    on.clock.advance(ANSWER_LEASE_SECONDS + 1)
    await asyncio.gather(*(settle() for settle in settlers))
    on.clock.advance(LATE_SECONDS)
    assert sum(await asyncio.gather(*(settle() for settle in settlers))) == 1
    assert await on.kinds(pending.id) == ["message.started", "error"]


async def test_one_answer_that_cannot_be_settled_keeps_no_other_from_its_end() -> None:
    on = Installation()
    gone, broken, stays = [await _pending(on) for _ in range(3)]
    settle = on.settle
    await _abandon(on, settle)
    first = on.units.opened + 1

    async def stumble(number: int) -> None:
        if number == first:
            await DeleteConversation(on.units)(on.actor, gone.conversation_id, None)
        if number == first + 2:
            raise RuntimeError("out of shape")

    on.units.before = stumble
    await settle()
    on.units.before = nothing
    assert (await on.message(stays.id)).status is MessageStatus.FAILED
    assert (await on.message(broken.id)).status is MessageStatus.PENDING
    assert await settle() == 1
    assert (await on.message(broken.id)).status is MessageStatus.FAILED


async def test_a_crowd_of_one_workspace_keeps_no_other_from_its_end() -> None:
    on = Installation()
    crowded, quiet = on.actor, on.stranger
    waiting = await _pending(on)
    on.actor = quiet
    stays = await _pending(on)
    settle = on.settle
    await _abandon(on, settle)
    first = on.units.opened + 1

    async def refuse(number: int) -> None:
        if number == first:
            raise Overloaded

    on.units.before = refuse
    assert await settle() == 1
    assert (await on.message(stays.id)).status is MessageStatus.FAILED
    on.actor = crowded
    assert (await on.message(waiting.id)).status is MessageStatus.PENDING
    assert await settle() == 1
    assert (await on.message(waiting.id)).status is MessageStatus.FAILED


async def test_who_takes_an_answer_over_goes_by_the_same_configuration() -> None:
    model = InMemoryChatModel()
    on = Installation(model)
    bot = await on.add_bot(system_prompt="Published.")
    await CreateVersion(on.units, on.clock)(on.actor, bot.id)
    await PublishVersion(on.units, on.clock)(on.actor, bot.id, 1)
    await UpdateBot(on.units, on.models, on.clock)(
        on.actor, bot.id, configuration={"system_prompt": "Draft."}
    )
    pending = (await on.ask("When?", draft=True, bot_id=bot.id)).answer
    settle, desk = on.settle, Desk(on)
    await _abandon(on, settle)
    await settle(desk)
    await desk.tasks[pending.id]
    assert model.requests[-1].turns[0].text.startswith("Draft.")


@pytest.mark.parametrize("has_text", [False, True])
async def test_a_process_that_slept_too_long_writes_nothing_more(has_text: bool) -> None:
    model = DictatedModel()
    on = Installation(model)
    bot = await on.add_bot(agent_type="chat")
    pending, settle, desk = await _pending(on, bot), on.settle, Desk(on)
    sleeper = asyncio.create_task(on.answer(pending))
    if has_text:
        model.say("It opens")
        await on.wait_for(pending.id, "message.delta")
    await model.asked.wait()
    await _abandon(on, settle)
    other = DictatedModel()
    on.models = InMemoryModelCatalog({"fake": other}, "fake/one")
    assert await settle(desk) == 1
    model.say(" and never closes.", None)
    async with asyncio.timeout(5):
        woken = await sleeper
    if has_text:
        assert (woken.status, desk.tasks) == (MessageStatus.FAILED, {})
        assert woken.content == "It opens"
    else:
        assert woken.status is MessageStatus.PENDING, "another writes it"
        assert await on.kinds(pending.id) == ["message.started"]
        other.say("At nine.", None)
        answer = await desk.tasks[pending.id]
        assert (answer.status, answer.content) == (MessageStatus.COMPLETED, "At nine.")
    await assert_one_end(on, await on.message(pending.id))


async def test_a_request_sent_again_after_its_process_died_gets_the_same_answer() -> None:
    on = Installation(InMemoryChatModel(("At nine.",)))
    bot, key = await on.add_bot(), IdempotencyKey("key-1", "POST /messages a")
    first = await on.ask("When?", key, bot_id=bot.id)
    again = await on.ask("When?", key, bot_id=bot.id)
    assert (again.answer, again.replayed) == (first.answer, True)
    settle, desk = on.settle, Desk(on)
    await _abandon(on, settle)
    await settle(desk)
    await on.wait_for(first.answer.id, "message.completed")
    last = await on.ask("When?", key, bot_id=bot.id)
    assert (last.answer.content, last.answer.status) == ("At nine.", MessageStatus.COMPLETED)
    assert len(on.tables.messages) == 2
