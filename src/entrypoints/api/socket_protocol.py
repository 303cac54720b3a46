"""The WebSocket protocol of the server: what the application sees nothing of is bounded here."""

import asyncio
from typing import Any

from uvicorn import Config
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import Frame
from websockets.http11 import Request

from entrypoints.api.cutting import EXTENSION
from entrypoints.api.limits import FrameMeter

PARTS_A_WINDOW = 2000  # pings, pongs and continuations: far more than an honest client sends
_TOO_MANY = 4429
_CLOSE_SECONDS = 5.0
_SLICE_BYTES = 4096  # some hundred of the smallest frames: no read holds the process up for long


class SocketProtocol(WebSocketsSansIOProtocol):
    """Uvicorn's own waits for ever for a reader that takes nothing, and takes frames that are no
    messages as fast as they come: pings are answered, and pieces put together, before anyone counts."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._meter = FrameMeter(self.loop.time, PARTS_A_WINDOW)

    def handle_connect(self, event: Request) -> None:
        """Begin a connection; the application starts in the loop's next turn."""
        super().handle_connect(event)
        if not self.close_sent:
            self.scope["extensions"][EXTENSION] = {"abort": self.transport.abort}

    def data_received(self, data: bytes) -> None:
        """Read on, until this client is not listened to any more."""
        for start in range(0, len(data), _SLICE_BYTES):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + _SLICE_BYTES])

    def handle_ping(self) -> None:
        """Answer a ping."""
        if self._admits():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        """Take an answer to a ping, or what looks like one."""
        if self._admits():
            super().handle_pong(event)

    def handle_cont(self, event: Frame) -> None:
        """Take a piece of a message."""
        if self._admits():
            super().handle_cont(event)

    def _admits(self) -> bool:
        """Count a frame; with one too many, close."""
        if self.transport.is_closing():
            return False
        if self._meter.admits():
            return True
        if not self.close_sent:
            self.conn.send_close(_TOO_MANY, "frames come too fast")
            self.handle_parser_exception()
        self.loop.call_later(_CLOSE_SECONDS, self.transport.abort)
        return False
