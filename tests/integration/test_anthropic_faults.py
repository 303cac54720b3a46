"""Faults of Anthropic's API, played by a stand-in over loopback."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters._providers import retries
from adapters.anthropic.chat_model import AnthropicChatModel
from application.ports.chat_model import (
    ChatRequest,
    Deadlines,
    FinishReason,
    ModelRefused,
    ModelUnavailable,
)
from application.testing.chat_capabilities import answer_of
from application.testing.chat_model import chat_request
from standins.anthropic_server import AnthropicServer, Script

KEY = "sk-ant-standin-0123456789"  # pragma: allowlist secret
QUICK = Deadlines(connect=0.5, first_token=1.2, idle=0.3, total=4.0)
HELLO = "Hello from the stand-in."
HAIKU = "claude-haiku-5-5"


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "_FIRST_PAUSE", 0.001)


@pytest.fixture
async def server() -> AsyncIterator[AnthropicServer]:
    async with AnthropicServer(api_keys=[KEY]) as server:
        yield server


@pytest.fixture
async def model(server: AnthropicServer) -> AsyncIterator[AnthropicChatModel]:
    model = AnthropicChatModel(KEY, server.base_url, deadlines=QUICK)
    yield model
    await model.aclose()


def asked() -> ChatRequest:
    return replace(chat_request(model=HAIKU), temperature=None)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (Script(status=401), "model_rejected"),
        (Script(status=402), "model_quota_exceeded"),
        (Script(status=403), "model_rejected"),
        (Script(status=404), "model_rejected"),
        (Script(status=413), "model_rejected"),
        (Script(status=429, retry_after="60"), "model_rate_limited"),
        (Script(error_after=0, error="rate_limit_error"), "model_rate_limited"),
        (Script(error_after=0, error="billing_error"), "model_quota_exceeded"),
        (Script(tokens=(), stop_reason="max_tokens"), "model_empty"),
        (Script(tokens=(), stop_reason="model_context_window_exceeded"), "model_empty"),
        (Script(tokens=(), stop_reason="tool_use"), "model_malformed"),
        (Script(calls=[("x", "[]")]), "model_malformed"),
    ],
)
async def test_a_refusal_has_its_code(
    server: AnthropicServer, model: AnthropicChatModel, script: Script, code: str
) -> None:
    server.default = script
    with pytest.raises(ModelRefused) as refused:
        await answer_of(model, asked())
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("reason", "means"),
    [
        ("stop_sequence", FinishReason.STOP),
        ("model_context_window_exceeded", FinishReason.LENGTH),
        ("pause_turn", FinishReason.LENGTH),
        ("of_tomorrow", FinishReason.LENGTH),
    ],
)
async def test_the_reason_is_translated(
    server: AnthropicServer, model: AnthropicChatModel, reason: str, means: FinishReason
) -> None:
    server.default = Script(stop_reason=reason)
    text, finish = await answer_of(model, asked())
    assert (text, finish.reason) == (HELLO, means)


@pytest.mark.parametrize(
    "script",
    [
        Script(status=500),
        Script(status=529),
        Script(status=429, retry_after="0.01"),
        Script(cut_after=0),
        Script(error_after=0),
        Script(malformed_after=0),
    ],
)
async def test_what_may_pass_is_tried_again_before_the_first_token(
    server: AnthropicServer, model: AnthropicChatModel, script: Script
) -> None:
    server.scripts.append(script)
    assert (await answer_of(model, asked()))[0] == HELLO
    assert len(server.requests) == 2


@pytest.mark.parametrize("script", [Script(malformed_after=2), Script(error_after=2)])
async def test_nothing_is_tried_again_after_it(
    server: AnthropicServer, model: AnthropicChatModel, script: Script
) -> None:
    server.scripts.append(script)
    with pytest.raises(ModelUnavailable):
        await answer_of(model, asked())
    assert len(server.requests) == 1


async def test_a_key_that_is_refused_says_so_without_showing_it(server: AnthropicServer) -> None:
    model = AnthropicChatModel(f"{KEY}-wrong", server.base_url)
    with pytest.raises(ModelRefused, match="invalid x-api-key") as refused:
        await answer_of(model, asked())
    await model.aclose()
    assert KEY not in repr(refused.value)
    assert refused.value.code == "model_rejected"


async def test_what_was_refused_is_told(server: AnthropicServer, model: AnthropicChatModel) -> None:
    details = {"type": "refusal", "category": "cyber", "explanation": "It is about malware."}
    server.default = Script(tokens=(), stop_reason="refusal", stop_details=details)
    with pytest.raises(ModelRefused, match="It is about malware"):
        await answer_of(model, asked())
