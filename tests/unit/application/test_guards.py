"""Guards: deadlines kept, outages noticed, refusals let through, and who is left alone meanwhile."""

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Sequence
from contextlib import aclosing
from functools import partial

import pytest

from adapters.memory.chat_model import InMemoryChatModel, Script
from adapters.memory.clock import FakeClock
from adapters.memory.embedder import InMemoryEmbedder
from adapters.memory.vector_index import InMemoryVectorIndex
from application.ports.chat_model import (
    ChatModel,
    ChatRequest,
    Delta,
    Finish,
    ModelRefused,
    ModelUnavailable,
)
from application.ports.embedder import (
    Embedder,
    EmbedderDeclined,
    EmbedderUnavailable,
    EmbedTask,
    Vector,
)
from application.ports.vector_index import (
    Hit,
    Namespace,
    VectorIndex,
    VectorIndexUnavailable,
    VectorRecord,
)
from application.services.guards.breaker import Breaker, Limits
from application.services.guards.chat_model import GuardedChatModel, StreamDeadlines
from application.services.guards.embedder import GuardedEmbedder
from application.services.guards.vector_index import GuardedVectorIndex
from application.testing.chat_model import chat_request
from domain.errors import Overloaded
from unit.installation import StepwiseIndex

NAMESPACE = Namespace("ws_a", "bot_a", "gen_a")
LIMITS = Limits(failures=2, open_seconds=2)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def breaker(clock: FakeClock) -> Breaker:
    return Breaker(clock, lambda: 0.5, LIMITS)


class HangingEmbedder(InMemoryEmbedder):
    """Never answers a question."""

    asked = 0

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        self.asked += 1
        if task is EmbedTask.QUERY:
            await asyncio.sleep(60)
        return await super().embed(texts, task)


class BrokenIndex(InMemoryVectorIndex):
    """Fails as it is told."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error: Exception | None = error
        self.asked = 0

    async def search(
        self,
        namespace: Namespace,
        vector: Vector,
        limit: int,
        document_ids: Sequence[str] | None = None,
    ) -> list[Hit]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return await super().search(namespace, vector, limit, document_ids)


def _search(index: VectorIndex) -> Awaitable[list[Hit]]:
    return index.search(NAMESPACE, [1.0, 0.0], 3)


async def test_a_question_has_its_deadline_and_documents_have_longer(breaker: Breaker) -> None:
    embedder: Embedder = GuardedEmbedder(
        HangingEmbedder(), breaker, documents=breaker, query_seconds=0.01
    )
    with pytest.raises(EmbedderUnavailable):
        await embedder.embed(["q"], EmbedTask.QUERY)
    assert len(await embedder.embed(["d"], EmbedTask.DOCUMENT)) == 1


async def test_an_embedder_that_hangs_is_not_asked_again_until_it_is_time(
    breaker: Breaker, clock: FakeClock
) -> None:
    hanging = HangingEmbedder()
    embedder = GuardedEmbedder(hanging, breaker, documents=breaker, query_seconds=0.005)
    for _ in range(2):
        with pytest.raises(EmbedderUnavailable):
            await embedder.embed(["q"], EmbedTask.QUERY)
    with pytest.raises(EmbedderUnavailable) as refused:
        await embedder.embed(["q"], EmbedTask.QUERY)
    assert refused.value.retry_after == 2
    assert hanging.asked == 2
    clock.advance(2)
    await embedder.embed(["d"], EmbedTask.DOCUMENT)  # the probe
    assert breaker.is_closed


async def test_a_slow_index_is_unavailable_at_its_deadline(breaker: Breaker) -> None:
    class Slow(InMemoryVectorIndex):
        async def count(self, namespace: Namespace, document_id: str | None = None) -> int:
            await asyncio.sleep(60)
            return await super().count(namespace, document_id)

    with pytest.raises(VectorIndexUnavailable):
        await GuardedVectorIndex(Slow(), breaker, seconds=0.002).count(NAMESPACE)


async def test_an_index_that_is_out_is_let_alone_and_asked_once_when_it_is_time(
    breaker: Breaker, clock: FakeClock
) -> None:
    broken = BrokenIndex(VectorIndexUnavailable())
    index = GuardedVectorIndex(broken, breaker, seconds=1)
    for _ in range(5):
        with pytest.raises(VectorIndexUnavailable):
            await _search(index)
    assert broken.asked == 2
    clock.advance(2)
    broken.error = None
    assert await _search(index) == []
    assert await _search(index) == []


async def test_a_mistake_of_ours_passes_and_is_no_outage(breaker: Breaker) -> None:
    broken = BrokenIndex(ValueError("wrong length"))
    index = GuardedVectorIndex(broken, breaker, seconds=1)
    for _ in range(9):
        with pytest.raises(ValueError, match="wrong length"):
            await _search(index)
    assert breaker.is_closed


async def test_an_embedder_that_declines_is_there(breaker: Breaker) -> None:
    class Declining(InMemoryEmbedder):
        async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
            raise EmbedderDeclined(code="embedder_rate_limited")

    embedder = GuardedEmbedder(Declining(), breaker, documents=breaker, query_seconds=1)
    for _ in range(9):
        with pytest.raises(EmbedderDeclined):
            await embedder.embed(["q"], EmbedTask.QUERY)
    assert breaker.is_closed


async def test_a_store_that_was_not_asked_is_no_outage_and_no_answer(
    breaker: Breaker, clock: FakeClock
) -> None:
    index = GuardedVectorIndex(BrokenIndex(Overloaded()), breaker, seconds=1)
    for _ in range(9):
        with pytest.raises(Overloaded):
            await _search(index)
    assert breaker.is_closed
    for _ in range(LIMITS.failures):
        breaker.enter().failed()
    clock.advance(2)
    for _ in range(2):  # each is the probe
        with pytest.raises(Overloaded):
            await _search(index)
    assert not breaker.is_closed


async def test_a_caller_who_goes_is_no_outage(breaker: Breaker) -> None:
    embedder = GuardedEmbedder(HangingEmbedder(), breaker, documents=breaker, query_seconds=30)
    for _ in range(5):
        call = asyncio.create_task(embedder.embed(["q"], EmbedTask.QUERY))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert breaker.is_closed


def _model(
    breaker: Breaker, *scripts: Script, deadlines: StreamDeadlines | None = None
) -> GuardedChatModel:
    model = InMemoryChatModel(*scripts)
    return GuardedChatModel(model, breaker, deadlines or StreamDeadlines())


async def _read(model: ChatModel) -> list[Delta | Finish]:
    return [item async for item in model.stream(chat_request())]


async def test_a_model_that_is_out_opens_its_breaker_and_a_first_word_closes_it(
    breaker: Breaker, clock: FakeClock
) -> None:
    out = [ModelUnavailable()]
    model = _model(breaker, out, out, ["back", " again"])
    for _ in range(3):
        with pytest.raises(ModelUnavailable) as refused:
            await _read(model)
    assert refused.value.retry_after == 2
    clock.advance(2)
    async with aclosing(model.stream(chat_request())) as stream:
        await anext(stream)
        assert breaker.is_closed
    assert len(await _read(model)) == 2


async def test_a_model_that_breaks_off_every_answer_opens_its_breaker(breaker: Breaker) -> None:
    script: Script = ["so far", ModelUnavailable()]
    model = _model(breaker, script, script)
    for _ in range(2):
        with pytest.raises(ModelUnavailable):
            await _read(model)
    assert not breaker.is_closed


@pytest.mark.parametrize("code", ["model_blocked", "model_rejected", "model_rate_limited"])
async def test_a_model_that_refuses_is_there(breaker: Breaker, code: str) -> None:
    model = _model(breaker, *[[ModelRefused(code=code)]] * 6)
    for _ in range(6):
        with pytest.raises(ModelRefused):
            await _read(model)
    assert breaker.is_closed


async def test_a_model_that_has_nothing_to_say_closes_its_breaker(
    breaker: Breaker, clock: FakeClock
) -> None:
    class Silent(ChatModel):
        async def stream(self, request: ChatRequest) -> AsyncGenerator[Delta | Finish, None]:
            for item in ():
                yield item

    for _ in range(LIMITS.failures):
        breaker.enter().failed()
    clock.advance(2)
    assert await _read(GuardedChatModel(Silent(), breaker, StreamDeadlines())) == []
    assert breaker.is_closed


async def test_one_models_trouble_is_no_others(clock: FakeClock) -> None:
    bad = _model(Breaker(clock, lambda: 0.5, LIMITS), *[[ModelUnavailable()]] * 5)
    good = _model(Breaker(clock, lambda: 0.5, LIMITS))
    for _ in range(5):
        with pytest.raises(ModelUnavailable):
            await _read(bad)
        assert await _read(good)


class Trickle(ChatModel):
    """Sends a word after each pause, without end; `closed` counts the streams that were given up."""

    def __init__(self, *pauses: float, last: float) -> None:
        self._pauses = pauses
        self._last = last
        self.closed = 0

    async def stream(
        self,
        request: ChatRequest,
    ) -> AsyncGenerator[Delta | Finish, None]:
        try:
            for pause in self._pauses:
                await asyncio.sleep(pause)
                yield Delta("word ")
            while True:
                if self._last:
                    await asyncio.sleep(self._last)
                yield Delta("word ")
        finally:
            self.closed += 1


@pytest.mark.parametrize(
    ("model", "deadlines"),
    [
        (Trickle(last=60), StreamDeadlines(first_token=0.01)),
        (Trickle(0, 0, last=60), StreamDeadlines(first_token=9, idle=0.01)),
        (Trickle(last=0.001), StreamDeadlines(idle=9, total=0.03)),
        (Trickle(last=0), StreamDeadlines(idle=9, total=0.01)),
    ],
    ids=["says nothing", "stops in the middle", "trickles without end", "gushes without end"],
)
async def test_no_stream_outlives_its_deadline(
    breaker: Breaker, model: Trickle, deadlines: StreamDeadlines
) -> None:
    begun = time.monotonic()
    with pytest.raises(ModelUnavailable):
        await _read(GuardedChatModel(model, breaker, deadlines))
    assert time.monotonic() - begun < 1
    assert model.closed == 1


async def test_a_stream_that_is_closed_early_is_closed_at_the_model(breaker: Breaker) -> None:
    model = InMemoryChatModel(["one", "two"])
    async with aclosing(
        GuardedChatModel(model, breaker, StreamDeadlines(total=9)).stream(chat_request())
    ) as stream:
        await anext(stream)
    assert model.abandoned == 1


async def test_time_that_the_reader_takes_is_not_the_models(breaker: Breaker) -> None:
    model = _model(breaker, ["a", "b"], deadlines=StreamDeadlines(first_token=1, idle=0.01))
    async for _ in model.stream(chat_request()):
        await asyncio.sleep(0.02)
    assert breaker.is_closed


async def test_a_large_namespace_is_emptied_though_it_takes_longer_than_one_call_may() -> None:
    index = StepwiseIndex()
    records = [VectorRecord(f"chk_{number}", "doc_a", [1.0]) for number in range(5)]
    await index.upsert(NAMESPACE, records)
    index.step = partial(asyncio.sleep, 0.02)
    guarded = GuardedVectorIndex(index, Breaker(FakeClock(), lambda: 0.5), seconds=0.01)
    await guarded.empty(NAMESPACE)  # a call may take 0.06 s, and all of it takes 0.12
    assert await index.count(NAMESPACE) == 0
