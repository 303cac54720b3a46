"""A client of an installation, as anyone on the internet could write one."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import aiohttp
from yarl import URL

_TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=10)
_PATIENCE_SECONDS = 120.0
_TOO_MANY = 429


class CheckFailed(Exception):
    """The check could not be carried out."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A response, read to its end."""

    status: int
    text: str

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.text)


class Client:
    """Sends requests; whoever is told to wait by 429 waits."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.requests = 0
        self._http = aiohttp.ClientSession(
            timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar(), trust_env=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.close()

    async def send(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        query: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a request to a path. Raises CheckFailed where nothing answers."""
        url = URL(self.url + path, encoded=True).update_query(dict(query or {}))
        options: dict[str, Any] = {} if body is None else {"json": body}
        waited = 0.0
        while True:
            self.requests += 1
            try:
                async with self._http.request(
                    method, url, headers=headers, allow_redirects=False, **options
                ) as response:
                    reply = Reply(response.status, (await response.read()).decode(errors="replace"))
                    pause = float(response.headers.get("Retry-After", "1"))
            except (aiohttp.ClientError, TimeoutError) as error:
                raise CheckFailed(f"{method} {path}: {type(error).__name__}: {error}") from error
            if reply.status != _TOO_MANY or waited > _PATIENCE_SECONDS:
                return reply
            waited += pause
            await asyncio.sleep(pause)

    async def need(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Any:
        """Send a request that must succeed; return its JSON. Raises CheckFailed."""
        reply = await self.send(method, path, headers, body)
        if not 200 <= reply.status < 300:  # noqa: PLR2004
            raise CheckFailed(f"{method} {path} answered {reply.status}: {reply.text[:300]}")
        return reply.json if reply.text else None

    async def exchange(self, frames: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Open a socket, send frames, and return what comes back until a pong or the end."""
        received: list[Any] = []
        url = self.url.replace("http", "ws", 1) + "/api/v1/ws"
        async with self._http.ws_connect(url, protocols=("chatsphere.v1",)) as socket:
            for frame in [*frames, {"type": "ping"}]:
                self.requests += 1
                await socket.send_json(frame)
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.TEXT:
                    break
                received.append(json.loads(message.data))
                if received[-1]["type"] == "pong":
                    return received
            received.append({"type": "closed", "code": socket.close_code})
        return received
