"""IP addresses as those who come from them are counted."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

IPV6_PREFIX = 64  # what one customer gets: single addresses of it cost nothing


def parse_address(text: str) -> IPv4Address | IPv6Address | None:
    """Return an address, IPv4 where it is mapped into IPv6; None where this is none."""
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        return address.ipv4_mapped or IPv6Address(int(address))  # without its scope id
    return address


@lru_cache(maxsize=4096)
def counted_as(address: str) -> str:
    """Return what a limit counts an address as: itself, or the /64 network of an IPv6 address."""
    parsed = parse_address(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, IPV6_PREFIX), strict=False))
    return str(parsed) if parsed is not None else address
