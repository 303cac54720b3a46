"""What answers and documents cost is written down once, when they end."""

import asyncio
from collections.abc import AsyncGenerator

import pytest

from adapters.memory.model_catalog import InMemoryModelCatalog
from application.ports.chat_model import (
    ChatModel,
    ChatRequest,
    Delta,
    Finish,
    FinishReason,
    ModelUnavailable,
    Usage,
)
from application.use_cases.bots import DeleteBot
from application.use_cases.conversations import DeleteConversation
from application.use_cases.documents import ReprocessDocument
from domain.conversations import MessageStatus
from domain.errors import DependencyUnavailable, NotFound
from domain.plans import Quota, UsageKind, UsageRecord, period_of
from unit.installation import DictatedModel, Installation


class CountingModel(ChatModel):
    """Says a word, and tells its tokens as it is told to."""

    def __init__(self, usage: Usage) -> None:
        self.usage = usage

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
        yield Delta("Word for word.")
        yield Finish(FinishReason.STOP, self.usage)


def records(on: Installation) -> list[UsageRecord]:
    return list(on.tables.usage_records.values())


def tokens(on: Installation) -> int:
    """Return the tokens of this month."""
    month = period_of(Quota.TOKENS_MONTH, on.clock.now())
    return on.tables.usage.get((Quota.TOKENS_MONTH.value, month), 0)


async def test_an_answer_is_recorded_with_its_bot_its_model_and_the_tokens_its_provider_counted() -> (
    None
):
    on = Installation(CountingModel(Usage(70, 30)))
    bot = await on.add_bot(agent_type="chat")
    answer = await on.answered("Hello?", bot_id=bot.id)
    await on.answer(answer)  # who asks for a finished answer gets it again
    (record,) = records(on)
    assert (record.id, record.kind, record.bot_id) == (answer.id, UsageKind.ANSWER, bot.id)
    assert (record.model, record.prompt_tokens, record.completion_tokens) == ("fake/one", 70, 30)
    assert tokens(on) == 100


async def test_tokens_that_nobody_counted_are_estimated_and_no_count_makes_them_fewer() -> None:
    for usage in (Usage(), Usage(-5, -5)):
        on = Installation(CountingModel(usage))
        bot = await on.add_bot(agent_type="chat", system_prompt="Be brief. " * 40)
        await on.answered("Hello?", bot_id=bot.id)
        (record,) = records(on)
        assert record.prompt_tokens > 100
        assert record.completion_tokens == 4
        assert tokens(on) == record.tokens


async def test_an_answer_that_breaks_off_costs_what_was_asked_and_said() -> None:
    model = DictatedModel()
    on = Installation(model)
    bot = await on.add_bot(agent_type="chat")
    model.say("Words that were paid for. ", ModelUnavailable("The line went dead."))
    assert (await on.answered("Hello?", bot_id=bot.id)).status is MessageStatus.FAILED
    (record,) = records(on)
    assert record.prompt_tokens > 0
    assert record.completion_tokens > 0


async def test_an_answer_without_a_model_costs_no_tokens_but_is_a_message() -> None:
    on = Installation()
    bot = await on.add_bot(agent_type="chat")
    pending = (await on.ask("Hello?", bot_id=bot.id)).answer
    on.models = InMemoryModelCatalog({}, "fake/one")
    await on.answer(pending)
    (record,) = records(on)
    assert (record.tokens, record.model) == (0, None)


async def test_an_answer_whose_conversation_is_deleted_meanwhile_costs_what_it_cost() -> None:
    model = DictatedModel()
    on = Installation(model)
    bot = await on.add_bot(agent_type="chat")
    pending = (await on.ask("Hello?", bot_id=bot.id)).answer
    answering = asyncio.create_task(on.answer(pending))
    await model.asked.wait()
    await DeleteConversation(on.units)(on.actor, pending.conversation_id, None)
    model.say("Too late.", None)
    with pytest.raises(NotFound):
        await answering
    (record,) = records(on)
    assert (record.id, tokens(on)) == (pending.id, record.tokens)
    assert tokens(on) > 0


async def test_an_answer_whose_end_is_written_twice_counts_once() -> None:
    on = Installation(CountingModel(Usage(70, 30)))
    bot = await on.add_bot(agent_type="chat")
    pending = (await on.ask("Hello?", bot_id=bot.id)).answer
    lost: list[int] = []

    async def lose(number: int) -> None:
        if on.tables.usage_records and not lost:
            lost.append(number)
            raise DependencyUnavailable("The answer to the commit got lost.")

    on.units.after = lose
    await on.answer(pending)
    assert lost
    assert len(records(on)) == 1
    assert tokens(on) == 100


async def test_an_answer_that_others_had_to_end_is_recorded_too() -> None:
    on = Installation()
    bot = await on.add_bot()
    pending = (await on.ask("Hello?", bot_id=bot.id)).answer
    assert await on.end_abandoned() == 1
    (record,) = records(on)
    assert (record.id, record.bot_id, record.tokens) == (pending.id, bot.id, 0)


async def test_a_document_is_recorded_with_its_bytes_and_chunks_for_each_time_it_is_taken_in() -> (
    None
):
    on = Installation()
    bot = await on.add_bot()
    document = await on.add_ready(bot, "No shouting in the library.")
    (record,) = records(on)
    assert (record.kind, record.bot_id, record.size) == (UsageKind.DOCUMENT, bot.id, 27)
    assert (record.chunks, record.model) == (document.chunk_count, on.embedder.space)
    await ReprocessDocument(on.units, on.clock)(on.actor, document.id)
    await on.work()
    assert [one.id for one in records(on)] == [f"{document.id}:1", f"{document.id}:2"]
    assert tokens(on) == 0


async def test_a_document_that_cannot_be_read_costs_nothing_but_its_bytes() -> None:
    on = Installation()
    bot = await on.add_bot()
    await on.upload(bot, "gibberish", "broken.txt")
    await on.work()
    assert records(on) == []


async def test_what_was_used_stays_when_the_bot_is_gone() -> None:
    on = Installation(CountingModel(Usage(70, 30)))
    bot = await on.add_bot()
    await on.add_ready(bot, "No shouting in the library.")
    await on.answered("Hello?", bot_id=bot.id)
    await DeleteBot(on.units, on.clock)(on.actor, bot.id)
    await on.work()
    assert {record.bot_id for record in records(on)} == {bot.id}
    assert tokens(on) == 100
