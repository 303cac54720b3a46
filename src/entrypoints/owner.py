"""The database as its owner has it: for backups and look-overs, which migrate nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

from adapters.embedded_postgres.supervisor import EmbeddedPostgres
from entrypoints.settings import Settings


@contextmanager
def as_owner(settings: Settings) -> Iterator[str]:
    """Give the database's URL for its owner; an embedded one that does not run is started meanwhile.

    Raises EmbeddedPostgresError.
    """
    if settings.database_url is not None:
        yield (settings.migration_database_url or settings.database_url).get_secret_value()
        return
    embedded = EmbeddedPostgres(settings.data_dir)
    try:
        yield embedded.start()
    finally:
        embedded.stop()
