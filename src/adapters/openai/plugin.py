"""OpenAI, and servers that speak its API, as they are chosen by settings."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from application.ports.chat_model import ChatModel
from application.ports.embedder import Embedder
from application.ports.plugins import ChatModelPlugin, Context, NotConfigured, Plugin, option
from application.ports.reranker import Reranker

OPENAI_URL = "https://api.openai.com/v1"


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Which server, and the key for it."""

    openai_api_key: str | None = option(
        "Key of the OpenAI-compatible server, where it wants one.",
        default=None,
        secret=True,
        own=True,
    )
    openai_base_url: str | None = option(
        "Any OpenAI-compatible server, such as http://127.0.0.1:11434/v1 (Ollama).",
        default=None,
        own=True,
    )


@dataclass(frozen=True, slots=True)
class ChatOptions(ServerOptions):
    """What `CHAT_MODEL=openai` goes by."""

    openai_chat_model: str = option(
        "Model name that `CHAT_MODEL=openai` stands for.", default="gpt-5-mini"
    )


@dataclass(frozen=True, slots=True)
class EmbedderOptions(ServerOptions):
    """What `EMBEDDER=openai` goes by."""

    openai_embedding_model: str = option(
        "Model name that `EMBEDDER=openai` uses.", default="text-embedding-3-small"
    )
    openai_embedding_dimensions: Annotated[int, Field(ge=1, le=4000)] = option(
        "Length of its vectors.", default=1536
    )


@dataclass(frozen=True, slots=True)
class RerankerOptions(ServerOptions):
    """What `RERANKER=openai` goes by."""

    openai_reranker_model: str = option(
        "Model name that `RERANKER=openai` uses: a small and quick one.", default="gpt-5-mini"
    )


def base_url_of(options: ServerOptions) -> str:
    """Return the server's address: the hosted service's where only a key is set.

    Raises NotConfigured where nothing is.
    """
    if not (options.openai_api_key or options.openai_base_url):
        raise NotConfigured(
            "Set CHATSPHERE_OPENAI_BASE_URL or CHATSPHERE_OPENAI_API_KEY, then start again."
        )
    return options.openai_base_url or OPENAI_URL


def _chat_model(options: ServerOptions, context: Context) -> ChatModel:
    base_url = base_url_of(options)
    from adapters._providers.connections import Connections
    from adapters.openai.chat_model import OpenAIChatModel

    return OpenAIChatModel(
        base_url,
        options.openai_api_key,
        deadlines=context.deadlines,
        connections=context.shared(Connections, lambda: Connections.of(context)),
    )


def _embedder(options: EmbedderOptions, context: Context) -> Embedder:
    base_url = base_url_of(options)
    from adapters._providers.connections import Connections
    from adapters.openai.embedder import OpenAIEmbedder

    return OpenAIEmbedder(
        base_url,
        options.openai_embedding_model,
        options.openai_embedding_dimensions,
        options.openai_api_key,
        connections=context.shared(Connections, lambda: Connections.of(context)),
    )


def _reranker(options: RerankerOptions, context: Context) -> Reranker:
    from adapters._llm_reranker import LlmReranker

    return LlmReranker(_chat_model(options, context), options.openai_reranker_model)


chat_model = ChatModelPlugin(
    summary="Chat models of OpenAI and of servers that speak its API.",
    build=_chat_model,
    options=ChatOptions,
    modules=("aiohttp",),
    default_model=lambda options: options.openai_chat_model,
    takes_keys=True,
)
embedder = Plugin(
    summary="Embedding models of OpenAI and of servers that speak its API.",
    build=_embedder,
    options=EmbedderOptions,
    modules=("aiohttp",),
    retries=True,
)
reranker = Plugin(
    summary="A chat model of OpenAI, or of a server that speaks its API, that judges passages.",
    build=_reranker,
    options=RerankerOptions,
    modules=("aiohttp",),
)
