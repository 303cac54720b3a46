"""An extracted answer quotes the best sentences and knows when there are none."""

from domain.chunks import Passage
from domain.citations import Citation, CitationWeaver
from domain.extraction import (
    SENTENCES,
    Sentence,
    choose_sentences,
    compose_answer,
    quotable_sentences,
)
from domain.terms import Vocabulary, terms

WORDS = Vocabulary(lambda word: word.removesuffix("s"))
FIRST = (
    "# Warranty\n\nThe warranty of the heater lasts five years from the day of\npurchase. "
    "Keep the receipt in a safe place.\n\n| Part | Price | 12 | 34 |\nHome | About | Contact"
)
SECOND = (
    "The heater comes in red and in blue. Keep the receipt in a safe place. Batteries last long."
)


def passage(text: str, number: int = 1) -> Passage:
    return Passage(
        f"chk_{number}", "doc", "Manual", 1, text, 0, len(text), None, ("Warranty",), "en"
    )


PASSAGES = [passage(FIRST, 1), passage(SECOND, 2)]


def terms_of(text: str, language: str) -> list[str]:
    return terms(text, WORDS)


def answer(question: str, similarities: dict[str, float] | None = None) -> list[str]:
    sentences = quotable_sentences(PASSAGES)
    known = (
        None
        if similarities is None
        else [similarities.get(sentence.text.split()[1], 0.0) for sentence in sentences]
    )
    return [sentence.text for sentence in choose_sentences(question, sentences, terms_of, known)]


def test_sentences_are_quoted_on_one_line_without_headings_rows_and_repeats() -> None:
    assert [(sentence.passage, sentence.text) for sentence in quotable_sentences(PASSAGES)] == [
        (1, "The warranty of the heater lasts five years from the day of purchase."),
        (1, "Keep the receipt in a safe place."),
        (2, "The heater comes in red and in blue."),
    ]


def test_only_the_best_passages_are_quoted() -> None:
    assert {s.passage for s in quotable_sentences([*PASSAGES] * 3, most=1)} == {1}


def test_the_sentence_that_holds_the_words_of_the_question_answers_it() -> None:
    assert answer("How many years does the warranty last?") == [
        "The warranty of the heater lasts five years from the day of purchase."
    ]


def test_likeness_of_meaning_finds_what_words_do_not() -> None:
    assert answer("Which colours can I buy?", {"heater": 0.8}) == [
        "The heater comes in red and in blue."
    ]


def test_weak_evidence_gives_no_answer() -> None:
    assert answer("Who won the world cup in Paris?") == []
    assert answer("Who won the world cup in Paris?", {"heater": 0.3}) == []
    assert choose_sentences("Anything?", [], terms_of) == []


def test_an_answer_has_few_sentences_in_reading_order() -> None:
    text = "\n\n".join(f"The tower number {n} of the town is made of stone." for n in range(9))
    sentences = quotable_sentences([passage(text)])
    chosen = choose_sentences("Is the tower of the town made of stone?", sentences, terms_of)
    assert 1 <= len(chosen) <= SENTENCES
    assert [sentence.start for sentence in chosen] == sorted(sentence.start for sentence in chosen)


def test_each_sentence_carries_the_marker_of_its_passage() -> None:
    one, two = (Sentence(number, 0, 1, f"Text {number}.", "en") for number in (1, 2))
    assert compose_answer([one, two]) == "Text 1. [1] Text 2. [2]"
    assert compose_answer([]) == ""


def test_what_is_extracted_is_cited_word_for_word() -> None:
    sentences = quotable_sentences(PASSAGES)
    weaver = CitationWeaver(PASSAGES, terms_of)
    pieces = [*weaver.feed(compose_answer(sentences)), *weaver.finish()]
    citations = [piece for piece in pieces if isinstance(piece, Citation)]
    assert [(c.start, c.end, c.verified) for c in citations] == [
        (sentence.start, sentence.end, True) for sentence in sentences
    ]


def test_an_unspaced_script_is_answered_too() -> None:
    text = "里斯本是葡萄牙的首都。人口约五十五万人。波尔图位于北部地区。"
    sentences = quotable_sentences([passage(text)])
    chosen = choose_sentences("葡萄牙的首都是哪里？", sentences, terms_of)
    assert [sentence.text for sentence in chosen] == ["里斯本是葡萄牙的首都。"]


def test_a_script_with_vowel_marks_is_answered_too() -> None:
    text = "दिल्ली भारत की राजधानी है। मुंबई समुद्र के किनारे एक बड़ा शहर है।"
    sentences = quotable_sentences([passage(text)])
    chosen = choose_sentences("भारत की राजधानी क्या है?", sentences, terms_of)
    assert [sentence.text for sentence in chosen] == ["दिल्ली भारत की राजधानी है।"]
