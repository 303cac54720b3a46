"""The HTTP session behind one or many models, and the check of where it connects to."""

import asyncio
import importlib
import socket
from types import ModuleType
from typing import TYPE_CHECKING

from adapters._providers.names import look_up
from application.ports.plugins import Context
from domain.urls import UrlRules

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from aiohttp.abc import AbstractResolver

_NUMBERS = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV


class Connections:
    """One session, opened with the first request; it keeps connections by host, and no cookies.

    With `rules`, it connects to what they let through only: the servers that workspaces name. Names
    are checked as they are resolved, so the address that was looked at is the one that is used.
    """

    def __init__(
        self,
        *,
        connect_timeout: float = 10.0,
        max_connections: int = 256,
        rules: UrlRules | None = None,
    ) -> None:
        """Wait `connect_timeout` seconds for a connection; keep `max_connections` to a host at most."""
        self._connect_timeout = connect_timeout
        self._max_connections = max_connections
        self.rules = rules
        self._aiohttp: ModuleType | None = None
        self._session: ClientSession | None = None

    @classmethod
    def of(cls, context: Context) -> "Connections":
        """Return the connections that the adapters of a context share."""
        return cls(connect_timeout=context.deadlines.connect, rules=context.url_rules)

    @property
    def errors(self) -> tuple[type[Exception], ...]:
        """What the session raises when a connection fails."""
        return (self._aiohttp.ClientError, OSError) if self._aiohttp else (OSError,)

    async def session(self) -> "ClientSession":
        """Return the session."""
        if self._aiohttp is None:  # its import takes a third of a second: not on the event loop
            self._aiohttp = await asyncio.to_thread(importlib.import_module, "aiohttp")
        if self._session is None or self._session.closed:
            http = self._aiohttp
            self._session = http.ClientSession(
                connector=http.TCPConnector(
                    limit=0,
                    limit_per_host=self._max_connections,
                    resolver=_checking(http, self.rules) if self.rules else None,
                ),
                # Of a server that nobody vouches for, nothing is unpacked: it could swell without end.
                headers={"Accept-Encoding": "identity"} if self.rules else None,
                auto_decompress=self.rules is None,
                timeout=http.ClientTimeout(total=None, sock_connect=self._connect_timeout),
                trust_env=False,
                cookie_jar=http.DummyCookieJar(),
            )
        return self._session

    async def aclose(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()


def _checking(http: ModuleType, rules: UrlRules) -> "AbstractResolver":
    """Return a resolver that gives away no address that the rules keep back.

    Every address must pass: a name that leads to a private one too is a trap or a mistake. The rules
    have seen addresses that stand in the URL itself already; those are not resolved.
    """
    plain = http.abc.AbstractResolver

    class Checking(plain):  # type: ignore[misc, valid-type]  # the base is known once it is imported
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[dict[str, object]]:
            found = await look_up(host, port, family)
            public = all(rules.is_public(address) for _, address in found)
            if not public and not rules.trusts(host, port):
                raise OSError("the name leads to an address that is not public")
            shared = {"hostname": host, "port": port, "proto": 0, "flags": _NUMBERS}
            return [{**shared, "host": address, "family": kind} for kind, address in found]

        async def close(self) -> None:
            """Hold nothing."""

    return Checking()
