"""The connection pool, and how the driver's errors become ours."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import psycopg
from sqlalchemy import text

from adapters._driver import Trouble, trouble_of
from adapters._psycopg import Connection, Pool
from adapters.postgres.roles import APP_ROLE
from domain.errors import DatabaseBusy, DependencyUnavailable, Overloaded, StorageFull


class DatabaseUnavailable(DependencyUnavailable):
    """The database does not answer at the moment."""

    code = "database_unavailable"


_MEANINGS: dict[Trouble, type[DependencyUnavailable]] = {
    Trouble.OUT: DatabaseUnavailable,
    Trouble.NO_CONNECTION: Overloaded,
    Trouble.BUSY: DatabaseBusy,
    Trouble.FULL: StorageFull,
}


def make_pool(
    conninfo: str, *, size: int = 10, patience: float = 1.5, role: str = APP_ROLE
) -> Pool:
    """Return a pool for a libpq URL, whose connections work as `role` (see roles.py).

    A request that finds no free connection within `patience` seconds is refused, not queued.
    """
    return Pool(conninfo.replace("postgresql+psycopg://", "postgresql://", 1), size, patience, role)


@contextmanager
def database_errors() -> Iterator[None]:
    """Say in our words what kept the database from its work.

    Raises DatabaseUnavailable (out of reach, or going), Overloaded (no connection was free in time),
    DatabaseBusy (a time-out, a lock) and StorageFull. Any other error is a mistake, and passes.
    """
    try:
        yield
    except psycopg.Error as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        said = str(error) if trouble is Trouble.NO_CONNECTION else ""
        raise _MEANINGS[trouble](said) from error


class Reader:
    """Opens connections for single statements: no transaction is begun or committed."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def connect(self, tenant_id: str | None) -> AsyncIterator[Connection]:
        """Give a connection in the scope of a tenant; None on a pool of the system role.

        Raises as `database_errors` says.
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
