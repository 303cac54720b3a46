"""LangChain's parts as adapters that settings can name. They are imported at their first use."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from application.ports.chat_model import ChatCapability, ChatModel
from application.ports.embedder import Embedder
from application.ports.plugins import ChatModelPlugin, Context, NotConfigured, Plugin, option
from application.ports.vector_index import VectorIndex

if TYPE_CHECKING:
    from langchain_core.embeddings import Embeddings
    from langchain_core.language_models import BaseChatModel

    from adapters.langchain.stores import VectorStores

_MODULES = ("langchain_core", "orjson")
_PATH = "as package.module:attribute (or a function without arguments that returns one)"


@dataclass(frozen=True, slots=True)
class ChatModelOptions:
    """Which chat model, and what it can do."""

    langchain_chat_model: str = option(f"Where a BaseChatModel stands, {_PATH}.")
    langchain_chat_model_name: str = option(
        "What bots call it: langchain/<name>.", default="default"
    )
    langchain_chat_model_can: str = option(
        "What it can do beyond text, with commas between: tools, schema, stop.", default=""
    )
    langchain_temperature_as: str = option(
        "Keyword argument for the temperature of a request; empty: never sent.",
        default="temperature",
    )
    langchain_max_tokens_as: str = option(
        "Keyword argument for the longest answer, in tokens; empty: never sent.",
        default="max_tokens",
    )


@dataclass(frozen=True, slots=True)
class EmbedderOptions:
    """Which embeddings, and what their vectors are."""

    langchain_embedder: str = option(f"Where an Embeddings stands, {_PATH}.")
    langchain_embedder_space: str = option(
        "Name of the model and its version; a new one, a new space."
    )
    langchain_embedder_dimensions: Annotated[int, Field(ge=1)] = option("Length of its vectors.")
    langchain_embedder_batch_size: Annotated[int, Field(ge=1, le=2_048)] = option(
        "Texts a call.", default=64
    )
    langchain_embedder_timeout_seconds: Annotated[float, Field(gt=0)] = option(
        "Time for one call.", default=60.0
    )


@dataclass(frozen=True, slots=True)
class VectorIndexOptions:
    """Which stores."""

    langchain_vector_store: str = option(
        f"Where a VectorStores (adapters.langchain.stores) stands, {_PATH}."
    )
    langchain_vector_store_timeout_seconds: Annotated[float, Field(gt=0)] = option(
        "Time for one call.", default=30.0
    )


def _chat_model(options: ChatModelOptions, context: Context) -> ChatModel:
    from adapters.langchain._parts import check_path, part_at
    from adapters.langchain.chat_model import DECLARABLE, LangChainChatModel

    setting = "CHATSPHERE_LANGCHAIN_CHAT_MODEL"
    check_path(options.langchain_chat_model, setting)
    can = {word.strip() for word in options.langchain_chat_model_can.split(",") if word.strip()}
    if unknown := can - set(DECLARABLE):
        raise NotConfigured(
            f"CHATSPHERE_LANGCHAIN_CHAT_MODEL_CAN: {sorted(unknown)[0]!r} is not one of "
            f"{', '.join(sorted(DECLARABLE))}."
        )
    return LangChainChatModel(
        part_at(options.langchain_chat_model, setting, _kind_of_chat_model),
        name=options.langchain_chat_model_name,
        capabilities=frozenset(ChatCapability(word) for word in can),
        temperature_as=options.langchain_temperature_as,
        max_tokens_as=options.langchain_max_tokens_as,
        deadlines=context.deadlines,
    )


def _kind_of_chat_model() -> "type[BaseChatModel]":
    from langchain_core.language_models import BaseChatModel

    return BaseChatModel


def _embedder(options: EmbedderOptions, context: Context) -> Embedder:  # noqa: ARG001 - build's shape
    from adapters.langchain._parts import check_path, part_at
    from adapters.langchain.embedder import LangChainEmbedder

    setting = "CHATSPHERE_LANGCHAIN_EMBEDDER"
    check_path(options.langchain_embedder, setting)
    return LangChainEmbedder(
        part_at(options.langchain_embedder, setting, _kind_of_embeddings),
        options.langchain_embedder_space,
        options.langchain_embedder_dimensions,
        batch_size=options.langchain_embedder_batch_size,
        timeout_seconds=options.langchain_embedder_timeout_seconds,
    )


def _kind_of_embeddings() -> "type[Embeddings]":
    from langchain_core.embeddings import Embeddings

    return Embeddings


def _vector_index(options: VectorIndexOptions, context: Context) -> VectorIndex:
    from adapters.langchain._parts import check_path, part_at
    from adapters.langchain.vector_index import LangChainVectorIndex

    setting = "CHATSPHERE_LANGCHAIN_VECTOR_STORE"
    check_path(options.langchain_vector_store, setting)
    return LangChainVectorIndex(
        part_at(options.langchain_vector_store, setting, _kind_of_stores),
        context.resource(Embedder).dimensions,
        timeout_seconds=options.langchain_vector_store_timeout_seconds,
    )


def _kind_of_stores() -> "type[VectorStores]":
    from adapters.langchain.stores import VectorStores

    return VectorStores


chat_model = ChatModelPlugin(
    summary="Any chat model of LangChain.",
    build=_chat_model,
    options=ChatModelOptions,
    modules=_MODULES,
    extra="langchain",
    default_model=lambda options: options.langchain_chat_model_name,
)
embedder = Plugin(
    summary="Any embeddings of LangChain.",
    build=_embedder,
    options=EmbedderOptions,
    modules=_MODULES,
    extra="langchain",
)
vector_index = Plugin(
    summary="Vector stores of LangChain, with a profile of what they can.",
    build=_vector_index,
    options=VectorIndexOptions,
    modules=_MODULES,
    extra="langchain",
)
