"""The SDK's clients: one for each base URL, which all models and keys share."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from adapters.gemini._errors import ProviderError

if TYPE_CHECKING:
    import httpx2
    from google import genai

GEMINI_URL = "https://generativelanguage.googleapis.com"
_API_VERSION = "v1beta"  # the SDK's own default is v1, which lacks tools, schemas and thinking
_NO_KEY = "the key comes with each call"
_WRITE_TIMEOUT = 60.0  # seconds
_KEPT_CONNECTIONS = 32
_taken: ContextVar["list[httpx2.Response] | None"] = ContextVar("taken", default=None)


@dataclass(frozen=True, slots=True)
class _Parts:
    genai: "genai.Client"
    http: "httpx2.AsyncClient"
    unused: "httpx2.Client"  # the SDK wants one for its other half


class GeminiClients:
    """Builds a client with the first call to a base URL and keeps it.

    Building takes the better part of a second, so it is done in a thread, and once: an SDK client
    made for one call closes itself under the call. No client holds a key; keys go with each call, so
    that workspaces with keys of their own share connections. The transport is httpx2 whatever else is
    installed: the SDK prefers aiohttp when it finds it, whose time-outs and errors are others.
    """

    def __init__(self, *, connect_timeout: float = 10.0, max_connections: int = 256) -> None:
        """Wait `connect_timeout` seconds for a connection; keep `max_connections` to a host at most."""
        self._connect_timeout = connect_timeout
        self._max_connections = max_connections
        self._built: dict[str, _Parts] = {}
        self._building = asyncio.Lock()

    async def get(self, base_url: str, deadline: float) -> "genai.Client":
        """Return the client for `base_url`, which ends before the API's version.

        Raises ProviderError where it is not built by `deadline`, a time of the event loop.
        """
        if base_url not in self._built:
            try:
                async with asyncio.timeout_at(deadline), self._building:
                    if base_url not in self._built:
                        self._built[base_url] = await asyncio.to_thread(self._build, base_url)
            except TimeoutError as error:
                raise ProviderError("The client for Gemini was not built in time.") from error
        return self._built[base_url].genai

    @property
    def lost(self) -> type[Exception]:
        """What the transport raises when a connection fails."""
        import httpx2

        return httpx2.HTTPError

    async def aclose(self) -> None:
        """Close the connections."""
        while self._built:
            _, parts = self._built.popitem()
            await parts.genai.aio.aclose()
            await parts.http.aclose()
            parts.unused.close()

    def _build(self, base_url: str) -> _Parts:
        import httpx2
        from google import genai
        from google.genai import types

        class Tapped(httpx2.AsyncClient):
            """Gives a response to whoever takes it, and an empty one to the SDK in its place."""

            async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
                response = await super().send(request, **options)
                taken = _taken.get()
                if taken is None or response.status_code != httpx2.codes.OK:
                    return response
                taken.append(response)
                return httpx2.Response(response.status_code, content=b"", request=request)

        tls = httpx2.create_ssl_context()
        unused = httpx2.Client(verify=tls, trust_env=False)
        http = Tapped(
            verify=tls,
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            limits=httpx2.Limits(
                max_connections=self._max_connections, max_keepalive_connections=_KEPT_CONNECTIONS
            ),
            event_hooks={"request": [self._limit]},
        )
        options = types.HttpOptions(
            base_url=base_url,
            api_version=_API_VERSION,
            httpx_client=unused,
            httpx_async_client=http,
        )
        # What is not said here, the SDK takes from the environment (keys, Vertex, versions).
        client = genai.Client(vertexai=False, api_key=_NO_KEY, http_options=options)
        return _Parts(client, http, unused)

    async def _limit(self, request: "httpx2.Request") -> None:
        """Set the time-outs that the SDK takes away; reading has deadlines of its own."""
        wait = self._connect_timeout
        request.extensions["timeout"] = {
            "connect": wait, "pool": wait, "write": _WRITE_TIMEOUT, "read": None,
        }  # fmt: skip


@contextmanager
def taking(responses: "list[httpx2.Response]") -> Iterator[None]:
    """Add the good responses that come meanwhile to `responses`: whoever takes one reads and closes it.

    The SDK spends four times the CPU of reading a stream on making objects of each event, and closes
    it when its generators are collected.
    """
    token = _taken.set(responses)
    try:
        yield
    finally:
        _taken.reset(token)


def checked_url(base_url: str) -> str:
    """Return `base_url` without a slash at its end. Raises ValueError where it is none for an API."""
    parts = urlsplit(base_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("the base URL must be an http or https address")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("the base URL must hold no credentials and no query")
    return base_url.rstrip("/").removesuffix(f"/{_API_VERSION}")


def host_of(base_url: str) -> str:
    """Return the part of a URL that people know a server by."""
    return urlsplit(base_url).netloc
