"""The requests of an adapter to one server with one key."""

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson

from adapters._providers.connections import Connections
from adapters._providers.errors import ProviderError, Redactor, failure_of_status

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_OK = 200
_REDIRECTS = range(300, 400)
_MAX_ERROR_BODY = 65_536
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+\Z")
BEARER = ("Authorization", "Bearer ")


class HttpClient:
    """POSTs JSON to one server over `connections`; nothing is sent twice here."""

    def __init__(
        self,
        base_url: str,
        api_key: str | None,
        connections: Connections,
        *,
        key_header: tuple[str, str] = BEARER,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Show `api_key` in the header `key_header`: its name and what stands before the key.

        Raises ValueError where the URL is none or holds credentials, or no header can carry the key.
        """
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the base URL must be an http or https address")
        if parts.username or parts.password or parts.query:
            raise ValueError("the base URL must hold no credentials and no query")
        if api_key and not _HEADER_SAFE.match(api_key):
            raise ValueError("the API key holds characters that no header can carry")
        self.host = parts.netloc
        self.redact = Redactor(api_key)
        self.connections = connections
        self._base_url = base_url.rstrip("/")
        self._headers = {"Content-Type": "application/json", **(headers or {})}
        if api_key:
            name, before = key_header
            self._headers[name] = f"{before}{api_key}"

    async def post(
        self, path: str, payload: Mapping[str, object], deadline: float
    ) -> "ClientResponse":
        """Return the 200 answer whose body is still to be read; the caller closes it.

        `deadline` is a time of the event loop by which the headers must have come.
        Raises ProviderError.
        """
        try:
            body = orjson.dumps(payload)
        except TypeError as error:
            raise ProviderError("The request is no JSON.", code="rejected") from error
        session = await self.connections.session()
        try:
            async with asyncio.timeout_at(deadline):
                response = await session.post(
                    f"{self._base_url}{path}",
                    data=body,
                    headers=self._headers,
                    allow_redirects=False,
                )
                if response.status == _OK:
                    return response
                async with response:
                    said = await response.content.read(_MAX_ERROR_BODY)
        except TimeoutError as error:
            raise ProviderError(f"{self.host} did not answer in time.") from error
        except self.connections.errors as error:
            raise ProviderError(f"{self.host} cannot be reached.") from error
        if response.status in _REDIRECTS:
            raise ProviderError(
                f"{self.host} redirects: the base URL is not that of the API.",
                code="rejected",
                status=response.status,
            )
        raise failure_of_status(response.status, response.headers, said, self.redact)
