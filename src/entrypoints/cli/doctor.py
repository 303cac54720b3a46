"""`chatsphere doctor`: looks at everything an installation needs, and says how to mend it."""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg
from rich.table import Table
from rich.text import Text

from adapters.embedded_postgres.errors import EmbeddedPostgresError
from adapters.embedded_postgres.supervisor import EmbeddedPostgres
from adapters.postgres.migrate import current_revision, head_revision
from adapters.postgres.preflight import queue
from application.ports.embedder import EmbedTask
from application.ports.plugins import Group
from domain.errors import ChatSphereError
from entrypoints import _parts
from entrypoints.cli import adapter_checks, checks
from entrypoints.cli.checks import Check, Level, fail, ok, warn
from entrypoints.cli.errors import FAILED, database_sentence, explain
from entrypoints.cli.output import busy, console, plain, print_json
from entrypoints.container import Container
from entrypoints.data_dir import DataDirectory
from entrypoints.settings import Settings

_OLDEST_PGVECTOR = (0, 8)
_STYLES = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "bold red"}
_SAMPLE = "The doctor looks whether documents can be read.\n"


def command(settings: Settings, *, as_json: bool) -> int:
    """Check everything and print what was found; return 1 if something failed."""
    with busy("Looking …", shown=not as_json):
        found = [
            *_this_machine(settings),
            *_database(settings),
            *_models(settings),
            *_adapters(settings),
        ]
    if as_json:
        healthy = all(check.level is not Level.FAIL for check in found)
        print_json({"ok": healthy, "checks": [check.as_dict() for check in found]})
    else:
        print_checks(found)
    return FAILED if any(check.level is Level.FAIL for check in found) else 0


def _this_machine(settings: Settings) -> Iterator[Check]:
    yield checks.check_python()
    yield guarded("Settings", lambda: adapter_checks.check_settings(settings))
    yield guarded("Packages", checks.check_packages)
    yield guarded("Data directory", lambda: checks.check_data_dir(settings.data_dir))
    yield guarded("Restore", lambda: unfinished_restore(settings))
    yield guarded("Secret key", lambda: checks.check_secret(settings))
    yield guarded("Production settings", lambda: checks.check_production(settings))
    yield guarded("Port", lambda: checks.check_port(settings))


def _models(settings: Settings) -> Iterator[Check]:
    yield guarded("Embedder", lambda: asyncio.run(_embedder(settings)))
    yield guarded("Parser", lambda: asyncio.run(_parser()))
    yield guarded("Chat model", lambda: checks.check_chat_model(settings))


def _adapters(settings: Settings) -> Iterator[Check]:
    for group, name in adapter_checks.CHOSEN.items():
        yield guarded(name, partial(adapter_checks.check_chosen, settings, group))


def unfinished_restore(settings: Settings) -> Check:
    """Was a restore broken off: until it is done again, nothing else works here."""
    backup = DataDirectory(settings.data_dir).unfinished()
    if backup is None:
        return ok("Restore", "none is unfinished")
    mend = f"Run `chatsphere restore {backup}` again, and wait for its end."
    return fail("Restore", f"that of {backup} was not finished", mend)


def guarded(name: str, check: Callable[[], Check]) -> Check:
    """Run a check; one that fails in an unforeseen way is a finding too."""
    try:
        return check()
    except Exception as error:
        mend = "Run `chatsphere doctor --debug`, or look into the log of the server."
        return fail(name, explain(error).detail, mend)


def _database(settings: Settings) -> Iterator[Check]:
    try:
        with _conninfo(settings) as conninfo:
            yield from _inside(conninfo, embedded=settings.database_url is None)
    except EmbeddedPostgresError as error:
        sentence, _, mend = str(error).partition(". ")
        yield fail("Database", sentence, mend or "See postgres.log in the data directory.")
    except psycopg.Error as error:
        sentence, _, mend = database_sentence(error).partition(". ")
        yield fail("Database", sentence, mend)


@contextmanager
def _conninfo(settings: Settings) -> Iterator[str]:
    """Give the database's URL; nothing is migrated."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    embedded = EmbeddedPostgres(settings.data_dir)
    try:
        yield embedded.start()
    finally:
        embedded.stop()


def _inside(conninfo: str, *, embedded: bool) -> Iterator[Check]:
    with psycopg.connect(conninfo, connect_timeout=5, autocommit=True) as connection:
        version = connection.execute("SHOW server_version").fetchone() or ("?",)
    kind = "embedded PostgreSQL" if embedded else "PostgreSQL"
    yield ok("Database", f"{kind} {version[0]} answers")
    yield pgvector(conninfo)
    current = current_revision(conninfo)
    yield _schema(current, head_revision())
    if current == head_revision():
        yield guarded("Queue", lambda: _queue(*queue(conninfo)))


def _queue(waiting: int, workers: int) -> Check:
    found = f"{waiting} jobs wait, {workers} workers live"
    if not waiting:
        return ok("Queue", "nothing waits for long")
    if workers:
        return warn("Queue", found, "Run `chatsphere jobs list --waiting`: it says why.")
    mend = "Start `chatsphere worker`, or `chatsphere serve` with CHATSPHERE_EMBEDDED_WORKER=true."
    return warn("Queue", found, mend)


def pgvector(conninfo: str) -> Check:
    """Does the server have the extension, and one that is new enough."""
    with psycopg.connect(conninfo, connect_timeout=5, autocommit=True) as connection:
        query = "SELECT default_version FROM pg_available_extensions WHERE name = 'vector'"
        found = connection.execute(query).fetchone()
    version = None if found is None else str(found[0])
    mend = "Install pgvector 0.8 or newer on the PostgreSQL server."
    if version is None:
        return fail("pgvector", "not installed", mend)
    if tuple(int(part) for part in version.split(".")[:2]) < _OLDEST_PGVECTOR:
        return fail("pgvector", version, mend)
    return ok("pgvector", version)


def _schema(current: str | None, head: str) -> Check:
    if current == head:
        return ok("Schema", f"at revision {head}, the newest")
    if current is not None and current > head:
        return fail(
            "Schema",
            f"at revision {current}; this release knows {head}",
            "A newer ChatSphere has used this database: install that release.",
        )
    found = f"at revision {current}; the newest is {head}" if current else "empty"
    return warn("Schema", found, "Run `chatsphere migrate`; `chatsphere serve` does it by itself.")


async def _embedder(settings: Settings) -> Check:
    if settings.embedder == "minilm":
        from adapters.minilm.convert import model_file

        if not model_file(settings.models).exists():
            return warn("Embedder", "the local model is not converted", "Run `chatsphere prepare`.")
    container = Container(settings=settings, conninfo="")
    try:  # the adapter itself: what a cache remembers proves nothing
        async with adapter_checks.built(container, Group.EMBEDDERS, settings.embedder) as embedder:
            [vector] = await embedder.embed(["doctor"], EmbedTask.QUERY)
    except ChatSphereError as error:
        mend = (
            "Run `chatsphere prepare`."
            if settings.embedder == "minilm"
            else (
                f"Check what is set for {settings.embedder}: "
                "`chatsphere adapters list --settings` tells what there is."
            )
        )
        return fail("Embedder", error.detail, mend)
    if len(vector) != embedder.dimensions:
        mend = f"Set the dimensions of {settings.embedder} to {len(vector)}."
        return fail("Embedder", f"gives {len(vector)} numbers, not {embedder.dimensions}", mend)
    return ok("Embedder", f"{embedder.space}: gives a vector")


async def _parser() -> Check:
    parser = _parts.parser()
    with tempfile.TemporaryDirectory(prefix="chatsphere-doctor-") as folder:
        path = Path(folder) / "doctor.txt"
        path.write_text(_SAMPLE, encoding="utf-8")
        try:
            text = await parser.parse(path, filename=path.name, media_type="text/plain")
        except ChatSphereError as error:
            mend = "Install ChatSphere anew: its helper process cannot read a plain text."
            return fail("Parser", error.detail, mend)
        finally:
            await parser.aclose()
    if text.text.strip() != _SAMPLE.strip():
        return fail("Parser", "reads another text than there is", "Install ChatSphere anew.")
    return ok("Parser", "the helper process reads a text")


def print_checks(found: list[Check]) -> None:
    """Print a table of what was found, then how to mend what is not well."""
    screen = console()
    table = Table("Check", "", "Found", box=None, pad_edge=False)
    for check in found:
        level = Text(check.level.value, _STYLES[check.level])
        table.add_row(check.name, level, plain(check.found))
    screen.print(table)
    for check in found:
        if check.mend:
            mend = f"\n{check.name}: {plain(check.mend)}"
            screen.print(mend, style=_STYLES[check.level], soft_wrap=True)  # commands stay whole
