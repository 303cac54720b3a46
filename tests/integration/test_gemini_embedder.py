"""The Gemini embedder, by its real SDK, against a strict stand-in server over loopback."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from math import sqrt

import pytest

from adapters.gemini.client import GeminiClients
from adapters.gemini.embedder import GeminiEmbedder
from application.ports.embedder import (
    Embedder,
    EmbedderDeclined,
    EmbedderRefused,
    EmbedderUnavailable,
    EmbedTask,
)
from application.testing.embedder import EmbedderContract
from standins.gemini_server import GeminiServer, Script

KEY = "AIza-standin-0123456789"


@pytest.fixture
async def clients() -> AsyncIterator[GeminiClients]:
    clients = GeminiClients()
    yield clients
    await clients.aclose()


@pytest.fixture
async def server(clients: GeminiClients) -> AsyncIterator[GeminiServer]:
    async with GeminiServer(api_keys=[KEY]) as server:
        await clients.get(server.base_url, float("inf"))
        yield server


@pytest.fixture
def embedder(server: GeminiServer, clients: GeminiClients) -> GeminiEmbedder:
    return GeminiEmbedder(KEY, server.base_url, timeout_seconds=2.0, clients=clients)


class TestGeminiEmbedding2(EmbedderContract):
    @pytest.fixture
    def embedder(self, server: GeminiServer, clients: GeminiClients) -> Embedder:
        return GeminiEmbedder(KEY, server.base_url, clients=clients)


class TestGeminiEmbedding001(EmbedderContract):
    @pytest.fixture
    def embedder(self, server: GeminiServer, clients: GeminiClients) -> Embedder:
        return GeminiEmbedder(
            KEY,
            server.base_url,
            model="gemini-embedding-001",
            dimensions=128,
            batch_size=7,
            clients=clients,
        )


@pytest.mark.live
@pytest.mark.skipif(not os.environ.get("GEMINI_API_KEY"), reason="GEMINI_API_KEY is not set")
class TestLiveGeminiEmbedder(EmbedderContract):
    @pytest.fixture
    async def embedder(self) -> AsyncIterator[Embedder]:
        embedder = GeminiEmbedder(os.environ["GEMINI_API_KEY"])
        yield embedder
        await embedder.aclose()


def test_the_space_tells_provider_model_and_dimensions() -> None:
    assert GeminiEmbedder(KEY).space == "gemini/gemini-embedding-2/768"
    other = GeminiEmbedder(KEY, model="gemini-embedding-001", dimensions=3072)
    assert other.space == "gemini/gemini-embedding-001/3072"


async def test_each_text_is_a_content_of_its_own(
    server: GeminiServer, embedder: GeminiEmbedder
) -> None:
    await embedder.embed(["one", "two"], EmbedTask.DOCUMENT)
    [sent] = server.requests
    assert sent.path == "/v1beta/models/gemini-embedding-2:batchEmbedContents"
    assert [request["content"]["parts"] for request in sent.body["requests"]] == [
        [{"text": "title: none | text: one"}], [{"text": "title: none | text: two"}],
    ]  # fmt: skip
    assert {request["outputDimensionality"] for request in sent.body["requests"]} == {768}
    assert all("taskType" not in request for request in sent.body["requests"])


async def test_a_question_bears_its_task(server: GeminiServer, embedder: GeminiEmbedder) -> None:
    await embedder.embed(["when?"], EmbedTask.QUERY)
    [request] = server.requests[0].body["requests"]
    assert request["content"]["parts"] == [{"text": "task: search result | query: when?"}]


@pytest.mark.parametrize(
    ("task", "sent"),
    [(EmbedTask.QUERY, "RETRIEVAL_QUERY"), (EmbedTask.DOCUMENT, "RETRIEVAL_DOCUMENT")],
)
async def test_the_older_model_takes_the_task_as_a_field(
    server: GeminiServer, clients: GeminiClients, task: EmbedTask, sent: str
) -> None:
    older = GeminiEmbedder(KEY, server.base_url, model="gemini-embedding-001", clients=clients)
    await older.embed(["text"], task)
    [request] = server.requests[0].body["requests"]
    assert request["taskType"] == sent
    assert request["content"]["parts"] == [{"text": "text"}]


async def test_no_more_than_a_hundred_texts_are_sent_at_once(
    server: GeminiServer, embedder: GeminiEmbedder
) -> None:
    vectors = await embedder.embed([f"text {n}" for n in range(205)], EmbedTask.DOCUMENT)
    assert len(vectors) == 205
    assert [len(sent.body["requests"]) for sent in server.requests] == [100, 100, 5]
    with pytest.raises(ValueError, match="batch"):
        GeminiEmbedder(KEY, batch_size=101)


async def test_short_vectors_of_the_older_model_are_brought_to_unit_length(
    server: GeminiServer, clients: GeminiClients
) -> None:
    older = GeminiEmbedder(KEY, server.base_url, model="gemini-embedding-001", clients=clients)
    [vector] = await older.embed(["one two three"], EmbedTask.QUERY)
    assert sqrt(sum(value * value for value in vector)) == pytest.approx(1, abs=1e-5)


async def test_a_vector_that_is_missing_is_noticed(
    server: GeminiServer, embedder: GeminiEmbedder
) -> None:
    server.lost_vectors = 1
    with pytest.raises(EmbedderUnavailable, match="1 vectors for 2 texts"):
        await embedder.embed(["one", "two"], EmbedTask.DOCUMENT)


@pytest.mark.parametrize("values", [b"[0.1, 0.2]", b"[]"])
async def test_vectors_of_another_length_are_refused(
    server: GeminiServer, embedder: GeminiEmbedder, values: bytes
) -> None:
    server.default = Script(raw=[b'{"embeddings": [{"values": ' + values + b"}]}"])
    with pytest.raises(EmbedderUnavailable, match="another length"):
        await embedder.embed(["one"], EmbedTask.DOCUMENT)


@pytest.mark.parametrize("value", [b"0", b"NaN", b"Infinity"])
async def test_a_vector_without_direction_is_refused(
    server: GeminiServer, embedder: GeminiEmbedder, value: bytes
) -> None:
    values = b", ".join([value] * 768)
    server.default = Script(raw=[b'{"embeddings": [{"values": [' + values + b"]}]}"])
    with pytest.raises(EmbedderUnavailable):
        await embedder.embed(["one"], EmbedTask.DOCUMENT)


async def test_dimensions_that_the_model_has_not_are_refused(
    server: GeminiServer, clients: GeminiClients
) -> None:
    wrong = GeminiEmbedder(KEY, server.base_url, dimensions=5000, clients=clients)
    with pytest.raises(EmbedderUnavailable, match="between 128 and 3072"):
        await wrong.embed(["one"], EmbedTask.DOCUMENT)


async def test_a_text_that_is_not_taken_is_told_from_an_outage(
    server: GeminiServer, embedder: GeminiEmbedder
) -> None:
    server.scripts.append(Script(status=400, message="The text is too long."))
    with pytest.raises(EmbedderRefused) as refused:
        await embedder.embed(["one"], EmbedTask.DOCUMENT)
    assert not refused.value.is_outage


async def test_a_bad_key_is_an_outage_and_not_the_texts_fault(
    server: GeminiServer, clients: GeminiClients
) -> None:
    model = GeminiEmbedder("AIzaWrong", server.base_url, clients=clients)
    with pytest.raises(EmbedderDeclined) as failed:
        await model.embed(["one"], EmbedTask.DOCUMENT)
    assert failed.value.is_outage
    assert failed.value.is_refusal
    assert failed.value.code == "embedder_rejected"
    assert "AIzaWrong" not in str(failed.value)


async def test_an_overload_is_tried_again_and_a_spent_quota_is_not(
    server: GeminiServer, embedder: GeminiEmbedder
) -> None:
    server.scripts += [Script(status=503), Script(status=429, retry_delay="0.2s")]
    assert len(await embedder.embed(["one"], EmbedTask.DOCUMENT)) == 1
    assert len(server.requests) == 3
    server.default = Script(status=429, quota="PerDay", retry_delay="0.1s")
    with pytest.raises(EmbedderDeclined) as failed:
        await embedder.embed(["one"], EmbedTask.DOCUMENT)
    assert failed.value.code == "embedder_quota_exceeded"
    assert len(server.requests) == 4


async def test_a_silent_server_is_left_after_the_time_out(
    server: GeminiServer, clients: GeminiClients
) -> None:
    hasty = GeminiEmbedder(KEY, server.base_url, timeout_seconds=0.3, clients=clients)
    server.default = Script(first_delay=60)
    started = time.monotonic()
    with pytest.raises(EmbedderUnavailable, match="in time"):
        await hasty.embed(["one"], EmbedTask.DOCUMENT)
    assert time.monotonic() - started < 1.0


async def test_a_call_that_is_cancelled_says_so(
    server: GeminiServer, embedder: GeminiEmbedder
) -> None:
    server.default = Script(first_delay=60)
    task = asyncio.create_task(embedder.embed(["one"], EmbedTask.DOCUMENT))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
