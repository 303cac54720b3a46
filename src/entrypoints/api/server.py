"""The HTTP server around the application."""

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI

from entrypoints.api.app import begin_drain
from entrypoints.settings import Settings

_FRAME_MAX_BYTES = 256 * 1024
_DRAIN_SECONDS = 35  # a little more than the answers' own drain time


def server_options() -> dict[str, Any]:
    """Return how the server speaks HTTP, wherever the application is served."""
    return {
        "http": _http_protocol(),
        "proxy_headers": False,  # whom to believe is for the edge alone to say
        "log_config": None,
        "access_log": False,
        "server_header": False,
        "ws": _socket_protocol(),
        "ws_max_size": _FRAME_MAX_BYTES,
        "ws_ping_interval": 20,
        "timeout_keep_alive": 30,
    }


def _socket_protocol() -> type[asyncio.Protocol]:
    from entrypoints.api.socket_protocol import SocketProtocol

    return SocketProtocol


def _http_protocol() -> type[asyncio.Protocol] | str:
    try:
        from entrypoints.api.protocol import HttpProtocol
    except ImportError:  # no httptools for this system: the server's own parser
        return "auto"
    return HttpProtocol


class Server(uvicorn.Server):
    """Tells `announce` its address, and is not ready from the first signal on."""

    def __init__(self, app: FastAPI, settings: Settings, announce: Callable[[str], None]) -> None:
        self._app = app
        self._settings = settings
        self._announce = announce
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                timeout_graceful_shutdown=_DRAIN_SECONDS,
                **server_options(),
            )
        )

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Begin to listen, and say where."""
        await super().startup(sockets)
        if self.started:
            self._announce(_address(self, self._settings))

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End in order and return: the usual server raises the signal again in the end."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)

    def handle_exit(self, sig: int, frame: Any) -> None:
        """Begin to drain at once: the lifespan ends only after the connections have."""
        begin_drain(self._app)
        super().handle_exit(sig, frame)


def _address(server: uvicorn.Server, settings: Settings) -> str:
    """Return the address that a person can open; port 0 lets the system choose."""
    port = server.servers[0].sockets[0].getsockname()[1] if server.servers else settings.port
    any_host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  # not bound: shown
    return settings.public_url or f"http://{any_host.get(settings.host, settings.host)}:{port}"
