"""Adapters that are chosen by settings; what is not chosen is not imported."""

from adapters._psycopg import Pool
from application.ports.blob_store import BlobStore
from application.ports.chat_model import ChatModel
from application.ports.document_parser import DocumentParser
from application.ports.embedder import Embedder
from application.ports.model_catalog import ModelCatalog
from application.ports.text_analyzer import TextAnalyzer
from application.ports.vector_index import VectorIndex
from domain.errors import InvalidInput
from entrypoints.settings import Settings


def blob_store(settings: Settings) -> BlobStore:
    """Return the store of original files."""
    from adapters.local_disk.blob_store import LocalDiskBlobStore

    return LocalDiskBlobStore(settings.data_dir / "blobs")


def parser() -> DocumentParser:
    """Return the parser; its helper process starts with the first document."""
    from adapters.parsers.document_parser import SandboxedParser

    return SandboxedParser()


def embedder(settings: Settings) -> Embedder:
    """Return the embedder; a local model is loaded with the first text."""
    if settings.embedder == "openai":
        from adapters.openai.embedder import OpenAIEmbedder

        return OpenAIEmbedder(
            base_url=_openai_url(settings),
            api_key=_openai_key(settings),
            model=settings.openai_embedding_model,
            dimensions=settings.openai_embedding_dimensions,
        )
    from adapters.minilm.embedder import MiniLmEmbedder

    return MiniLmEmbedder(settings.models)


def vector_index(settings: Settings, pool: Pool) -> VectorIndex:
    """Return the vector store."""
    if settings.vector_index == "memory":
        from adapters.memory.vector_index import InMemoryVectorIndex

        return InMemoryVectorIndex()
    from adapters.pgvector.vector_index import PgVectorIndex

    return PgVectorIndex(pool)


def model_catalog(
    settings: Settings, embedder: Embedder, analyzer: TextAnalyzer
) -> "ConfiguredModels":
    """Return the chat models of this installation."""
    return ConfiguredModels(settings, embedder, analyzer)


def _openai_key(settings: Settings) -> str | None:
    return settings.openai_api_key.get_secret_value() if settings.openai_api_key else None


def _openai_url(settings: Settings) -> str:
    return settings.openai_base_url or "https://api.openai.com/v1"


class ConfiguredModels(ModelCatalog):
    """Providers by name, each built with its first use."""

    def __init__(self, settings: Settings, embedder: Embedder, analyzer: TextAnalyzer) -> None:
        self._settings = settings
        self._embedder = embedder
        self._analyzer = analyzer
        self._built: dict[str, ChatModel] = {}

    def resolve(self, name: str | None) -> tuple[ChatModel, str]:
        provider, _, model = (name or self._settings.chat_model).partition("/")
        match provider:
            case "extractive":
                return self._provider(provider), "extractive/default"
            case "openai" if self._settings.openai_base_url or self._settings.openai_api_key:
                full = f"openai/{model or self._settings.openai_chat_model}"
                return self._provider(provider), full
            case "openai":
                raise InvalidInput(
                    "No OpenAI-compatible server is configured: set CHATSPHERE_OPENAI_BASE_URL or "
                    "CHATSPHERE_OPENAI_API_KEY, then start again.",
                    pointer="/configuration/llm_model",
                    code="model_not_configured",
                )
        raise InvalidInput(
            f"There is no model provider {provider[:60]!r} here; known are extractive and openai.",
            pointer="/configuration/llm_model",
            code="model_not_configured",
        )

    def _provider(self, name: str) -> ChatModel:
        if name not in self._built:
            self._built[name] = self._build(name)
        return self._built[name]

    def _build(self, name: str) -> ChatModel:
        if name == "openai":
            from adapters.openai.chat_model import OpenAIChatModel

            return OpenAIChatModel(
                base_url=_openai_url(self._settings), api_key=_openai_key(self._settings)
            )
        from adapters.extractive.chat_model import ExtractiveChatModel

        known = self._embedder.languages
        return ExtractiveChatModel(
            self._embedder, self._analyzer, embedder_languages=known and known | {""}
        )

    async def aclose(self) -> None:
        """Release what was built."""
        for model in self._built.values():
            await model.aclose()
