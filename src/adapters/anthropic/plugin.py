"""Anthropic as it is chosen by settings."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from application.ports.chat_model import ChatModel
from application.ports.plugins import ChatModelPlugin, Context, NotConfigured, option


@dataclass(frozen=True, slots=True)
class AnthropicOptions:
    """What `CHAT_MODEL=anthropic` goes by."""

    anthropic_api_key: str | None = option(
        "Key of the Anthropic API.", default=None, secret=True, own=True
    )
    anthropic_base_url: str | None = option(
        "Another server that speaks Anthropic's Messages API; absent: Anthropic's own.",
        default=None,
        own=True,
    )
    anthropic_chat_model: str = option(
        "Model name that `CHAT_MODEL=anthropic` stands for.", default="claude-haiku-5-5"
    )
    anthropic_max_tokens: Annotated[int, Field(ge=1, le=128_000)] = option(
        "Most tokens of an answer, thoughts included, where a bot does not say.", default=8_192
    )


def _chat_model(options: AnthropicOptions, context: Context) -> ChatModel:
    if not (options.anthropic_api_key or options.anthropic_base_url):
        raise NotConfigured(
            "Anthropic is not configured: give this workspace a key of its own, or set "
            "CHATSPHERE_ANTHROPIC_API_KEY, then start again."
        )
    from adapters._providers.connections import Connections
    from adapters.anthropic.chat_model import ANTHROPIC_URL, AnthropicChatModel

    return AnthropicChatModel(
        options.anthropic_api_key,
        options.anthropic_base_url or ANTHROPIC_URL,
        max_tokens=options.anthropic_max_tokens,
        deadlines=context.deadlines,
        connections=context.shared(Connections, lambda: Connections.of(context)),
    )


chat_model = ChatModelPlugin(
    summary="Claude models of Anthropic, and servers that speak its Messages API.",
    build=_chat_model,
    options=AnthropicOptions,
    modules=("aiohttp",),
    default_model=lambda options: options.anthropic_chat_model,
    takes_keys=True,
)
