"""Port: reads pages and files of the web without being led where it should not go."""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from domain.errors import ChatSphereError, DependencyUnavailable
from domain.urls import WebUrl

USER_AGENT = "ChatSphere"


class FetchRefused(ChatSphereError):
    """This address cannot be fetched, and trying again will not help.

    `code`: `url_not_allowed` (leads to a host that is not public, or to something else than http),
    `fetch_refused` (the site says no, or its answer makes no sense), `fetch_too_large`,
    `unsupported_media_type` (none of those asked for). `status` is the site's HTTP status, or None.
    """

    code = "fetch_refused"

    def __init__(
        self, detail: str = "", *, code: str | None = None, status: int | None = None
    ) -> None:
        super().__init__(detail, code=code)
        self.status = status


class FetchUnavailable(DependencyUnavailable):
    """The site does not answer at the moment; it may later.

    `code`: `fetch_failed` (no connection, a broken answer, 429 or 5xx) or `fetch_timeout`.
    """

    code = "fetch_failed"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page or file as the site sends it.

    `url` is where it was found, after redirects. `media_type` is what the site claims, lower-case and
    without parameters, "" where it claims none; `charset` too. `filename` is made from the site's
    words: it goes through `safe_filename` before it is used. `body` yields the decompressed bytes once;
    while it is read it may raise FetchRefused and FetchUnavailable.
    """

    url: WebUrl
    media_type: str
    charset: str
    filename: str
    body: AsyncIterator[bytes]
    etag: str = ""
    last_modified: str = ""

    async def read(self) -> bytes:
        """Return the whole body."""
        return b"".join([block async for block in self.body])


class WebFetcher(ABC):
    """Fetches http(s) URLs from public addresses, and from those the operator trusts."""

    @abstractmethod
    def check(self, url: str) -> WebUrl:
        """Return the URL normalised, if it can be fetched as far as can be seen from itself.

        Raises UrlNotAllowed.
        """

    @abstractmethod
    def fetch(
        self, url: WebUrl, *, accept: Collection[str], max_bytes: int
    ) -> AbstractAsyncContextManager[Fetched]:
        """Give what stands at `url`; the connection is closed with the context.

        `accept` names media types (`text/*` for all of a kind, `*/*` for any); an answer that claims
        another is refused, one that claims none is taken. `max_bytes` bounds the body, decompressed
        too. Raises FetchRefused and FetchUnavailable, on entry and while the body is read.
        """

    async def aclose(self) -> None:
        """Release what the fetcher holds (threads)."""
