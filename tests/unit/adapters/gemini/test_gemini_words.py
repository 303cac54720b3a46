"""How the Gemini adapters read errors, names and levels, without a server."""

import subprocess
import sys

import pytest

from adapters._providers.errors import ProviderError
from adapters.gemini._answer import AnswerReader
from adapters.gemini._errors import ApiKey, failure_of, provider_errors
from adapters.gemini._turns import model_name, own_turn, thinking_of
from adapters.gemini.chat_model import GeminiChatModel
from adapters.gemini.client import checked_url
from application.ports.chat_model import Thinking

KEY = ApiKey("AIza-0123456789")


def failure(status: int, *details: dict[str, object], message: str = "No.") -> ProviderError:
    body = {"error": {"code": status, "message": message, "details": list(details)}}
    return failure_of(status, body, KEY)


def retry_info(delay: str) -> dict[str, object]:
    return {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay}


@pytest.mark.parametrize(
    ("delay", "seconds"),
    [
        ("34.07s", 34.07),
        ("0s", 0.0),
        ("999999s", 3600.0),
        ("-3s", 0.0),
        ("soon", None),
        ("nans", None),
    ],
)
def test_the_wait_is_a_sane_number_of_seconds(delay: str, seconds: float | None) -> None:
    assert failure(429, retry_info(delay)).retry_after == seconds
    assert failure(503, retry_info(delay)).retry_after == seconds


@pytest.mark.parametrize(
    ("violation", "code"),
    [
        ({"quotaId": "GenerateRequestsPerMinutePerProjectPerModel"}, "rate_limited"),
        ({"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier"}, "quota_exceeded"),
        (
            {"quotaId": "GenerateRequestsPerMinutePerProjectPerModel", "quotaValue": "0"},
            "quota_exceeded",
        ),
        ({}, "rate_limited"),
    ],
)
def test_a_limit_of_the_minute_is_told_from_a_spent_quota(
    violation: dict[str, object], code: str
) -> None:
    quota: dict[str, object] = {"@type": "x/google.rpc.QuotaFailure", "violations": [violation]}
    assert failure(429, quota, retry_info("1s")).code == code


def test_a_spending_cap_is_a_spent_quota() -> None:
    said = "Your project has exceeded its monthly spending cap."
    assert failure(429, message=said).code == "quota_exceeded"


@pytest.mark.parametrize("body", [None, [], "text", {"error": "text"}, {"error": {"details": [1]}}])
def test_a_body_of_any_kind_is_read(body: object) -> None:
    assert failure_of(400, body, KEY).code == "rejected"


def test_a_message_is_short_and_without_keys() -> None:
    said = str(failure(400, message="Bad AIza-0123456789 or AIzaSomebodyElses_key.\n" + "x" * 500))
    assert "0123456789" not in said
    assert "Somebody" not in said
    assert len(said) < 260
    assert "\n" not in said


@pytest.mark.parametrize("key", ["", "with space", "line\nbreak", "schlüssel"])
def test_a_key_that_no_header_can_carry_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        GeminiChatModel(key)


@pytest.mark.parametrize(
    "url", ["", "ftp://x", "https://", "https://u:p@x", "https://x?key=1", "https://x#y"]
)
def test_a_base_url_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="base URL"):
        GeminiChatModel("key", url)


def test_a_base_url_may_end_in_the_version() -> None:
    assert checked_url("https://x/v1beta/") == checked_url("https://x") == "https://x"


def test_a_models_name_is_the_providers_own() -> None:
    assert model_name("gemini-3.8-flash") == "gemini-3.8-flash"
    assert model_name("tunedModels/my-model") == "tunedModels/my-model"


@pytest.mark.parametrize(
    ("model", "level"),
    [
        ("gemini-3-pro-preview", {"thinking_level": "HIGH"}),
        ("gemini-3-flash-preview", {"thinking_level": "MEDIUM"}),
        ("gemini-flash-latest", {"thinking_level": "MEDIUM"}),
        ("gemini-4-argon", {"thinking_level": "MEDIUM"}),
        ("gemini-2.5-flash", {"thinking_budget": 8192}),
        ("gemini-2.0-flash", {}),
        ("gemma-3-27b-it", {}),
    ],
)
def test_a_level_of_thinking_is_said_as_the_model_knows_it(
    model: str, level: dict[str, object]
) -> None:
    assert thinking_of(model, Thinking.MEDIUM) == level
    assert thinking_of(model, None) == {}


def test_parts_with_and_without_signature_are_not_merged() -> None:
    own = own_turn("m", [{"text": "a"}, {"text": "b"}, {"text": "c", "thoughtSignature": "/w=="}])
    assert own
    assert own.content["parts"] == [{"text": "ab"}, {"text": "c", "thoughtSignature": "/w=="}]


def test_the_sdk_is_not_imported_before_it_is_used() -> None:
    code = (
        "import sys, adapters.gemini.chat_model, adapters.gemini.embedder;"
        "from adapters.gemini.chat_model import GeminiChatModel; GeminiChatModel('key');"
        "sys.exit(any(name.partition('.')[0] in ('google', 'httpx2') for name in sys.modules))"
    )
    assert not subprocess.run([sys.executable, "-c", code], cwd="src", check=False).returncode


@pytest.mark.parametrize("details", [5, [5], [{"violations": 5}]])
def test_details_that_are_none_do_not_hide_the_failure(details: object) -> None:
    assert failure_of(429, {"error": {"details": details}}, KEY).code == "rate_limited"


def test_an_answer_nested_without_end_is_unreadable() -> None:
    with pytest.raises(ProviderError), provider_errors("host", KEY):
        raise RecursionError


def test_a_reason_that_is_no_text_is_unreadable() -> None:
    reader = AnswerReader("m", KEY)
    reader.read([b'{"candidates": [{"finishReason": ["STOP"]}]}'])
    assert reader.failure is not None
