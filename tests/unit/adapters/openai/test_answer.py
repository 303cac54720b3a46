"""What the events of a completion say."""

import json
import time
from typing import Any

import pytest

from adapters._providers.errors import ProviderError, Redactor
from adapters.openai._answer import CompletionReader
from adapters.openai._filters import StopFilter, ThoughtFilter
from application.ports.chat_model import ChatRequest, FinishReason, Role, Tool, Turn, Usage

REQUEST = ChatRequest(
    "m", [Turn(Role.USER, "p" * 40)], "p", tools=[Tool("get", "", {"type": "object"})]
)


def event(
    text: str | None = None, reason: str | None = None, *, name: str = "content", **top: Any
) -> bytes:
    delta = {} if text is None else {name: text}
    return json.dumps({"choices": [{"delta": delta, "finish_reason": reason}], **top}).encode()


@pytest.fixture
def reader() -> CompletionReader:
    return CompletionReader(Redactor("secret-key"), 100_000)


def read(reader: CompletionReader, *events: bytes) -> str:
    return reader.feed(b"".join(b"data: " + each + b"\n\n" for each in events))


def test_the_texts_of_one_read_are_joined(reader: CompletionReader) -> None:
    assert read(reader, event("Hel"), event("lo"), event(None)) == "Hello"
    assert reader.has_text
    assert not reader.is_settled


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("stop", FinishReason.STOP),
        ("length", FinishReason.LENGTH),
        ("content_filter", FinishReason.SAFETY),
        ("eos_token", FinishReason.STOP),
    ],
)
def test_the_reason_is_translated(reader: CompletionReader, said: str, means: FinishReason) -> None:
    read(reader, event("x"), event(None, said))
    assert reader.finish(REQUEST).reason is means


def test_the_usage_after_the_last_choice_counts(reader: CompletionReader) -> None:
    usage = {"prompt_tokens": 11, "completion_tokens": 2}
    read(reader, event("x", "stop"), json.dumps({"choices": [], "usage": usage}).encode())
    assert reader.finish(REQUEST).usage == Usage(11, 2)


def test_a_missing_usage_is_estimated(reader: CompletionReader) -> None:
    read(reader, event("twelve chars", "stop"))
    assert reader.finish(REQUEST).usage == Usage(11, 4)


@pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
def test_reasoning_is_no_answer_but_a_beginning(reader: CompletionReader, name: str) -> None:
    assert read(reader, event("hm", name=name)) == ""
    assert reader.has_begun
    assert not reader.has_text


def test_white_space_is_no_answer(reader: CompletionReader) -> None:
    read(reader, event(" \n", "stop"))
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
    reader: CompletionReader, error: object, code: str
) -> None:
    assert read(reader, event("so far"), json.dumps({"error": error}).encode()) == "so far"
    assert reader.failure is not None
    assert reader.failure.code == code


def test_an_error_does_not_show_the_key(reader: CompletionReader) -> None:
    read(reader, b'{"error": {"message": "bad key secret-key, or sk-abcdefgh12345"}}')
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
def test_an_event_of_another_shape_is_a_failure(reader: CompletionReader, data: bytes) -> None:
    read(reader, data)
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


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("one two STOP three", "one two "),
        ("STO STOP", "STO "),
        ("no stop at all", "no stop at all"),
        ("ends in ST", "ends in ST"),
        ("STOP", ""),
        ("a END b STOP", "a "),
    ],
)
def test_a_text_ends_before_the_first_stop(text: str, answer: str) -> None:
    for size in (1, 3, len(text)):
        stop = StopFilter(["STOP", "END"])
        pieces = [stop.feed(text[at : at + size]) for at in range(0, len(text), size)]
        assert "".join(pieces) + stop.end() == answer


def piece(index: int | None, call_id: str | None, name: str | None, arguments: object) -> bytes:
    call = {"index": index, "id": call_id, "function": {"name": name, "arguments": arguments}}
    return json.dumps({"choices": [{"delta": {"tool_calls": [call]}}]}).encode()


@pytest.mark.parametrize(
    "pieces",
    [
        [(0, "a", "get", '{"n":'), (0, None, None, "1}"), (1, "b", "get", '{"n": 2}')],
        [(0, "a", "get", '{"n": 1}'), (1, "b", "get", '{"n":'), (1, "b", "get", " 2}")],
        [(0, "a", "get", '{"n": 1}'), (0, "b", "get", '{"n": 2}')],
        [(None, "a", "get", {"n": 1}), (None, "b", "get", {"n": 2})],
    ],
)
def test_calls_are_put_together_however_a_server_counts_them(
    reader: CompletionReader, pieces: list[tuple[int | None, str | None, str | None, object]]
) -> None:
    read(reader, *(piece(*each) for each in pieces), event(None, "tool_calls"))
    finish = reader.finish(REQUEST)
    assert [(c.id, c.name, c.arguments) for c in finish.calls] == [
        ("a", "get", {"n": 1}),
        ("b", "get", {"n": 2}),
    ]


def test_a_call_without_an_id_gets_one_and_may_end_in_a_stop(reader: CompletionReader) -> None:
    read(reader, piece(0, "", "get", ""), event(None, "stop"))
    finish = reader.finish(REQUEST)
    assert finish.reason is FinishReason.TOOL_CALLS
    assert finish.calls[0].id
    assert finish.calls[0].arguments == {}


@pytest.mark.parametrize(
    "broken", [piece(0, "a", "get", "{"), piece(0, "a", "", "{}"), piece(0, "a", "get", "[1]")]
)
def test_a_call_that_nobody_can_read_is_malformed(reader: CompletionReader, broken: bytes) -> None:
    read(reader, broken, event(None, "tool_calls"))
    with pytest.raises(ProviderError) as failure:
        reader.finish(REQUEST)
    assert failure.value.code == "malformed"


def test_calls_cut_off_by_the_limit_are_no_calls(reader: CompletionReader) -> None:
    read(reader, event("I shall"), piece(0, "a", "get", '{"n"'), event(None, "length"))
    finish = reader.finish(REQUEST)
    assert (finish.reason, finish.calls) == (FinishReason.LENGTH, ())


def test_more_calls_than_anybody_makes_are_refused_at_once() -> None:
    reader = CompletionReader(Redactor(None), 16 * 1024 * 1024)
    calls = [{"id": str(number)} for number in range(100_000)]
    begun = time.process_time()
    read(reader, event(calls, name="tool_calls"))  # type: ignore[arg-type]  # a list, not a text
    assert time.process_time() - begun < 1
    assert reader.failure is not None
    assert reader.failure.code == "malformed"


@pytest.mark.parametrize(
    "delta",
    [
        lambda text: {"tool_calls": [{"index": 0, "function": {"arguments": text}}]},
        lambda text: {"refusal": text},
        lambda text: {"content": " " * len(text)},
    ],
    ids=["arguments", "refusal", "space"],
)
def test_a_long_field_in_small_pieces_does_not_hold_the_process_up(delta: Any) -> None:
    reader = CompletionReader(Redactor(None), 16 * 1024 * 1024)

    def said(size: int) -> bytes:
        return json.dumps({"choices": [{"delta": delta("x" * size)}]}).encode()

    read(reader, said(8 * 1024 * 1024))
    pieces = [said(1)] * 1_000
    begun = time.process_time()
    for piece in pieces:
        read(reader, piece)
    assert time.process_time() - begun < 0.3
