"""Markers in a streamed answer become citations of the words that support it."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.chunks import Passage
from domain.citations import Citation, CitationWeaver, verify
from domain.terms import Vocabulary, terms

TEXT_ONE = (
    "Lisbon is the capital of Portugal. It has 545,796 inhabitants as of 2021.\n"
    "The Tagus, which is the longest river of the Iberian\npeninsula, meets the sea there."
)
TEXT_TWO = "El Niño warms the Pacific. 里斯本是葡萄牙的首都。人口约五十五万。"
PASSAGES = [
    Passage("chk_1", "doc_1", "Cities", 3, TEXT_ONE, 100, 100 + len(TEXT_ONE), 7, (), "en"),
    Passage("chk_2", "doc_2", "Weather", 1, TEXT_TWO, 0, len(TEXT_TWO), None, (), "en"),
]
WORDS = Vocabulary(lambda word: word.removesuffix("s"))


def terms_of(text: str, language: str) -> list[str]:
    return terms(text, WORDS)


def weave(*deltas: str) -> tuple[str, list[Citation]]:
    weaver = CitationWeaver(PASSAGES, terms_of)
    pieces = [piece for delta in deltas for piece in weaver.feed(delta)] + weaver.finish()
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    return text, [piece for piece in pieces if isinstance(piece, Citation)]


def quotes(answer: str) -> list[tuple[str, bool]]:
    return [(citation.quote, citation.verified) for citation in weave(answer)[1]]


def test_a_citation_names_the_place_of_the_quote() -> None:
    text, citations = weave("Lisbon is the capital of Portugal. [1]")
    assert text == "Lisbon is the capital of Portugal. [1]"
    assert citations == [
        Citation(1, "doc_1", "Cities", 3, "chk_1", 100, 134, 7, TEXT_ONE[:34], True)
    ]


def test_a_citation_comes_before_the_text_that_holds_its_marker() -> None:
    weaver = CitationWeaver(PASSAGES, terms_of)
    pieces = [*weaver.feed("El Niño warms the Pacific [2]."), *weaver.finish()]
    assert [type(piece) for piece in pieces] == [str, Citation, str]
    assert pieces[2] == " [1]."


def test_words_are_found_whatever_their_case_spacing_accents_and_punctuation() -> None:
    answer = (
        "**the tagus**, which is the longest river of the Iberian peninsula - meets the sea [1]"
    )
    expected = TEXT_ONE[TEXT_ONE.index("The Tagus") : TEXT_ONE.index(" there.")]
    assert quotes(answer) == [(expected, True)]
    assert quotes("EL NINO WARMS the pacific [2]")[0] == ("El Niño warms the Pacific.", True)


def test_a_quotation_inside_the_sentence_is_what_is_cited() -> None:
    answer = 'Nobody doubts that "Lisbon is the capital of Portugal", says the guide [1].'
    assert quotes(answer) == [("Lisbon is the capital of Portugal.", True)]


def test_a_paraphrase_cites_the_sentence_with_most_of_its_content() -> None:
    assert quotes("As of 2021 the city counted 545796 inhabitants [1].") == [
        ("It has 545,796 inhabitants as of 2021.", True)
    ]


def test_a_claim_may_rest_on_two_sentences_together() -> None:
    answer = "The capital of Portugal, Lisbon, has 545,796 inhabitants [1]."
    assert quotes(answer) == [(TEXT_ONE[: TEXT_ONE.index("\n")], True)]


@pytest.mark.parametrize(
    "answer",
    [
        "The city has 900,000 inhabitants as of 2021 [1].",
        "The capital of Portugal is Porto [1].",
        "Bananas are rich in potassium [1].",
        "[1]",
    ],
)
def test_what_the_passage_does_not_say_is_not_verified(answer: str) -> None:
    ((quote, verified),) = quotes(answer)
    assert not verified
    assert quote in TEXT_ONE


def test_unspaced_scripts_are_cited_to_the_character() -> None:
    assert quotes("里斯本是葡萄牙的首都 [2]。") == [("里斯本是葡萄牙的首都。", True)]


def test_markers_are_numbered_in_the_order_of_first_appearance() -> None:
    text, citations = weave(
        "El Niño warms the Pacific [2]. Lisbon is the capital of Portugal [1]. "
        "Lisbon is the capital of Portugal [1]. The Tagus meets the sea there [1, 2]."
    )
    assert text == (
        "El Niño warms the Pacific [1]. Lisbon is the capital of Portugal [2]. "
        "Lisbon is the capital of Portugal [2]. The Tagus meets the sea there [3][4]."
    )
    assert [citation.index for citation in citations] == [1, 2, 3, 4]
    assert [citation.chunk_id for citation in citations] == ["chk_2", "chk_1", "chk_1", "chk_2"]


def test_neighbouring_markers_support_the_same_sentence() -> None:
    text, citations = weave("Lisbon is the capital of Portugal [2] [1].")
    assert text == "Lisbon is the capital of Portugal [1] [2]."
    assert [citation.verified for citation in citations] == [False, True]


def test_markers_of_unknown_passages_are_dropped() -> None:
    assert weave("It rains [9], it snows [0][77]; and so on [3].") == (
        "It rains, it snows; and so on.",
        [],
    )


@pytest.mark.parametrize(
    "answer",
    [
        "Use `a[1]` here.",
        "Use ``a`[1]`` here.",
        "```python\nprint(a[1])\n`x`[2]\n```\n",
        "See [1](https://example.org) and [x] and [1.5].",
        "A list [1, 2",
    ],
)
def test_code_links_and_other_brackets_are_left_alone(answer: str) -> None:
    assert weave(answer) == (answer, [])


def test_a_lone_back_tick_hides_no_more_than_its_line() -> None:
    text, citations = weave("The ` sign\nEl Niño warms the Pacific [2]")
    assert text.endswith("[1]")
    assert len(citations) == 1


FRAGMENTS = [
    *("Lisbon is the capital of Portugal", "El Niño", ". ", "\n", " ", "  ", "`", "```", "x"),
    *("[1]", " [2]", "[1, 2]", "[", "]", "[9]", "(u)", "1", ",", "里斯本是葡萄牙的首都。"),
]
answers = st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join)


@given(answers, st.data())
def test_the_cut_of_the_stream_does_not_matter(answer: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.sets(st.integers(0, len(answer)))))
    bounds = [0, *cuts, len(answer)]
    deltas = [answer[a:b] for a, b in pairwise(bounds)]
    assert weave(*deltas) == weave(answer) == weave(*answer)


@given(answers)
def test_every_quote_stands_at_its_offsets(answer: str) -> None:
    for citation in weave(answer)[1]:
        passage = next(p for p in PASSAGES if p.chunk_id == citation.chunk_id)
        revision = "#" * passage.start + passage.text
        assert revision[citation.start : citation.end] == citation.quote != ""
        assert verify(citation, revision)


@given(answers)
def test_little_is_held_back(answer: str) -> None:
    weaver = CitationWeaver([], terms_of)
    for sign in answer:
        weaver.feed(sign)
    assert sum(len(piece) for piece in weaver.finish() if isinstance(piece, str)) <= 50


def test_a_quote_is_verified_against_the_text_of_its_revision() -> None:
    (citation,) = weave("El Niño warms the Pacific. [2]")[1]
    assert verify(citation, TEXT_TWO)
    assert verify(citation, TEXT_TWO.replace("Niño warms", "NINO\u00a0warms"))
    assert not verify(citation, TEXT_TWO.replace("warms", "cools"))
    assert not verify(citation, "")
    assert not verify(replace(citation, quote="", end=citation.start), TEXT_TWO)
