"""The commands that run or prepare an installation: serve, worker, migrate, prepare."""

from adapters.postgres.migrate import head_revision
from entrypoints import serve as programs
from entrypoints.cli.checks import NO_MAIL, port_is_free
from entrypoints.cli.errors import UsageProblem
from entrypoints.cli.local import prepare_local_model
from entrypoints.cli.output import busy, hint, say
from entrypoints.production import listens_to_others, weaknesses
from entrypoints.runtime import Database
from entrypoints.settings import Settings
from entrypoints.stopping import address_in_use


def serve(settings: Settings) -> int:
    """Serve until a signal."""
    _require_safe(settings)
    if settings.environment == "production" and settings.smtp_url is None:
        hint(f"Mails go nowhere: {NO_MAIL}")
    if settings.environment != "production" and listens_to_others(settings.host):
        hint(
            f"Other machines can reach {settings.host}. Before people you do not know can, set "
            "CHATSPHERE_ENVIRONMENT=production: it refuses what is not safe there."
        )
    if settings.port and not port_is_free(settings.host, settings.port):
        raise address_in_use(settings.host, settings.port)
    prepare_local_model(settings)
    return programs.serve(settings, _welcome)


def _require_safe(settings: Settings) -> None:
    """Raise UsageProblem where production is asked for with settings that are not safe there."""
    found = weaknesses(settings) if settings.environment == "production" else []
    if found:
        # A line each: what stands behind a command would be copied with it.
        raise UsageProblem("\n  ".join(["This is not safe in production.", *found]))


def _welcome(address: str) -> None:
    say(f"ChatSphere is running at {address}")
    say("")
    say(f"  open it      {address}  (sign up, make a bot, ask)")
    say("  try it       chatsphere demo  (a sample bot with documents)")
    say(f"  build on it  {address}/docs")
    say("  stop it      Ctrl-C; the data is kept")


def worker(settings: Settings) -> int:
    """Work until a signal."""
    _require_safe(settings)
    prepare_local_model(settings)
    return programs.run_worker(settings)


def migrate(settings: Settings) -> int:
    """Migrate, and say what was done."""
    database = Database(settings)
    done: list[str] = []
    try:
        with busy("Migrating …"):
            database.start(done.append)
    finally:
        database.stop()
    for line in done:
        say(f"{line[:1].upper()}{line[1:]}: done.")
    if not done:
        say(f"The database is at revision {head_revision()}, the newest: nothing to do.")
    return 0


def prepare(settings: Settings) -> int:
    """Convert the local model."""
    path = prepare_local_model(settings)
    if path is None:
        say(f"The embedder is {settings.embedder}: there is no local model to prepare.")
    else:
        say(f"The local embedding model is ready: {path}")
    return 0
