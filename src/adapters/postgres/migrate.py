"""Brings a database to the newest schema, by one process at a time."""

from collections.abc import Callable
from pathlib import Path

import psycopg

_LOCK_KEY = 4_242_001  # any number that only migrations use


def migrations_folder() -> Path:
    """Return where the migrations are: beside the sources, or inside an installed package."""
    here = Path(__file__).resolve()
    packaged = here.parent / "_migrations"
    return packaged if packaged.is_dir() else here.parents[3] / "migrations"


def head_revision() -> str:
    """Return the newest revision there is a migration file for (they are numbered)."""
    files = sorted((migrations_folder() / "versions").glob("[0-9]*_*.py"))
    return files[-1].name.partition("_")[0]


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
    costs one connection and no import of alembic.
    """
    if current_revision(conninfo) == head_revision():
        return False
    with psycopg.connect(conninfo, connect_timeout=10, autocommit=True) as guard:
        guard.execute("SELECT pg_advisory_lock(%s)", (_LOCK_KEY,))
        before = current_revision(conninfo)
        if before == head_revision():
            return False
        report(f"migrating the database from {before or 'empty'} to {head_revision()}")
        _upgrade(conninfo)
    return True


def _upgrade(conninfo: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["conninfo"] = conninfo
    command.upgrade(config, "head")
