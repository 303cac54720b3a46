"""Port: finds the addresses in a site's pages and sitemaps."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from domain.urls import WebUrl

PAGE_MAX_BYTES = 2 * 1024 * 1024
SITEMAP_MAX_BYTES = 10 * 1024 * 1024
ADDRESSES_MAX = 10_000


@dataclass(frozen=True, slots=True)
class Sitemap:
    """What a sitemap names: pages, and further sitemaps."""

    pages: Sequence[str] = ()
    sitemaps: Sequence[str] = ()


class SiteReader(ABC):
    """Reads bytes of hostile origin; what it cannot read holds no addresses. It takes processor time:
    call it in a thread. No more than ADDRESSES_MAX addresses are given, each once, in order; they are
    as the site wrote them, to be checked before use."""

    @abstractmethod
    def sitemap(self, data: bytes) -> Sitemap:
        """Return what a sitemap or sitemap index names; gzip too. Beyond SITEMAP_MAX_BYTES: nothing."""

    @abstractmethod
    def links(self, data: bytes, charset: str, url: WebUrl) -> list[str]:
        """Return the absolute http(s) addresses that a page at `url` links to, without fragments.

        `charset` is what the server claims, or "". Links marked `nofollow` are left out. Only the first
        PAGE_MAX_BYTES are read.
        """
