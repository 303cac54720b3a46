"""Sentences are found in many languages, with exact offsets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["It rains.", "Does it snow?", "No!"],
        ["Dr. Smith met J. R. Hobbs at 5 p.m. in St. Louis.", "They talked."],
        ["It costs 3.50 euros, i.e. little.", "So buy it."],
        ["Am 3. Oktober war es kalt.", "Das Haus, d.h. die Villa, steht noch."],
        ["Это, т.е. река, течёт.", "Вода холодная."],
        ["यह एक वाक्य है।", "यह दूसरा है।"],
        ["هل تمطر؟", "نعم."],
        ['"Come in!"', "She opened the door."],
    ],
)
def test_a_text_falls_into_its_sentences(expected: list[str]) -> None:
    assert sentences(" ".join(expected)) == expected


def test_unspaced_scripts_end_sentences_without_a_space() -> None:
    assert sentences("今天下雨。「你好！」他说。") == ["今天下雨。", "「你好！」", "他说。"]


def test_prose_cut_at_a_margin_is_joined() -> None:
    text = "The committee that was formed in the spring of last\nyear has not met since. It will."
    assert sentences(text) == [text[:75], "It will."]


def test_headings_items_and_rows_stand_alone() -> None:
    lines = ["# Prices", "- one apple", "- two pears", "1. First of all", "a | b | c", "d | e | f"]
    assert sentences("\n".join(lines)) == lines


@given(st.text(alphabet=st.sampled_from("aB1 .!?\n。「」\"'-|\u0301é"), max_size=200) | st.text())
def test_nothing_but_white_space_stands_outside_the_sentences(text: str) -> None:
    before = 0
    for start, end in sentence_spans(text):
        assert not text[before:start].strip()
        assert text[start:end] == text[start:end].strip() != ""
        before = end
    assert not text[before:].strip()
