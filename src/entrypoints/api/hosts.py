"""By which names this may be asked: a page elsewhere whose name is made to point here may not."""

import re
from urllib.parse import urlsplit

from starlette.types import Scope

from domain.addresses import parse_address
from entrypoints.production import listens_to_others
from entrypoints.settings import Settings

_HOST = re.compile(r"([a-z0-9._-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?\Z")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def allowed_hosts(settings: Settings) -> frozenset[str] | None:
    """Return the names; None where any will do, as nobody said by which one people come.

    That is so in development alone: production does not start without PUBLIC_URL.
    """
    names = set(settings.named_hosts)
    public = urlsplit(settings.public_url or "").netloc.rpartition("@")[2].lower()
    if public:
        names.add(_HOST_OF_NETLOC.sub("", public))
    if not listens_to_others(settings.host):
        return frozenset(names | _LOOPBACK)
    if not names:
        return None
    address = parse_address(settings.host.strip("[]"))
    if address is None or not address.is_unspecified:
        names.add(f"[{address}]" if address is not None and address.version == 6 else settings.host)  # noqa: PLR2004
    return frozenset(names)


_HOST_OF_NETLOC = re.compile(r":\d*\Z")


def is_allowed(scope: Scope, allowed: frozenset[str] | None) -> bool:
    """Tell whether the one Host header names us; two of them, or none, name nobody."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if len(hosts) != 1:
        return False
    found = _HOST.match(hosts[0].decode("latin-1").lower())
    return found is not None and (allowed is None or found[1] in allowed)
