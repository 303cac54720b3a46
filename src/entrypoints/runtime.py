"""A running installation: database, migrations, container; started and stopped in order."""

import asyncio
import importlib.util
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from adapters.embedded_postgres.supervisor import EmbeddedPostgres
from adapters.postgres.migrate import migrate
from adapters.postgres.roles import login_conninfo
from domain.errors import InvalidInput
from entrypoints.container import Container, close
from entrypoints.data_dir import DataDirectory
from entrypoints.settings import Settings

_log = logging.getLogger(__name__)


def require_own_packages() -> None:
    """Refuse to run with a namesake from elsewhere in the place of one of our four packages (ADR 0005).

    Raises RuntimeError.
    """
    ours = Path(__file__).resolve().parents[1]
    for name in ("domain", "application", "adapters", "entrypoints"):
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None or Path(found.origin).resolve().parents[1] != ours:
            raise RuntimeError(
                f"Another package is called {name!r}: give ChatSphere an environment of its own."
            )


class Database:
    """The embedded server, or the one that is named in the settings."""

    def __init__(self, settings: Settings) -> None:
        self._embedded: EmbeddedPostgres | None = None
        self._settings = settings
        self._data_dir = DataDirectory(settings.data_dir)

    def start(self, report: Callable[[str], None] = _log.info) -> str:
        """Start or find the database, migrate it as its owner, and return the URL for requests.

        Requests never work as the owner: each connection takes a role that owns nothing. Raises
        Conflict where nobody may work in the data directory, SchemaTooNew, EmbeddedPostgresError.
        """
        require_own_packages()
        self._data_dir.enter()
        given = self._settings.database_url
        if given is None:
            self._embedded = EmbeddedPostgres(self._settings.data_dir)
            owner = self._embedded.start()
            migrate(owner, report)
            return login_conninfo(owner)
        migrating = self._settings.migration_database_url or given
        migrate(migrating.get_secret_value(), report)
        return given.get_secret_value()

    def stop(self) -> None:
        """Stop the embedded server where it is ours, and let go of the data directory."""
        if self._embedded is not None:
            self._embedded.stop()
        self._data_dir.leave()


@asynccontextmanager
async def running(settings: Settings, conninfo: str) -> AsyncIterator[Container]:
    """Give a container that is connected and listening."""
    container = Container(settings=settings, conninfo=conninfo)
    try:
        await container.notifier().start()
        await _require_plan(container, settings.default_plan)
        yield container
    finally:
        with suppress(asyncio.CancelledError):
            await close(container)


async def _require_plan(container: Container, plan_id: str) -> None:
    """Raise InvalidInput where new workspaces are to have a plan that nobody has made."""
    known = [plan.id for plan in await container.plan_queries().list()]
    if plan_id not in known:
        raise InvalidInput(
            f"CHATSPHERE_DEFAULT_PLAN names no plan of this installation: {', '.join(known)}.",
            code="unknown_plan",
        )
