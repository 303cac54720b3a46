"""The SDK's clients: one for each base URL, which all models and keys share, over the same connections."""

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from adapters._providers.errors import ProviderError
from adapters.gemini._connecting import transport
from domain.urls import UrlRules

if TYPE_CHECKING:
    import httpx2
    from google import genai

GEMINI_URL = "https://generativelanguage.googleapis.com"
_API_VERSION = "v1beta"  # the SDK's own default is v1, which lacks tools, schemas and thinking
_NO_KEY = "the key comes with each call"
_WRITE_TIMEOUT = 60.0  # seconds
_KEPT_CONNECTIONS = 32
_KEPT_CLIENTS = 256  # one is some 100 kB, and made anew in 25 ms
_MAX_ERROR_BODY = 65_536
_taken: ContextVar["list[httpx2.Response] | None"] = ContextVar("taken", default=None)


@dataclass(frozen=True, slots=True)
class _Http:
    used: "httpx2.AsyncClient"
    unused: "httpx2.Client"  # the SDK wants one for its other half


class GeminiClients:
    """Builds a client with the first call to a base URL and keeps it.

    Building takes the better part of a second, so it is done in a thread, and once: an SDK client
    made for one call closes itself under the call. No client holds a key; keys go with each call, so
    that workspaces with keys of their own share connections. The transport is httpx2 whatever else is
    installed: the SDK prefers aiohttp when it finds it, whose time-outs and errors are others.

    With `rules`, it connects to what they let through only: the servers that workspaces name.
    """

    def __init__(
        self,
        *,
        connect_timeout: float = 10.0,
        max_connections: int = 256,
        rules: UrlRules | None = None,
    ) -> None:
        """Wait `connect_timeout` seconds for a connection; keep `max_connections` at most, with `rules`
        any number: one workspace's server that hangs must not take them from the others."""
        self._connect_timeout = connect_timeout
        self._max_connections = None if rules else max_connections
        self.rules = rules
        self._http: _Http | None = None
        self._built: OrderedDict[str, genai.Client] = OrderedDict()
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
        self._built.move_to_end(base_url)
        client = self._built[base_url]
        if len(self._built) > _KEPT_CLIENTS:
            self._built.popitem(last=False)  # it holds no connection: who still uses it, can
        return client

    @property
    def lost(self) -> type[Exception]:
        """What the transport raises when a connection fails."""
        import httpx2

        return httpx2.HTTPError

    async def aclose(self) -> None:
        """Close the connections."""
        self._built.clear()
        http, self._http = self._http, None
        if http is not None:
            await http.used.aclose()
            http.unused.close()

    def _build(self, base_url: str) -> "genai.Client":
        from google import genai
        from google.genai import types

        self._http = self._http or self._open()
        options = types.HttpOptions(
            base_url=base_url,
            api_version=_API_VERSION,
            httpx_client=self._http.unused,
            httpx_async_client=self._http.used,
        )
        # What is not said here, the SDK takes from the environment (keys, Vertex, versions).
        return genai.Client(vertexai=False, api_key=_NO_KEY, http_options=options)

    def _open(self) -> _Http:
        import httpx2

        rules = self.rules

        class Tapped(httpx2.AsyncClient):
            """Gives a response to whoever takes it, and an empty one to the SDK in its place."""

            async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
                response = await super().send(request, **options)
                taken = _taken.get()
                if taken is None:
                    return response
                if response.status_code != httpx2.codes.OK:
                    return await _shortened(response, is_trusted=rules is None)
                taken.append(response)
                if rules and "content-encoding" in response.headers:
                    raise httpx2.DecodingError("this was not to be packed", request=request)
                return httpx2.Response(response.status_code, content=b"", request=request)

        tls = httpx2.create_ssl_context()
        unused = httpx2.Client(verify=tls, trust_env=False)
        limits = httpx2.Limits(
            max_connections=self._max_connections, max_keepalive_connections=_KEPT_CONNECTIONS
        )
        used = Tapped(
            transport=transport(tls, limits, rules),
            trust_env=False,
            follow_redirects=False,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            # Of a server that nobody vouches for, nothing is unpacked: it could swell without end.
            headers={"Accept-Encoding": "identity"} if rules else None,
            event_hooks={"request": [self._limit]},
        )
        return _Http(used, unused)

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


async def _shortened(response: "httpx2.Response", *, is_trusted: bool) -> "httpx2.Response":
    """Return an answer that is an error, with so much of its body as anybody needs."""
    import httpx2

    body = bytearray()
    async for chunk in response.aiter_bytes() if is_trusted else response.aiter_raw():
        body += chunk
        if len(body) >= _MAX_ERROR_BODY:
            break
    await response.aclose()
    headers = {"retry-after": response.headers.get("retry-after", "")}
    return httpx2.Response(
        response.status_code,
        headers=headers,
        content=bytes(body[:_MAX_ERROR_BODY]),
        request=response.request,
    )


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
