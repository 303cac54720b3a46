"""What is asked a second time, and what is not."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.memory.clock import FakeClock
from adapters.memory.embedder import InMemoryEmbedder
from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.embedder import (
    EmbedderDeclined,
    EmbedderRefused,
    EmbedderUnavailable,
    EmbedTask,
    Vector,
)
from application.ports.vector_index import (
    Hit,
    Namespace,
    VectorIndexRefused,
    VectorIndexUnavailable,
    VectorRecord,
)
from application.services.guards.breaker import Breaker
from application.services.guards.embedder import GuardedEmbedder
from application.services.guards.retry import Retries, RetryingEmbedder, RetryingVectorIndex

NAMESPACE = Namespace("ws_a", "bot_a", "gen_a")


class Failing(InMemoryEmbedder):
    """Raises each of the errors once, then answers."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__()
        self.errors = list(errors)
        self.asked = 0

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return await super().embed(texts, task)


class TooMuch(EmbedderUnavailable):
    """The work itself is the reason: it will be too much the next time."""

    is_outage = False


class FailingIndex(InMemoryVectorIndex):
    """Raises each of the errors once, then answers."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__()
        self.errors = list(errors)
        self.asked = 0

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        self.asked += 1
        if self.errors:
            raise self.errors.pop(0)
        return await super().search(namespace, vector, limit, document_ids)

    async def upsert(self, namespace: Namespace, records: Sequence[VectorRecord]) -> None:
        self.asked += 1
        raise VectorIndexUnavailable


class Pauses:
    """Takes note of pauses instead of making them."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def _retries(pauses: Pauses | None = None, jitter: float = 0.5) -> Retries:
    return Retries(lambda: jitter, pauses or Pauses())


@pytest.mark.parametrize("jitter", [0.0, 1.0])
async def test_a_question_that_got_no_answer_is_asked_again_a_moment_later(jitter: float) -> None:
    pauses, failing = Pauses(), Failing(EmbedderUnavailable())
    embedder = RetryingEmbedder(failing, _retries(pauses, jitter))
    assert len(await embedder.embed(["q"], EmbedTask.QUERY)) == 1
    assert failing.asked == 2
    assert pauses.seconds == pytest.approx([0.05 + 0.1 * jitter])


async def test_a_search_that_got_no_answer_is_made_again_once() -> None:
    index = FailingIndex(VectorIndexUnavailable("first"), VectorIndexUnavailable("second"))
    retrying = RetryingVectorIndex(index, _retries())
    with pytest.raises(VectorIndexUnavailable, match="second"):
        await retrying.search(NAMESPACE, [1.0], 3)
    assert index.asked == 2
    assert await retrying.search(NAMESPACE, [1.0], 3) == []


@pytest.mark.parametrize(
    "error",
    [
        EmbedderDeclined(),
        EmbedderRefused(),
        EmbedderUnavailable(retry_after=30),
        TooMuch(),
        ValueError("a bug"),
        asyncio.CancelledError(),
    ],
)
async def test_what_was_refused_or_has_to_wait_is_not_asked_again(error: Exception) -> None:
    failing = Failing(error)
    with pytest.raises(type(error)):
        await RetryingEmbedder(failing, _retries()).embed(["q"], EmbedTask.QUERY)
    assert failing.asked == 1


async def test_a_search_that_can_never_be_made_is_not_made_again() -> None:
    index = FailingIndex(VectorIndexRefused())
    with pytest.raises(VectorIndexRefused):
        await RetryingVectorIndex(index, _retries()).search(NAMESPACE, [1.0], 3)
    assert index.asked == 1


async def test_documents_and_writes_are_left_to_their_jobs() -> None:
    failing, index = Failing(EmbedderUnavailable()), FailingIndex()
    with pytest.raises(EmbedderUnavailable):
        await RetryingEmbedder(failing, _retries()).embed(["d"], EmbedTask.DOCUMENT)
    with pytest.raises(VectorIndexUnavailable):
        await RetryingVectorIndex(index, _retries()).upsert(NAMESPACE, [])
    assert (failing.asked, index.asked) == (1, 1)


async def test_in_an_outage_one_call_in_ten_is_made_twice() -> None:
    failing = Failing(*[EmbedderUnavailable()] * 1000)
    embedder = RetryingEmbedder(failing, _retries())
    for _ in range(200):
        with pytest.raises(EmbedderUnavailable):
            await embedder.embed(["q"], EmbedTask.QUERY)
    assert failing.asked == pytest.approx(200 + 20 + 10, abs=2)


async def test_both_attempts_share_one_deadline() -> None:
    class Slow(Failing):
        async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
            if self.asked:
                await asyncio.sleep(60)
            return await super().embed(texts, task)

    breaker = Breaker(FakeClock(), lambda: 0.5)
    slow = RetryingEmbedder(Slow(EmbedderUnavailable()), _retries())
    guarded = GuardedEmbedder(slow, breaker, documents=breaker, query_seconds=0.02)
    async with asyncio.timeout(1):
        with pytest.raises(EmbedderUnavailable):
            await guarded.embed(["q"], EmbedTask.QUERY)
