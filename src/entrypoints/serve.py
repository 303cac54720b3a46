"""Long-running programs: the API with its embedded worker, and the worker alone."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from application.ports.plugins import NotConfigured
from application.ports.vector_index import RATE_LIMITED, VectorIndexUnavailable
from domain.errors import InvalidInput, StorageFull
from entrypoints.container import Container
from entrypoints.logging import configure_logging
from entrypoints.plugins import variable
from entrypoints.runtime import Database, running
from entrypoints.settings import Settings
from entrypoints.stopping import on_stop_signals
from entrypoints.worker.worker import Worker

_log = logging.getLogger(__name__)


def openapi_document() -> dict[str, Any]:
    """Return the OpenAPI document without starting anything."""
    from entrypoints.api.app import create_app
    from entrypoints.api.openapi import openapi_document as document

    return document(create_app(None))


def worker_of(container: Container, settings: Settings) -> Worker:
    """Return a worker over a container."""
    return Worker(container, settings)


def serve(settings: Settings, announce: Callable[[str], None] = print) -> int:
    """Serve the API, with the embedded worker if it is switched on, until a signal; return 0."""
    configure_logging(settings.log_level)
    return _with_database(settings, lambda conninfo: _serve(settings, conninfo, announce))


def run_worker(settings: Settings) -> int:
    """Work on the queue until a signal; return 0."""
    configure_logging(settings.log_level)
    return _with_database(settings, lambda conninfo: _work(settings, conninfo))


def _with_database(settings: Settings, program: Callable[[str], Coroutine[Any, Any, int]]) -> int:
    database = Database(settings)
    try:
        conninfo = database.start()
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(program(conninfo))
    finally:
        database.stop()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(settings: Settings, conninfo: str, announce: Callable[[str], None]) -> int:
    from entrypoints.api.app import create_app
    from entrypoints.api.server import Server

    async with running(settings, conninfo) as container:
        await _check(container)
        work = Worker(container, settings).run() if settings.embedded_worker else _nothing()
        worker = asyncio.create_task(work, name="worker")
        # At the first signal jobs are given back to others; only the answers take their time.
        server = Server(create_app(container), settings, announce, leave=worker.cancel)
        try:
            await server.serve()
        finally:
            await _end(worker)
    return 0 if server.started else 1


async def _check(container: Container) -> None:
    """Refuse to begin with adapters that are not there, or do not fit the vectors there are."""
    for part in (container.blobs, container.rate_limiter, container.reranking):
        part()
    _check_settings(container)
    await container.check_indexes()()
    try:
        await container.vector_index().prepare()
    except (VectorIndexUnavailable, StorageFull) as error:
        if error.is_refusal and error.code != RATE_LIMITED:
            raise
        _log.warning("the vector store is out at the start: %s", error.detail)


def _check_settings(container: Container) -> None:
    """Tell of settings that nothing reads, and of a default model without its key: workspaces may have
    their own. Raises InvalidInput where there is no such adapter."""
    settings = container.settings()
    for name in container.plugins().strangers(settings.strangers()):
        _log.warning("%s is no setting: see `chatsphere preflight`", variable(name))
    try:
        container.models().resolve(None, [])
    except InvalidInput as error:
        if not isinstance(error.__cause__, NotConfigured):
            raise InvalidInput(
                f"CHATSPHERE_CHAT_MODEL={settings.chat_model}: {error.detail}", code=error.code
            ) from error
        _log.warning("CHATSPHERE_CHAT_MODEL=%s: %s", settings.chat_model, error.detail)


async def _nothing() -> None:
    pass


async def _work(settings: Settings, conninfo: str) -> int:
    async with running(settings, conninfo) as container:
        await _check(container)
        task = asyncio.create_task(Worker(container, settings).run(), name="worker")
        on_stop_signals(task.cancel)
        _log.info("the worker waits for documents")
        await asyncio.wait({task})
        await _end(task)
    return 0


async def _end(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
