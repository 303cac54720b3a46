"""Addresses of the web: which of them this server may be asked to fetch.

Whoever names a URL makes the server connect to it, so only the public web is let through: the rules
here see the URL (`parse_url`) and the address that its host leads to (`is_public_address`).
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import quote, unquote, urljoin, urlsplit

from domain.errors import InvalidInput

URL_MAX = 2048
_DEFAULT_PORTS = {"http": 80, "https": 443}
_NAME_MAX = 253
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\Z")
_NUMBER = re.compile(r"(?:\d+|0x[0-9a-f]*)\Z")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})?")
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]\Z")
_PATH_SAFE = "/%:@!$&'()*+,;=~"
_QUERY_SAFE = _PATH_SAFE + "?"
# Names that never lead to the public web (RFC 6761, 6762, 7686, 8375 and ICANN's `internal`).
_LOCAL_NAMES = ("localhost", "local", "internal", "intranet", "invalid", "onion", "home.arpa")

# IANA's special-purpose registries, and what clouds have put elsewhere. 2000::/3 is all of IPv6 that
# is handed out, so mapped and compatible IPv4, NAT64, unique and link-local addresses are outside.
_PRIVATE_V4 = [
    ip_network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32",
        "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24",
        "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15",
        "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
]  # fmt: skip
_GLOBAL_V6 = ip_network("2000::/3")
_PRIVATE_V6 = [  # in turn: Teredo, ORCHID and other protocols; documentation (2); 6to4; AS112
    ip_network(network)
    for network in ("2001::/23", "2001:db8::/32", "3fff::/20", "2002::/16", "2620:4f:8000::/48")
]
_ISATAP = (0x00005EFE, 0x02005EFE)  # the upper half of an interface id that wraps an IPv4 address


class UrlNotAllowed(InvalidInput):
    """This address is not one that this server fetches."""

    code = "url_not_allowed"

    def __init__(self, detail: str = "") -> None:
        super().__init__(detail, pointer="/url")


def is_public_address(address: str | IPv4Address | IPv6Address) -> bool:
    """Tell whether an IP address is one of the public internet; what is no address is not.

    Addresses that carry another one inside (mapped, compatible, 6to4, Teredo, NAT64, ISATAP) are not
    public: where they lead depends on the network that this server stands in.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, IPv4Address):
        return not any(ip in network for network in _PRIVATE_V4)
    if ip.scope_id is not None or ip not in _GLOBAL_V6:
        return False
    wraps_v4 = (int(ip) >> 32) & 0xFFFFFFFF in _ISATAP
    return not wraps_v4 and not any(ip in network for network in _PRIVATE_V6)


@dataclass(frozen=True, slots=True)
class UrlRules:
    """What may be fetched.

    `trusted` holds `host` or `host:port` that the operator vouches for: they may be private and use
    any port named. Everything else must stand on one of `ports` and at addresses that `is_public`.
    """

    trusted: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset(_DEFAULT_PORTS.values())
    is_public: Callable[[str], bool] = is_public_address

    def trusts(self, host: str, port: int) -> bool:
        """Tell whether the operator vouches for a host at a port."""
        name = _bracketed(host)
        return (name in self.trusted and port in self.ports) or f"{name}:{port}" in self.trusted


@dataclass(frozen=True, slots=True)
class WebUrl:
    """A normalised http(s) URL without user info and fragment: lower-case ASCII host (an IPv6 address
    without brackets), absolute path without dot segments, escapes in one form."""

    scheme: str
    host: str
    port: int
    path: str
    query: str = ""

    def __str__(self) -> str:
        return f"{self.origin}{self.target}"

    @property
    def origin(self) -> str:
        """Scheme, host and, where it is not the scheme's own, port."""
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{_bracketed(self.host)}{port}"

    @property
    def target(self) -> str:
        """Path and query, as they are sent."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def joined(self, reference: str) -> str:
        """Return a link found at this address as an absolute one, unchecked. Raises UrlNotAllowed."""
        try:
            return urljoin(str(self), reference.strip())
        except ValueError:
            raise UrlNotAllowed("This is not a URL.") from None


def parse_url(text: str, rules: UrlRules | None = None) -> WebUrl:
    """Return the URL in its one normal form. Raises UrlNotAllowed with what is wrong with it."""
    rules = rules or UrlRules()
    if not 1 <= len(text) <= URL_MAX:
        raise UrlNotAllowed(f"A URL has 1 to {URL_MAX} characters.")
    if "\\" in text or any(c <= " " or "\x7f" <= c <= "\xa0" or c.isspace() for c in text):
        raise UrlNotAllowed("A URL holds no spaces, control characters or backslashes.")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise UrlNotAllowed("This is not a URL.") from None
    if parts.scheme not in _DEFAULT_PORTS:
        raise UrlNotAllowed("Only http and https addresses are fetched.")
    if not host:
        raise UrlNotAllowed("This URL names no host.")
    if "@" in parts.netloc:
        raise UrlNotAllowed("A URL with a user name or password is not fetched.")
    port = _DEFAULT_PORTS[parts.scheme] if port is None else port
    name = _normal_host(host, is_v6="[" in parts.netloc)
    if not rules.trusts(name, port):
        _require_public(name, port, rules)
    path, query = escaped(parts.path, _PATH_SAFE), escaped(parts.query)
    return WebUrl(parts.scheme, name, port, _without_dots(path), query)


def same_site(one: WebUrl, other: WebUrl) -> bool:
    """Tell whether two URLs are of one site: the same host (`www.` aside) on the same port, where
    http and https on their own ports count as one."""
    own = set(_DEFAULT_PORTS.values())
    ports = one.port == other.port or {one.port, other.port} <= own
    return ports and one.host.removeprefix("www.") == other.host.removeprefix("www.")


def _require_public(host: str, port: int, rules: UrlRules) -> None:
    if port not in rules.ports:
        raise UrlNotAllowed("Only the ports 80 and 443 are asked.")
    if _is_address(host):
        if not rules.is_public(host):
            raise UrlNotAllowed("This address is not on the public internet.")
    elif "." not in host or host.endswith(tuple(f".{name}" for name in _LOCAL_NAMES)):
        raise UrlNotAllowed("This name is not one of the public internet.")


def _normal_host(host: str, *, is_v6: bool) -> str:
    if is_v6:
        return _normal_v6(host)
    if "%" in host or len(host) > _NAME_MAX + 1:
        raise UrlNotAllowed("This host name is not valid.")
    try:
        name = host.encode("idna").decode().lower()
    except UnicodeError:
        raise UrlNotAllowed("This host name is not valid.") from None
    name = name.removesuffix(".")
    labels = name.split(".")
    if len(name) > _NAME_MAX or not all(_LABEL.match(label) for label in labels):
        raise UrlNotAllowed("This host name is not valid.")
    if _NUMBER.match(labels[-1]) and not _is_address(name):
        raise UrlNotAllowed("An IPv4 address is written as four decimal numbers.")
    return name


def _normal_v6(host: str) -> str:
    try:
        ip = IPv6Address(host)
    except ValueError:
        raise UrlNotAllowed("This IPv6 address is not valid.") from None
    if ip.scope_id is not None:
        raise UrlNotAllowed("An IPv6 address with a zone is not fetched.")
    return ip.compressed


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def escaped(text: str, safe: str = _QUERY_SAFE) -> str:
    """Percent-encode what needs it and decode what does not, so that equal URLs are equal strings."""

    def one(match: re.Match[str]) -> str:
        if match[1] is None:
            return "%25"
        decoded = unquote(match[0], errors="replace")
        return decoded if _UNRESERVED.match(decoded) else match[0].upper()

    return quote(_ESCAPE.sub(one, text), safe=safe, errors="replace")


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments and segments[-1] in (".", ".."):
        kept.append("")
    return "/" + "/".join(kept)
