"""Calls under way, tokens a minute and tokens a day: what passes, who waits, who is sent away."""

import asyncio
from collections.abc import Sequence
from contextlib import aclosing, suppress

import pytest

from adapters.memory.chat_model import InMemoryChatModel, Script
from adapters.memory.clock import FakeClock
from adapters.memory.rate_limiter import InMemoryRateLimiter
from application.ports.chat_model import (
    ChatModel,
    ChatRequest,
    Delta,
    Finish,
    FinishReason,
    ModelRefused,
    ModelUnavailable,
    Usage,
)
from application.ports.rate_limiter import Charge, Limit, RateLimiterUnavailable, Verdict
from application.services.guards.budget import BudgetedChatModel
from application.services.guards.limits import LimitedChatModel, ModelLimits
from application.testing.chat_model import chat_request
from unit.installation import DictatedModel

ASKED = chat_request()  # about 40 tokens, and 500 that an answer is taken to have
DAY = Limit("model-tokens-day", 1000, 86_400)


def _cost(tokens: int) -> Script:
    return ("Nine.", Finish(FinishReason.STOP, Usage(tokens, 0)))


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def limiter(clock: FakeClock) -> InMemoryRateLimiter:
    return InMemoryRateLimiter(clock)


async def _ask(model: ChatModel, request: ChatRequest = ASKED) -> str:
    items = [item async for item in model.stream(request)]
    return "".join(item.text for item in items if isinstance(item, Delta))


async def _left(limiter: InMemoryRateLimiter) -> int:
    return (await limiter.peek(DAY, "installation")).remaining


async def test_one_more_than_may_be_under_way_waits_for_a_place(
    limiter: InMemoryRateLimiter,
) -> None:
    dictated = DictatedModel()
    model = LimitedChatModel(dictated, "p", limiter, ModelLimits(concurrency=1, patience=5))
    first = asyncio.create_task(_ask(model))
    await dictated.asked.wait()
    dictated.asked.clear()
    second = asyncio.create_task(_ask(model))
    await asyncio.sleep(0.01)
    assert not dictated.asked.is_set()
    dictated.say("one", None, "two", None)
    assert [await first, await second] == ["one", "two"]


async def test_who_waits_in_vain_is_refused_and_his_place_is_nobodys(
    limiter: InMemoryRateLimiter,
) -> None:
    dictated = DictatedModel()
    model = LimitedChatModel(dictated, "p", limiter, ModelLimits(concurrency=1, patience=0.01))
    first = asyncio.create_task(_ask(model))
    await dictated.asked.wait()
    with pytest.raises(ModelRefused) as refused:
        await _ask(model)
    assert refused.value.code == "model_rate_limited"
    assert refused.value.retry_after > 0
    dictated.say("one", None, "two", None)
    assert [await first, await _ask(model)] == ["one", "two"]


async def test_each_model_has_places_of_its_own(limiter: InMemoryRateLimiter) -> None:
    dictated = DictatedModel()
    model = LimitedChatModel(dictated, "p", limiter, ModelLimits(concurrency=1, patience=0.01))
    first = asyncio.create_task(_ask(model))
    await dictated.asked.wait()
    other = asyncio.create_task(_ask(model, chat_request(model="another")))
    dictated.say("one", None)
    dictated.say("one", None)
    assert [await first, await other] == ["one", "one"]


@pytest.mark.parametrize("script", [("a", "b"), (ModelUnavailable(),), ("a", ModelRefused())])
async def test_a_place_is_free_again_however_a_call_ends(
    limiter: InMemoryRateLimiter, script: Script
) -> None:
    model = LimitedChatModel(
        InMemoryChatModel(script), "p", limiter, ModelLimits(concurrency=1, patience=0.01)
    )
    try:
        async with aclosing(model.stream(ASKED)) as items:
            await anext(items)
    except (ModelUnavailable, ModelRefused):
        pass
    assert await _ask(model)


async def test_tokens_of_the_minute_are_those_that_were_used(
    limiter: InMemoryRateLimiter, clock: FakeClock
) -> None:
    model = LimitedChatModel(
        InMemoryChatModel(_cost(60), _cost(960), default=_cost(1)),
        "p",
        limiter,
        ModelLimits(tokens_per_minute=1000),
    )
    assert await _ask(model)  # leaves 940: with the 540 that were taken for it, there were 460
    clock.advance(20)
    assert await _ask(model)
    with pytest.raises(ModelRefused) as refused:
        await _ask(model)
    assert (refused.value.code, refused.value.retry_after) == ("model_rate_limited", 40)
    assert await _ask(model, chat_request(model="another"))
    clock.advance(40)
    assert await _ask(model)


async def test_what_is_under_way_counts_before_it_has_ended(limiter: InMemoryRateLimiter) -> None:
    dictated = DictatedModel()
    model = LimitedChatModel(dictated, "p", limiter, ModelLimits(tokens_per_minute=1000))
    first = asyncio.create_task(_ask(model))
    await dictated.asked.wait()
    with pytest.raises(ModelRefused):
        await _ask(model)
    dictated.say("one", None)
    await first


async def test_a_call_larger_than_the_limit_passes_where_nothing_else_was_taken(
    limiter: InMemoryRateLimiter,
) -> None:
    model = BudgetedChatModel(InMemoryChatModel(default=_cost(10)), limiter, 20)
    assert await _ask(model)
    with pytest.raises(ModelRefused):
        await _ask(model)


@pytest.mark.parametrize(
    ("script", "left"),
    [
        (_cost(300), 700),
        (_cost(5000), 0),
        ((ModelUnavailable(),), 1000),
        ((ModelRefused(),), 1000),
        (("word " * 40, ModelUnavailable()), 900),  # nobody counted: the prompt and 50 more
    ],
)
async def test_the_budget_pays_what_came_of_a_call(
    limiter: InMemoryRateLimiter, script: Script, left: int
) -> None:
    model = BudgetedChatModel(InMemoryChatModel(script), limiter, 1000)
    with suppress(ModelUnavailable, ModelRefused):
        await _ask(model)
    assert await _left(limiter) == pytest.approx(left, abs=20)


async def test_a_reader_who_goes_pays_for_what_he_read(limiter: InMemoryRateLimiter) -> None:
    model = BudgetedChatModel(InMemoryChatModel(["word " * 40, "more"]), limiter, 1000)
    async with aclosing(model.stream(ASKED)) as items:
        await anext(items)
    assert 880 < await _left(limiter) < 960


async def test_a_spent_budget_is_refused_until_its_day_is_over(
    limiter: InMemoryRateLimiter, clock: FakeClock
) -> None:
    spent = InMemoryChatModel(_cost(990), default=_cost(1))
    first = BudgetedChatModel(spent, limiter, 1000)
    other = BudgetedChatModel(spent, limiter, 1000)  # another provider, on the same budget
    assert await _ask(first)
    clock.advance(3600)
    with pytest.raises(ModelRefused) as refused:
        await _ask(other)
    assert (refused.value.code, refused.value.retry_after) == ("model_quota_exceeded", 82_800)
    assert len(spent.requests) == 1
    clock.advance(82_800)
    assert await _ask(other)


async def test_calls_pass_where_the_count_is_out() -> None:
    class Out(InMemoryRateLimiter):
        async def hit_all(self, charges: Sequence[Charge]) -> Sequence[Verdict]:
            raise RateLimiterUnavailable

    model = BudgetedChatModel(InMemoryChatModel(), Out(FakeClock()), 1)
    assert await _ask(model)
    assert await _ask(model)
