"""The OpenAI embedder against a strict stand-in server over loopback."""

from collections.abc import AsyncIterator

import pytest

from adapters._providers import retries
from adapters.openai.embedder import OpenAIEmbedder
from application.ports.embedder import Embedder, EmbedderUnavailable, EmbedTask
from application.testing.embedder import EmbedderContract
from standins.openai_server import OpenAIServer, Script

KEY = "sk-standin-0123456789"


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "_FIRST_PAUSE", 0.001)


@pytest.fixture
async def server() -> AsyncIterator[OpenAIServer]:
    async with OpenAIServer(api_key=KEY) as server:
        yield server


class TestOpenAIEmbedder(EmbedderContract):
    @pytest.fixture
    async def embedder(self, server: OpenAIServer) -> AsyncIterator[Embedder]:
        embedder = OpenAIEmbedder(server.base_url, "stand-in", 8, KEY, batch_size=4)
        yield embedder
        await embedder.aclose()


async def test_embeddings_are_asked_for_in_batches(server: OpenAIServer) -> None:
    server.shortens = True
    embedder = OpenAIEmbedder(server.base_url, "stand-in", 8, KEY, batch_size=2)
    assert len(await embedder.embed(["a", "b", "c", "d", "e"], EmbedTask.DOCUMENT)) == 5
    await embedder.aclose()
    assert [recorded.body["input"] for recorded in server.requests] == [
        ["a", "b"],
        ["c", "d"],
        ["e"],
    ]


async def test_vectors_are_asked_for_in_their_length_unless_the_model_has_but_one(
    server: OpenAIServer,
) -> None:
    server.shortens = True
    embedder = OpenAIEmbedder(server.base_url, "stand-in", 4, KEY)
    [vector] = await embedder.embed(["text"], EmbedTask.QUERY)
    assert len(vector) == 4
    await embedder.aclose()
    server.shortens = False
    embedder = OpenAIEmbedder(server.base_url, "stand-in", 8, KEY)
    for _ in range(2):
        assert len(await embedder.embed(["text"], EmbedTask.QUERY)) == 1
    await embedder.aclose()
    asked = ["dimensions" in recorded.body for recorded in server.requests]
    assert asked == [True, True, False, False]


@pytest.mark.parametrize(
    ("script", "code", "is_refusal"),
    [
        (Script(status=401), "embedder_rejected", True),
        (Script(status=429, code="insufficient_quota"), "embedder_quota_exceeded", True),
        (Script(status=429, retry_after="60"), "embedder_rate_limited", True),
        (Script(status=500), "embedder_unavailable", False),
    ],
)
async def test_a_failed_embedding_has_its_code(
    server: OpenAIServer, script: Script, code: str, is_refusal: bool
) -> None:
    server.default = script
    embedder = OpenAIEmbedder(server.base_url, "stand-in", 8, KEY, timeout_seconds=1)
    with pytest.raises(EmbedderUnavailable) as error:
        await embedder.embed(["text"], EmbedTask.QUERY)
    await embedder.aclose()
    assert (error.value.code, error.value.is_refusal) == (code, is_refusal)


@pytest.mark.parametrize(("status", "is_outage"), [(400, False), (401, True), (500, True)])
async def test_a_text_that_is_refused_is_no_outage_but_a_bad_key_is(
    server: OpenAIServer, status: int, is_outage: bool
) -> None:
    """A job that met the one will never succeed; one that met the other will, once it is mended."""
    server.default = Script(status=status)
    embedder = OpenAIEmbedder(server.base_url, "stand-in", 8, KEY, timeout_seconds=1)
    with pytest.raises(EmbedderUnavailable) as error:
        await embedder.embed(["text"], EmbedTask.DOCUMENT)
    await embedder.aclose()
    assert error.value.is_outage is is_outage


async def test_vectors_of_other_dimensions_are_refused(server: OpenAIServer) -> None:
    embedder = OpenAIEmbedder(server.base_url, "stand-in", 9, KEY)
    with pytest.raises(EmbedderUnavailable, match="another length"):
        await embedder.embed(["text"], EmbedTask.QUERY)
    await embedder.aclose()
