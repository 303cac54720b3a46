"""The second look: the order of the reranker, and what happens where there is none in time."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.memory.reranker import InMemoryReranker
from application.ports.reranker import Reranker, RerankerUnavailable
from application.services.guards.breaker import Breaker
from application.services.guards.gate import Gate
from application.services.guards.reranker import GuardedReranker
from application.services.reranking import Reranking
from application.services.retriever import Retrieval
from application.use_cases.search_bot import SearchBot
from domain.bots import Bot
from domain.documents import Document
from unit.installation import Installation

QUESTION = "library opens morning library"
TEXTS = {
    "a": "The library, the library, the library: a song about the library and nothing else.",
    "b": "In the morning the baker opens.",
    "c": "The library opens in the morning, at nine.",
    "d": "Sandwiches are eaten in the garden.",
}
VERDICT = {"a": 0.1, "b": 0.9, "c": 0.4, "d": 0.1}


class Judge(Reranker):
    """Scores by the verdict on each text, once it `may_answer`."""

    def __init__(self, verdict: dict[str, float] | None = None) -> None:
        self.verdict = verdict or VERDICT
        self.asked: list[list[str]] = []
        self.entered = asyncio.Event()
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def rerank(self, question: str, passages: Sequence[str]) -> list[float]:
        self.asked.append(list(passages))
        self.entered.set()
        await self.may_answer.wait()
        names = {text: name for name, text in TEXTS.items()}
        return [self.verdict.get(names.get(text, ""), 0.0) for text in passages]


async def _library(installation: Installation) -> tuple[Bot, dict[str, Document]]:
    bot = await installation.add_bot()
    return bot, {
        name: await installation.add_ready(bot, text, name) for name, text in TEXTS.items()
    }


async def _search(
    installation: Installation, bot: Bot, *, k: int = 5, rerank: bool | None = None
) -> Retrieval:
    return await installation.retriever(bot.tenant_id, bot.id, QUESTION, k=k, rerank=rerank)


def _order(found: Retrieval) -> list[str]:
    names = {text: name for name, text in TEXTS.items()}
    return [names[hit.passage.text] for hit in found.passages]


async def test_what_is_judged_better_goes_before_and_equals_keep_the_order_of_the_fusion(
    installation: Installation,
) -> None:
    bot, _ = await _library(installation)
    before = await _search(installation, bot)
    fused = _order(before)
    assert fused[0] == "c"
    assert all(hit.scores.rerank is None for hit in before.passages)
    assert "rerank_ms" not in before.timings
    installation.reranking = Reranking(Judge(), Gate(4))
    found = await _search(installation, bot)
    last_two = [name for name in fused if name in "ad"]
    assert _order(found) == ["b", "c", *last_two]
    assert [hit.scores.rerank for hit in found.passages] == [0.9, 0.4, 0.1, 0.1]
    scores = [hit.score for hit in found.passages]
    assert scores == sorted(scores, reverse=True)
    assert found.passages[0].scores.vector is not None
    assert found.timings["rerank_ms"] >= 0
    assert not found.degraded


async def test_what_is_wanted_is_chosen_from_more_than_is_wanted(
    installation: Installation,
) -> None:
    bot, _ = await _library(installation)
    installation.reranking = Reranking(Judge(), Gate(4))
    assert _order(await _search(installation, bot, k=1)) == ["b"]


async def test_what_was_not_judged_stands_below_in_its_order(installation: Installation) -> None:
    bot, _ = await _library(installation)
    fused = _order(await _search(installation, bot))
    judge = Judge(dict.fromkeys(TEXTS, 0.0) | {fused[1]: 1.0})
    installation.reranking = Reranking(judge, Gate(4), candidates=2)
    found = await _search(installation, bot)
    assert _order(found) == [fused[1], fused[0], *fused[2:]]
    assert [len(passages) for passages in judge.asked] == [2]
    scores = [hit.score for hit in found.passages]
    assert scores == sorted(scores, reverse=True)
    assert [hit.scores.rerank for hit in found.passages] == [1.0, 0.0, None, None]


async def test_no_more_are_judged_than_a_call_may_hold(installation: Installation) -> None:
    bot, _ = await _library(installation)
    judge = Judge()
    judge.most = 3
    installation.reranking = Reranking(judge, Gate(4))
    await _search(installation, bot)
    assert [len(passages) for passages in judge.asked] == [3]


async def test_a_bot_can_do_without(installation: Installation) -> None:
    judge = Judge()
    installation.reranking = Reranking(judge, Gate(4))
    search = SearchBot(installation.bot_queries, installation.retriever)
    for setting, times in ((False, 0), (None, 1), (True, 1)):
        judge.asked.clear()
        bot = await installation.add_bot(rerank=setting)
        await installation.add_ready(bot, TEXTS["c"], "c")
        found = await search(installation.actor, bot.id, QUESTION)
        assert _order(found) == ["c"]
        assert len(judge.asked) == times
        assert ("rerank_ms" in found.timings) == bool(times)


class Ill(Reranker):
    """Does not do what the port says, in the way that it is told."""

    def __init__(self, scores: list[float] | Exception | None) -> None:
        self._scores = scores

    async def rerank(self, question: str, passages: Sequence[str]) -> list[float]:
        if isinstance(self._scores, Exception):
            raise self._scores
        if self._scores is None:
            await asyncio.sleep(60)
        return list(self._scores or ())


@pytest.mark.parametrize(
    "scores",
    [
        RerankerUnavailable(),
        None,
        [],
        [0.1] * 3,
        [0.1] * 5,
        [0.1, 0.2, 0.3, 1.01],
        [-0.1, 0.2, 0.3, 0.4],
        [float("nan"), 0.2, 0.3, 0.4],
    ],
)
async def test_a_reranker_that_is_out_late_or_odd_leaves_the_fused_order_and_a_mark(
    installation: Installation, scores: list[float] | Exception | None
) -> None:
    bot, _ = await _library(installation)
    fused = _order(await _search(installation, bot))
    breaker = Breaker(installation.clock, lambda: 0.5)
    guarded = GuardedReranker(Ill(scores), breaker, seconds=0.02)
    installation.reranking = Reranking(guarded, Gate(4))
    found = await _search(installation, bot)
    assert _order(found) == fused
    assert found.degraded
    assert "rerank_ms" in found.timings
    assert all(hit.scores.rerank is None for hit in found.passages)


@pytest.mark.parametrize("is_late", [False, True])
async def test_what_is_deleted_while_the_reranker_reads_is_not_answered(
    installation: Installation, is_late: bool
) -> None:
    bot, documents = await _library(installation)
    judge = Judge()
    judge.may_answer.clear()
    breaker = Breaker(installation.clock, lambda: 0.5)
    seconds = 0.05 if is_late else 5
    installation.reranking = Reranking(GuardedReranker(judge, breaker, seconds=seconds), Gate(4))
    search = asyncio.create_task(_search(installation, bot, k=3))
    await judge.entered.wait()
    await installation.delete(documents["b"])
    if not is_late:
        judge.may_answer.set()
    found = await search
    assert found.degraded is is_late
    assert set(_order(found)) == {"a", "c", "d"}


async def test_who_waits_for_the_reranker_keeps_nobody_from_searching(
    installation: Installation,
) -> None:
    bot, _ = await _library(installation)
    judge = Judge()
    judge.may_answer.clear()
    installation.reranking = Reranking(judge, Gate(64))
    retriever = installation.retriever  # with room for 16, for 8 of one workspace
    waiting = [
        asyncio.create_task(retriever(bot.tenant_id, bot.id, QUESTION, k=1)) for _ in range(20)
    ]
    await judge.entered.wait()
    async with asyncio.timeout(2):
        found = await retriever(bot.tenant_id, bot.id, QUESTION, k=1, rerank=False)
    assert _order(found) == ["c"]
    judge.may_answer.set()
    assert {tuple(_order(each)) for each in await asyncio.gather(*waiting)} == {("b",)}


async def test_where_there_is_no_room_the_order_stays(
    installation: Installation,
) -> None:
    bot, _ = await _library(installation)
    gate = Gate(1)
    installation.reranking = Reranking(Judge(), gate, patience_seconds=0.01)
    async with gate.enter("ws_other", patience=1):
        found = await _search(installation, bot)
    assert found.degraded
    assert _order(found)[0] == "c"
    assert _order(await _search(installation, bot))[0] == "b"


async def test_languages_that_the_reranker_does_not_know_are_left_to_the_fusion(
    installation: Installation,
) -> None:
    bot, _ = await _library(installation)
    judge = Judge()
    judge.languages = frozenset({"de"})
    installation.reranking = Reranking(judge, Gate(4), candidates=1)
    found = await _search(installation, bot, k=2)
    assert _order(found)[0] == "c"
    assert len(found.passages) == 2
    assert judge.asked == []
    assert not found.degraded
    assert "rerank_ms" not in found.timings
    assert len((await _search(installation, bot, k=4)).passages) == 4
    judge.languages = frozenset({"de", "en"})
    installation.reranking = Reranking(judge, Gate(4))
    assert _order(await _search(installation, bot))[0] == "b"


async def test_nothing_found_asks_nobody(installation: Installation) -> None:
    bot = await installation.add_bot()
    reranker = InMemoryReranker()
    installation.reranking = Reranking(reranker, Gate(4))
    assert (await _search(installation, bot)).passages == []
    assert reranker.asked == []
