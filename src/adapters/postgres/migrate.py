"""Brings a database to the newest schema, by one process at a time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from domain.errors import ChatSphereError

_LOCK_KEY = 4_242_001  # any number that only migrations use


class SchemaTooNew(ChatSphereError):
    """A newer ChatSphere has used this database: install that release, or a later one."""

    code = "schema_too_new"


def migrations_folder() -> Path:
    """Return where the migrations are: beside the sources, or inside an installed package."""
    here = Path(__file__).resolve()
    packaged = here.parent / "_migrations"
    return packaged if packaged.is_dir() else here.parents[3] / "migrations"


def revisions() -> list[str]:
    """Return every revision there is a migration file for, the oldest first (they are numbered)."""
    files = (migrations_folder() / "versions").glob("[0-9]*_*.py")
    return sorted(path.name.partition("_")[0] for path in files)


def head_revision() -> str:
    """Return the newest revision there is a migration file for."""
    return revisions()[-1]


def require_known(revision: str | None) -> None:
    """Raise SchemaTooNew where a schema is none that this release can work with or migrate."""
    if revision is not None and revision not in revisions():
        raise SchemaTooNew(
            f"The schema is at revision {revision}, and this release knows {head_revision()}: a newer "
            "ChatSphere has used this database. Install that release, or a later one.",
        )


def current_revision(conninfo: str) -> str | None:
    """Return the revision the database is at, or None for an empty one."""
    with psycopg.connect(conninfo, connect_timeout=10, autocommit=True) as connection:
        if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return None if row is None else str(row[0])


def migrate(conninfo: str, report: Callable[[str], None] = lambda _: None) -> bool:
    """Migrate to the newest schema; tell whether there was anything to do.

    A session lock lets one process migrate while the others wait. The common case, nothing to do,
    costs one connection and no import of alembic. Raises SchemaTooNew.
    """
    current = current_revision(conninfo)
    require_known(current)
    if current == head_revision():
        return False
    with migration_lock(conninfo):
        before = current_revision(conninfo)
        if before == head_revision():
            return False
        report(f"migrating the database from {before or 'empty'} to {head_revision()}")
        _upgrade(conninfo)
    return True


@contextmanager
def migration_lock(conninfo: str) -> Iterator[None]:
    """Wait until nobody else migrates or restores, and keep everybody out."""
    with psycopg.connect(conninfo, connect_timeout=10, autocommit=True) as guard:
        guard.execute("SELECT pg_advisory_lock(%s)", (_LOCK_KEY,))
        yield


def _upgrade(conninfo: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["conninfo"] = conninfo
    command.upgrade(config, "head")
