"""Who asks, by which scheme and host: the connection says it, or a proxy that is trusted to."""

import logging
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from starlette.types import Scope

from domain.addresses import parse_address
from entrypoints.edge_settings import Network

_log = logging.getLogger(__name__)
_HOPS_MAX = 20
_FORWARDED_FOR = re.compile(r'(?:\A|[;,])\s*for="?([^;,"]+)"?', re.IGNORECASE)
_SECURE = {"http": "https", "ws": "wss"}
_FORWARDING = frozenset(
    {b"x-forwarded-for", b"x-forwarded-proto", b"x-forwarded-host", b"forwarded"}
)


class Forwarding:
    """Writes into each scope who asks (`client_ip`, `client`), and scheme and host as asked for.

    Nothing else in the product reads the headers of proxies.
    """

    def __init__(self, trusted: Sequence[Network]) -> None:
        self._trusted = tuple(trusted)
        self._warned = False
        self._is_trusted = lru_cache(maxsize=4096)(self._lies_in_a_trusted_network)

    def apply(self, scope: Scope) -> None:
        """Settle the scope of one request or socket."""
        peer = scope["client"][0] if scope.get("client") else ""
        address = parse_address(peer)
        scope["client_ip"] = str(address) if address is not None else peer
        if not self._trusted or not self._is_trusted(scope["client_ip"]):
            if not self._warned and address is not None and address.is_private:
                self._warn_of_a_proxy(scope)
            return
        told = [(name, value) for name, value in scope["headers"] if name in _FORWARDING]
        if told:
            self._believe(scope, told)

    def _warn_of_a_proxy(self, scope: Scope) -> None:
        """Log once that a proxy of our own network is not believed: all behind it count as one."""
        if any(name == b"x-forwarded-for" for name, _ in scope["headers"]):
            self._warned = True
            _log.warning(
                "%s sends X-Forwarded-For, but CHATSPHERE_TRUSTED_PROXIES does not list it: if it is "
                "a proxy, everybody behind it shares one address and one quota",
                scope["client_ip"],
            )

    def _believe(self, scope: Scope, told: Sequence[tuple[bytes, bytes]]) -> None:
        client = self._client(scope["client_ip"], told)
        scope["client_ip"] = client
        scope["client"] = (client, 0)
        scheme = _last(told, b"x-forwarded-proto").lower()
        if scheme in {"https", "wss"}:
            scope["scheme"] = _SECURE.get(scope["scheme"], scope["scheme"])
        host = _last(told, b"x-forwarded-host")
        if host:
            others = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope["headers"] = [(b"host", host.encode("latin-1")), *others]

    def _client(self, peer: str, told: Sequence[tuple[bytes, bytes]]) -> str:
        """Return the nearest hop that no trusted proxy is.

        A proxy writes one of the two headers; where a request brings both and they differ, one of
        them is the client's own invention, and neither is believed.
        """
        chains = [
            self._nearest_stranger(peer, hops)
            for hops in (_x_forwarded_for(told), _forwarded(told))
            if hops
        ]
        return chains[0] if len(set(chains)) == 1 else peer

    def _nearest_stranger(self, peer: str, hops: Sequence[str]) -> str:
        nearest = peer
        for hop in reversed(hops[-_HOPS_MAX:]):
            address = parse_address(_without_port(hop))
            if address is None:
                break
            nearest = str(address)
            if not self._is_trusted(nearest):
                break
        return nearest

    def _lies_in_a_trusted_network(self, text: str) -> bool:
        address = parse_address(text)
        return address is not None and any(address in network for network in self._trusted)


def _values(told: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    return ",".join(value.decode("latin-1") for key, value in told if key == name)


def _last(told: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    return _values(told, name).rpartition(",")[2].strip()


def _x_forwarded_for(told: Sequence[tuple[bytes, bytes]]) -> list[str]:
    value = _values(told, b"x-forwarded-for")
    return [hop.strip() for hop in value.split(",")] if value else []


def _forwarded(told: Sequence[tuple[bytes, bytes]]) -> list[str]:
    """Return the `for` of each hop (RFC 7239)."""
    return [hop.strip() for hop in _FORWARDED_FOR.findall(_values(told, b"forwarded"))]


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
