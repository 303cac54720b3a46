"""OpenAI and Anthropic as settings name them."""

from pathlib import Path

import pytest

from adapters._providers.connections import Connections
from adapters.anthropic.plugin import AnthropicOptions
from adapters.anthropic.plugin import chat_model as anthropic
from adapters.openai.plugin import ChatOptions, EmbedderOptions, embedder
from adapters.openai.plugin import chat_model as openai
from application.ports.plugins import Context, NotConfigured
from domain.urls import UrlRules

KEY = "sk-own-0123456789abcdef"  # pragma: allowlist secret


@pytest.fixture
def context(tmp_path: Path) -> Context:
    return Context(tmp_path)


def test_without_a_key_and_an_address_the_settings_are_named(context: Context) -> None:
    for plugin, options in ((openai, ChatOptions()), (embedder, EmbedderOptions())):
        with pytest.raises(NotConfigured, match="CHATSPHERE_OPENAI_API_KEY"):
            plugin.build(options, context)  # type: ignore[operator]
    with pytest.raises(NotConfigured, match="CHATSPHERE_ANTHROPIC_API_KEY"):
        anthropic.build(AnthropicOptions(), context)


@pytest.mark.parametrize(
    ("options", "host"),
    [
        (ChatOptions(openai_api_key=KEY), "api.openai.com"),
        (ChatOptions(openai_base_url="http://127.0.0.1:11434/v1"), "127.0.0.1:11434"),
    ],
)
def test_a_key_alone_leads_to_the_hosted_service(
    context: Context, options: ChatOptions, host: str
) -> None:
    assert host in repr(openai.build(options, context))


def test_anthropics_address_may_be_anothers(context: Context) -> None:
    options = AnthropicOptions(anthropic_base_url="http://127.0.0.1:4000")
    assert "127.0.0.1:4000" in repr(anthropic.build(options, context))
    own = AnthropicOptions(anthropic_api_key=KEY)
    assert "api.anthropic.com" in repr(anthropic.build(own, context))


def test_all_adapters_of_a_context_share_connections_that_keep_its_rules(tmp_path: Path) -> None:
    rules = UrlRules()
    context = Context(tmp_path, url_rules=rules)
    openai.build(ChatOptions(openai_api_key=KEY), context)
    shared = context.shared(Connections, Connections)
    anthropic.build(AnthropicOptions(anthropic_api_key=KEY), context)
    assert context.shared(Connections, Connections) is shared
    assert shared.rules is rules


def test_models_have_a_name_to_stand_for_them_and_may_have_keys_of_workspaces() -> None:
    assert openai.default_model(ChatOptions()) == "gpt-5-mini"
    assert anthropic.default_model(AnthropicOptions()).startswith("claude-")
    assert openai.takes_keys
    assert anthropic.takes_keys
    assert KEY not in repr(ChatOptions(openai_api_key=KEY))
