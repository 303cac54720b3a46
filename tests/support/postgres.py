"""A PostgreSQL for a test session, and a freshly migrated database for each test."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
from psycopg.conninfo import conninfo_to_dict

from adapters.embedded_postgres import EmbeddedPostgres
from adapters.postgres.migrate import migrate

_TEMPLATE = "chatsphere_template"


class PostgresServer:
    """A server with a migrated template; `url` is libpq's, of the maintenance database."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._numbers = count(1)
        with psycopg.connect(url, autocommit=True) as connection:
            # Nothing here outlives the session, so nothing has to reach the disk.
            connection.execute("ALTER SYSTEM SET fsync = off")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute(f"CREATE DATABASE {_TEMPLATE}")
        migrate(self._url_of(_TEMPLATE))

    @contextmanager
    def database(self) -> Iterator[str]:
        """Give the URL of a database of one's own, a copy of the template."""
        name = f"test_{next(self._numbers)}"
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE}")
            try:
                yield self._url_of(name)
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _url_of(self, database: str) -> str:
        return self._url.replace(f"/{conninfo_to_dict(self._url)['dbname']}?", f"/{database}?", 1)


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Run a server in a temporary folder."""
    with TemporaryDirectory(prefix="chatsphere-test-") as folder:
        postgres = EmbeddedPostgres(Path(folder) / "data")
        try:
            yield PostgresServer(postgres.start())
        finally:
            postgres.stop()
