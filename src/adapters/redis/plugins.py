"""What stands on Redis and can be chosen by settings."""

from dataclasses import dataclass

from adapters._events import Notifier
from application.ports.cache import Cache
from application.ports.plugins import Context, Plugin, option
from application.ports.rate_limiter import RateLimiter


@dataclass(frozen=True, slots=True)
class Options:
    """Which server."""

    redis_url: str = option("Address of Redis, such as redis://127.0.0.1:6379/0.", secret=True)


def _cache(options: Options, _: Context) -> Cache:
    from adapters.redis.cache import RedisCache
    from adapters.redis.rate_limiter import connect

    return RedisCache(connect(options.redis_url))


def _rate_limiter(options: Options, _: Context) -> RateLimiter:
    from adapters.redis.rate_limiter import RedisRateLimiter, connect

    return RedisRateLimiter(connect(options.redis_url))


def _event_transport(options: Options, _: Context) -> Notifier:
    from adapters.redis.notifier import RedisNotifier

    return RedisNotifier(options.redis_url)


_MODULES = ("redis",)
cache = Plugin(
    summary="A cache that all processes share, in Redis.",
    build=_cache,
    options=Options,
    modules=_MODULES,
)
rate_limiter = Plugin(
    summary="Counts for the whole installation, in Redis.",
    build=_rate_limiter,
    options=Options,
    modules=_MODULES,
)
event_transport = Plugin(
    summary="Processes tell each other by Redis Streams.",
    build=_event_transport,
    options=Options,
    modules=_MODULES,
)
