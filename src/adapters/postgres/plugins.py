"""What stands on the installation's PostgreSQL and can be chosen by settings."""

from adapters._events import Notifier
from adapters._resources import Postgres
from application.ports.cache import Cache
from application.ports.plugins import Context, NoOptions, Plugin
from application.ports.rate_limiter import RateLimiter


def _cache(_: NoOptions, context: Context) -> Cache:
    from adapters.postgres.cache import PostgresCache

    return PostgresCache(context.resource(Postgres).system_pool)


def _rate_limiter(_: NoOptions, context: Context) -> RateLimiter:
    from adapters.postgres.rate_limiter import PostgresRateLimiter

    return PostgresRateLimiter(context.resource(Postgres).system_pool)


def _event_transport(_: NoOptions, context: Context) -> Notifier:
    from adapters.postgres.notifier import PostgresNotifier

    return PostgresNotifier(context.resource(Postgres).conninfo)


cache = Plugin(summary="A cache that all processes share, in PostgreSQL.", build=_cache)
rate_limiter = Plugin(
    summary="Counts for the whole installation, in PostgreSQL.", build=_rate_limiter
)
event_transport = Plugin(
    summary="Processes tell each other by PostgreSQL's NOTIFY.", build=_event_transport
)
