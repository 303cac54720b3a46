"""Contract of every KeywordIndex, together with the KeywordPostings that write it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from secrets import token_bytes

import pytest

from application.ports.documents import KeywordPostings
from application.ports.keyword_index import KeywordEntry, KeywordIndex, KeywordScope
from application.testing.contract import Contract
from domain import bm25
from domain.ids import chunk_id, make_id


@dataclass(frozen=True, slots=True)
class KeywordParts:
    """What a keyword index is tested through.

    `open` takes a tenant's id and gives the postings of a transaction, which commits on a clean
    exit and rolls back otherwise.
    """

    index: KeywordIndex
    open: Callable[[str], AbstractAsyncContextManager[KeywordPostings]]

    async def put(
        self,
        scope: KeywordScope,
        document_id: str,
        texts: Sequence[str] | Mapping[int, str],
        *,
        revision: int = 1,
        language: str = "en",
    ) -> None:
        """Index a document whose chunks hold these words; a mapping names their ordinals."""
        chunks = texts if isinstance(texts, Mapping) else dict(enumerate(texts))
        entries = [KeywordEntry(ordinal, text.split(" ")) for ordinal, text in chunks.items()]
        async with self.open(scope.tenant_id) as postings:
            await postings.put(scope.bot_id, document_id, revision, language, entries)

    async def remove(self, tenant_id: str, document_id: str) -> None:
        """Take a document out."""
        async with self.open(tenant_id) as postings:
            await postings.remove(document_id)

    async def found(self, scope: KeywordScope, words: str, limit: int = 10) -> list[str]:
        """Return the ids of the chunks found, best first."""
        return [hit.chunk_id for hit in await self.index.search(scope, words.split(), limit)]


class Abandoned(Exception):
    """Raised by a test to make a transaction roll back."""


def fresh_id(prefix: str) -> str:
    """Return an id that nothing has yet."""
    return make_id(prefix, 1_700_000_000_000, token_bytes(10))


def fresh_scope() -> KeywordScope:
    """Return a scope in which nothing is indexed."""
    return KeywordScope(fresh_id("ws"), fresh_id("bot"))


class KeywordIndexContract(Contract):
    """Subclass it in a test module and give the fixture `parts`.

    Each test works in scopes of its own, so the index may hold other things.
    """

    @pytest.fixture
    def parts(self) -> KeywordParts:
        """Return the index under test, in working order."""
        raise NotImplementedError

    async def test_an_empty_scope_gives_nothing(self, parts: KeywordParts) -> None:
        scope = fresh_scope()
        assert await parts.found(scope, "word") == []
        assert await parts.index.languages(scope) == frozenset()

    async def test_chunks_with_any_of_the_terms_are_found(self, parts: KeywordParts) -> None:
        scope, document_id = fresh_scope(), fresh_id("doc")
        await parts.put(scope, document_id, {3: "red fish", 8: "blue bird", 9: "old tree"})
        found = await parts.found(scope, "fish bird cat")
        assert set(found) == {chunk_id(document_id, 1, 3), chunk_id(document_id, 1, 8)}
        assert await parts.found(scope, "cat") == []
        assert await parts.index.search(scope, [], 10) == []
        assert await parts.index.search(scope, ["fish"], 0) == []

    async def test_the_score_is_bm25(self, parts: KeywordParts) -> None:
        scope, one, other = fresh_scope(), fresh_id("doc"), fresh_id("doc")
        await parts.put(scope, one, ["a b a c", "b c d e f g"])
        await parts.put(scope, other, ["a x", "y z y"], language="de")
        hits = await parts.index.search(scope, ["a", "b", "a", "missing"], 10)
        mean = (4 + 6 + 2 + 3) / 4
        a, b = bm25.idf(4, 2), bm25.idf(4, 2)
        expected = {
            chunk_id(one, 1, 0): a * bm25.saturation(2, 4, mean) + b * bm25.saturation(1, 4, mean),
            chunk_id(one, 1, 1): b * bm25.saturation(1, 6, mean),
            chunk_id(other, 1, 0): a * bm25.saturation(1, 2, mean),
        }
        assert {hit.chunk_id: hit.score for hit in hits} == pytest.approx(expected)
        best_first = sorted(expected.values(), reverse=True)
        assert [hit.score for hit in hits] == pytest.approx(best_first)

    async def test_a_rare_term_weighs_more_than_a_frequent_one(self, parts: KeywordParts) -> None:
        scope, document_id = fresh_scope(), fresh_id("doc")
        await parts.put(scope, document_id, ["the rare", "the x", "the y", "rest z"])
        found = await parts.found(scope, "the rare z")
        assert found[0] == chunk_id(document_id, 1, 0)
        assert found[1] == chunk_id(document_id, 1, 3)

    async def test_of_equal_counts_the_shorter_chunk_wins(self, parts: KeywordParts) -> None:
        scope, document_id = fresh_scope(), fresh_id("doc")
        await parts.put(scope, document_id, ["fish " + "x " * 50 + "y", "fish y", "other words"])
        ids = [chunk_id(document_id, 1, ordinal) for ordinal in (1, 0)]
        assert await parts.found(scope, "fish") == ids

    async def test_more_occurrences_win_among_equal_lengths(self, parts: KeywordParts) -> None:
        scope, document_id = fresh_scope(), fresh_id("doc")
        await parts.put(scope, document_id, ["fish x y z", "fish fish y z", "a b c d"])
        ids = [chunk_id(document_id, 1, ordinal) for ordinal in (1, 0)]
        assert await parts.found(scope, "fish") == ids

    async def test_no_more_than_the_limit_is_found(self, parts: KeywordParts) -> None:
        scope, document_id = fresh_scope(), fresh_id("doc")
        await parts.put(scope, document_id, [f"fish {'x ' * n}y" for n in range(20)])
        ids = [chunk_id(document_id, 1, ordinal) for ordinal in range(3)]
        assert await parts.found(scope, "fish", limit=3) == ids

    async def test_a_filter_keeps_to_its_documents(self, parts: KeywordParts) -> None:
        scope, ids = fresh_scope(), [fresh_id("doc") for _ in range(3)]
        for document_id in ids:
            await parts.put(scope, document_id, ["fish"])
        hits = await parts.index.search(scope, ["fish"], 10, ids[:2])
        assert {hit.chunk_id for hit in hits} == {chunk_id(one, 1, 0) for one in ids[:2]}
        [unfiltered] = {hit.score for hit in await parts.index.search(scope, ["fish"], 10)}
        assert {hit.score for hit in hits} == {unfiltered}
        assert await parts.index.search(scope, ["fish"], 10, []) == []
        assert await parts.index.search(scope, ["fish"], 10, [fresh_id("doc")]) == []

    async def test_scopes_do_not_see_each_other(self, parts: KeywordParts) -> None:
        own, document_id = fresh_scope(), fresh_id("doc")
        await parts.put(own, document_id, ["fish"], language="fr")
        [alone] = await parts.index.search(own, ["fish"], 10)
        for other in (
            KeywordScope(fresh_id("ws"), own.bot_id),
            KeywordScope(own.tenant_id, fresh_id("bot")),
        ):
            assert await parts.found(other, "fish") == []
            assert await parts.index.search(other, ["fish"], 10, [document_id]) == []
            assert await parts.index.languages(other) == frozenset()
            await parts.put(other, fresh_id("doc"), ["fish and more", "of it"])
        # Neither hits nor the statistics behind the scores come from elsewhere.
        assert await parts.index.search(own, ["fish"], 10) == [alone]
        assert await parts.index.languages(own) == {"fr"}

    async def test_another_tenant_cannot_remove_or_replace(self, parts: KeywordParts) -> None:
        own, stranger, document_id = fresh_scope(), fresh_scope(), fresh_id("doc")
        await parts.put(own, document_id, ["fish"])
        await parts.remove(stranger.tenant_id, document_id)
        await parts.put(KeywordScope(stranger.tenant_id, own.bot_id), document_id, ["bird"])
        assert await parts.found(own, "fish") == [chunk_id(document_id, 1, 0)]
        assert await parts.found(own, "bird") == []

    async def test_putting_again_replaces(self, parts: KeywordParts) -> None:
        scope, document_id = fresh_scope(), fresh_id("doc")
        await parts.put(scope, document_id, ["old fish", "old bird"])
        await parts.put(scope, document_id, ["new fish"], revision=2, language="de")
        await parts.put(scope, document_id, ["new fish"], revision=2, language="de")
        assert await parts.found(scope, "old bird") == []
        assert await parts.found(scope, "fish") == [chunk_id(document_id, 2, 0)]
        assert await parts.index.languages(scope) == {"de"}

    async def test_a_removed_document_is_gone(self, parts: KeywordParts) -> None:
        scope, kept, gone = fresh_scope(), fresh_id("doc"), fresh_id("doc")
        await parts.put(scope, kept, ["fish"])
        await parts.put(scope, gone, ["fish"], language="sv")
        for _ in range(2):
            await parts.remove(scope.tenant_id, gone)
            assert await parts.found(scope, "fish") == [chunk_id(kept, 1, 0)]
            assert await parts.index.languages(scope) == {"en"}

    async def test_the_statistics_hold_after_many_changes(self, parts: KeywordParts) -> None:
        scope, ids = fresh_scope(), [fresh_id("doc") for _ in range(6)]
        for revision in (1, 2, 3):
            for number, document_id in enumerate(ids):
                texts = [f"fish {'x ' * (number + revision)}y"] * (number % 3 + revision)
                language = ("en", "de")[(number + revision) % 2]
                await parts.put(scope, document_id, texts, revision=revision, language=language)
        for document_id in ids[1:]:
            await parts.remove(scope.tenant_id, document_id)
        fresh = fresh_scope()
        await parts.put(fresh, ids[0], ["fish x x x y"] * 3, revision=3)
        scores = [hit.score for hit in await parts.index.search(scope, ["fish", "x"], 10)]
        expected = [hit.score for hit in await parts.index.search(fresh, ["fish", "x"], 10)]
        assert len(expected) == 3
        assert scores == pytest.approx(expected)

    async def test_a_rolled_back_change_leaves_no_trace(self, parts: KeywordParts) -> None:
        scope, document_id = fresh_scope(), fresh_id("doc")
        await parts.put(scope, document_id, ["fish", "bird"])
        before = await parts.index.search(scope, ["fish"], 10)

        async def change_and_abandon() -> None:
            async with parts.open(scope.tenant_id) as postings:
                await postings.remove(document_id)
                entry = KeywordEntry(0, ["fish", "tree"])
                await postings.put(scope.bot_id, fresh_id("doc"), 1, "nl", [entry])
                raise Abandoned

        with pytest.raises(Abandoned):
            await change_and_abandon()
        assert await parts.index.search(scope, ["fish"], 10) == before
        assert await parts.index.languages(scope) == {"en"}

    async def test_terms_may_be_anything(self, parts: KeywordParts) -> None:
        scope, document_id = fresh_scope(), fresh_id("doc")
        odd = [
            "\\",
            "\\N",
            "tab\tstop",
            "line\nbreak\r",
            "nul\0in",
            "{1,2}",
            "'--",
            "字",
            "🙂",
            "x" * 900,
        ]
        entries = [KeywordEntry(ordinal, [term, "common"]) for ordinal, term in enumerate(odd)]
        async with parts.open(scope.tenant_id) as postings:
            await postings.put(scope.bot_id, document_id, 1, "en", entries)
        for ordinal, term in enumerate(odd):
            [hit] = await parts.index.search(scope, [term], 10)
            assert hit.chunk_id == chunk_id(document_id, 1, ordinal)

    async def test_a_document_without_words_is_no_obstacle(self, parts: KeywordParts) -> None:
        scope, empty, other = fresh_scope(), fresh_id("doc"), fresh_id("doc")
        async with parts.open(scope.tenant_id) as postings:
            await postings.put(scope.bot_id, empty, 1, "en", [])
            await postings.put(scope.bot_id, empty, 2, "en", [KeywordEntry(0, [])])
        assert await parts.found(scope, "fish") == []
        await parts.put(scope, other, ["fish"])
        assert await parts.found(scope, "fish") == [chunk_id(other, 1, 0)]
        await parts.remove(scope.tenant_id, empty)
        await parts.remove(scope.tenant_id, other)
        assert await parts.index.languages(scope) == frozenset()

    async def test_a_large_document_is_indexed_whole(self, parts: KeywordParts) -> None:
        scope, document_id = fresh_scope(), fresh_id("doc")
        texts = [f"every w{n} w{n // 7} " + "filler " * (n % 5) + "end" for n in range(3_000)]
        await parts.put(scope, document_id, texts)
        assert await parts.found(scope, "w2999") == [chunk_id(document_id, 1, 2_999)]
        assert len(await parts.found(scope, "every", limit=5_000)) == 3_000
        found = await parts.found(scope, "every filler end w2500", limit=1)
        assert found == [chunk_id(document_id, 1, 2_500)]

    async def test_concurrent_writers_lose_nothing(self, parts: KeywordParts) -> None:
        scope, ids = fresh_scope(), [fresh_id("doc") for _ in range(8)]

        async def change(number: int, document_id: str) -> None:
            for revision in (1, 2, 3):
                language = ("en", "de", "fr")[(number + revision) % 3]
                await parts.put(
                    scope, document_id, ["fish x"] * 2, revision=revision, language=language
                )
            if number % 2:
                await parts.remove(scope.tenant_id, document_id)

        await asyncio.gather(*(change(number, one) for number, one in enumerate(ids)))
        hits = await parts.index.search(scope, ["fish"], 50)
        expected = {chunk_id(one, 3, ordinal) for one in ids[::2] for ordinal in (0, 1)}
        assert {hit.chunk_id for hit in hits} == expected
        score = bm25.idf(8, 8) * bm25.saturation(1, 2, 2.0)
        assert [hit.score for hit in hits] == pytest.approx([score] * 8)

    async def test_concurrent_writers_of_one_document_leave_one(self, parts: KeywordParts) -> None:
        scope, document_id = fresh_scope(), fresh_id("doc")
        await asyncio.gather(
            *(
                parts.put(scope, document_id, [f"fish r{revision}"], revision=revision)
                for revision in range(1, 9)
            )
        )
        [hit] = await parts.index.search(scope, ["fish"], 50)
        assert hit.score == pytest.approx(bm25.idf(1, 1) * bm25.saturation(1, 2, 2.0))
