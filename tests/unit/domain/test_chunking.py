"""Chunking keeps every character in its place and cuts where the text is jointed."""

import sys
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise
from types import FrameType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.chunking import MAX_CHARS, chunk_text
from domain.documents import ExtractedText, Section

PIECES = [
    "word ",
    "Sentence. ",
    "\n",
    "\n\n",
    "- item\n",
    "a | b\n",
    "汉字。",
    "かな",
    "é",
    "\t",
    "# H\n",
]
texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=30), max_size=60).map("".join)


@st.composite
def extracted_texts(draw: st.DrawFn) -> ExtractedText:
    text = draw(texts)
    starts = draw(st.lists(st.integers(0, len(text)), max_size=6))
    paths = st.lists(st.sampled_from(["H", "Long heading", "章"]), max_size=2).map(tuple)
    pages = st.none() | st.integers(1, 3)
    return ExtractedText(
        text, tuple(Section(start, draw(pages), draw(paths)) for start in sorted(starts))
    )


@given(extracted_texts(), st.integers(10, 60))
def test_offsets_are_exact_and_nothing_is_lost(extracted: ExtractedText, target: int) -> None:
    text, before = extracted.text, 0
    chunks = chunk_text(extracted, target_chars=target, max_chars=target * 3 // 2)
    for ordinal, chunk in enumerate(chunks):
        assert chunk.ordinal == ordinal
        assert text[chunk.start : chunk.end] == chunk.text == chunk.text.strip() != ""
        assert not text[before : chunk.start].strip()
        before = chunk.end
    assert not text[before:].strip()


@given(extracted_texts(), st.integers(10, 60))
def test_no_chunk_is_larger_than_the_maximum(extracted: ExtractedText, target: int) -> None:
    for chunk in chunk_text(extracted, target_chars=target, max_chars=target + 5):
        wide = sum("\u3040" <= sign <= "\u9fff" for sign in chunk.text)
        assert len(chunk.text) + 3 * wide <= target + 5


@given(extracted_texts())
def test_page_and_headings_are_those_of_the_section_at_the_start(extracted: ExtractedText) -> None:
    for chunk in chunk_text(extracted, target_chars=30, max_chars=50):
        places = [
            (section.page, section.heading_path)
            for section in [Section(0), *extracted.sections]
            if section.start <= chunk.start
        ]
        assert (chunk.page, chunk.heading_path) == places[-1]


def test_the_hash_is_that_of_what_is_embedded() -> None:
    extracted = ExtractedText("Some text.", (Section(0, 1, ("Guide", "Start")),))
    (chunk,) = chunk_text(extracted)
    assert chunk.content_hash == sha256(b"Guide > Start\nSome text.").hexdigest()


def test_a_chunk_does_not_cross_pages() -> None:
    text = "First page.\nSecond page."
    chunks = chunk_text(ExtractedText(text, (Section(0, 1), Section(12, 2))))
    assert [(chunk.text, chunk.page) for chunk in chunks] == [
        ("First page.", 1),
        ("Second page.", 2),
    ]


def test_a_heading_without_text_goes_with_what_stands_below_it() -> None:
    text = "1 Methods\n1.1 Sampling\nWe drew lots."
    sections = (Section(0, None, ("Methods",)), Section(10, None, ("Methods", "Sampling")))
    assert [chunk.text for chunk in chunk_text(ExtractedText(text, sections))] == [text]


def test_paragraphs_are_cut_rather_than_sentences_and_sentences_rather_than_words() -> None:
    paragraph = "Ten words make a sentence that is fifty letters. " * 3
    text = f"{paragraph.strip()}\n\n{paragraph.strip()}"
    assert [
        chunk.text for chunk in chunk_text(ExtractedText(text), target_chars=130, max_chars=200)
    ] == [paragraph.strip()] * 2
    for chunk in chunk_text(ExtractedText(paragraph * 20), target_chars=200, max_chars=300):
        assert chunk.text.endswith(".")
    for chunk in chunk_text(ExtractedText("word " * 200), target_chars=70, max_chars=101):
        assert set(chunk.text.split()) == {"word"}


def test_sizes_are_even_without_a_stump_at_the_end() -> None:
    chunks = chunk_text(ExtractedText("A short sentence stands here. " * 40), target_chars=500)
    sizes = [len(chunk.text) for chunk in chunks]
    assert max(sizes) <= 1.2 * min(sizes)


def test_an_empty_text_has_no_chunks() -> None:
    assert chunk_text(ExtractedText(" \n ")) == []


def lines_run(action: Callable[[], object]) -> int:
    """Count the lines of Python that an action runs: work that no busy machine distorts."""
    count = 0

    def trace(frame: FrameType, event: str, argument: object) -> object:
        nonlocal count
        count += event == "line"
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        action()
    finally:
        sys.settrace(previous)
    return count


@pytest.mark.parametrize(
    "piece", ["A sentence, it is. ", "x\n", "Row | cell\n", "a", "汉字", "a. "]
)
def test_twice_the_text_is_twice_the_work(piece: str) -> None:
    sizes = [
        lines_run(lambda n=n: chunk_text(ExtractedText(piece * (n // len(piece)))))
        for n in (20_000, 40_000, 80_000)
    ]
    for less, more in pairwise(sizes):
        assert more <= 2.2 * less


@pytest.mark.parametrize("piece", ["a", " ", ".", "\n", '."', " .", "汉", "|", "#", "\u0301"])
def test_a_long_run_of_one_sign_is_no_trap(piece: str) -> None:
    text = piece * (300_000 // len(piece))
    chunks = chunk_text(ExtractedText(text))
    assert all(len(chunk.text) <= MAX_CHARS for chunk in chunks)
    assert bool(chunks) == bool(text.strip())
