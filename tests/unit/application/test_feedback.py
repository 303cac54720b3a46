"""What people say of answers: the last word counts, and only finished answers can be rated."""

from dataclasses import replace

import pytest

from adapters.memory.feedback import InMemoryFeedbackQueries
from application.use_cases.feedback import GiveFeedback, WithdrawFeedback
from domain.conversations import Message
from domain.errors import Conflict, InvalidInput, NotFound
from domain.feedback import COMMENT_MAX, REASON_MAX, Feedback, Rating
from unit.installation import Installation


def _give(on: Installation) -> GiveFeedback:
    return GiveFeedback(on.units, on.clock)


async def _answer(on: Installation) -> Message:
    bot = await on.add_bot()
    return await on.answered("Hello?", bot_id=bot.id)


async def _said(on: Installation, message: Message, actor_id: str) -> Feedback | None:
    reads = InMemoryFeedbackQueries(on.state)
    given = await reads.given(on.actor.tenant_id, actor_id, [message.id])
    return given.get(message.id)


async def test_feedback_is_kept_without_outer_spaces(installation: Installation) -> None:
    on, answer = installation, await _answer(installation)
    given = await _give(on)(on.actor, answer.id, Rating.DOWN, " ", "  Too long.\n")
    assert (given.rating, given.reason, given.comment) == (Rating.DOWN, None, "Too long.")
    assert given.conversation_id == answer.conversation_id
    assert await _said(on, answer, on.actor.id) == given


async def test_the_last_word_counts_and_the_same_again_changes_nothing(
    installation: Installation,
) -> None:
    on, answer = installation, await _answer(installation)
    first = await _give(on)(on.actor, answer.id, Rating.DOWN, "wrong_source")
    on.clock.advance(60)
    assert await _give(on)(on.actor, answer.id, Rating.DOWN, "wrong_source ") == first
    second = await _give(on)(on.actor, answer.id, Rating.UP)
    assert second.created_at == first.created_at < second.updated_at
    assert second.reason is None
    assert await _said(on, answer, on.actor.id) == second


async def test_a_key_speaks_for_itself_and_each_takes_back_its_own(
    installation: Installation,
) -> None:
    on, answer = installation, await _answer(installation)
    key = replace(on.actor, key_id=on.clock.new_id("key"))
    await _give(on)(on.actor, answer.id, Rating.UP)
    await _give(on)(key, answer.id, Rating.DOWN)
    for _ in range(2):  # the second time there is nothing to take back
        await WithdrawFeedback(on.units)(on.actor, answer.id)
    left = await _said(on, answer, key.id)
    assert await _said(on, answer, on.actor.id) is None
    assert left is not None
    assert left.rating is Rating.DOWN


async def test_only_a_finished_answer_can_be_rated(installation: Installation) -> None:
    on = installation
    bot = await on.add_bot()
    pending = (await on.ask("Hello?", bot_id=bot.id)).answer
    for message_id in (pending.id, pending.parent_id or ""):
        with pytest.raises(Conflict):
            await _give(on)(on.actor, message_id, Rating.UP)
    assert await _said(on, pending, on.actor.id) is None


async def test_what_is_not_there_or_too_long_is_refused(installation: Installation) -> None:
    on, answer = installation, await _answer(installation)
    stranger = replace(on.actor, tenant_id=on.clock.new_id("ws"))
    with pytest.raises(NotFound):
        await _give(on)(stranger, answer.id, Rating.UP)
    with pytest.raises(NotFound):
        await WithdrawFeedback(on.units)(stranger, answer.id)
    for texts, pointer in (
        (("x" * (REASON_MAX + 1), None), "/reason"),
        ((None, "x" * (COMMENT_MAX + 1)), "/comment"),
        ((None, "a\x00b"), "/comment"),
    ):
        with pytest.raises(InvalidInput) as refused:
            await _give(on)(on.actor, answer.id, Rating.UP, *texts)
        assert refused.value.pointer == pointer
