"""The map from offsets to pages and headings, and what text is cleaned of."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.parsers._draft import Draft, clean, clean_heading, plausible_title


@given(st.text())
def test_clean_text_is_nfc_with_line_feeds_and_can_be_stored(text: str) -> None:
    cleaned = clean(text)
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not set(cleaned) & set("\r\0\x0b\x0c\x7f\x85\u2028\ufeff")
    cleaned.encode()


steps = st.one_of(
    st.tuples(st.just("page"), st.integers(1, 3)),
    st.tuples(st.just("heading"), st.text("ab \u0301", max_size=4)),
    st.tuples(st.just("block"), st.text("xy\r\n \u0301", max_size=6)),
    st.tuples(st.just("item"), st.text("xy", max_size=3)),
)


@given(st.lists(steps, max_size=20))
def test_offsets_begin_at_zero_increase_and_lie_within_the_text(taken: list[tuple]) -> None:  # type: ignore[type-arg]  # of two kinds
    draft = Draft(10_000)
    for step, value in taken:
        if step == "heading":
            draft.heading(1 + len(value) % 3, value)
        else:
            getattr(draft, step)(value)
    starts = [mark.start for mark in draft.marks]
    assert starts == sorted(set(starts))
    assert not draft.text or starts[0] == 0
    assert all(start < len(draft.text) == draft.length for start in starts)


def test_a_heading_of_a_level_ends_those_below_it() -> None:
    draft = Draft(100)
    for level, text in ((1, "A"), (3, "B"), (2, "C"), (1, "D")):
        draft.heading(level, text)
    assert [mark.path for mark in draft.marks] == [("A",), ("A", "B"), ("A", "C"), ("D",)]


def test_headings_in_a_path_are_one_short_line() -> None:
    assert clean_heading(" a\n\tb\u200b\xad ") == "a b"
    assert len(clean_heading("word " * 100)) <= 200


@pytest.mark.parametrize(
    "rubbish",
    [
        "",
        "x",
        "Microsoft Word - a b.doc",
        "untitled",
        "(anonymous)",
        "report_v2",
        "scan.pdf",
        "123",
    ],
)
def test_a_title_no_person_would_give_is_dropped(rubbish: str) -> None:
    assert plausible_title(rubbish) == ""


def test_a_title_a_person_would_give_is_kept() -> None:
    assert plausible_title(" Geometrie und\nTopologie ") == "Geometrie und Topologie"
