"""A word gives the same term in a question and in a document."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.terms import Vocabulary, fold, terms, word_spans


def plain(text: str) -> list[str]:
    return terms(text, Vocabulary(lambda word: word))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße", "STRASSE"),
        ("café", "CAFE"),
        ("Ёлка", "елка"),
        ("أحمد", "احمد"),
        ("מָלוֹן", "מלון"),
        ("ﬁne", "fine"),
        ("\uff12\uff10\uff12\uff16", "2026"),
        ("Ａｐｐｌｅ", "apple"),
    ],
)
def test_case_accents_and_forms_do_not_matter(one: str, other: str) -> None:
    assert plain(one) == plain(other) != []


def test_words_of_scripts_with_marks_stay_whole() -> None:
    assert plain("हिन्दी की किताब") == ["हिन्दी", "की", "किताब"]


def test_numbers_and_codes_are_kept() -> None:
    assert plain("Order X-200, 3.5 kg, max_tokens") == [
        *("order", "x", "200", "3", "5", "kg", "max", "tokens")
    ]


def test_unspaced_scripts_give_pairs_of_neighbours() -> None:
    assert plain("买iPhone手机吗？好") == ["买", "iphone", "手机", "机吗", "好"]
    assert plain("한국어는") == ["한국", "국어", "어는"]


def test_a_word_of_an_unspaced_script_is_found_inside_a_longer_run() -> None:
    assert set(plain("ภาษาไทย")) <= set(plain("ฉันพูดภาษาไทยได้"))


def test_the_vocabulary_holds_no_more_than_its_capacity() -> None:
    vocabulary = Vocabulary(lambda word: word, capacity=10)
    terms(" ".join(f"word{n}" for n in range(1_000)), vocabulary)
    assert 0 < len(vocabulary) <= 10


@given(st.text())
def test_terms_are_folded_and_never_empty(text: str) -> None:
    for term in plain(text):
        assert term
        assert term == fold(term) or len(term) <= 4


@given(st.text())
def test_word_spans_lie_in_order_and_apart(text: str) -> None:
    spans = word_spans(text)
    for (_, _, end), (_, start, _) in pairwise(spans):
        assert end <= start
    for word, start, end in spans:
        assert word == fold(text[start:end])
