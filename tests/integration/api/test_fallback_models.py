"""Fallback models, end to end: a server that does not answer, and the one that is asked instead."""

import pytest

from integration.api.client import Client
from standins.openai_server import OpenAIServer, Script

TEXT = "The harbour opens at seven in the morning. The ferry leaves at noon."
QUESTION = "When does the harbour open?"
FALLBACKS = ["extractive/default"]


@pytest.fixture
async def bot(ada: Client, model: OpenAIServer) -> str:
    bot = await ada.bot(llm_model="openai/stand-in", fallback_models=FALLBACKS)
    await ada.text(bot, TEXT, "Guide")
    return bot


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (Script(status=429), "model_rate_limited"),
        (Script(status=500), "model_unavailable"),
        (Script(cut_after=0), "model_unavailable"),
        (Script(tokens=()), "model_empty"),
        (Script(status=401), "model_rejected"),
    ],
)
async def test_the_fallback_answers_where_the_model_does_not(
    ada: Client, bot: str, model: OpenAIServer, script: Script, code: str
) -> None:
    model.scripts += [script] * 3
    stream = await ada.stream("POST", f"/bots/{bot}/chat", {"message": QUESTION})
    assert stream[-1].type == "message.completed"
    told = stream[-1].data["message"]
    assert (told["status"], told["model"]) == ("completed", "extractive/default")
    assert told["fallbacks"] == [{"model": "openai/stand-in", "code": code}]
    assert "seven in the morning" in told["content"]
    assert told["timings"]["first_token_ms"] > 0
    assert [event.type for event in stream].count("retrieval.completed") == 1
    assert (await ada.get(f"/messages/{told['id']}")).json == told


async def test_an_answer_that_was_cut_in_its_middle_fails(
    ada: Client, bot: str, model: OpenAIServer
) -> None:
    model.scripts.append(Script(cut_after=2))
    answer = await ada.ask(bot, QUESTION)
    assert (answer["status"], answer["model"]) == ("failed", "openai/stand-in")
    assert (answer["error"]["code"], answer["fallbacks"]) == ("model_unavailable", [])


async def test_an_answer_that_nobody_gives_tells_all_that_were_asked(
    ada: Client, bot: str, model: OpenAIServer
) -> None:
    names = ["openai/unknown"]
    await ada.patch(f"/bots/{bot}", {"configuration": {"fallback_models": names}})
    model.scripts.append(Script(status=400))
    answer = await ada.ask(bot, QUESTION)
    assert (answer["status"], answer["model"]) == ("failed", "openai/unknown")
    assert answer["error"]["code"] == "model_rejected"
    assert answer["fallbacks"] == [{"model": "openai/stand-in", "code": "model_rejected"}]


async def test_a_model_that_is_there_falls_back_on_nobody(
    ada: Client, bot: str, model: OpenAIServer
) -> None:
    answer = await ada.ask(bot, QUESTION)
    assert (answer["model"], answer["fallbacks"]) == ("openai/stand-in", [])


@pytest.mark.parametrize(
    ("names", "pointer", "code"),
    [
        (["extractive/default", "nobody/x"], "/1", "model_not_configured"),
        (["openai/stand-in"], "/0", "invalid_request"),
        (["extractive/default"] * 2, "/1", "invalid_request"),
        (["a/a", "b/b", "c/c", "d/d"], "", "invalid_request"),
    ],
)
async def test_fallback_models_that_do_not_fit_are_refused(
    ada: Client, bot: str, names: list[str], pointer: str, code: str
) -> None:
    refused = await ada.patch(f"/bots/{bot}", {"configuration": {"fallback_models": names}})
    assert refused.status == 422
    assert refused.json["code"] == code
    told = [each["pointer"] for each in refused.json["errors"]]
    assert told == [f"/configuration/fallback_models{pointer}"]
    shown = (await ada.get(f"/bots/{bot}")).json["configuration"]
    assert shown["fallback_models"] == FALLBACKS


async def test_a_workspace_without_its_key_is_answered_by_the_fallback(
    ada: Client, own_model: OpenAIServer, model: OpenAIServer
) -> None:
    key = {
        "api_key": "sk-own-0123456789",
        "base_url": own_model.base_url,
    }  # pragma: allowlist secret
    await ada.put("/provider_credentials/openai", key)
    own_model.scripts += [Script(status=500)] * 3
    bot = await ada.bot(llm_model="openai/stand-in", fallback_models=FALLBACKS)
    await ada.text(bot, TEXT, "Guide")
    answer = await ada.ask(bot, QUESTION)
    assert (answer["status"], answer["model"]) == ("completed", "extractive/default")
    assert own_model.requests
    assert not model.requests
