"""Requests, counted and timed by route."""

from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from application.ports.clock import Clock
from application.ports.metrics import Metrics
from application.services.metric_names import HTTP_REQUESTS, HTTP_SECONDS

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Measured:
    """A plain ASGI middleware; times end where an answer begins, for streams stay open.

    `paths` are those of the routes by what serves them. What no route took (an unknown address, or
    what was refused before) counts as `none`.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        paths: Mapping[object, str],
        metrics: Metrics,
        clock: Clock,
    ) -> None:
        self._app = app
        self._paths = paths
        self._metrics = metrics
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; sockets and the lifespan pass through."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = self._clock.monotonic()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(scope, message["status"], self._clock.monotonic() - begun)
            await send(message)

        await self._app(scope, receive, noting)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        route = self._paths.get(scope.get("endpoint"), "none")
        self._metrics.count(HTTP_REQUESTS, method, route, str(status))
        self._metrics.observe(HTTP_SECONDS, seconds, method, route)
