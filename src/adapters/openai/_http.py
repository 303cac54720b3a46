"""The requests of an adapter to one server with one key."""

import asyncio
import random
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import orjson

from adapters.openai._errors import ProviderError, Redactor, failure_of_status
from adapters.openai.connections import Connections

if TYPE_CHECKING:
    from aiohttp import ClientResponse

_OK = 200
_REDIRECTS = range(300, 400)
_MAX_ERROR_BODY = 65_536
_MAX_ATTEMPTS = 3
_FIRST_PAUSE = 0.3  # seconds
_LONGEST_PAUSE = 5.0  # seconds; a provider that asks for more is left to the caller
_RETRIES_A_REQUEST = 0.1  # an outage must not triple what a server has to refuse
_RETRIES_SAVED = 10.0
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+\Z")


class HttpClient:
    """POSTs JSON to one server over `connections`; retries what is safe to repeat."""

    def __init__(self, base_url: str, api_key: str | None, connections: Connections) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("the base URL must be an http or https address")
        if parts.username or parts.password or parts.query:
            raise ValueError("the base URL must hold no credentials and no query")
        if api_key and not _HEADER_SAFE.match(api_key):
            raise ValueError("the API key holds characters that no header can carry")
        self.host = parts.netloc
        self.redact = Redactor(api_key)
        self._base_url = base_url.rstrip("/")
        self._headers = {"Content-Type": "application/json"}
        if api_key:
            self._headers["Authorization"] = f"Bearer {api_key}"
        self._connections = connections
        self._retries = _RETRIES_SAVED

    async def post(
        self, path: str, payload: Mapping[str, object], deadline: float
    ) -> "ClientResponse":
        """Return the 200 answer whose body is still to be read; the caller closes it.

        `deadline` is a time of the event loop by which the headers must have come. A refused
        connection, 429 and 5xx are tried again, twice at most and within the deadline, as long as
        that is one request in ten.
        Raises ProviderError.
        """
        loop = asyncio.get_running_loop()
        body = orjson.dumps(payload)
        self._retries = min(self._retries + _RETRIES_A_REQUEST, _RETRIES_SAVED)
        attempt = 1
        while True:
            try:
                return await self._post_once(path, body, deadline)
            except ProviderError as failure:
                pause = _FIRST_PAUSE * attempt * random.uniform(0.5, 1.5)  # noqa: S311 - jitter
                pause = max(pause, failure.retry_after or 0.0)
                in_time = pause <= _LONGEST_PAUSE and loop.time() + pause < deadline
                may_repeat = failure.is_transient and self._retries >= 1
                if attempt == _MAX_ATTEMPTS or not in_time or not may_repeat:
                    raise
                self._retries -= 1
            await asyncio.sleep(pause)
            attempt += 1

    async def _post_once(self, path: str, body: bytes, deadline: float) -> "ClientResponse":
        session = await self._connections.session()
        url = f"{self._base_url}{path}"
        try:
            async with asyncio.timeout_at(deadline):
                response = await session.post(
                    url, data=body, headers=self._headers, allow_redirects=False
                )
                if response.status == _OK:
                    return response
                async with response:
                    said = await response.content.read(_MAX_ERROR_BODY)
        except TimeoutError as error:
            raise ProviderError(f"{self.host} did not answer in time.") from error
        except self._connections.errors as error:
            raise ProviderError(f"{self.host} cannot be reached.") from error
        if response.status in _REDIRECTS:
            raise ProviderError(
                f"{self.host} redirects: the base URL is not that of the API.",
                code="rejected",
                status=response.status,
            )
        raise failure_of_status(response.status, response.headers, said, self.redact)
