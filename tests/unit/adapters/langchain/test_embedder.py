"""LangChain's embeddings: by task, in batches, and checked."""

import asyncio
import math
import traceback
from collections.abc import Sequence

import pytest
from langchain_core.embeddings import Embeddings

from adapters.langchain.embedder import LangChainEmbedder
from application.ports.embedder import (
    EmbedderDeclined,
    EmbedderRefused,
    EmbedderUnavailable,
    EmbedTask,
)
from support.langchain_parts import KEY, WordEmbedding


class Scripted(Embeddings):
    """Gives what it was told to, or raises it."""

    def __init__(self, given: Sequence[object] | Exception) -> None:
        self.given = given
        self.api_key = KEY
        self.batches: list[int] = []

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        self.batches.append(len(texts))
        if isinstance(self.given, Exception):
            raise self.given
        return list(self.given)  # type: ignore[arg-type]

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


class StatusError(Exception):
    def __init__(self, status_code: int) -> None:
        super().__init__(f"the key {KEY} is wrong")
        self.status_code = status_code


async def test_questions_are_embedded_as_questions() -> None:
    words = WordEmbedding(8)
    embedder = LangChainEmbedder(lambda: words, "words", 8)
    await embedder.embed(["a", "b"], EmbedTask.DOCUMENT)
    assert words.queries == 0
    await embedder.embed(["a", "b"], EmbedTask.QUERY)
    assert words.queries == 2


async def test_texts_go_in_batches() -> None:
    scripted = Scripted([[1.0, 0.0]] * 2)
    embedder = LangChainEmbedder(lambda: scripted, "x", 2, batch_size=2)
    assert len(await embedder.embed(["a"] * 4, EmbedTask.DOCUMENT)) == 4
    assert scripted.batches == [2, 2]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([[1.0, 0.0]], "1 vectors for 2 texts"),
        ([[1.0, 0.0], [1.0]], "another length than 2"),
        ([[1.0, 0.0], [0.0, 0.0]], "unreadable"),
        ([[1.0, 0.0], [math.nan, 1.0]], "unreadable"),
        ([[1.0, 0.0], ["a", "b"]], "unreadable"),
        ([[1.0, 0.0], None], "unreadable"),
    ],
)
async def test_vectors_other_than_asked_for_are_not_taken(
    given: Sequence[object], words: str
) -> None:
    embedder = LangChainEmbedder(lambda: Scripted(given), "x", 2)
    with pytest.raises(EmbedderUnavailable, match=words):
        await embedder.embed(["a", "b"], EmbedTask.DOCUMENT)


@pytest.mark.parametrize(
    ("status", "expected", "code"),
    [
        (400, EmbedderRefused, "embedder_rejected"),
        (413, EmbedderRefused, "embedder_rejected"),
        (401, EmbedderDeclined, "embedder_rejected"),
        (429, EmbedderDeclined, "embedder_rate_limited"),
        (500, EmbedderUnavailable, "embedder_unavailable"),
    ],
)
async def test_a_refused_text_is_told_from_a_wrong_key_and_an_outage(
    status: int, expected: type[EmbedderUnavailable], code: str
) -> None:
    embedder = LangChainEmbedder(lambda: Scripted(StatusError(status)), "x", 2)
    with pytest.raises(EmbedderUnavailable) as failed:
        await embedder.embed(["a"], EmbedTask.DOCUMENT)
    assert type(failed.value) is expected
    assert failed.value.code == code
    assert KEY not in "".join(traceback.format_exception(failed.value))


async def test_a_call_that_takes_too_long_is_given_up() -> None:
    class Slow(WordEmbedding):
        async def aembed_query(self, text: str) -> list[float]:
            await asyncio.sleep(30)
            return []

    embedder = LangChainEmbedder(Slow, "x", 64, timeout_seconds=0.02)
    with pytest.raises(EmbedderUnavailable, match="TimeoutError"):
        await embedder.embed(["a"], EmbedTask.QUERY)
