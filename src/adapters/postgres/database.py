"""The connection pool, and how the driver's errors become ours."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import orjson
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from domain.errors import DependencyUnavailable


class DatabaseUnavailable(DependencyUnavailable):
    """The database does not answer at the moment."""

    code = "database_unavailable"


def make_engine(url: str, *, pool_size: int = 10, pool_timeout: float = 2.0) -> AsyncEngine:
    """Return an engine for a libpq or SQLAlchemy URL.

    A request that finds no free connection within `pool_timeout` seconds is refused, not queued.
    """
    return create_async_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1),
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=pool_timeout,
        pool_pre_ping=False,
        pool_recycle=1800,
        pool_use_lifo=True,
        json_serializer=lambda value: orjson.dumps(value).decode(),
        json_deserializer=orjson.loads,
        connect_args={
            "connect_timeout": 5,
            "prepare_threshold": 2,
            "application_name": "chatsphere",
            "options": "-c statement_timeout=30s -c lock_timeout=10s "
            "-c idle_in_transaction_session_timeout=60s -c timezone=UTC",
        },
    )


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn an unreachable database, a lost connection or an exhausted pool into DatabaseUnavailable."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnavailable("All database connections are in use.") from error
    except OperationalError as error:
        raise DatabaseUnavailable from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseUnavailable from error
        raise


class Reader:
    """Opens connections for single statements: no transaction is begun or committed."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    @asynccontextmanager
    async def connect(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection. Raises DatabaseUnavailable."""
        with database_errors():
            async with self._engine.connect() as connection:
                yield connection


class Probe:
    """Tells whether the database answers."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._reader = Reader(engine)

    async def answers(self) -> bool:
        """Ask for nothing. Raises DatabaseUnavailable."""
        async with self._reader.connect() as connection:
            return bool(await connection.scalar(text("SELECT true")))
