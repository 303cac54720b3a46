"""What works in memory alone and can be chosen by settings."""

from application.ports.cache import Cache
from application.ports.clock import Clock
from application.ports.plugins import Context, NoOptions, Plugin
from application.ports.rate_limiter import RateLimiter
from application.ports.vector_index import VectorIndex


def _vector_index(_: NoOptions, __: Context) -> VectorIndex:
    from adapters.memory.vector_index import InMemoryVectorIndex

    return InMemoryVectorIndex()


def _cache(_: NoOptions, context: Context) -> Cache:
    from adapters.memory.cache import InMemoryCache

    return InMemoryCache(context.resource(Clock))


def _rate_limiter(_: NoOptions, context: Context) -> RateLimiter:
    from adapters.memory.rate_limiter import InMemoryRateLimiter

    return InMemoryRateLimiter(context.resource(Clock))


vector_index = Plugin(
    summary="Vectors in memory: gone with the process, for tests and trials.", build=_vector_index
)
cache = Plugin(summary="A cache of each process.", build=_cache)
rate_limiter = Plugin(summary="Counts in each process for itself.", build=_rate_limiter)
