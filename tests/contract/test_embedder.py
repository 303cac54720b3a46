"""The in-memory embedder keeps the contract that the real ones keep."""

import pytest

from adapters.memory.embedder import InMemoryEmbedder
from application.ports.embedder import Embedder, EmbedderUnavailable, EmbedTask
from application.testing.embedder import EmbedderContract


class TestInMemoryEmbedder(
    EmbedderContract, not_for={"test_a_cancelled_call_leaves_it_usable": "It never waits."}
):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return InMemoryEmbedder()

    async def test_a_cancelled_call_leaves_it_usable(self, embedder: Embedder) -> None:
        assert len(await embedder.embed(["text"], EmbedTask.QUERY)) == 1


async def test_an_outage_is_played_on_demand() -> None:
    embedder = InMemoryEmbedder()
    embedder.is_available = False
    with pytest.raises(EmbedderUnavailable):
        await embedder.embed(["text"], EmbedTask.QUERY)
    embedder.is_available = True
    assert await embedder.embed(["text"], EmbedTask.QUERY)


async def test_it_remembers_what_it_embedded() -> None:
    embedder = InMemoryEmbedder()
    await embedder.embed(["one", "two"], EmbedTask.DOCUMENT)
    assert embedder.embedded == ["one", "two"]
