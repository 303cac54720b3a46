"""A running installation: database, migrations, container; started and stopped in order."""

import asyncio
import importlib.util
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from adapters.embedded_postgres.supervisor import EmbeddedPostgres
from adapters.postgres.migrate import migrate
from entrypoints.container import Container, close
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

    def start(self, report: Callable[[str], None] = _log.info) -> str:
        """Start or find the database, migrate it, and return its libpq URL."""
        require_own_packages()
        if self._settings.database_url is not None:
            conninfo = self._settings.database_url.get_secret_value()
        else:
            self._embedded = EmbeddedPostgres(self._settings.data_dir)
            conninfo = self._embedded.start()
        migrate(conninfo, report)
        return conninfo

    def stop(self) -> None:
        """Stop the embedded server where it is ours."""
        if self._embedded is not None:
            self._embedded.stop()


@asynccontextmanager
async def running(settings: Settings, conninfo: str) -> AsyncIterator[Container]:
    """Give a container that is connected and listening."""
    container = Container(settings=settings, conninfo=conninfo)
    try:
        await container.notifier().start()
        yield container
    finally:
        with suppress(asyncio.CancelledError):
            await close(container)
