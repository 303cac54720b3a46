"""One request over a connection that can go to checked addresses only, and the reading of its answer."""

import asyncio
import socket
import zlib
from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from ipaddress import ip_address
from ssl import SSLContext

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from application.ports.web_fetcher import USER_AGENT, FetchRefused, FetchUnavailable
from domain.urls import WebUrl

_BLOCK = 64 * 1024
_HEADER_BYTES = 8190  # of one header line
_HEADERS_MAX = 100
_GZIP = 16 + zlib.MAX_WBITS  # with gzip's header and checksum
_WIRE_SLACK = 64 * 1024  # compressed, a body may be this much larger than it is plain


class _Pinned(AbstractResolver):
    """Knows the checked addresses and lets no socket be made for another."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses

    async def resolve(
        self,
        host: str,
        port: int = 0,
        family: socket.AddressFamily = socket.AF_UNSPEC,  # noqa: ARG002
    ) -> list[ResolveResult]:
        """Return the addresses, whatever the name servers would say by now."""
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in self._addresses
        ]

    def socket(self, info: tuple[int, int, int, str, tuple[object, ...]]) -> socket.socket:
        """Return a socket for one of the addresses; the last look before a connection is made."""
        family, kind, proto, _, address = info
        if ip_address(str(address[0])) not in map(ip_address, self._addresses):
            raise OSError("this address was not checked")
        return socket.socket(family, kind, proto)

    async def close(self) -> None:
        """Nothing is held."""


@asynccontextmanager
async def opened(
    url: WebUrl,
    addresses: Sequence[str],
    *,
    accept: Collection[str],
    connect: float,
    deadline: float,
    tls: SSLContext | None,
) -> AsyncIterator[aiohttp.ClientResponse]:
    """Give the answer to a GET whose body is still to be read. Raises FetchRefused, FetchUnavailable."""
    pinned = _Pinned(addresses)
    connector = aiohttp.TCPConnector(
        resolver=pinned,
        socket_factory=pinned.socket,
        use_dns_cache=False,
        force_close=True,
        ssl=tls or True,
    )
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=connect),
        trust_env=False,
        auto_decompress=False,
        max_line_size=_HEADER_BYTES,
        max_field_size=_HEADER_BYTES,
        max_headers=_HEADERS_MAX,
    ) as session:
        headers = {"Accept": ", ".join(accept), "Accept-Encoding": "gzip", "User-Agent": USER_AGENT}
        with _told():
            async with asyncio.timeout_at(deadline):
                response = await session.get(
                    URL(str(url), encoded=True), headers=headers, allow_redirects=False
                )
        try:
            yield response
        finally:
            response.close()  # what is left of the body is not wanted


async def body(
    response: aiohttp.ClientResponse, max_bytes: int, deadline: float
) -> AsyncIterator[bytes]:
    """Yield the body, decompressed, as long as it is within bounds on the wire and after."""
    if (response.content_length or 0) > max_bytes + _WIRE_SLACK:
        raise _too_large(max_bytes)
    unpack = _unpacker(response.headers.get("Content-Encoding", ""))
    on_wire = plain = 0
    while True:
        with _told():
            async with asyncio.timeout_at(deadline):
                raw = await response.content.readany()
        if not raw:
            break
        on_wire += len(raw)
        if on_wire > max_bytes + _WIRE_SLACK:
            raise _too_large(max_bytes)
        for block in unpack.blocks(raw):
            plain += len(block)
            if plain > max_bytes:
                raise _too_large(max_bytes)
            yield block
    unpack.finish()


class _Plain:
    """A body as it is."""

    def blocks(self, raw: bytes) -> Iterator[bytes]:
        yield raw

    def finish(self) -> None:
        """It ends where the server says."""


class _Gzip(_Plain):
    """A gzip body, of one member or several, unpacked a block at a time however much it swells."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(_GZIP)

    def blocks(self, raw: bytes) -> Iterator[bytes]:
        try:
            while raw:
                if self._member.eof:
                    self._member = zlib.decompressobj(_GZIP)
                block = self._member.decompress(raw, _BLOCK)
                if block:
                    yield block
                raw = self._member.unconsumed_tail or self._member.unused_data
        except zlib.error:
            raise FetchRefused("The site's answer is damaged.") from None

    def finish(self) -> None:
        """Raises FetchUnavailable where the end is missing."""
        if not self._member.eof:
            raise FetchUnavailable("The site's answer broke off.")


def _unpacker(encoding: str) -> _Plain:
    match encoding.strip().lower():
        case "" | "identity":
            return _Plain()
        case "gzip" | "x-gzip":
            return _Gzip()
    raise FetchRefused("The site compresses its answer in a way that was not asked for.")


def _too_large(max_bytes: int) -> FetchRefused:
    return FetchRefused(
        f"The content is larger than the {max_bytes:,} bytes that are taken.",
        code="fetch_too_large",
    )


@contextmanager
def _told() -> Iterator[None]:
    """Turn what the library raises into the port's errors; no address or library word gets out."""
    try:
        yield
    except TimeoutError:
        raise FetchUnavailable("The site took too long.", code="fetch_timeout") from None
    except aiohttp.ClientConnectorCertificateError:
        raise FetchRefused("The site's certificate is not valid for its name.") from None
    except aiohttp.ClientResponseError:  # what cannot be read as HTTP, overlong headers too
        raise FetchRefused("The site's answer is not proper HTTP.") from None
    except aiohttp.ClientPayloadError:
        raise FetchUnavailable("The site's answer broke off.") from None
    except (aiohttp.ClientError, OSError):
        raise FetchUnavailable("The site cannot be reached.") from None
