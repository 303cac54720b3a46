"""Fusion ranks by what vectors and words say together."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.bm25 import idf, saturation
from domain.fusion import (
    FOREIGN_VECTOR_WEIGHT,
    VECTOR_WEIGHT,
    FusedHit,
    fuse,
    log_odds,
    reranked,
    vector_weight,
)

scores = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.floats(-1e3, 1e3, allow_nan=False)),
    max_size=8,
    unique_by=lambda hit: hit[0],
)


def order(hits: list[FusedHit]) -> list[str]:
    return [hit.chunk_id for hit in hits]


def test_what_both_parts_like_comes_first() -> None:
    vector = [("a", 0.9), ("b", 0.8), ("c", 0.1), ("d", 0.1)]
    keyword = [("e", 9.0), ("b", 8.0), ("c", 1.0), ("d", 1.0)]
    assert order(fuse(vector, keyword))[0] == "b"


def test_the_parts_of_the_score_are_kept() -> None:
    assert fuse([("a", 0.5)], [("b", 3.0)]) == [
        FusedHit("b", 1.0, None, 3.0),
        FusedHit("a", -1.0, 0.5, None),
    ]


def test_one_keyword_hit_counts_though_there_is_nothing_to_compare_it_with() -> None:
    assert order(fuse([("a", 0.51), ("b", 0.5), ("c", 0.1)], [("b", 4.0)]))[0] == "b"


def test_one_part_alone_keeps_its_order() -> None:
    hits = [("b", 3.0), ("c", 2.0), ("a", 1.0)]
    assert order(fuse(hits, [])) == order(fuse([], hits)) == ["b", "c", "a"]


def test_equal_scores_come_in_the_order_of_their_ids() -> None:
    assert order(fuse([("c", 0.5), ("a", 0.5)], [("b", 1.0), ("d", 1.0)])) == ["b", "d", "a", "c"]


def test_nothing_found_is_nothing() -> None:
    assert fuse([], []) == []


@given(scores, scores, st.randoms())
def test_the_ranking_is_complete_and_does_not_depend_on_the_order_of_the_lists(
    vector: list[tuple[str, float]], keyword: list[tuple[str, float]], random: Random
) -> None:
    fused = fuse(vector, keyword)
    assert sorted(order(fused)) == sorted({*dict(vector), *dict(keyword)})
    assert [hit.score for hit in fused] == sorted((hit.score for hit in fused), reverse=True)
    random.shuffle(vector)
    random.shuffle(keyword)
    assert fuse(vector, keyword) == fused


def test_vectors_count_little_where_the_embedder_does_not_know_the_language() -> None:
    known = frozenset({"en"})
    assert vector_weight({"en", ""}, known) == VECTOR_WEIGHT == vector_weight((), known)
    assert vector_weight({"zh"}, known) == FOREIGN_VECTOR_WEIGHT
    assert FOREIGN_VECTOR_WEIGHT < vector_weight({"zh", "en"}, known) < VECTOR_WEIGHT
    assert vector_weight({"zh"}, None) == VECTOR_WEIGHT


def test_rare_terms_weigh_more_and_common_ones_never_turn_negative() -> None:
    assert idf(100, 1) > idf(100, 50) > idf(100, 100) > 0


def test_repeats_saturate_and_long_chunks_are_worth_less() -> None:
    once, twice, often = (saturation(n, 10, 10.0) for n in (1, 2, 50))
    assert 0 == saturation(0, 10, 10.0) < once < twice < often < 2.2
    assert twice - once < once
    assert saturation(1, 20, 10.0) < once


@given(scores, scores, st.dictionaries(st.sampled_from("abcdefghxy"), st.floats(0, 1)))
def test_a_second_judgement_loses_no_hit_and_goes_before_the_first(
    vector: list[tuple[str, float]], keyword: list[tuple[str, float]], judged: dict[str, float]
) -> None:
    hits = fuse(vector, keyword)
    found = reranked(hits, judged)
    assert sorted(order(found)) == sorted(order(hits))
    first = [hit for hit in found if hit.chunk_id in judged]
    assert first == found[: len(first)]
    fused = {hit.chunk_id: hit.score for hit in hits}
    assert all(hit.rerank == judged[hit.chunk_id] for hit in first)
    assert all(
        hit.score == pytest.approx(fused[hit.chunk_id] + log_odds(judged[hit.chunk_id]))
        for hit in first
    )
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    assert order(found[len(first) :]) == [id_ for id_ in order(hits) if id_ not in judged]


def test_a_clear_judgement_counts_more_than_a_small_lead_and_a_faint_one_less() -> None:
    hits = fuse([("a", 0.9), ("b", 0.8), ("c", 0.1)], [])
    assert order(reranked(hits, {"a": 0.1, "b": 0.9, "c": 0.1})) == ["b", "a", "c"]
    assert order(reranked(hits, {"a": 0.50, "b": 0.51, "c": 0.5})) == ["a", "b", "c"]
    assert log_odds(0.5) == 0
    assert log_odds(1.0) == pytest.approx(-log_odds(0.0))


def test_without_a_second_judgement_all_stays_as_it_is() -> None:
    hits = fuse([("a", 0.5)], [("b", 3.0)])
    assert reranked(hits, {}) == hits
