"""What the events of a completion say."""

import json
from typing import Any

import pytest

from adapters.openai._answer import AnswerReader, ThoughtFilter
from adapters.openai._errors import Redactor
from application.ports.chat_model import FinishReason, Usage


def event(
    text: str | None = None, reason: str | None = None, *, name: str = "content", **top: Any
) -> bytes:
    delta = {} if text is None else {name: text}
    return json.dumps({"choices": [{"delta": delta, "finish_reason": reason}], **top}).encode()


@pytest.fixture
def reader() -> AnswerReader:
    return AnswerReader(Redactor("secret-key"))


def test_the_texts_of_one_read_are_joined(reader: AnswerReader) -> None:
    assert reader.read([event("Hel"), event("lo"), event(None)]) == "Hello"
    assert reader.has_text
    assert reader.finish_reason is None


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("stop", FinishReason.STOP),
        ("length", FinishReason.LENGTH),
        ("content_filter", FinishReason.SAFETY),
        ("eos_token", FinishReason.STOP),
    ],
)
def test_the_reason_is_translated(reader: AnswerReader, said: str, means: FinishReason) -> None:
    reader.read([event("x"), event(None, said)])
    assert reader.finish_reason is means


def test_the_usage_after_the_last_choice_counts(reader: AnswerReader) -> None:
    usage = {"prompt_tokens": 11, "completion_tokens": 2}
    reader.read([event("x", "stop"), json.dumps({"choices": [], "usage": usage}).encode()])
    assert reader.usage("prompt") == Usage(11, 2)


def test_a_missing_usage_is_estimated(reader: AnswerReader) -> None:
    reader.read([event("twelve chars", "stop")])
    assert reader.usage("p" * 40) == Usage(11, 4)


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_is_no_answer_but_a_beginning(reader: AnswerReader, name: str) -> None:
    assert reader.read([event("hm", name=name)]) == ""
    assert reader.has_begun
    assert not reader.has_text


def test_white_space_is_no_answer(reader: AnswerReader) -> None:
    reader.read([event(" \n", "stop")])
    assert not reader.has_text


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"message": "slow down", "code": "rate_limit_exceeded"}, "rate_limited"),
        ({"message": "too long", "code": "context_length_exceeded"}, "rejected"),
        ({"message": "no", "type": "content_filter"}, "blocked"),
        ({"message": "oops", "code": 500}, "unavailable"),
        ("just a sentence", "unavailable"),
    ],
)
def test_an_error_in_the_stream_follows_the_text_before_it(
    reader: AnswerReader, error: object, code: str
) -> None:
    assert reader.read([event("so far"), json.dumps({"error": error}).encode()]) == "so far"
    assert reader.failure is not None
    assert reader.failure.code == code


def test_an_error_does_not_show_the_key(reader: AnswerReader) -> None:
    reader.read([b'{"error": {"message": "bad key secret-key, or sk-abcdefgh12345"}}'])
    assert "secret-key" not in str(reader.failure)
    assert "abcdefgh" not in str(reader.failure)


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b'{"choices": 1}',
        b'{"choices": [{"delta": {"content": 1}}]}',
        b'{"choices": [[]]}',
        b'{"usage": {"prompt_tokens": "many"}}',
        b'{"usage": 5}',
        b'{"choices": [{"delta": {}, "finish_reason": ["stop"]}]}',
        b"\xff",
    ],
)
def test_an_event_of_another_shape_is_a_failure(reader: AnswerReader, data: bytes) -> None:
    reader.read([data])
    assert reader.failure is not None
    assert reader.failure.code == "unavailable"


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("plain", "plain"),
        ("<think>a < b</think>\n\nIt is b.", "It is b."),
        ("\n<think></think>Yes", "Yes"),
        ("Use <think> like so</think>.", "Use <think> like so</think>."),
        ("<thin", "<thin"),
        ("<b>bold</b>", "<b>bold</b>"),
        ("<think>never ends", ""),
        ("<think>x</think>answer </think>", "answer </think>"),
    ],
)
def test_thoughts_at_the_beginning_are_dropped(text: str, answer: str) -> None:
    for size in (1, 3, 7, len(text)):
        thoughts = ThoughtFilter()
        pieces = [thoughts.feed(text[at : at + size]) for at in range(0, len(text), size)]
        assert "".join(pieces) + thoughts.end() == answer
