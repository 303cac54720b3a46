"""Parts that are put together by more than one line: guards around what settings choose."""

from collections.abc import Callable
from random import Random

from adapters._events import Notifier
from adapters._psycopg import Pool
from adapters._resources import LocalModels, Postgres
from adapters.postgres.database import make_pool
from application.ports.blob_store import BlobStore
from application.ports.cache import Cache
from application.ports.chat_model import Deadlines
from application.ports.clock import Clock
from application.ports.document_parser import DocumentParser
from application.ports.embedder import Embedder
from application.ports.plugins import Context, Group
from application.ports.rate_limiter import RateLimiter
from application.ports.secret_box import SecretBox
from application.ports.site_reader import SiteReader
from application.ports.text_analyzer import TextAnalyzer
from application.ports.vector_index import VectorIndex
from application.ports.web_fetcher import WebFetcher
from application.services.fallback_rate_limiter import FallbackRateLimiter
from application.services.guards.breaker import Breakers
from application.services.guards.cached_embedder import CachedEmbedder
from application.services.guards.embedder import GuardedEmbedder
from application.services.guards.gate import Gate
from application.services.guards.reranker import GuardedReranker
from application.services.guards.vector_index import GuardedVectorIndex
from application.services.reranking import Reranking
from entrypoints._models import ConfiguredModels
from entrypoints.plugins import Plugins
from entrypoints.settings import Settings
from entrypoints.wrappers import Wrappers, retrying_embedder, retrying_vector_index

_chance = Random()  # noqa: S311  # no secret: for jitter

NONE = "none"
LOCAL = "memory"  # the limiter and the cache of each process for itself


def plugins(settings: Settings) -> Plugins:
    """Return the registry of adapters."""
    return Plugins(settings.given)


def context(
    settings: Settings,
    postgres: Callable[[], Postgres],
    clock: Callable[[], Clock],
    embedder: Callable[[], Embedder],
    analyzer: Callable[[], TextAnalyzer],
) -> Context:
    """Return what adapters are given beside their options; nothing is built before one asks."""
    return Context(
        settings.data_dir,
        Deadlines(
            first_token=settings.first_token_seconds,
            idle=settings.idle_seconds,
            total=settings.answer_seconds,
        ),
        resources={
            Postgres: postgres,
            LocalModels: lambda: LocalModels(settings.models),
            Clock: clock,
            Embedder: embedder,
            TextAnalyzer: analyzer,
        },
    )


def parser() -> DocumentParser:
    """Return the parser; its helper process starts with the first document."""
    from adapters.parsers.document_parser import SandboxedParser

    return SandboxedParser()


def breakers(clock: Clock) -> Breakers:
    """Return the breakers of this process, with those that /readyz tells of."""
    made = Breakers(clock, _chance.random)
    for name in ("models", "embedder", "vector_index"):
        made.named(name)
    return made


def embedder(
    settings: Settings,
    plugins: Plugins,
    context: Context,
    breakers: Breakers,
    wrappers: Wrappers,
) -> Embedder:
    """Return the embedder behind cache, breaker and deadlines; a local model is loaded with the first
    text."""
    itself = plugins.load(Group.EMBEDDERS, settings.embedder).retries
    guarded = GuardedEmbedder(
        retrying_embedder(
            plugins.build(Group.EMBEDDERS, settings.embedder, context), itself=itself
        ),
        breakers.named("embedder"),
        documents=breakers.unnamed(),
        query_seconds=settings.embed_seconds,
    )
    counted = wrappers.embedder(guarded)
    if settings.cache == NONE:
        return counted
    cache: Cache = plugins.build(Group.CACHES, settings.cache, context)
    clock = context.resource(Clock)
    return CachedEmbedder(counted, cache, clock, secret=settings.signing_secret)


def vector_pool(settings: Settings, conninfo: str) -> Pool:
    """Return connections for vectors alone: slow searches take none from requests."""
    own = settings.vector_database_url
    url = own.get_secret_value() if own else conninfo
    return make_pool(url, size=max(2, settings.database_pool_size // 2))


def vector_index(
    settings: Settings,
    plugins: Plugins,
    context: Context,
    breakers: Breakers,
    wrappers: Wrappers,
) -> VectorIndex:
    """Return the vector store behind its breaker and deadlines."""
    itself = plugins.load(Group.VECTOR_INDEXES, settings.vector_index).retries
    index = retrying_vector_index(
        plugins.build(Group.VECTOR_INDEXES, settings.vector_index, context), itself=itself
    )
    breaker = breakers.named("vector_index")
    return wrappers.vector_index(
        GuardedVectorIndex(index, breaker, seconds=settings.vector_seconds)
    )


def reranking(
    settings: Settings,
    plugins: Plugins,
    context: Context,
    breakers: Breakers,
    wrappers: Wrappers,
) -> Reranking | None:
    """Return the second look at what a search found, behind its breaker and deadline; None: there is
    none."""
    if settings.reranker == NONE:
        return None
    guarded = GuardedReranker(
        plugins.build(Group.RERANKERS, settings.reranker, context),
        breakers.named("reranker"),
        seconds=settings.rerank_seconds,
    )
    gate = Gate(settings.rerank_concurrency)
    return Reranking(wrappers.reranker(guarded), gate, settings.rerank_candidates)


def blob_store(settings: Settings, plugins: Plugins, context: Context) -> BlobStore:
    """Return the store of original files: the one for the scheme of BLOB_URL."""
    scheme = settings.chosen[Group.BLOB_STORES]
    store: BlobStore = plugins.build(Group.BLOB_STORES, scheme, context)
    return store


def web_fetcher(settings: Settings) -> WebFetcher:
    """Return what reads the web; its HTTP client is imported with the first address."""
    from adapters.web.web_fetcher import AioHttpWebFetcher

    return AioHttpWebFetcher(settings.fetch_url_rules)


def site_reader() -> SiteReader:
    """Return what finds the addresses in pages and sitemaps."""
    from adapters.web.site_reader import ScanningSiteReader

    return ScanningSiteReader()


def counter(settings: Settings, plugins: Plugins, context: Context, clock: Clock) -> RateLimiter:
    """Return the limiter that is chosen; one that is out is stood in for by this process's own.

    It counts at once: requests are paced beside, tokens must not be.
    """
    chosen = settings.chosen[Group.RATE_LIMITERS]
    local: RateLimiter = plugins.build(Group.RATE_LIMITERS, LOCAL, context)
    if chosen == LOCAL:
        return local
    shared = plugins.build(Group.RATE_LIMITERS, chosen, context)
    return FallbackRateLimiter(shared, local, clock)


def notifier(settings: Settings, plugins: Plugins, context: Context) -> Notifier:
    """Return what tells processes of each other's commits."""
    transport: Notifier = plugins.build(Group.EVENT_TRANSPORTS, settings.event_transport, context)
    return transport


def model_catalog(
    settings: Settings,
    plugins: Plugins,
    context: Context,
    box: SecretBox,
    breakers: Breakers,
    wrappers: Wrappers,
) -> ConfiguredModels:
    """Return the chat models of this installation and of its workspaces."""
    return ConfiguredModels(
        plugins,
        settings.chat_model,
        context,
        box,
        settings.model_url_rules,
        breakers,
        limited=wrappers.paid_model,
        free=wrappers.free_model,
    )
