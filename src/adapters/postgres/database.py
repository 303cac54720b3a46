"""The connection pool, and how the driver's errors become ours."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import psycopg
from sqlalchemy import text

from adapters._psycopg import Connection, Pool, PoolExhausted
from adapters.postgres.roles import APP_ROLE
from domain.errors import DependencyUnavailable


class DatabaseUnavailable(DependencyUnavailable):
    """The database does not answer at the moment."""

    code = "database_unavailable"


def make_pool(
    conninfo: str, *, size: int = 10, patience: float = 2.0, role: str = APP_ROLE
) -> Pool:
    """Return a pool for a libpq URL, whose connections work as `role` (see roles.py).

    A request that finds no free connection within `patience` seconds is refused, not queued.
    """
    return Pool(conninfo.replace("postgresql+psycopg://", "postgresql://", 1), size, patience, role)


@contextmanager
def database_errors() -> Iterator[None]:
    """Turn an unreachable database, a lost connection or an exhausted pool into DatabaseUnavailable."""
    try:
        yield
    except PoolExhausted as error:
        raise DatabaseUnavailable(str(error)) from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise DatabaseUnavailable from error


class Reader:
    """Opens connections for single statements: no transaction is begun or committed."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def connect(self, tenant_id: str | None) -> AsyncIterator[Connection]:
        """Give a connection in the scope of a tenant; None on a pool of the system role.

        Raises DatabaseUnavailable.
        """
        with database_errors():
            async with self._pool.connect(tenant_id) as connection:
                yield connection


class Probe:
    """Tells whether the database answers."""

    def __init__(self, pool: Pool) -> None:
        self._reader = Reader(pool)

    async def answers(self) -> bool:
        """Ask for nothing. Raises DatabaseUnavailable."""
        async with self._reader.connect(None) as connection:
            return bool(await connection.scalar(text("SELECT true")))
