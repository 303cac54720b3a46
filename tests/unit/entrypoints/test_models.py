"""Which model answers for whom: a workspace with a key of its own gets that and no other."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.memory.clock import FakeClock
from adapters.memory.embedder import InMemoryEmbedder
from adapters.memory.secret_box import InMemorySecretBox
from adapters.memory.text_analyzer import InMemoryTextAnalyzer
from application.ports.chat_model import ChatModel, ChatRequest, ModelUnavailable, Role, Turn
from application.ports.embedder import Embedder
from application.ports.plugins import Context
from application.ports.secret_box import SecretUnreadable
from application.ports.text_analyzer import TextAnalyzer
from application.services.guards.breaker import Breakers
from domain.credentials import StoredCredentials, sealing_context
from domain.errors import InvalidInput, NotFound
from domain.urls import UrlRules
from entrypoints import _models
from entrypoints._models import ConfiguredModels
from entrypoints.plugins import Plugins
from entrypoints.settings import Settings

INSTANCE_URL = "http://127.0.0.1:1/v1"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
BOX = InMemorySecretBox()


def context_at(tmp_path: Path) -> Context:
    return Context(
        tmp_path, resources={Embedder: InMemoryEmbedder, TextAnalyzer: InMemoryTextAnalyzer}
    )


def catalog(tmp_path: Path, context: Context | None = None, **settings: object) -> ConfiguredModels:
    given = Settings(_env_file=None, data_dir=tmp_path, **settings)
    context = context or context_at(tmp_path)
    breakers = Breakers(FakeClock(), lambda: 0.5)
    plugins = Plugins(given.given)
    return ConfiguredModels(plugins, given.chat_model, context, BOX, UrlRules(), breakers)


def own(tenant: str = "ws_a", key: str = "sk-own-key", **more: str) -> StoredCredentials:
    context = sealing_context(tenant, "openai")
    sealed = BOX.seal(json.dumps({"api_key": key, **more}), context)
    return StoredCredentials(tenant, "openai", more, sealed, "memory", "…", "usr_a", NOW, NOW)


async def test_without_a_key_of_its_own_a_workspace_gets_the_installations(tmp_path: Path) -> None:
    models = catalog(tmp_path, openai_base_url=INSTANCE_URL)
    model, name = models.resolve("openai/gpt", [])
    assert name == "openai/gpt"
    assert repr(model) == "OpenAIChatModel(127.0.0.1:1)"
    assert models.resolve("openai/other", [])[0] is model


async def test_an_own_key_goes_to_the_own_server_or_the_providers_never_to_the_installations(
    tmp_path: Path,
) -> None:
    models = catalog(tmp_path, openai_base_url=INSTANCE_URL, chat_model="openai")
    plain, name = models.resolve(None, [own()])
    assert repr(plain) == "OpenAIChatModel(api.openai.com)"
    assert name == "openai/gpt-5-mini"
    server, _ = models.resolve("openai/gpt", [own(base_url="https://models.example.com/v1")])
    assert repr(server) == "OpenAIChatModel(models.example.com)"


async def test_an_own_key_needs_no_key_of_the_installation(tmp_path: Path) -> None:
    models = catalog(tmp_path)
    assert models.resolve("openai/gpt", [own()])[1] == "openai/gpt"
    with pytest.raises(InvalidInput) as raised:
        models.resolve("openai/gpt", [])
    assert raised.value.code == "model_not_configured"


async def test_an_own_key_changes_nothing_for_other_models(tmp_path: Path) -> None:
    assert catalog(tmp_path).resolve("extractive/default", [own()])[1] == "extractive/default"


async def test_what_is_sealed_counts_and_not_what_is_shown(tmp_path: Path) -> None:
    stored = own(base_url="https://models.example.com/v1")
    forged = StoredCredentials(
        stored.tenant_id, "openai", {"base_url": "https://evil.example.com/v1"}, stored.sealed,
        "memory", "…", "usr_a", NOW, NOW,
    )  # fmt: skip
    model, _ = catalog(tmp_path).resolve("openai/gpt", [forged])
    assert repr(model) == "OpenAIChatModel(models.example.com)"


async def test_the_key_of_another_workspace_does_not_open_even_after_its_owner_used_it(
    tmp_path: Path,
) -> None:
    models = catalog(tmp_path)
    theirs = own("ws_b")
    models.resolve("openai/gpt", [theirs])
    moved = StoredCredentials("ws_a", "openai", {}, theirs.sealed, "memory", "…", "usr_a", NOW, NOW)
    with pytest.raises(SecretUnreadable):
        models.resolve("openai/gpt", [moved])


async def test_an_address_that_the_rules_keep_back_by_now_is_not_used(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as raised:
        catalog(tmp_path).resolve("openai/gpt", [own(base_url="https://10.0.0.5/v1")])
    assert raised.value.code == "url_not_allowed"


async def test_models_of_workspaces_are_kept_within_bounds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_models, "KEPT_MODELS", 2)
    models = catalog(tmp_path)
    a, b, c = own("ws_a"), own("ws_b"), own("ws_c")
    first, _ = models.resolve("openai/gpt", [a])
    second, _ = models.resolve("openai/gpt", [b])
    assert models.resolve("openai/gpt", [a])[0] is first
    models.resolve("openai/gpt", [c])  # b was used longest ago
    assert models.resolve("openai/gpt", [a])[0] is first
    assert models.resolve("openai/gpt", [b])[0] is not second
    await models.aclose()


async def test_a_changed_key_makes_another_model(tmp_path: Path) -> None:
    models = catalog(tmp_path)
    before, _ = models.resolve("openai/gpt", [own(key="sk-before-1")])
    after, _ = models.resolve("openai/gpt", [own(key="sk-after-22")])
    assert before is not after
    assert models.resolve("openai/gpt", [own(key="sk-after-22")])[0] is not before


async def refusal(model: ChatModel) -> str:
    with pytest.raises(ModelUnavailable) as raised:
        _ = [item async for item in model.stream(ChatRequest("m", [Turn(Role.USER, "q")], "q"))]
    return raised.value.detail


async def test_a_provider_that_is_out_does_not_keep_the_others_from_being_asked(
    tmp_path: Path,
) -> None:
    context = context_at(tmp_path)
    models = catalog(
        tmp_path,
        context,
        openai_base_url=INSTANCE_URL,
        anthropic_base_url=INSTANCE_URL,
        chat_model="openai",
    )
    out, _ = models.resolve("openai/gpt", [])
    fallback, _ = models.resolve("anthropic/claude", [])
    for _ in range(5):
        told = await refusal(out)
        assert "cannot be reached" in told
    assert "let alone" in await refusal(out)
    assert "cannot be reached" in await refusal(fallback)
    await models.aclose()
    await context.aclose()


def test_providers_that_take_keys_tell_which_fields_and_others_do_not(tmp_path: Path) -> None:
    models = catalog(tmp_path)
    assert models.own_fields("openai") == {"api_key", "base_url"}
    for name in ("extractive", "nobody"):
        with pytest.raises(NotFound) as raised:
            models.own_fields(name)
        assert "anthropic, gemini, openai" in raised.value.detail
