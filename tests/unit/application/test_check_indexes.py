"""An embedder or a store that does not fit the vectors there are is refused, with what to do."""

import pytest

from adapters.memory.embedder import InMemoryEmbedder
from adapters.memory.index_census import InMemoryIndexCensus
from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.embedder import Embedder
from application.ports.vector_index import VectorIndex
from application.use_cases.bots import DeleteBot
from application.use_cases.check_indexes import CheckIndexes
from domain.errors import Conflict, DependencyUnavailable
from unit.installation import Installation


class OtherEmbedder(InMemoryEmbedder):
    """Another space."""

    @property
    def space(self) -> str:
        return "other/64"


class OtherStore(InMemoryVectorIndex):
    """Another kind of store."""

    kind = "elsewhere"


def check(
    installation: Installation, embedder: Embedder | None = None, vectors: VectorIndex | None = None
) -> CheckIndexes:
    return CheckIndexes(
        InMemoryIndexCensus(installation.state),
        embedder or installation.embedder,
        vectors or installation.vectors,
        installation.clock,
    )


async def test_the_same_embedder_and_store_may_go_on(installation: Installation) -> None:
    bot = await installation.add_bot()
    await installation.add_ready(bot, "Engines are quiet.")
    await check(installation)()


async def test_bots_without_documents_go_over_to_what_is_chosen(installation: Installation) -> None:
    bot = await installation.add_bot()
    await check(installation, OtherEmbedder(), OtherStore())()
    moved = await installation.bot_queries.generation(bot.tenant_id, bot.id)
    assert (moved.space, moved.store) == ("other/64", "elsewhere")


async def test_another_embedder_is_refused_where_there_are_documents(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    await installation.add_ready(bot, "Engines are quiet.")
    with pytest.raises(Conflict) as raised:
        await check(installation, OtherEmbedder())()
    assert raised.value.code == "embedder_changed"
    assert "1 bot" in raised.value.detail
    assert installation.embedder.space in raised.value.detail
    assert "Set CHATSPHERE_EMBEDDER" in raised.value.detail


async def test_another_store_is_refused_where_there_are_documents(
    installation: Installation,
) -> None:
    for _ in range(2):
        await installation.add_ready(await installation.add_bot(), "Engines are quiet.")
    with pytest.raises(Conflict) as raised:
        await check(installation, vectors=OtherStore())()
    assert raised.value.code == "vector_index_changed"
    assert "2 bots" in raised.value.detail
    assert "Set CHATSPHERE_VECTOR_INDEX" in raised.value.detail


async def test_a_deleted_bot_is_in_nobodys_way_once_its_vectors_are_gone(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    await installation.add_ready(bot, "Engines are quiet.")
    await DeleteBot(installation.units, installation.clock)(installation.actor, bot.id)
    with pytest.raises(Conflict):
        await check(installation, vectors=OtherStore())()  # it would be purged there
    await installation.work()
    await check(installation, vectors=OtherStore())()


async def test_a_search_in_another_store_finds_nothing_and_says_why(
    installation: Installation,
) -> None:
    bot = await installation.add_bot()
    await installation.add_ready(bot, "Engines are quiet.")
    installation.vectors = OtherStore()
    with pytest.raises(DependencyUnavailable) as raised:
        await installation.retriever(bot.tenant_id, bot.id, "quiet?", k=3, mode="vector")
    assert raised.value.code == "vector_index_changed"


async def test_a_document_is_not_written_into_another_store(installation: Installation) -> None:
    bot = await installation.add_bot()
    await installation.add_ready(bot, "Engines are quiet.")
    installation.vectors = OtherStore()
    failed = await installation.add_ready(bot, "Engines are loud.")
    assert failed.error is not None
    assert failed.error.code == "vector_index_changed"
