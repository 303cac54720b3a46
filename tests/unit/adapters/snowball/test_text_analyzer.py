"""Words meet in the form their language's stemmer gives them."""

import pytest

from adapters.memory.text_analyzer import InMemoryTextAnalyzer
from adapters.snowball.text_analyzer import SnowballTextAnalyzer
from application.ports.text_analyzer import TextAnalyzer


@pytest.fixture(params=[SnowballTextAnalyzer, InMemoryTextAnalyzer])
def analyzer(request: pytest.FixtureRequest) -> TextAnalyzer:
    made = request.param()
    assert isinstance(made, TextAnalyzer)
    return made


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("en", "running shoes", "run shoe"),
        ("de", "Häuser", "Haus"),
        ("es", "canciones", "canción"),
        ("fr", "nationales", "national"),
        ("ru", "красными", "красный"),
        ("hi", "किताबों", "किताब"),
    ],
)
def test_endings_do_not_matter_where_the_language_is_known(
    language: str, one: str, other: str
) -> None:
    analyzer = SnowballTextAnalyzer()
    assert analyzer.terms(one, language) == analyzer.terms(other, language)


def test_a_question_reaches_the_terms_of_each_language_of_the_index() -> None:
    analyzer = SnowballTextAnalyzer()
    found = analyzer.query_terms("Häuser und houses", frozenset({"de", "en", "xx"}))
    assert {*analyzer.terms("Haus", "de"), *analyzer.terms("house", "en")} <= set(found)


def test_an_unknown_language_keeps_the_words(analyzer: TextAnalyzer) -> None:
    assert analyzer.terms("Running Shoes", "") == ["running", "shoes"]


def test_a_question_to_an_index_without_languages_is_still_analysed(analyzer: TextAnalyzer) -> None:
    assert analyzer.query_terms("Shoes, shoes", frozenset()) == ["shoes"]


def test_terms_of_a_text_keep_order_and_repeats_and_those_of_a_question_are_distinct(
    analyzer: TextAnalyzer,
) -> None:
    assert analyzer.terms("red blue red", "") == ["red", "blue", "red"]
    assert analyzer.query_terms("red blue red", frozenset({""})) == ["red", "blue"]
