"""A question asked again is not embedded again, and the cache is never in the way."""

import asyncio
from collections.abc import Mapping, Sequence

import pytest

from adapters.memory.cache import InMemoryCache
from adapters.memory.clock import FakeClock
from adapters.memory.embedder import InMemoryEmbedder
from application.ports.cache import Cache, CacheUnavailable
from application.ports.embedder import EmbedderUnavailable, EmbedTask, Vector
from application.services.guards.cached_embedder import (
    KEEP_SECONDS,
    REST_SECONDS,
    CachedEmbedder,
)

QUESTION = "How long is the warranty?"
SECRET = b"a secret of this installation"  # pragma: allowlist secret
QUERY, DOCUMENT = EmbedTask.QUERY, EmbedTask.DOCUMENT


class CountingEmbedder(InMemoryEmbedder):
    """Notes what it is asked; with `gate`, answers when it opens."""

    def __init__(self, gate: asyncio.Event | None = None) -> None:
        super().__init__()
        self.asked: list[tuple[str, ...]] = []
        self.gate = gate
        self.error: Exception | None = None
        self.given_up = 0

    async def embed(self, texts: Sequence[str], task: EmbedTask) -> list[Vector]:
        self.asked.append(tuple(texts))
        try:
            if self.gate is not None:
                await self.gate.wait()
        except asyncio.CancelledError:
            self.given_up += 1
            raise
        if self.error is not None:
            raise self.error
        return await super().embed(texts, task)


class OtherSpace(CountingEmbedder):
    """Another model."""

    @property
    def space(self) -> str:
        return f"other/{self.dimensions}"


class BrokenCache(Cache):
    """Fails, or never answers."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.asked = 0
        self.closed = False

    async def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes]:
        return await self._fail()

    async def put_many(self, values: Mapping[str, bytes], seconds: float) -> None:
        await self._fail()

    async def delete_many(self, keys: Sequence[str]) -> None:
        await self._fail()

    async def aclose(self) -> None:
        self.closed = True

    async def _fail(self) -> Mapping[str, bytes]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        await asyncio.Event().wait()
        raise AssertionError


class SeenCache(InMemoryCache):
    """Shows what went in."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.seen: dict[str, bytes] = {}

    async def put_many(self, values: Mapping[str, bytes], seconds: float) -> None:
        self.seen |= values
        await super().put_many(values, seconds)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def cache(clock: FakeClock) -> SeenCache:
    return SeenCache(clock)


@pytest.fixture
def inner() -> CountingEmbedder:
    return CountingEmbedder()


@pytest.fixture
def embedder(inner: CountingEmbedder, cache: Cache, clock: FakeClock) -> CachedEmbedder:
    return CachedEmbedder(inner, cache, clock, secret=SECRET)


async def _ask(embedder: CachedEmbedder, question: str = QUESTION) -> Vector:
    [vector] = await embedder.embed([question], QUERY)
    await asyncio.sleep(0)  # so that it is written
    return vector


async def test_a_question_asked_again_is_not_embedded_again(
    embedder: CachedEmbedder, inner: CountingEmbedder
) -> None:
    first, again = await _ask(embedder), await _ask(embedder)
    assert again == pytest.approx(first, abs=1e-6)
    assert inner.asked == [(QUESTION,)]


@pytest.mark.parametrize("other", [QUESTION.lower(), f"{QUESTION} ", "", "\ud800", "\0"])
async def test_another_question_is_another_entry(
    embedder: CachedEmbedder, inner: CountingEmbedder, other: str
) -> None:
    await _ask(embedder)
    [expected] = await InMemoryEmbedder().embed([other], QUERY)
    for _ in range(2):
        assert await _ask(embedder, other) == pytest.approx(expected, abs=1e-6)
    assert inner.asked == [(QUESTION,), (other,)]


async def test_it_is_forgotten_after_an_hour(
    embedder: CachedEmbedder, inner: CountingEmbedder, clock: FakeClock
) -> None:
    await _ask(embedder)
    clock.advance(KEEP_SECONDS - 1)
    await _ask(embedder)
    assert len(inner.asked) == 1
    clock.advance(2)
    await _ask(embedder)
    assert len(inner.asked) == 2


async def test_documents_and_batches_pass_through(
    embedder: CachedEmbedder, inner: CountingEmbedder, cache: SeenCache
) -> None:
    for _ in range(2):
        await embedder.embed([QUESTION], DOCUMENT)
        await embedder.embed([QUESTION, "a sentence of a document"], QUERY)
        await embedder.embed([], QUERY)
    assert len(inner.asked) == 6
    assert cache.seen == {}


async def test_models_and_installations_do_not_share_entries(
    embedder: CachedEmbedder, cache: SeenCache, clock: FakeClock
) -> None:
    await _ask(embedder)
    other_model, other_secret = OtherSpace(), CountingEmbedder()
    await _ask(CachedEmbedder(other_model, cache, clock, secret=SECRET))
    await _ask(CachedEmbedder(other_secret, cache, clock, secret=SECRET * 2))
    assert (len(other_model.asked), len(other_secret.asked)) == (1, 1)
    assert len(cache.seen) == 3


async def test_the_cache_is_not_told_what_was_asked(
    embedder: CachedEmbedder, cache: SeenCache
) -> None:
    await _ask(embedder)
    [(key, value)] = cache.seen.items()
    assert "warranty" not in key
    assert len(value) == 4 * embedder.dimensions


@pytest.mark.parametrize("value", [b"", b"x", b"\0" * 5_000])
async def test_an_entry_that_cannot_be_a_vector_is_no_entry(
    embedder: CachedEmbedder, inner: CountingEmbedder, cache: SeenCache, value: bytes
) -> None:
    await _ask(embedder)
    await cache.put_many(dict.fromkeys(list(cache.seen), value), 60)
    [expected] = await InMemoryEmbedder().embed([QUESTION], QUERY)
    assert await _ask(embedder) == pytest.approx(expected, abs=1e-6)
    assert len(inner.asked) == 2


@pytest.mark.parametrize(
    "error", [CacheUnavailable(), RuntimeError("somebody else's"), None], ids=["out", "odd", "hung"]
)
async def test_a_cache_that_fails_fails_no_question_and_is_let_alone_for_a_while(
    inner: CountingEmbedder,
    clock: FakeClock,
    error: Exception | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("application.services.guards.cached_embedder.PATIENCE_SECONDS", 0.01)
    cache = BrokenCache(error)
    embedder = CachedEmbedder(inner, cache, clock, secret=SECRET)
    [expected] = await InMemoryEmbedder().embed([QUESTION], QUERY)
    for _ in range(5):
        assert await _ask(embedder) == expected
    assert (len(inner.asked), cache.asked) == (5, 1)
    clock.advance(REST_SECONDS)
    await _ask(embedder)
    assert cache.asked == 2


async def test_a_question_of_many_at_once_is_embedded_once(cache: Cache, clock: FakeClock) -> None:
    inner = CountingEmbedder(asyncio.Event())
    embedder = CachedEmbedder(inner, cache, clock, secret=SECRET)
    asking = [asyncio.create_task(_ask(embedder)) for _ in range(20)]
    other = asyncio.create_task(_ask(embedder, "another"))
    for _ in range(5):
        await asyncio.sleep(0)
    assert inner.gate is not None
    inner.gate.set()
    answers = await asyncio.gather(*asking)
    assert all(answer == answers[0] for answer in answers)
    assert await other != answers[0]
    assert sorted(inner.asked) == sorted([(QUESTION,), ("another",)])


async def test_an_error_reaches_all_who_wait_and_nobody_after_them(
    embedder: CachedEmbedder, inner: CountingEmbedder, cache: SeenCache
) -> None:
    inner.error = EmbedderUnavailable()
    asked = await asyncio.gather(*(_ask(embedder) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in asked] == [EmbedderUnavailable] * 3
    assert cache.seen == {}
    inner.error = None
    assert len(await _ask(embedder)) == embedder.dimensions
    assert len(inner.asked) == 2


async def test_who_leaves_takes_nothing_from_those_who_wait(cache: Cache, clock: FakeClock) -> None:
    inner = CountingEmbedder(asyncio.Event())
    embedder = CachedEmbedder(inner, cache, clock, secret=SECRET)
    first, second = [asyncio.create_task(_ask(embedder)) for _ in range(2)]
    for _ in range(5):
        await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert inner.gate is not None
    inner.gate.set()
    assert len(await second) == embedder.dimensions
    assert (len(inner.asked), inner.given_up) == (1, 0)


async def test_what_nobody_waits_for_any_more_is_given_up_and_begun_anew(
    cache: Cache, clock: FakeClock
) -> None:
    inner = CountingEmbedder(asyncio.Event())
    embedder = CachedEmbedder(inner, cache, clock, secret=SECRET)
    asking = [asyncio.create_task(_ask(embedder)) for _ in range(2)]
    for _ in range(5):
        await asyncio.sleep(0)
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    assert inner.gate is not None
    inner.gate.set()
    assert len(await _ask(embedder)) == embedder.dimensions
    assert (len(inner.asked), inner.given_up) == (2, 1)


async def test_closing_ends_what_is_under_way_and_closes_both(clock: FakeClock) -> None:
    inner, cache = CountingEmbedder(asyncio.Event()), BrokenCache(CacheUnavailable())
    embedder = CachedEmbedder(inner, cache, clock, secret=SECRET)
    asking = asyncio.create_task(_ask(embedder))
    for _ in range(5):
        await asyncio.sleep(0)
    await embedder.aclose()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert (inner.given_up, cache.closed) == (1, True)
