"""`chatsphere preflight`: may this release be started on the installation there is."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from adapters.embedded_postgres.errors import EmbeddedPostgresError
from adapters.postgres.migrate import SchemaTooNew, head_revision
from adapters.postgres.preflight import LONG_SECONDS, Obstacles, obstacles
from entrypoints.backups.record import last_backup
from entrypoints.cli import checks
from entrypoints.cli.adapter_checks import check_settings
from entrypoints.cli.checks import Check, Level, fail, ok, warn
from entrypoints.cli.doctor import guarded, pgvector, print_checks, unfinished_restore
from entrypoints.cli.errors import FAILED, database_sentence
from entrypoints.cli.output import busy, print_json, say
from entrypoints.owner import as_owner
from entrypoints.settings import Settings

_OLDEST_POSTGRES = 150_000
_MAJOR = 10_000
_GIB = 1024**3
_OLD_HOURS = 24


def command(settings: Settings, *, as_json: bool) -> int:
    """Look at everything an upgrade depends on; return 1 where it should not be begun."""
    with busy("Looking …", shown=not as_json):
        found = [*_this_machine(settings), *_database(settings)]
    may_begin = all(check.level is not Level.FAIL for check in found)
    if as_json:
        print_json({"ok": may_begin, "checks": [check.as_dict() for check in found]})
    else:
        print_checks(found)
        say("\nThe upgrade can begin." if may_begin else "\nDo not upgrade yet.")
    return 0 if may_begin else FAILED


def _this_machine(settings: Settings) -> Iterator[Check]:
    yield checks.check_python()
    yield guarded("Settings", lambda: check_settings(settings))
    yield guarded("Data directory", lambda: checks.check_data_dir(settings.data_dir))
    yield guarded("Restore", lambda: unfinished_restore(settings))
    yield guarded("Backup", lambda: _backup(settings))


def _backup(settings: Settings) -> Check:
    last = last_backup(settings.data_dir)
    mend = "Run `chatsphere backup PATH` first: the way back from an upgrade is a backup."
    if last is None:
        return warn("Backup", "none was noted in the data directory", mend)
    hours = (datetime.now(UTC) - last.created_at).total_seconds() / 3600
    found = f"{last.path}, {hours:.0f} h old"
    if not Path(last.path).exists():
        gone = "Make sure that it was moved and not lost, or run `chatsphere backup PATH` again."
        return warn("Backup", f"{found}, but it is not there any more", gone)
    return ok("Backup", found) if hours < _OLD_HOURS else warn("Backup", found, mend)


def _database(settings: Settings) -> Iterator[Check]:
    embedded = settings.database_url is None
    if embedded and not (settings.data_dir / "postgres").exists():
        yield ok("Database", "none yet: it will be made with the first start")
        return
    try:
        with as_owner(settings) as conninfo:
            found = obstacles(conninfo)
            extension = pgvector(conninfo)
    except SchemaTooNew as error:
        yield fail("Schema", error.detail, "Install a release that is as new as the schema.")
    except EmbeddedPostgresError as error:
        yield fail("Database", *_halves(str(error)))
    except psycopg.Error as error:
        yield fail("Database", *_halves(database_sentence(error)))
    else:
        yield _version(found)
        yield extension
        yield _schema(found)
        yield _room(settings, found)
        yield _locks(found)
        yield ok("Unfinished", _unfinished(found))


def _halves(text: str) -> tuple[str, str]:
    sentence, _, mend = text.partition(". ")
    return sentence, mend or "See postgres.log in the data directory."


def _version(found: Obstacles) -> Check:
    told = f"PostgreSQL {found.version // _MAJOR}.{found.version % _MAJOR} answers"
    if found.version < _OLDEST_POSTGRES:
        return fail("Database", told, "PostgreSQL 15 or newer is needed: upgrade the server first.")
    return ok("Database", told)


def _schema(found: Obstacles) -> Check:
    if not found.pending:
        return ok("Schema", f"at revision {head_revision()}, the newest: nothing to migrate")
    return ok("Schema", f"to be migrated: {', '.join(found.pending)}")


def _room(settings: Settings, found: Obstacles) -> Check:
    size = f"the database has {found.size / _GIB:.1f} GiB"
    if settings.database_url is not None:
        return ok("Room", f"{size}; its server's disk cannot be seen from here")
    free = shutil.disk_usage(settings.data_dir).free
    told = f"{size}, {free / _GIB:.1f} GiB are free"
    if free < found.size:
        mend = "Free as much as the database has: a migration may write a table anew."
        return warn("Room", told, mend)
    return ok("Room", told)


def _locks(found: Obstacles) -> Check:
    if not found.long and not found.waiting:
        return ok("Locks", "nothing would hold a migration up")
    told = "; ".join([*found.long, *([f"{found.waiting} sessions wait"] if found.waiting else [])])
    mend = (
        f"A migration waits for transactions that are open (over {LONG_SECONDS} s here). Let them end, or "
        "end them with pg_terminate_backend(process)."
    )
    return fail("Locks", told, mend) if found.long else warn("Locks", told, mend)


def _unfinished(found: Obstacles) -> str:
    if not found.answers and not found.jobs:
        return "no answers or jobs"
    return f"{found.answers} answers and {found.jobs} jobs: they go on after the restart"
