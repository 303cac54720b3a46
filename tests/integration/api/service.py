"""The whole application on a free port of loopback, with its worker, over a real database."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from dependency_injector import providers
from fastapi import FastAPI

from adapters.postgres.event_log import PostgresEventLog
from entrypoints.api.app import create_app
from entrypoints.api.server import server_options
from entrypoints.container import Container
from entrypoints.runtime import running
from entrypoints.settings import Settings
from entrypoints.worker.worker import Worker

KEEP_ALIVE_SECONDS = 0.2
MAX_UPLOAD_MB = 1
GENEROUS = {
    f"rate_limit_{of}": "1000000/minute"
    for of in ("ip", "account", "key", "workspace", "login", "login_ip")
}


@dataclass(frozen=True)
class Service:
    """A running application: where it listens, and its insides for what HTTP cannot bring about."""

    url: str
    port: int
    app: FastAPI
    container: Container
    settings: Settings


class _Server(uvicorn.Server):
    """Leaves the signals of the process to pytest."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(conninfo: str, folder: Path, **options: Any) -> AsyncIterator[Service]:
    """Serve until the block ends; `options` are settings."""
    settings = Settings(
        _env_file=None,
        data_dir=folder,
        max_upload_mb=MAX_UPLOAD_MB,
        **{**GENEROUS, **options},
    )
    # With its protocol named, asyncio switches Nagle's algorithm off (40 ms a response otherwise).
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    async with running(settings, conninfo) as container:
        log = PostgresEventLog(container.pool(), container.notifier(), KEEP_ALIVE_SECONDS)
        container.event_log.override(providers.Object(log))
        app = create_app(container)
        server = _Server(
            uvicorn.Config(
                app,
                timeout_graceful_shutdown=1,
                **server_options(),
            )
        )
        work = asyncio.create_task(Worker(container, settings).run())
        serve = asyncio.create_task(server.serve([listening]))
        try:
            async with asyncio.timeout(10):
                while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
                    await asyncio.sleep(0.01)
            yield Service(f"http://127.0.0.1:{port}", port, app, container, settings)
        finally:
            server.should_exit = True
            await serve
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
