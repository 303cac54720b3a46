"""Where a connection leads: to servers that workspaces name only as far as the rules allow."""

import asyncio
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from adapters._providers.names import look_up
from domain.urls import UrlRules

if TYPE_CHECKING:
    import ssl

    import httpcore2
    import httpx2


def transport(
    tls: "ssl.SSLContext", limits: "httpx2.Limits", rules: UrlRules | None
) -> "httpx2.AsyncHTTPTransport":
    """Return a transport that connects to what the rules let through; None: to anything.

    httpx2 has no option for that, and its pool, which has one, no public place: AttributeError is
    raised where a version keeps it elsewhere.
    """
    import httpx2

    made = httpx2.AsyncHTTPTransport(verify=tls, limits=limits, trust_env=False)
    if rules is not None:
        plain = made._pool._network_backend
        made._pool._network_backend = _checking(plain, rules)
    return made


def _checking(
    plain: "httpcore2.AsyncNetworkBackend", rules: UrlRules
) -> "httpcore2.AsyncNetworkBackend":
    """Return what opens connections to addresses that it has looked at, and never by name.

    Every address of a name must pass: one that leads to a private one too is a trap or a mistake.
    """
    import httpcore2

    class Checking(httpcore2.AsyncNetworkBackend):
        async def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,  # noqa: ASYNC109 - httpcore2's name
            local_address: str | None = None,
            socket_options: Iterable[Any] | None = None,
        ) -> httpcore2.AsyncNetworkStream:
            try:
                async with asyncio.timeout(timeout):
                    addresses = await _addresses(host, port)
            except TimeoutError as error:
                raise httpcore2.ConnectTimeout("the name was not found in time") from error
            except OSError as error:
                raise httpcore2.ConnectError("the name cannot be found") from error
            public = port in rules.ports and all(map(rules.is_public, addresses))
            if not public and not rules.trusts(host, port):
                raise httpcore2.ConnectError("the name leads to an address that is not public")
            return await plain.connect_tcp(
                addresses[0], port, timeout, local_address, socket_options
            )

    return Checking()


async def _addresses(host: str, port: int) -> list[str]:
    """Return the addresses of a name, at least one; IPv4 first. Raises OSError."""
    addresses = [address for _, address in await look_up(host, port)]
    if not addresses:
        raise OSError("the name has no address")
    return sorted(addresses, key=lambda address: ":" in address)
