"""A question that leans on the one before it is searched for together with it."""

import pytest

from domain.conversation_query import MAX_QUERY_CHARS, leans_on_history, retrieval_query

HISTORY = [
    ("user", "How warm is Lisbon in summer?"),
    ("assistant", "About 28 degrees, unlike Oslo."),
]


@pytest.mark.parametrize(
    "question",
    [
        "And in winter?",
        "How long does it last?",
        "Why?",
        "Und der Preis?",
        "Wie hoch ist sie?",
        "¿Y cuánto cuesta?",
        "Et le prix ?",
        "А сколько он стоит?",
        "它多少钱？",
        "ما هي عاصمتها؟ هذا",
    ],
)
def test_follow_ups_are_known_in_several_languages(question: str) -> None:
    assert leans_on_history(question)
    assert retrieval_query(question, HISTORY) == f"{HISTORY[0][1]}\n{question}"


@pytest.mark.parametrize(
    "question",
    [
        "Which countries are members of NATO?",
        "What is BM25?",
        "Welche Farbe hat der Himmel am Abend?",
        "为什么天空是蓝色的，夜晚是黑色的？",
    ],
)
def test_a_question_that_stands_alone_is_searched_for_alone(question: str) -> None:
    assert retrieval_query(question, HISTORY) == question


def test_a_chain_of_follow_ups_reaches_the_question_they_are_about() -> None:
    history = [*HISTORY, ("user", "And in autumn?"), ("assistant", "Mild.")]
    assert retrieval_query("And in winter?", history) == (
        "How warm is Lisbon in summer?\nAnd in autumn?\nAnd in winter?"
    )


def test_without_history_the_question_is_all_there_is() -> None:
    assert retrieval_query(" Why? ", []) == "Why?"


def test_the_query_is_bounded_and_keeps_the_question() -> None:
    query = retrieval_query("And then?", [("user", "long " * 1_000)])
    assert len(query) <= MAX_QUERY_CHARS
    assert query.endswith("\nAnd then?")
    assert len(retrieval_query("word " * 1_000, HISTORY)) <= MAX_QUERY_CHARS
