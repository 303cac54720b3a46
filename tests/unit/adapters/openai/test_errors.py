"""A provider's failures become errors of our ports, and tell no secret."""

import json

import pytest

from adapters._providers.errors import Redactor, failure_of_status
from adapters.openai.chat_model import OpenAIChatModel
from adapters.openai.embedder import OpenAIEmbedder, read_vectors
from application.ports.chat_model import ModelRefused, ModelUnavailable
from application.ports.embedder import EmbedderUnavailable

KEY = "very-secret-key"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, "model_rejected"),
        (401, "model_rejected"),
        (402, "model_quota_exceeded"),
        (403, "model_rejected"),
        (404, "model_rejected"),
        (422, "model_rejected"),
        (429, "model_rate_limited"),
        (408, "model_unavailable"),
        (500, "model_unavailable"),
        (503, "model_unavailable"),
        (529, "model_unavailable"),
    ],
)
def test_a_status_has_its_code(status: int, code: str) -> None:
    failure = failure_of_status(status, {}, b"", Redactor(KEY))
    assert failure.as_error(ModelUnavailable, ModelRefused).code == code


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        ("0.5", 0.5),
        (None, 1.0),
        ("soon", 1.0),
        ("-3", 0.0),
        ("nan", 1.0),
        ("9e9", 3600),
        ("Mon, 23 Nov 2026 10:00:42 GMT", 42.0),
    ],
)
def test_retry_after_is_kept_within_reason(header: str | None, seconds: float) -> None:
    headers = {} if header is None else {"Retry-After": header}
    headers["Date"] = "Mon, 23 Nov 2026 10:00:00 GMT"
    failure = failure_of_status(429, headers, b"", Redactor(None))
    assert failure.as_error(ModelUnavailable, ModelRefused).retry_after == seconds


def test_a_blocked_prompt_is_told_apart() -> None:
    body = b'{"error": {"message": "no", "code": "content_filter"}}'
    failure = failure_of_status(400, {}, body, Redactor(None))
    assert failure.as_error(ModelUnavailable, ModelRefused).code == "model_blocked"


def test_the_message_is_short_on_one_line_and_without_the_key() -> None:
    said = f"Incorrect key {KEY}\n or Bearer abc or sk-proj-12345678 {'x' * 500}"
    body = json.dumps({"error": {"message": said}}).encode()
    detail = failure_of_status(401, {}, body, Redactor(KEY)).args[0]
    assert len(detail) < 260
    for secret in (KEY, "abc", "12345678", "\n"):
        assert secret not in detail


@pytest.mark.parametrize(
    "body", [b"<html>Bad gateway</html>", b"[]", b"5", b'{"error": 5}', b"\xff"]
)
def test_a_body_of_another_shape_adds_nothing(body: bytes) -> None:
    assert failure_of_status(502, {}, body, Redactor(None)).args[0] == "The provider answered 502"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:11434",
        "ftp://host/v1",
        "http://me:pw@host/v1",  # pragma: allowlist secret
        "http://host/v1?k=v",
    ],
)
def test_an_address_that_cannot_be_one_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        OpenAIChatModel(url)


def test_a_key_with_a_line_end_is_refused_without_showing_it() -> None:
    with pytest.raises(ValueError, match="API key") as refused:
        OpenAIChatModel("http://host/v1", f"{KEY}\r\nX-Evil: 1")
    assert KEY not in str(refused.value)


def test_the_key_is_in_no_repr() -> None:
    url = "http://host/v1"
    assert KEY not in repr(OpenAIChatModel(url, KEY)) + repr(OpenAIEmbedder(url, "m", 2, KEY))


def vectors(*items: tuple[object, object]) -> bytes:
    return json.dumps({"data": [{"index": i, "embedding": v} for i, v in items]}).encode()


def test_vectors_are_put_in_order_and_to_unit_length() -> None:
    first, second = read_vectors(vectors((1, [0, 2]), (0, [3, 4])), 2, 2)
    assert list(first) == pytest.approx([0.6, 0.8])
    assert list(second) == [0, 1]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b'{"data": 1}',
        vectors((0, [1, 0])),
        vectors((0, [1, 0]), (1, [0, 1]), (2, [1, 1])),
        vectors((0, [1, 0]), (0, [0, 1])),
        vectors((0, [1, 0, 0]), (1, [0, 1, 0])),
        vectors((0, [1, 0]), (1, [0, 0])),
        vectors((0, [1, 0]), (1, ["a", "b"])),
        vectors((0, [1, 0]), ("1", [0, 1])),
        vectors((0, [1, 0]), (1, None)),
    ],
)
def test_vectors_other_than_asked_for_are_refused(body: bytes) -> None:
    with pytest.raises(EmbedderUnavailable):
        read_vectors(body, 2, 2)
