"""Requests to a provider: JSON, small, soon, and to no other place than was asked."""

import logging
from collections.abc import Mapping
from ssl import SSLContext
from urllib.parse import urlsplit

import aiohttp
import orjson

from application.ports.identity_provider import ProviderRefused, ProviderUnavailable

Json = Mapping[str, object]
_log = logging.getLogger(__name__)
_MAX_BYTES = 256 * 1024
_OK = 200
_CLIENT_ERRORS = range(400, 500)
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Http:
    """`timeout` in seconds for each request as a whole; certificates are checked."""

    def __init__(self, seconds: float, tls: SSLContext | None) -> None:
        self._timeout = aiohttp.ClientTimeout(total=seconds)
        self._tls = tls or True

    async def get(self, url: str, token: str | None = None) -> Json:
        """Return the JSON object there. Raises ProviderUnavailable, ProviderRefused."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return await self._ask("GET", url, headers, None)

    async def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Json:
        """Return the JSON object that answers a form. Raises ProviderUnavailable, ProviderRefused."""
        return await self._ask("POST", url, headers, form)

    async def _ask(
        self, method: str, url: str, headers: Mapping[str, str], form: Mapping[str, str] | None
    ) -> Json:
        wanted = {"Accept": "application/json", **headers}
        try:
            async with (
                aiohttp.ClientSession(timeout=self._timeout) as session,
                session.request(
                    method, url, headers=wanted, data=form, allow_redirects=False, ssl=self._tls
                ) as response,
            ):
                body = await response.content.read(_MAX_BYTES + 1)
                while len(body) <= _MAX_BYTES and (more := await response.content.read(_MAX_BYTES)):
                    body += more
                status = response.status
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            raise ProviderUnavailable from error
        if status in _CLIENT_ERRORS and form is not None:
            _log.warning("the identity provider refused a code with %d: %s", status, _reason(body))
            raise ProviderRefused
        if status != _OK or len(body) > _MAX_BYTES:
            raise ProviderUnavailable
        return _object(body)


def _reason(body: bytes) -> str:
    """Return the code of an error (RFC 6749 section 5.2), where it is one."""
    try:
        return str(_object(body).get("error"))[:80]
    except ProviderUnavailable:
        return "?"


def _object(body: bytes) -> Json:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise ProviderUnavailable from error
    if not isinstance(value, dict):
        raise ProviderUnavailable
    return value


def endpoint(metadata: Json, name: str) -> str:
    """Return an address that a provider names: https, or on this machine. Raises ProviderUnavailable."""
    url = metadata.get(name)
    if not isinstance(url, str):
        raise ProviderUnavailable
    parts = urlsplit(url)
    plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
    if not (parts.scheme == "https" or plain) or not parts.hostname:
        raise ProviderUnavailable
    return url
