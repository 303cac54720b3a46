"""What integrations raise, in the words of our ports, and without their keys."""

import json
import traceback
from types import SimpleNamespace
from typing import Any

import pytest
from langchain_core import exceptions as core
from pydantic import SecretStr

from adapters.langchain._errors import failure_of
from adapters.langchain._secrets import Redactor, redactor_for
from adapters.langchain.chat_model import LangChainChatModel
from application.ports.chat_model import ChatRequest, ModelRefused, ModelUnavailable, Role, Turn
from support.langchain_parts import KEY, ScriptedModel, said

ASKED = ChatRequest("default", [Turn(Role.USER, "Hello?")], "Hello?")


def named(name: str, base: type[Exception] = Exception, **fields: Any) -> Exception:
    """Return an exception of some vendor's SDK."""
    error = type(name, (base,), {})("it failed")
    for field, value in fields.items():
        setattr(error, field, value)
    return error


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (core.ModelAuthenticationError("no"), "rejected"),
        (core.ModelPermissionDeniedError("no"), "rejected"),
        (core.ModelInvalidRequestError("no"), "rejected"),
        (core.ModelNotFoundError("no"), "rejected"),
        (core.ContextOverflowError("too long"), "rejected"),
        (core.ModelRateLimitError("slow down"), "rate_limited"),
        (core.ModelAPIError("500"), "unavailable"),
        (core.ModelConnectionError("gone"), "unavailable"),
        (core.ModelTimeoutError("late"), "unavailable"),
        (core.OutputParserException("no JSON"), "malformed"),
        (named("APIStatusError", status_code=529), "unavailable"),
        (named("APIStatusError", status_code=408), "unavailable"),
        (named("APIStatusError", status_code=404), "rejected"),
        (named("ResponseError", status_code=429), "rate_limited"),
        (named("ClientError", code=403), "rejected"),
        (named("HTTPError", OSError, response=SimpleNamespace(status_code=400)), "rejected"),
        (
            named("ClientError", response={"ResponseMetadata": {"HTTPStatusCode": 503}}),
            "unavailable",
        ),
        (caused(named("WrappedError"), named("Inner", status_code=401)), "rejected"),
        (named("ThrottlingException"), "rate_limited"),
        (named("ResourceExhausted"), "rate_limited"),
        (named("APIConnectionError"), "unavailable"),
        (named("AuthenticationError"), "rejected"),
        (named("ContentFilterFinishReasonError"), "blocked"),
        (FileNotFoundError("socket"), "unavailable"),
        (TimeoutError(), "unavailable"),
        (NotImplementedError(), "rejected"),
        (ValueError("a message without content"), "rejected"),
        (json.JSONDecodeError("no", "{", 0), "unavailable"),
        (named("SomethingElse"), "unavailable"),
    ],
)
def test_an_integrations_failure_is_told_apart(error: Exception, code: str) -> None:
    assert failure_of(error, Redactor()).code == code


@pytest.mark.parametrize(
    "message",
    ["Error code: 429 - insufficient_quota", "You exceeded your current quota", "per day limit"],
)
def test_a_quota_that_is_spent_is_no_limit_that_passes(message: str) -> None:
    failure = failure_of(core.ModelRateLimitError(message), Redactor())
    assert failure.code == "quota_exceeded"
    assert failure.retry_after == 3_600


def test_a_filter_that_answers_400_has_blocked() -> None:
    error = named("BadRequestError", status_code=400)
    error.args = ("The response was filtered: content_filter",)
    assert failure_of(error, Redactor()).code == "blocked"


def test_the_wait_that_a_provider_asks_for_is_kept() -> None:
    response = SimpleNamespace(status_code=429, headers={"Retry-After": "17"})
    assert failure_of(named("RateLimitError", response=response), Redactor()).retry_after == 17


def test_what_cannot_be_read_in_the_middle_of_an_answer_may_go_well_next_time() -> None:
    assert failure_of(KeyError("choices"), Redactor(), begun=True).code == "unavailable"


@pytest.mark.parametrize(
    "message",
    [
        f"Incorrect API key provided: {KEY}",
        "Incorrect API key: sk-abcdef***WXYZ",
        "401 for https://api.example.com/v1?api_key=plain&x=1",
        "header Authorization: abc.def-ghi",
        "Bearer eyJhbGciOi.abc.def",
        "the key 0123456789abcdef0123456789abcdef is not known",  # pragma: allowlist secret
        "the key 01234567-89ab-cdef-0123-456789abcdef is not known",
        "AIzaSyB-0123456789abcdefghijk",  # pragma: allowlist secret
    ],
)
def test_no_key_is_left_in_a_message(message: str) -> None:
    shown = redactor_for(SimpleNamespace(api_key=SecretStr(KEY)))(message)
    assert "***" in shown
    hidden = (KEY, "WXYZ", "plain", "def", "abcdef", "ijk")
    assert not any(piece in shown for piece in hidden)


def test_a_key_in_a_plain_field_is_known_too() -> None:
    part = SimpleNamespace(access_token="only-letters", model="some-model")
    assert redactor_for(part)("some-model: only-letters") == "some-model: ***"


def test_a_plain_sentence_stays_as_it_is_and_a_long_one_is_cut() -> None:
    sentence = "The model 'claude-3-5-sonnet-20241022' takes at most 8192 tokens."
    assert Redactor()(sentence) == sentence
    assert len(Redactor()("word " * 500)) == 200


@pytest.mark.parametrize("begun", [[], [said("so far")]])
async def test_not_even_the_traceback_shows_the_key(begun: list[Any]) -> None:
    cause = ValueError(f"header x-api-key: {KEY}")
    error = caused(named("AuthenticationError", status_code=401), cause)
    error.args = (f"wrong key {KEY}",)
    model = LangChainChatModel(lambda: ScriptedModel(script=[*begun, error]))
    with pytest.raises((ModelRefused, ModelUnavailable)) as failed:
        _ = [item async for item in model.stream(ASKED)]
    assert "wrong key ***" in str(failed.value)
    assert KEY not in "".join(traceback.format_exception(failed.value))
