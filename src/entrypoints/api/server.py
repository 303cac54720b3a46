"""The HTTP server around the application."""

import asyncio
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import uvicorn
from fastapi import FastAPI

from entrypoints.api.answers import END_SECONDS
from entrypoints.api.app import begin_drain
from entrypoints.settings import Settings
from entrypoints.stopping import address_in_use, on_stop_signals

_FRAME_MAX_BYTES = 256 * 1024
_UNSENT_MAX_BYTES = 64 * 1024
_CUT_SECONDS = 1  # after the last answer has ended, its connection is told so


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
    """Tells `announce` its address, and is not ready from the first signal on, which `leave` is told.

    The second signal ends the process at once.
    """

    def __init__(
        self,
        app: FastAPI,
        settings: Settings,
        announce: Callable[[str], None],
        leave: Callable[[], object] = lambda: None,
    ) -> None:
        self._app = app
        self._leave = leave
        self._ends_by = 0.0
        self._settings = settings
        self._announce = announce
        super().__init__(
            uvicorn.Config(
                app,
                host=settings.host,
                port=settings.port,
                **server_options(),
            )
        )

    async def startup(self, sockets: list[Any] | None = None) -> None:
        """Begin to listen, and say where. Raises ChatSphereError `address_in_use`."""
        try:
            await super().startup(sockets)
        except SystemExit as error:  # the usual server's way to say that it cannot listen
            host, port = self._settings.host, self._settings.port
            raise address_in_use(host, port) from error
        if self.started:
            for server in self.servers:
                keep_little(server)
            self._announce(_address(self, self._settings))

    async def shutdown(self, sockets: list[Any] | None = None) -> None:
        """Listen no more, and end with what is being answered; who has connected by now is served.

        Closing a listening socket resets the connections that nobody has taken from it yet.
        """
        waiting = [each for server in self.servers for each in take_waiting(server)]
        for server in self.servers:
            server.close()
        for each in waiting:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, each)
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        protocol: asyncio.Protocol = self.config.http_protocol_class(  # type: ignore[call-arg]  # as the base class does
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """End in order and return: the usual server raises the signal again in the end."""
        on_stop_signals(self._begin_to_end)
        yield

    def _begin_to_end(self) -> None:
        """Begin to drain at once, and go on listening meanwhile: who comes is told to go elsewhere.

        The lifespan ends only after the connections have, so it is not what begins this.
        """
        self._ends_by = time.monotonic() + self._settings.drain_seconds + END_SECONDS
        begin_drain(self._app).add_done_callback(lambda _: self._close())
        self._leave()

    def _close(self) -> None:
        """End when the other requests have, or their time is up."""
        rest = self._ends_by - time.monotonic()
        self.config.timeout_graceful_shutdown = max(_CUT_SECONDS, round(rest))
        self.should_exit = True


def keep_little(server: asyncio.Server) -> None:
    """Let the system hold little that is not sent yet for each client who connects from now on.

    It would take megabytes for a reader that takes nothing, and we would fill them. What is on its way
    does not count, so a fast reader far away loses nothing (TCP_NOTSENT_LOWAT of Linux and macOS).
    """
    option: int | None = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    if option is None:
        return
    for listening in server.sockets:
        with socket.socket(fileno=os.dup(listening.fileno())) as same:  # accepted ones inherit it
            same.setsockopt(socket.IPPROTO_TCP, option, _UNSENT_MAX_BYTES)


def take_waiting(server: asyncio.Server) -> Iterator[socket.socket]:
    """Take the connections that the system holds ready for a server."""
    for listening in server.sockets:
        with socket.socket(fileno=os.dup(listening.fileno())) as queue, suppress(BlockingIOError):
            queue.setblocking(False)
            while True:
                yield queue.accept()[0]


def _address(server: uvicorn.Server, settings: Settings) -> str:
    """Return the address that a person can open; port 0 lets the system choose."""
    port = server.servers[0].sockets[0].getsockname()[1] if server.servers else settings.port
    any_host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104  # not bound: shown
    return settings.public_url or f"http://{any_host.get(settings.host, settings.host)}:{port}"
