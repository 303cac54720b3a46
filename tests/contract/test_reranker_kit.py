"""The contract kit of rerankers: broken ones fail it, and one that keeps its word passes."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress

import pytest

from adapters.memory.reranker import InMemoryReranker
from application.ports.reranker import Reranker, RerankerUnavailable
from application.testing.reranker import ANSWER, DEMANDS, RerankerContract

KIT = RerankerContract()
Test = Callable[[Reranker], Awaitable[None]]
Spoil = Callable[[str, Sequence[str], list[float]], Sequence[float]]


class Spoilt(InMemoryReranker):
    """Judges well, and then hands out what `spoil` makes of it."""

    def __init__(self, spoil: Spoil) -> None:
        super().__init__()
        self._spoil = spoil

    async def rerank(self, question: str, passages: Sequence[str]) -> list[float]:
        scores = await super().rerank(question, passages)
        return list(self._spoil(question, passages, scores))


async def caught(test: Awaitable[None]) -> bool:
    """Tell whether the kit's test fails."""
    with suppress(AssertionError, LookupError, ValueError, TypeError, pytest.fail.Exception):
        await test
        return False
    return True


@pytest.mark.parametrize(
    ("test", "spoil"),
    [
        (KIT.test_the_passage_that_answers_is_best_wherever_it_stands, lambda _, __, s: s[::-1]),
        (
            KIT.test_the_passage_that_answers_is_best_wherever_it_stands,
            lambda _, __, s: sorted(s, reverse=True),
        ),
        (
            KIT.test_what_is_far_off_is_judged_worse_than_what_is_near,
            lambda _, __, s: [1 - each for each in s],
        ),
        (
            KIT.test_what_is_far_off_is_judged_worse_than_what_is_near,
            lambda _, __, s: [1.0] * len(s),
        ),
        (KIT.test_each_passage_has_a_score_from_0_to_1, lambda _, __, s: [20 * x - 9 for x in s]),
        (KIT.test_each_passage_has_a_score_from_0_to_1, lambda _, p, s: [float("nan")] * len(p)),
        (KIT.test_each_passage_has_a_score_from_0_to_1, lambda _, p, s: s[: len(set(p))]),
        (KIT.test_no_passages_have_no_scores, lambda _, __, s: s or [0.0]),
        (KIT.test_one_passage_has_one_score, lambda _, __, s: s[1:]),
        (KIT.test_as_many_passages_as_it_takes_are_judged, lambda _, __, s: s[:20]),
        (
            KIT.test_long_passages_are_judged,
            lambda _, p, s: [0.0 if len(text) > 1_000 else x for text, x in zip(p, s, strict=True)],
        ),
        (KIT.test_any_question_can_be_asked, lambda q, _, s: s if len(q) < 1_000 else []),
    ],
)
async def test_scores_that_do_not_fit_are_caught(test: Test, spoil: Spoil) -> None:
    await test(Spoilt(lambda _, __, scores: scores))
    assert await caught(test(Spoilt(spoil)))


@pytest.mark.parametrize("demand", DEMANDS)
async def test_a_reranker_that_obeys_its_passages_is_caught(demand: str) -> None:
    def obey(_: str, passages: Sequence[str], scores: list[float]) -> list[float]:
        return [1.0 if demand[:20] in text else s for text, s in zip(passages, scores, strict=True)]

    test = KIT.test_a_passage_that_demands_a_score_is_not_lifted
    await test(InMemoryReranker(), demand)
    assert await caught(test(Spoilt(obey), demand))


class Muddled(InMemoryReranker):
    """Answers the question that came last."""

    latest: Sequence[str] = ()

    async def rerank(self, question: str, passages: Sequence[str]) -> list[float]:
        self.latest = passages
        await asyncio.sleep(0)
        return await super().rerank(question, self.latest)


async def test_calls_that_mix_are_caught() -> None:
    assert await caught(KIT.test_calls_at_the_same_time_do_not_mix(Muddled()))


class Stuck(InMemoryReranker):
    """Is of no use once a call was cancelled."""

    async def rerank(self, question: str, passages: Sequence[str]) -> list[float]:
        try:
            await asyncio.sleep(0.001)
        except asyncio.CancelledError:
            self.is_available = False
            raise
        return await super().rerank(question, passages)


async def test_a_reranker_that_does_not_bear_a_cancellation_is_caught() -> None:
    with pytest.raises(RerankerUnavailable):
        await KIT.test_a_cancelled_call_leaves_it_usable(Stuck())


class Rude(InMemoryReranker):
    """Fails by another error's name, or hides its failure behind a score."""

    failure: Exception | None = None

    async def rerank(self, question: str, passages: Sequence[str]) -> list[float]:
        failure, self.failure = self.failure, None
        if isinstance(failure, RerankerUnavailable):
            return [0.5 for _ in passages]
        if failure:
            raise failure
        return await super().rerank(question, passages)


@pytest.mark.parametrize("failure", [ValueError("no JSON"), RerankerUnavailable()])
async def test_failures_that_are_raw_or_hidden_are_caught(failure: Exception) -> None:
    reranker = Rude()
    outages = {"down": lambda: setattr(reranker, "failure", failure)}
    assert await caught(KIT.test_an_outage_has_one_name_and_passes(reranker, outages))
    assert await reranker.rerank("password", [ANSWER]) == [1.0]
