"""Gemini, as settings name it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, TypeVar

from pydantic import Field

from application.ports.plugins import ChatModelPlugin, Context, NotConfigured, Plugin, option

if TYPE_CHECKING:
    from adapters._llm_reranker import LlmReranker
    from adapters.gemini.chat_model import GeminiChatModel
    from adapters.gemini.client import GeminiClients
    from adapters.gemini.embedder import GeminiEmbedder

T = TypeVar("T")

_URL = "https://generativelanguage.googleapis.com"
_MODULES = ("google.genai", "httpx2")
_EXTRA = "gemini"


@dataclass(frozen=True, slots=True)
class ChatOptions:
    """Whose models answer."""

    gemini_api_key: str = option("Key of the Gemini API.", secret=True, own=True)
    gemini_base_url: str = option("Address of the Gemini API.", default=_URL, own=True)
    gemini_chat_model: str = option(
        "Model name that `CHAT_MODEL=gemini` stands for.", default="gemini-3.5-flash-lite"
    )


@dataclass(frozen=True, slots=True)
class EmbedderOptions:
    """Whose model embeds."""

    gemini_api_key: str = option("Key of the Gemini API.", secret=True)
    gemini_base_url: str = option("Address of the Gemini API.", default=_URL)
    gemini_embedding_model: str = option(
        "Model name that `EMBEDDER=gemini` uses.", default="gemini-embedding-2"
    )
    gemini_embedding_dimensions: Annotated[int, Field(ge=1, le=3072)] = option(
        "Length of its vectors.", default=768
    )


@dataclass(frozen=True, slots=True)
class RerankerOptions:
    """Whose model judges passages."""

    gemini_api_key: str = option("Key of the Gemini API.", secret=True)
    gemini_base_url: str = option("Address of the Gemini API.", default=_URL)
    gemini_reranker_model: str = option(
        "Model name that `RERANKER=gemini` uses: a small and quick one.",
        default="gemini-3.5-flash-lite",
    )


def clients_of(context: Context) -> "GeminiClients":
    """Return the connections that everything of Gemini shares in this context."""
    from adapters.gemini.client import GeminiClients

    return context.shared(
        GeminiClients,
        lambda: GeminiClients(connect_timeout=context.deadlines.connect, rules=context.url_rules),
    )


def _chat_model(options: ChatOptions, context: Context) -> "GeminiChatModel":
    from adapters.gemini.chat_model import GeminiChatModel

    return _configured(
        lambda: GeminiChatModel(
            options.gemini_api_key,
            options.gemini_base_url,
            deadlines=context.deadlines,
            clients=clients_of(context),
        )
    )


def _embedder(options: EmbedderOptions, context: Context) -> "GeminiEmbedder":
    from adapters.gemini.embedder import GeminiEmbedder

    return _configured(
        lambda: GeminiEmbedder(
            options.gemini_api_key,
            options.gemini_base_url,
            model=options.gemini_embedding_model,
            dimensions=options.gemini_embedding_dimensions,
            clients=clients_of(context),
        )
    )


def _reranker(options: RerankerOptions, context: Context) -> "LlmReranker":
    from adapters._llm_reranker import LlmReranker

    who = ChatOptions(options.gemini_api_key, options.gemini_base_url)
    return LlmReranker(_chat_model(who, context), options.gemini_reranker_model)


def _configured(build: Callable[[], T]) -> T:
    """Return the part. Raises NotConfigured where the address or the key cannot be one."""
    try:
        return build()
    except ValueError as error:
        raise NotConfigured(f"The settings of Gemini do not fit: {error}.") from error


chat_model = ChatModelPlugin(
    "Google's Gemini models.",
    _chat_model,
    ChatOptions,
    modules=_MODULES,
    extra=_EXTRA,
    default_model=lambda options: options.gemini_chat_model,
    takes_keys=True,
)
embedder = Plugin(
    "Google's Gemini embeddings.",
    _embedder,
    EmbedderOptions,
    modules=_MODULES,
    extra=_EXTRA,
    retries=True,
)
reranker = Plugin(
    "A Gemini model that judges passages.",
    _reranker,
    RerankerOptions,
    modules=_MODULES,
    extra=_EXTRA,
)
