"""Adapters that are chosen by settings; what is not chosen is not imported."""

import random

from adapters._events import Notifier
from adapters._psycopg import Pool
from adapters.postgres.database import make_pool
from application.ports.blob_store import BlobStore
from application.ports.clock import Clock
from application.ports.document_parser import DocumentParser
from application.ports.embedder import Embedder
from application.ports.rate_limiter import RateLimiter
from application.ports.secret_box import SecretBox
from application.ports.site_reader import SiteReader
from application.ports.text_analyzer import TextAnalyzer
from application.ports.vector_index import VectorIndex
from application.ports.web_fetcher import WebFetcher
from application.services.fallback_rate_limiter import FallbackRateLimiter
from application.services.guards.breaker import Breakers
from application.services.guards.embedder import GuardedEmbedder
from application.services.guards.vector_index import GuardedVectorIndex
from application.services.paced_rate_limiter import PacedRateLimiter
from domain.errors import InvalidInput
from entrypoints._models import OPENAI_URL, ConfiguredModels
from entrypoints.settings import Settings


def blob_store(settings: Settings) -> BlobStore:
    """Return the store of original files."""
    from adapters.local_disk.blob_store import LocalDiskBlobStore

    return LocalDiskBlobStore(settings.data_dir / "blobs")


def parser() -> DocumentParser:
    """Return the parser; its helper process starts with the first document."""
    from adapters.parsers.document_parser import SandboxedParser

    return SandboxedParser()


def breakers(clock: Clock) -> Breakers:
    """Return the breakers of this process, with those that /readyz tells of."""
    made = Breakers(clock, random.random)
    for name in ("models", "embedder", "vector_index"):
        made.named(name)
    return made


def guarded_embedder(settings: Settings, breakers: Breakers) -> Embedder:
    """Return the embedder behind its breaker and deadlines."""
    return GuardedEmbedder(
        embedder(settings),
        breakers.named("embedder"),
        documents=breakers.unnamed(),
        query_seconds=settings.embed_seconds,
    )


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


def vector_pool(settings: Settings, conninfo: str) -> Pool:
    """Return connections for vectors alone: slow searches take none from requests."""
    own = settings.vector_database_url
    url = own.get_secret_value() if own else conninfo
    return make_pool(url, size=max(2, settings.database_pool_size // 2))


def guarded_vector_index(settings: Settings, pool: Pool, breakers: Breakers) -> VectorIndex:
    """Return the vector store behind its breaker and deadlines."""
    breaker = breakers.named("vector_index")
    return GuardedVectorIndex(
        _vector_index(settings, pool), breaker, seconds=settings.vector_seconds
    )


def _vector_index(settings: Settings, pool: Pool) -> VectorIndex:
    if settings.vector_index == "memory":
        from adapters.memory.vector_index import InMemoryVectorIndex

        return InMemoryVectorIndex()
    from adapters.pgvector.vector_index import PgVectorIndex

    return PgVectorIndex(pool)


def web_fetcher(settings: Settings) -> WebFetcher:
    """Return what reads the web; its HTTP client is imported with the first address."""
    from adapters.web.web_fetcher import AioHttpWebFetcher

    return AioHttpWebFetcher(settings.fetch_url_rules)


def site_reader() -> SiteReader:
    """Return what finds the addresses in pages and sitemaps."""
    from adapters.web.site_reader import ScanningSiteReader

    return ScanningSiteReader()


def rate_limiter(settings: Settings, clock: Clock) -> RateLimiter:
    """Return the limiter of all processes where there is a Redis, else of this one."""
    from adapters.memory.rate_limiter import InMemoryRateLimiter

    local = InMemoryRateLimiter(clock)
    if settings.redis_url is None:
        return PacedRateLimiter(local, clock)
    from adapters.redis.rate_limiter import RedisRateLimiter, connect

    shared = RedisRateLimiter(connect(settings.redis_url.get_secret_value()))
    return PacedRateLimiter(FallbackRateLimiter(shared, local, clock), clock)


def notifier(settings: Settings, conninfo: str) -> Notifier:
    """Return what tells processes of each other's commits. Raises InvalidInput."""
    if settings.event_transport == "postgres":
        from adapters.postgres.notifier import PostgresNotifier

        return PostgresNotifier(conninfo)
    if settings.redis_url is None:
        raise InvalidInput(
            "CHATSPHERE_EVENT_TRANSPORT=redis needs an address in CHATSPHERE_REDIS_URL.",
            code="redis_url_missing",
        )
    from adapters.redis.notifier import RedisNotifier

    return RedisNotifier(settings.redis_url.get_secret_value())


def model_catalog(
    settings: Settings,
    embedder: Embedder,
    analyzer: TextAnalyzer,
    box: SecretBox,
    breakers: Breakers,
) -> ConfiguredModels:
    """Return the chat models of this installation and of its workspaces."""
    rules = settings.model_url_rules
    return ConfiguredModels(settings, embedder, analyzer, box, rules, breakers)


def _openai_key(settings: Settings) -> str | None:
    return settings.openai_api_key.get_secret_value() if settings.openai_api_key else None


def _openai_url(settings: Settings) -> str:
    return settings.openai_base_url or OPENAI_URL
