"""Retrieval: what is found, in what order, and what never comes back."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.memory.embedder import InMemoryEmbedder
from adapters.memory.keyword_index import InMemoryKeywordIndex
from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.embedder import Vector
from application.ports.keyword_index import KeywordScope
from application.ports.vector_index import Hit, Namespace, VectorIndexUnavailable
from application.services.guards.gate import Gate
from application.services.retriever import Retrieval, Retriever, SearchFilter
from application.use_cases.search_bot import SearchBot
from domain.bots import Bot
from domain.documents import Document
from domain.errors import DependencyUnavailable, InvalidInput, NotFound, Overloaded
from unit.installation import Installation

HOURS = "The library opens at nine in the morning and closes at six in the evening."
QUIET = "Nobody may shout in the reading room, for others want to read."
FOOD = "Sandwiches are eaten in the garden and nowhere else."


class VectorIndexThatIsOut(InMemoryVectorIndex):
    """Answers no search."""

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        raise VectorIndexUnavailable


class KeywordIndexThatIsOut(InMemoryKeywordIndex):
    """Answers nothing."""

    async def languages(self, scope: KeywordScope) -> frozenset[str]:
        raise DependencyUnavailable

    async def search(
        self,
        scope: KeywordScope,
        terms: Sequence[str],
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        raise DependencyUnavailable


async def _library(installation: Installation) -> tuple[Bot, list[Document]]:
    bot = await installation.add_bot()
    texts = {"hours.txt": HOURS, "quiet.txt": QUIET, "food.txt": FOOD}
    documents = [
        await installation.add_ready(bot, text, name, topic=name.split(".")[0])
        for name, text in texts.items()
    ]
    return bot, documents


async def _search(
    installation: Installation,
    bot: Bot,
    question: str,
    *,
    k: int = 5,
    mode: str = "hybrid",
    where: SearchFilter | None = None,
) -> Retrieval:
    return await installation.retriever(
        bot.tenant_id, bot.id, question, k=k, mode=mode, where=where
    )


@pytest.mark.parametrize("mode", ["hybrid", "vector", "keyword"])
async def test_the_best_passage_comes_first(installation: Installation, mode: str) -> None:
    bot, [hours, *_] = await _library(installation)
    found = await _search(installation, bot, "library opens nine morning", mode=mode)
    assert found.passages[0].passage.document_id == hours.id
    assert not found.degraded
    scores = [hit.score for hit in found.passages]
    assert scores == sorted(scores, reverse=True)
    parts = found.passages[0].scores
    assert (parts.vector is not None) == (mode != "keyword")
    assert (parts.keyword is not None) == (mode != "vector")
    assert ("vector_ms" in found.timings) == (mode != "keyword")
    assert "total_ms" in found.timings


async def test_no_more_passages_come_than_were_asked_for(installation: Installation) -> None:
    bot, _ = await _library(installation)
    assert len((await _search(installation, bot, "the library garden room", k=2)).passages) == 2


async def test_words_that_stand_nowhere_find_nothing(installation: Installation) -> None:
    bot, _ = await _library(installation)
    for question in ("xyzzy", "?!"):
        found = await _search(installation, bot, question, mode="keyword")
        assert found.passages == []
        assert not found.degraded


async def test_one_part_that_is_out_leaves_the_other_and_a_mark(
    installation: Installation,
) -> None:
    bot, [hours, *_] = await _library(installation)
    working = installation.vectors, installation.keywords
    for vectors, keywords, is_embedding in (
        (VectorIndexThatIsOut(), working[1], True),
        (working[0], KeywordIndexThatIsOut(installation.state.postings), True),
        (working[0], working[1], False),
    ):
        installation.vectors, installation.keywords = vectors, keywords
        installation.embedder.is_available = is_embedding
        found = await _search(installation, bot, "library opens nine morning")
        assert found.degraded
        assert found.passages[0].passage.document_id == hours.id


async def test_an_index_of_another_embedder_is_not_asked(installation: Installation) -> None:
    bot, _ = await _library(installation)
    installation.embedder = InMemoryEmbedder(dimensions=32)
    assert (await _search(installation, bot, "library")).degraded
    with pytest.raises(DependencyUnavailable) as caught:
        await _search(installation, bot, "library", mode="vector")
    assert caught.value.code == "embedder_changed"


@pytest.mark.parametrize("mode", ["hybrid", "vector", "keyword"])
async def test_where_nothing_is_left_the_search_fails(
    installation: Installation, mode: str
) -> None:
    bot, _ = await _library(installation)
    if mode != "keyword":
        installation.vectors = VectorIndexThatIsOut()
    if mode != "vector":
        installation.keywords = KeywordIndexThatIsOut(installation.state.postings)
    with pytest.raises(DependencyUnavailable):
        await _search(installation, bot, "library", mode=mode)


async def test_one_mode_does_not_need_the_other_part(installation: Installation) -> None:
    bot, [hours, *_] = await _library(installation)
    keywords = installation.keywords
    installation.keywords = KeywordIndexThatIsOut(installation.state.postings)
    found = await _search(installation, bot, "library opens nine", mode="vector")
    assert (found.degraded, found.passages[0].passage.document_id) == (False, hours.id)
    installation.keywords, installation.vectors = keywords, VectorIndexThatIsOut()
    found = await _search(installation, bot, "library opens nine", mode="keyword")
    assert (found.degraded, found.passages[0].passage.document_id) == (False, hours.id)


async def test_a_deleted_document_never_comes_back_although_the_index_has_it(
    installation: Installation,
) -> None:
    bot, [hours, *others] = await _library(installation)
    await installation.delete(hours)
    assert await installation.vector_count(bot, hours) == 1
    for mode in ("hybrid", "vector", "keyword"):
        found = await _search(installation, bot, "library opens nine morning", mode=mode)
        assert hours.id not in {hit.passage.document_id for hit in found.passages}
    found = await _search(installation, bot, "library opens nine morning", k=2)
    assert {hit.passage.document_id for hit in found.passages} == {d.id for d in others}


async def test_many_deleted_passages_do_not_crowd_out_those_that_stand(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    doomed = [
        await installation.add_ready(bot, f"library library library {n}", f"{n}.txt")
        for n in range(40)
    ]
    stays = await installation.add_ready(bot, "the library among other things", "stays.txt")
    for document in doomed:
        await installation.delete(document)
    found = await _search(installation, bot, "library", k=1)
    assert [hit.passage.document_id for hit in found.passages] == [stays.id]


async def test_a_filter_narrows_the_search(installation: Installation) -> None:
    bot, [hours, quiet, food] = await _library(installation)
    question = "library reading garden"
    for where, expected in (
        (SearchFilter(), {hours.id, quiet.id, food.id}),
        (SearchFilter([hours.id, food.id]), {hours.id, food.id}),
        (SearchFilter(metadata={"topic": "quiet"}), {quiet.id}),
        (SearchFilter([hours.id], {"topic": "quiet"}), set()),
        (SearchFilter([]), set()),
        (SearchFilter(["doc_unknown"]), set()),
    ):
        found = await _search(installation, bot, question, where=where)
        assert {hit.passage.document_id for hit in found.passages} == expected


async def test_bots_and_tenants_do_not_see_each_others_passages(
    installation: Installation,
) -> None:
    bot, _ = await _library(installation)
    other = await installation.add_bot()
    assert (await _search(installation, other, "library")).passages == []
    with pytest.raises(NotFound):
        await installation.retriever("ws_2", bot.id, "library", k=5)


async def test_a_search_follows_the_bots_settings_unless_told_otherwise(
    installation: Installation,
) -> None:
    bot = await installation.add_bot(retriever_k=2, retrieval_mode="keyword")
    for name, text in {"a": HOURS, "b": QUIET, "c": FOOD}.items():
        await installation.add_ready(bot, text, name)
    search = SearchBot(installation.bot_queries, installation.retriever)
    found = await search(installation.actor, bot.id, " the in and ")
    assert len(found.passages) == 2
    assert found.passages[0].scores.vector is None
    found = await search(installation.actor, bot.id, "the in and", k=3, mode="hybrid")
    assert len(found.passages) == 3
    assert found.passages[0].scores.vector is not None


@pytest.mark.parametrize("query", ["", "  ", "x" * 4001, "a\x00b"])
async def test_a_query_has_bounds(installation: Installation, query: str) -> None:
    bot = await installation.add_bot()
    with pytest.raises(InvalidInput):
        await SearchBot(installation.bot_queries, installation.retriever)(
            installation.actor, bot.id, query
        )


class VectorIndexThatHangs(InMemoryVectorIndex):
    """Answers no search, ever."""

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        await asyncio.sleep(60)
        return []


def _retriever(
    installation: Installation, vectors: InMemoryVectorIndex, gate: Gate, budget: float
) -> Retriever:
    return Retriever(
        installation.embedder,
        vectors,
        installation.keywords,
        installation.analyzer,
        installation.bot_queries,
        installation.document_queries,
        installation.clock,
        gate,
        budget,
    )


async def test_a_part_that_hangs_is_left_out_in_time_and_alone_fails_the_search(
    installation: Installation,
) -> None:
    bot, _ = await _library(installation)
    tenant = installation.actor.tenant_id
    retriever = _retriever(installation, VectorIndexThatHangs(), Gate(4), 0.05)
    found = await retriever(tenant, bot.id, "sandwiches", k=3)
    assert found.degraded
    assert found.passages
    with pytest.raises(DependencyUnavailable) as late:
        await retriever(tenant, bot.id, "sandwiches", k=3, mode="vector")
    assert late.value.code == "search_timeout"


async def test_a_search_that_finds_no_room_is_told_so_after_its_patience(
    installation: Installation,
) -> None:
    bot, _ = await _library(installation)
    tenant, gate = installation.actor.tenant_id, Gate(1)
    retriever = _retriever(installation, installation.vectors, gate, 5.0)
    async with gate.enter("ws_other", patience=1):
        with pytest.raises(Overloaded):
            await retriever(tenant, bot.id, "sandwiches", k=3, patience=0.01)
    assert (await retriever(tenant, bot.id, "sandwiches", k=3, patience=0.01)).passages
