"""Whose pages may use what a browser sends along by itself: the cookie, and the opening of a socket."""

from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from entrypoints.settings import Settings

_DEFAULT_PORTS = {"http": 80, "https": 443}
_OTHER_SITES = frozenset({"cross-site", "same-site"})


def is_by_browser(connection: HTTPConnection) -> bool:
    """Tell whether a browser marked this; it does so with whatever but a plain GET."""
    return "origin" in connection.headers or "sec-fetch-site" in connection.headers


def is_welcome(connection: HTTPConnection, settings: Settings) -> bool:
    """Tell whether the page that asks is ours or one of CORS_ORIGINS; programs send no Origin."""
    origin = connection.headers.get("origin")
    if origin is not None and origin.lower() in settings.origins:
        return True
    if connection.headers.get("sec-fetch-site") in _OTHER_SITES:
        return False  # the browser compared scheme, name and port itself
    if origin is None:
        return True
    try:
        scheme = urlsplit(origin).scheme
        given = _place(origin, scheme)
        ours = [_place(f"//{connection.headers.get('host', '')}", scheme)]
        if settings.public_url is not None:
            ours.append(_place(settings.public_url, urlsplit(settings.public_url).scheme))
    except ValueError:
        return False
    return given[0] is not None and given in ours


def _place(url: str, scheme: str) -> tuple[str | None, int | None]:
    """Return host and port. Raises ValueError."""
    parts = urlsplit(url)
    return parts.hostname, parts.port or _DEFAULT_PORTS.get(scheme)
