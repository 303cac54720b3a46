"""An answer that is stopped, cancelled, or cut off from its database has exactly one end."""

import asyncio

import pytest

from adapters.memory.chat_model import InMemoryChatModel
from application.use_cases.stop_answer import StopAnswer
from domain.conversations import MessageStatus
from domain.errors import DependencyUnavailable
from unit.application.answers import ANSWER, RULES, assert_one_end
from unit.installation import DictatedModel, Installation, nothing


async def test_a_stop_from_another_process_ends_the_answer_as_stopped() -> None:
    model = DictatedModel()
    installation = Installation(model)
    bot = await installation.add_bot()
    pending = (await installation.ask("When?", bot_id=bot.id)).answer
    writing = asyncio.create_task(installation.answer(pending))
    model.say("It opens")
    await installation.wait_for(pending.id, "message.delta")
    before = await StopAnswer(installation.units)(installation.actor, pending.id)
    assert before.status is MessageStatus.STREAMING
    model.say(" at nine")
    async with asyncio.timeout(5):
        answer = await writing
        await model.closed.wait()
    assert answer.status is MessageStatus.STOPPED
    assert answer.content in ("It opens", "It opens at nine")
    assert answer.error is None
    await assert_one_end(installation, answer)
    after = await StopAnswer(installation.units)(installation.actor, pending.id)
    assert after == answer


async def test_a_silent_answer_notices_the_stop_too() -> None:
    model = DictatedModel()
    installation = Installation(model)
    bot = await installation.add_bot()
    pending = (await installation.ask("When?", bot_id=bot.id)).answer
    writing = asyncio.create_task(installation.answer(pending))
    await model.asked.wait()
    await StopAnswer(installation.units)(installation.actor, pending.id)
    async with asyncio.timeout(5):
        answer = await writing
    assert (answer.status, answer.content) == (MessageStatus.STOPPED, "")
    await assert_one_end(installation, answer)


async def test_cancelling_ends_the_answer_as_failed_and_keeps_its_text() -> None:
    model = DictatedModel()
    installation = Installation(model)
    bot = await installation.add_bot()
    pending = (await installation.ask("When?", bot_id=bot.id)).answer
    writing = asyncio.create_task(installation.answer(pending))
    model.say("It opens")
    await installation.wait_for(pending.id, "message.delta")
    writing.cancel()
    answer = await writing
    assert (answer.status, answer.content) == (MessageStatus.FAILED, "It opens")
    assert answer.error is not None
    assert answer.error.code == "interrupted"
    assert model.closed.is_set()
    await assert_one_end(installation, answer)


async def _yield(_: int) -> None:
    await asyncio.sleep(0)


@pytest.mark.parametrize("times", [1, 2])
async def test_cancelling_at_any_moment_leaves_exactly_one_end(times: int) -> None:
    """After each number of steps of the event loop in turn, until the answer ends by itself."""
    for steps in range(200):
        installation = Installation(InMemoryChatModel(ANSWER))
        bot = await installation.add_bot()
        await installation.add_ready(bot, RULES)
        pending = (await installation.ask("When?", bot_id=bot.id)).answer
        installation.units.before = installation.units.after = _yield
        writing = asyncio.create_task(installation.answer(pending))
        for _ in range(steps):
            await asyncio.sleep(0)
        ended_by_itself = writing.done()
        for _ in range(times):
            writing.cancel()
            await asyncio.sleep(0)
        await asyncio.wait([writing])
        if writing.cancelled():  # before it had begun: nobody works on it, and its lease runs out
            await installation.end_abandoned()
        await assert_one_end(installation, await installation.message(pending.id))
        if ended_by_itself:
            return
    pytest.fail("the answer never ended by itself")


async def _answer_through_an_outage(number: int, committed: bool) -> None:
    """The unit of that number fails: before it begins, or when its commit has come through."""
    model = DictatedModel()
    installation = Installation(model)
    bot = await installation.add_bot()
    await installation.add_ready(bot, RULES)
    pending = (await installation.ask("When?", bot_id=bot.id)).answer
    fatal = installation.units.opened + number

    async def fail(opened: int) -> None:
        if opened == fatal:
            raise DependencyUnavailable

    if committed:
        installation.units.after = fail
    else:
        installation.units.before = fail
    writing = asyncio.create_task(installation.answer(pending))
    for word in ANSWER:
        model.say(word)
        await asyncio.sleep(0.07)  # each word in a batch of its own
    model.say(None)
    answer = await writing
    installation.units.before = installation.units.after = nothing
    assert answer.status is MessageStatus.COMPLETED
    await assert_one_end(installation, answer)
    kinds = await installation.kinds(answer.id)
    assert kinds.count("citation.added") == 2


@pytest.mark.parametrize("committed", [False, True])
async def test_an_outage_of_the_database_neither_loses_nor_doubles_an_event(
    committed: bool,
) -> None:
    async with asyncio.timeout(10):
        await asyncio.gather(
            *(_answer_through_an_outage(number, committed) for number in range(1, 9))
        )
