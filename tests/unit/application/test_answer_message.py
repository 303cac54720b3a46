"""Answers: every event in order, citations that hold, and models that fail."""

import asyncio
from dataclasses import replace

import pytest

from adapters.memory.chat_model import InMemoryChatModel
from adapters.memory.reranker import InMemoryReranker
from application.ports.chat_model import (
    Finish,
    FinishReason,
    ModelRefused,
    ModelUnavailable,
    Role,
    Usage,
)
from application.services.guards.gate import Gate
from application.services.reranking import Reranking
from application.use_cases.bots import CreateVersion, PublishVersion, UpdateBot
from domain.conversations import MessageStatus, TokenUsage
from domain.errors import NotFound
from unit.application.answers import ANSWER, RULES, assert_one_end
from unit.installation import DictatedModel, Installation


async def test_the_events_of_an_answer_are_complete_and_in_order() -> None:
    installation = Installation(InMemoryChatModel(ANSWER))
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, RULES)
    answer = await installation.answered("When does the library open?", bot_id=bot.id)
    assert answer.status is MessageStatus.COMPLETED
    assert answer.content == "The library opens at nine in the morning [1]. Nobody may shout [2]."
    kinds = [k for k in await installation.kinds(answer.id) if k != "message.delta"]
    assert kinds == [
        "message.started",
        "retrieval.completed",
        "citation.added",
        "citation.added",
        "message.completed",
    ]
    await assert_one_end(installation, answer)
    events = await installation.events(answer.id)
    sources = next(e.data["sources"] for e in events if e.type == "retrieval.completed")
    assert isinstance(sources, list)
    assert [source["document_id"] for source in sources] == [document.id]
    assert answer.model == "fake/one"
    assert not answer.degraded
    assert answer.usage.completion_tokens > 0
    assert {"retrieval_total_ms", "first_token_ms", "total_ms"} <= answer.timings.keys()


async def test_citations_match_the_markers_and_stand_at_their_offsets() -> None:
    installation = Installation(InMemoryChatModel(ANSWER))
    bot = await installation.add_bot()
    document = await installation.add_ready(bot, RULES)
    answer = await installation.answered("When does the library open?", bot_id=bot.id)
    for citation in answer.citations:
        assert f"[{citation.index}]" in answer.content
        assert (citation.document_id, citation.revision) == (document.id, 1)
        assert RULES[citation.start : citation.end] == citation.quote
        assert citation.verified
    events = [e for e in await installation.events(answer.id) if e.type == "citation.added"]
    shown = [e.data["citation"] for e in events]
    assert [c["index"] for c in shown if isinstance(c, dict)] == [1, 2]


async def test_the_stored_answer_is_the_returned_one_and_the_last_event() -> None:
    installation = Installation(InMemoryChatModel(ANSWER))
    bot = await installation.add_bot()
    await installation.add_ready(bot, RULES)
    answer = await installation.answered("When?", bot_id=bot.id)
    assert await installation.message(answer.id) == answer
    shown = (await installation.events(answer.id))[-1].data["message"]
    assert isinstance(shown, dict)
    assert (shown["id"], shown["content"], shown["status"]) == (
        answer.id,
        answer.content,
        "completed",
    )


@pytest.mark.parametrize(("length", "kept"), [(0, 0), (1, 0), (2, 2), (4, 4), (100, 6)])
async def test_the_model_gets_no_more_history_than_the_bot_allows(length: int, kept: int) -> None:
    model = InMemoryChatModel(default=("So it is.",))
    installation = Installation(model)
    bot = await installation.add_bot(chat_history_length=length)
    answer = await installation.answered("Question 0?", bot_id=bot.id)
    for number in range(1, 4):
        answer = await installation.answered(
            f"Question {number}?", conversation_id=answer.conversation_id
        )
    turns = model.requests[-1].turns
    assert turns[0].role is Role.SYSTEM
    assert turns[-1].text == "Question 3?"
    history = turns[1:-1]
    assert len(history) == kept
    assert all(turn.role is Role.USER for turn in history[::2])
    if kept:
        assert history[-2].text == "Question 2?"


async def test_answers_that_came_to_nothing_are_no_part_of_the_history() -> None:
    model = InMemoryChatModel((ModelUnavailable(),), ("Yes.",))
    installation = Installation(model)
    bot = await installation.add_bot()
    failed = await installation.answered("First?", bot_id=bot.id)
    await installation.answered("Second?", conversation_id=failed.conversation_id)
    assert [turn.text for turn in model.requests[-1].turns[1:]] == ["First?", "Second?"]


async def test_a_model_that_comes_to_no_end_is_cut_off_and_its_text_kept() -> None:
    model = InMemoryChatModel(["word " * 20_000] * 3 + ["never read"])
    installation = Installation(model)
    bot = await installation.add_bot()
    answer = await installation.answered("When?", bot_id=bot.id)
    assert answer.error is not None
    assert answer.error.code == "model_answer_too_long"
    assert answer.content == "word " * 40_000
    assert model.abandoned == 1
    await assert_one_end(installation, answer)


@pytest.mark.parametrize(
    ("script", "code", "content"),
    [
        ((ModelUnavailable(),), "model_unavailable", ""),
        (("It opens ", "at", ModelUnavailable()), "model_unavailable", "It opens at"),
        ((ModelRefused("No.", code="model_rate_limited"),), "model_rate_limited", ""),
        ((), "model_empty", ""),
        (("It opens", Finish(FinishReason.SAFETY)), "model_blocked", "It opens"),
    ],
)
async def test_an_error_of_the_model_fails_the_answer_and_keeps_its_text(
    script: tuple[str | Finish | Exception, ...], code: str, content: str
) -> None:
    installation = Installation(InMemoryChatModel(script))
    bot = await installation.add_bot()
    answer = await installation.answered("When?", bot_id=bot.id)
    assert (answer.status, answer.content) == (MessageStatus.FAILED, content)
    assert answer.error is not None
    assert answer.error.code == code
    await assert_one_end(installation, answer)
    problem = (await installation.events(answer.id))[-1].data["problem"]
    assert isinstance(problem, dict)
    assert problem["code"] == code


async def test_an_error_nobody_expected_fails_the_answer_without_telling_why() -> None:
    installation = Installation(InMemoryChatModel(("It", RuntimeError("secret"))))
    bot = await installation.add_bot()
    accepted = await installation.ask("When?", bot_id=bot.id)
    with pytest.raises(RuntimeError, match="secret"):
        await installation.answer(accepted.answer)
    answer = await installation.message(accepted.answer.id)
    assert answer.error is not None
    assert answer.error.code == "internal_error"
    assert "secret" not in answer.error.detail
    await assert_one_end(installation, answer)


async def test_the_providers_count_of_tokens_is_kept() -> None:
    script = ("Yes.", Finish(FinishReason.LENGTH, Usage(120, 45)))
    installation = Installation(InMemoryChatModel(script))
    bot = await installation.add_bot()
    answer = await installation.answered("When?", bot_id=bot.id)
    assert answer.status is MessageStatus.COMPLETED
    assert answer.usage == TokenUsage(120, 45)


async def test_a_deleted_document_is_not_cited_in_the_final_message() -> None:
    model = DictatedModel()
    installation = Installation(model)
    bot = await installation.add_bot()
    gone = await installation.add_ready(bot, "The library opens at nine in the morning.")
    stays = await installation.add_ready(bot, "Nobody may shout in the reading room.", "b.txt")
    pending = (await installation.ask("library morning shout reading", bot_id=bot.id)).answer
    writing = asyncio.create_task(installation.answer(pending))
    model.say("The library opens at nine in the morning [1][2]. ")
    model.say("Nobody may shout in the reading room [1][2]. ")
    await installation.wait_for(pending.id, "citation.added", 2)
    await installation.delete(gone)
    model.say(None)
    answer = await writing
    assert {citation.document_id for citation in answer.citations} == {stays.id}
    await assert_one_end(installation, answer)


@pytest.mark.parametrize(("policy", "expected"), [("mark", [False]), ("drop", [])])
async def test_the_bot_decides_what_becomes_of_unverified_citations(
    policy: str, expected: list[bool]
) -> None:
    installation = Installation(InMemoryChatModel(("Elephants weigh 6000 kilograms [1].",)))
    bot = await installation.add_bot(unverified_citations=policy)
    await installation.add_ready(bot, RULES)
    answer = await installation.answered("When?", bot_id=bot.id)
    assert [citation.verified for citation in answer.citations] == expected
    assert ("[1]" in answer.content) == bool(expected)


async def test_visitors_get_the_published_version_and_editors_the_draft() -> None:
    model = InMemoryChatModel()
    installation = Installation(model)
    bot = await installation.add_bot(system_prompt="Published.")
    await CreateVersion(installation.units, installation.clock)(installation.actor, bot.id)
    await PublishVersion(installation.units, installation.clock)(installation.actor, bot.id, 1)
    update = UpdateBot(installation.units, installation.models, installation.clock)
    await update(installation.actor, bot.id, configuration={"system_prompt": "Draft."})
    for draft, expected in ((False, "Published."), (True, "Draft.")):
        await installation.answer(
            (await installation.ask("When?", draft=draft, bot_id=bot.id)).answer
        )
        assert model.requests[-1].turns[0].text.startswith(expected)


async def test_a_chat_bot_talks_without_retrieval() -> None:
    model = InMemoryChatModel(("Hello [1].",))
    installation = Installation(model)
    bot = await installation.add_bot(agent_type="chat", system_prompt="Be kind.")
    await installation.add_ready(bot, RULES)
    answer = await installation.answered("Hello?", bot_id=bot.id)
    assert "retrieval.completed" not in await installation.kinds(answer.id)
    assert [turn.text for turn in model.requests[0].turns] == ["Be kind.", "Hello?"]
    assert answer.citations == ()


async def test_an_answer_without_the_embedder_is_marked_as_degraded() -> None:
    installation = Installation(InMemoryChatModel(ANSWER))
    bot = await installation.add_bot()
    await installation.add_ready(bot, RULES)
    installation.embedder.is_available = False
    answer = await installation.answered("When does the library open?", bot_id=bot.id)
    assert answer.degraded
    assert answer.status is MessageStatus.COMPLETED
    assert answer.citations != ()


@pytest.mark.parametrize(("setting", "is_on"), [(None, True), (True, True), (False, False)])
async def test_an_answer_draws_on_what_the_reranker_likes_and_tells_the_time(
    setting: bool | None, is_on: bool
) -> None:
    installation = Installation(InMemoryChatModel(ANSWER))
    reranker = InMemoryReranker()
    installation.reranking = Reranking(reranker, Gate(4))
    bot = await installation.add_bot(rerank=setting)
    await installation.add_ready(bot, RULES)
    answer = await installation.answered("When does the library open?", bot_id=bot.id)
    assert ("retrieval_rerank_ms" in answer.timings) is is_on
    assert [question for question, _ in reranker.asked] == ["When does the library open?"] * is_on
    reranker.is_available = False
    answer = await installation.answered("When does it close?", bot_id=bot.id)
    assert answer.degraded is is_on
    assert answer.status is MessageStatus.COMPLETED


async def test_an_ended_answer_is_not_written_again() -> None:
    model = InMemoryChatModel()
    installation = Installation(model)
    bot = await installation.add_bot()
    answer = await installation.answered("When?", bot_id=bot.id)
    events = await installation.events(answer.id)
    assert await installation.answer(answer) == answer
    assert await installation.events(answer.id) == events
    assert len(model.requests) == 1


async def test_an_unknown_message_is_not_found(installation: Installation) -> None:
    bot = await installation.add_bot()
    pending = (await installation.ask("When?", bot_id=bot.id)).answer
    with pytest.raises(NotFound):
        await installation.answer(replace(pending, id="msg_unknown"))


async def test_an_image_that_comes_in_pieces_never_gets_to_the_reader() -> None:
    script = (
        "The library opens at nine in the morning [1]",
        ". !",
        "[x](htt",
        "ps://evil.com/?d=",
        "s) [a",
        "](htt",
    )
    installation = Installation(InMemoryChatModel((*script, "p://evil.com/) <b>", " `co", "de`")))
    bot = await installation.add_bot()
    await installation.add_ready(bot, RULES)
    answer = await installation.answered("When does the library open?", bot_id=bot.id)
    assert answer.content == (
        "The library opens at nine in the morning [1]. x a (`evil.com/`) &lt;b> `code`"
    )
    assert [citation.verified for citation in answer.citations] == [True]
    await assert_one_end(installation, answer)
    assert await installation.said(answer.id) == answer.content


async def test_a_link_of_a_passage_stays_and_one_made_up_does_not() -> None:
    script = (
        "[Book](https://library.example/book?a=1) [now](https://library.example/book?a=secret)",
    )
    installation = Installation(InMemoryChatModel(script))
    bot = await installation.add_bot()
    await installation.add_ready(bot, "Book a place at https://library.example/book?a=1.")
    answer = await installation.answered("How do I book a place?", bot_id=bot.id)
    assert answer.content == (
        "[Book](https://library.example/book?a=1) now (`library.example/book`)"
    )


async def test_an_answer_that_fails_within_a_link_shows_what_was_sure() -> None:
    installation = Installation(
        InMemoryChatModel(("It opens ![x](http://evil.com", ModelUnavailable()))
    )
    bot = await installation.add_bot()
    answer = await installation.answered("When?", bot_id=bot.id)
    assert answer.content == "It opens ! [x] (`evil.com`"
    await assert_one_end(installation, answer)
