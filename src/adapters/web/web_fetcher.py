"""Fetches from the public web: every hop is checked anew, and each connection goes to what was checked."""

import asyncio
import importlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import PurePosixPath
from ssl import SSLContext
from typing import TYPE_CHECKING
from urllib.parse import unquote

from application.ports.web_fetcher import Fetched, FetchRefused, FetchUnavailable, WebFetcher
from domain.urls import UrlNotAllowed, UrlRules, WebUrl, parse_url

if TYPE_CHECKING:
    from aiohttp import ClientResponse

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

REDIRECTS_MAX = 3
_OK = 200
_REDIRECTS = (301, 302, 303, 307, 308)
_LATER = (408, 425, 429)
_SERVER_ERRORS = 500
_RESOLVER_THREADS = 4


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds for one connection, and for everything from the first look-up to the last byte."""

    connect: float = 5.0
    total: float = 60.0


class AioHttpWebFetcher(WebFetcher):
    """One connection per hop, to an address that was looked up and checked once."""

    def __init__(
        self,
        rules: UrlRules,
        *,
        resolve: Resolve | None = None,
        patience: Patience | None = None,
        tls: SSLContext | None = None,
    ) -> None:
        self._rules = rules
        self._resolve = resolve or self._look_up
        self._patience = patience or Patience()
        self._tls = tls
        self._threads: ThreadPoolExecutor | None = None

    def check(self, url: str) -> WebUrl:
        """Return the URL normalised, if it can be fetched as far as can be seen from itself."""
        return parse_url(url, self._rules)

    @asynccontextmanager
    async def fetch(
        self, url: WebUrl, *, accept: Collection[str], max_bytes: int
    ) -> AsyncIterator[Fetched]:
        """Follow redirects, each as carefully as the first address, and give what stands at the end."""
        http = await asyncio.to_thread(importlib.import_module, "adapters.web._http")
        deadline = asyncio.get_running_loop().time() + self._patience.total
        hop = self._checked(str(url))
        for _ in range(REDIRECTS_MAX + 1):
            addresses = await self._addresses(hop, deadline)
            async with http.opened(
                hop,
                addresses,
                accept=accept,
                connect=self._patience.connect,
                deadline=deadline,
                tls=self._tls,
            ) as response:
                if response.status not in _REDIRECTS:
                    _require_ok(response)
                    media_type, charset = _require_type(response, accept)
                    yield Fetched(
                        url=hop,
                        media_type=media_type,
                        charset=charset,
                        filename=_filename(hop, response, media_type),
                        body=http.body(response, max_bytes, deadline),
                        etag=response.headers.get("ETag", ""),
                        last_modified=response.headers.get("Last-Modified", ""),
                    )
                    return
                hop = self._next(hop, response.headers.get("Location", ""))
        raise FetchRefused(f"The address redirects more than {REDIRECTS_MAX} times.")

    def _checked(self, url: str) -> WebUrl:
        try:
            return self.check(url)
        except UrlNotAllowed as error:
            raise FetchRefused(error.detail, code=error.code) from None

    def _next(self, hop: WebUrl, location: str) -> WebUrl:
        if not location:
            raise FetchRefused("The address redirects to nowhere.")
        try:
            following = self.check(hop.joined(location))
        except UrlNotAllowed as error:
            detail = f"The address redirects to one that is not fetched. {error.detail}"
            raise FetchRefused(detail, code=error.code) from None
        if hop.scheme == "https" and following.scheme == "http":
            raise FetchRefused("The address redirects from https to http.", code=UrlNotAllowed.code)
        return following

    async def _addresses(self, url: WebUrl, deadline: float) -> Sequence[str]:
        """Look the host up, once; every address it has must be fit to connect to."""
        try:
            async with asyncio.timeout_at(deadline):
                addresses = await self._resolve(url.host, url.port)
        except TimeoutError:
            raise FetchUnavailable(
                "The name of the site was not found in time.", code="fetch_timeout"
            ) from None
        except OSError:
            raise FetchUnavailable("The name of the site was not found.") from None
        trusted = self._rules.trusts(url.host, url.port)
        if not trusted and not all(self._rules.is_public(address) for address in addresses):
            raise FetchRefused(
                "This address leads to a host that is not on the public internet.",
                code=UrlNotAllowed.code,
            )
        if not addresses:
            raise FetchUnavailable("The name of the site was not found.")
        return addresses

    async def _look_up(self, host: str, port: int) -> Sequence[str]:
        # threads of its own: slow name servers must not keep the process's other threads busy
        if self._threads is None:
            self._threads = ThreadPoolExecutor(_RESOLVER_THREADS, thread_name_prefix="resolver")
        found = await asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        )
        return list(dict.fromkeys(str(address[0]) for *_, address in found))

    async def aclose(self) -> None:
        """Let the resolver's threads end."""
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None


def _require_ok(response: "ClientResponse") -> None:
    status = response.status
    if status == _OK:
        return
    said = f"The site answered with the status {status}."
    if status in _LATER or status >= _SERVER_ERRORS:
        raise FetchUnavailable(said)
    raise FetchRefused(said, status=status)


def _require_type(response: "ClientResponse", accept: Collection[str]) -> tuple[str, str]:
    """Return the media type that the site claims, which is one of those asked for, and the charset."""
    if "Content-Type" not in response.headers:
        return "", ""
    try:
        media_type, charset = response.content_type.lower(), (response.charset or "").lower()
    except ValueError:  # a numbering or an encoding that makes no sense
        raise FetchRefused("The site's answer is not proper HTTP.") from None
    if not {media_type, media_type.partition("/")[0] + "/*", "*/*"} & set(accept):
        raise FetchRefused(
            "The site sends another kind of content than what is read here.",
            code="unsupported_media_type",
        )
    return media_type, charset


def _filename(url: WebUrl, response: "ClientResponse", media_type: str) -> str:
    """Return the name that the site gives, or one made of the address."""
    message = Message()
    message["Content-Disposition"] = response.headers.get("Content-Disposition", "")
    try:
        given = message.get_filename()
    except ValueError:  # a numbering or an encoding that makes no sense
        given = None
    if given:
        return given
    name = unquote(PurePosixPath(url.path).name) or url.host
    is_page = media_type in ("text/html", "application/xhtml+xml")
    return f"{name}.html" if is_page and not name.endswith((".html", ".htm")) else name
