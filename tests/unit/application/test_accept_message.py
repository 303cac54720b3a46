"""Accepting: one question, one pending answer, one first event, whatever is sent twice."""

import asyncio
from dataclasses import replace

import pytest

from adapters.memory.chat_model import InMemoryChatModel
from application.services.idempotency import IdempotencyKey
from application.use_cases.accept_message import AcceptMessage, NewMessage, RegenerateAnswer
from application.use_cases.stop_answer import StopAnswer
from domain.conversations import CONTENT_MAX, MessageRole, MessageStatus
from domain.errors import ChatSphereError, Conflict, IdempotencyConflict, InvalidInput, NotFound
from unit.installation import Installation

KEY = IdempotencyKey("key-1", "POST /messages a")


async def test_a_first_message_makes_a_conversation_a_question_and_a_pending_answer(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    accepted = await installation.ask("When do you open?\nOn Monday, that is.", bot_id=bot.id)
    answer, tables = accepted.answer, installation.tables
    assert not accepted.replayed
    assert [c.title for c in tables.conversations.values()] == ["When do you open?"]
    question = await installation.message(answer.parent_id or "")
    assert (question.role, question.status) == (MessageRole.USER, MessageStatus.COMPLETED)
    assert question.content == "When do you open?\nOn Monday, that is."
    assert (answer.role, answer.status) == (MessageRole.ASSISTANT, MessageStatus.PENDING)
    assert len(tables.messages) == 2
    [event] = await installation.events(answer.id)
    assert (event.type, event.data) == (
        "message.started",
        {
            "message_id": answer.id,
            "conversation_id": answer.conversation_id,
            "user_message_id": question.id,
        },
    )


async def test_the_next_message_follows_the_last_answer(installation: Installation) -> None:
    bot = await installation.add_bot()
    first = await installation.answered("One?", bot_id=bot.id)
    second = await installation.ask("Two?", conversation_id=first.conversation_id)
    question = await installation.message(second.answer.parent_id or "")
    assert question.parent_id == first.id
    assert second.answer.conversation_id == first.conversation_id


async def test_a_message_can_follow_an_earlier_answer(installation: Installation) -> None:
    bot = await installation.add_bot()
    first = await installation.answered("One?", bot_id=bot.id)
    conversation = first.conversation_id
    await installation.answered("Two?", conversation_id=conversation)
    branch = await installation.ask("Three?", conversation_id=conversation, parent_id=first.id)
    question = await installation.message(branch.answer.parent_id or "")
    assert question.parent_id == first.id


async def test_a_parent_is_an_answer_of_the_same_conversation(installation: Installation) -> None:
    bot = await installation.add_bot()
    one = await installation.answered("One?", bot_id=bot.id)
    other = await installation.answered("Two?", bot_id=bot.id)
    with pytest.raises(Conflict):
        await installation.ask(
            "Three?", conversation_id=one.conversation_id, parent_id=one.parent_id or ""
        )
    with pytest.raises(NotFound):
        await installation.ask("Three?", conversation_id=one.conversation_id, parent_id=other.id)
    assert len(installation.tables.messages) == 4


async def test_the_same_request_again_is_answered_though_it_would_be_refused_by_now(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    first = await installation.ask("When?", bot_id=bot.id, key=KEY)
    async with installation.units.open(bot.tenant_id) as uow:
        held = await uow.bots.get(bot.id)
        held.configuration = replace(held.configuration, llm_model="gone/model")
        await uow.bots.save(held)
    again = await installation.ask("When?", bot_id=bot.id, key=KEY)
    assert (again.replayed, again.answer.id) == (True, first.answer.id)
    with pytest.raises(InvalidInput):
        await installation.ask("When?", bot_id=bot.id)


async def test_the_same_request_again_gets_the_same_answer(installation: Installation) -> None:
    bot = await installation.add_bot()
    first = await installation.ask("When?", KEY, bot_id=bot.id)
    again = await installation.ask("When?", KEY, bot_id=bot.id)
    assert again == replace(first, replayed=True)
    assert len(installation.tables.messages) == 2
    assert len(installation.tables.conversations) == 1
    assert await installation.kinds(first.answer.id) == ["message.started"]


async def test_a_repeated_request_gets_the_answer_as_it_is_by_then(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    first = await installation.ask("When?", KEY, bot_id=bot.id)
    answer = await installation.answer(first.answer)
    assert (await installation.ask("When?", KEY, bot_id=bot.id)).answer == answer


async def test_requests_sent_at_once_with_one_key_make_one_pair(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    made = await asyncio.gather(*(installation.ask("When?", KEY, bot_id=bot.id) for _ in range(3)))
    assert len({accepted.answer.id for accepted in made}) == 1
    assert sorted(accepted.replayed for accepted in made) == [False, True, True]
    assert len(installation.tables.messages) == 2


async def test_a_key_is_good_for_one_request_only(installation: Installation) -> None:
    bot = await installation.add_bot()
    await installation.ask("When?", KEY, bot_id=bot.id)
    with pytest.raises(IdempotencyConflict):
        await installation.ask("Where?", replace(KEY, fingerprint="another"), bot_id=bot.id)
    assert len(installation.tables.messages) == 2


async def test_a_refused_request_does_not_use_up_its_key(installation: Installation) -> None:
    bot = await installation.add_bot()
    with pytest.raises(NotFound):
        await installation.ask("When?", KEY, conversation_id="conv_unknown")
    accepted = await installation.ask("When?", KEY, bot_id=bot.id)
    assert not accepted.replayed


@pytest.mark.parametrize("content", ["", "  \n", "a\x00b", "x" * (CONTENT_MAX + 1)])
async def test_a_message_says_something_within_bounds(
    installation: Installation, content: str
) -> None:
    bot = await installation.add_bot()
    with pytest.raises(InvalidInput):
        await installation.ask(content, bot_id=bot.id)
    assert installation.tables.messages == {}


async def test_a_message_names_a_bot_or_a_conversation_that_belong_together(
    installation: Installation,
) -> None:
    bot, other = await installation.add_bot(), await installation.add_bot()
    answer = await installation.answered("One?", bot_id=bot.id)
    with pytest.raises(InvalidInput):
        await installation.ask("Two?")
    with pytest.raises(NotFound):
        await installation.ask("Two?", bot_id=other.id, conversation_id=answer.conversation_id)


async def test_a_stranger_finds_neither_bot_nor_conversation_nor_message(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    answer = await installation.answered("One?", bot_id=bot.id)
    units, stranger = installation.units, installation.stranger
    accept = AcceptMessage(units, installation.models, installation.clock)
    for new in (
        NewMessage("Two?", bot_id=bot.id),
        NewMessage("Two?", conversation_id=answer.conversation_id),
    ):
        with pytest.raises(NotFound):
            await accept(stranger, new)
    with pytest.raises(NotFound):
        await StopAnswer(units)(stranger, answer.id)
    with pytest.raises(NotFound):
        await RegenerateAnswer(units, installation.clock)(stranger, answer.id)


async def test_another_answer_to_the_same_question_is_a_sibling() -> None:
    installation = Installation(InMemoryChatModel(("One.",), ("Two.",)))
    bot = await installation.add_bot()
    old = await installation.answered("When?", bot_id=bot.id)
    regenerate = RegenerateAnswer(installation.units, installation.clock)
    accepted = await regenerate(installation.actor, old.id, KEY)
    assert (await regenerate(installation.actor, old.id, KEY)).replayed
    new = await installation.answer(accepted.answer)
    assert (new.parent_id, new.content) == (old.parent_id, "Two.")
    assert (await installation.message(old.id)).content == "One."
    assert len(installation.tables.messages) == 3


async def test_only_an_ended_answer_is_made_anew(installation: Installation) -> None:
    bot = await installation.add_bot()
    pending = (await installation.ask("When?", bot_id=bot.id)).answer
    regenerate = RegenerateAnswer(installation.units, installation.clock)
    for message_id in (pending.id, pending.parent_id or ""):
        with pytest.raises(Conflict):
            await regenerate(installation.actor, message_id)
    assert len(installation.tables.messages) == 2


async def test_only_an_answer_can_be_stopped(installation: Installation) -> None:
    bot = await installation.add_bot()
    pending = (await installation.ask("When?", bot_id=bot.id)).answer
    with pytest.raises(ChatSphereError):
        await StopAnswer(installation.units)(installation.actor, pending.parent_id or "")
