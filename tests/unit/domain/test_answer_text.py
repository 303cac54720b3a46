"""Citations, hidden characters and safe Markdown work together, delta by delta."""

import time

from hypothesis import given
from hypothesis import strategies as st

from domain.answer_text import ANSWER_MAX, AnswerText, given_links
from domain.chunks import Passage
from domain.citations import Citation, verify
from domain.links import KnownLinks
from domain.terms import Vocabulary, terms
from domain.visible import VisibleStream, visible
from unit.domain.rendered import dangers

STORED = "Lis\u00adbon is\u200b the cap\u200bital of Por\u202etugal. The guide is at https://ok.example/g?x=1."
WORDS = Vocabulary(lambda word: word)


def passage(text: str, source_url: str | None = None) -> Passage:
    return Passage("chk", "doc", "Cities", 1, text, 10, 10 + len(text), None, (), "en", source_url)


PASSAGES = [passage(STORED, "https://source.example/page")]


def written(*deltas: str) -> tuple[str, list[Citation]]:
    known = given_links(
        "Visit https://owner.example/a.", [], "Is https://asked.example/b ok?", PASSAGES
    )
    answer = AnswerText(PASSAGES, lambda text, _: terms(text, WORDS), known)
    pieces = [piece for delta in deltas for piece in answer.feed(delta)] + answer.finish()
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    return text, [piece for piece in pieces if isinstance(piece, Citation)]


def test_a_quote_is_found_in_the_stored_text_though_the_model_saw_no_hidden_characters() -> None:
    text, (citation,) = written("Lisbon is the capital of Portugal [1].")
    assert text == "Lisbon is the capital of Portugal [1]."
    assert citation.verified
    assert citation.quote == STORED[: STORED.index(" The guide")]
    assert verify(citation, "x" * 10 + STORED)


def test_a_paraphrase_is_placed_in_the_stored_text_too() -> None:
    _, (citation,) = written("The capital of Portugal is called Lisbon [1].")
    assert (citation.verified, citation.start) == (True, 10)
    assert citation.quote == STORED[citation.start - 10 : citation.end - 10]


def test_links_may_lead_to_what_was_given_and_nowhere_else() -> None:
    for url in (
        "https://ok.example/g?x=1",
        "https://source.example/page",
        "https://owner.example/a",
        "https://asked.example/b",
    ):
        assert written(f"[it]({url})")[0] == f"[it]({url})"
        assert written(f"[it]({url}/secret)")[0].startswith("it (`")
        assert written(f"![it]({url})")[0] == "it"


def test_an_answer_in_one_delta_takes_linear_time() -> None:
    began = time.process_time()
    written("a " * (ANSWER_MAX // 2))
    assert time.process_time() - began < 1  # with the square of it 1.5


def test_a_marker_said_over_and_over_is_looked_up_once() -> None:
    many = [passage("Madrid is a city, and Lisbon too. " * 40)]
    answer = AnswerText(many, lambda text, _: terms(text, WORDS), KnownLinks())
    began = time.process_time()
    answer.feed("Paris is no city of Spain at all" + "[1] " * 2_000)
    assert time.process_time() - began < 1


def test_an_earlier_answer_is_no_source_of_links() -> None:
    turns = [("user", "https://mine.example/a"), ("assistant", "https://made.example/b")]
    known = given_links("", turns, "", [])
    assert known.has("https://mine.example/a")
    assert not known.has("https://made.example/b")


def test_nothing_is_put_together_across_a_dropped_marker() -> None:
    for attack in (
        "<[9]img src=x>",
        "![9][x](https://ok.example/g?x=1)",
        "[x][9](https://evil.com/?q=1)",
        "http[9]s://evil.com/?q=1",
        "java[9]script:x <[9]https://evil.com>",
    ):
        text, citations = written(attack)
        assert dangers(text, ["https://ok.example/g?x=1"]) == [], attack
        assert citations == []
        assert written(*attack)[0] == text


def test_a_marker_hidden_from_the_eye_is_a_marker() -> None:
    text, citations = written("Lisbon is the capital of Portugal [\u200b1\u2060].")
    assert text.endswith("[1].")
    assert len(citations) == 1
    assert written("Nothing [&#49;] here")[0] == "Nothing [&amp;#49;] here"


def test_the_markers_of_what_was_deleted_go_and_leave_nothing_dangerous() -> None:
    known = given_links("", [], "", PASSAGES)
    answer = AnswerText(PASSAGES, lambda text, _: terms(text, WORDS), known)
    (citation,) = written("Lisbon is the capital of Portugal [1].")[1]
    assert answer.without_markers("So [1]. [1]", [citation], [citation]) == "So [1]. [1]"
    assert answer.without_markers("So [1]. [2]", [citation], []) == "So. [2]"
    rest = answer.without_markers("! [1][x](https://ok.example/g?x=1) <[1]b>", [citation], [])
    assert dangers(rest, ["https://ok.example/g?x=1"]) == []


@given(
    st.text("a \u200b\u200c\u200d\u00ad\ufe0fم❤👩\U000e0041\u202e\n\x00", max_size=12), st.data()
)
def test_hidden_characters_go_however_the_text_is_cut(text: str, data: st.DataObject) -> None:
    stream = VisibleStream()
    cut = data.draw(st.integers(0, len(text)))
    assert stream.feed(text[:cut]) + stream.feed(text[cut:]) + stream.finish() == visible(text)
    letters = VisibleStream()
    assert "".join(map(letters.feed, text)) + letters.finish() == visible(text)


def test_joiners_stay_where_writing_needs_them() -> None:
    for text in (
        "می\u200cخواهم",
        "क्\u200dष",
        "👩\u200d👩\u200d👧",
        "❤\ufe0f\u200d🔥",
        "tab\tline\nfeed",
        "می\u200cخواهم و می\u200cتوانم",
    ):
        assert visible(text) == text
    assert visible("a\U0001bca0\U0001d173\ufff0b") == "ab"
    assert visible("a\u200db \u202eevil\U000e0041\ufe0f\u00ad\r\n") == "ab evil\n"
