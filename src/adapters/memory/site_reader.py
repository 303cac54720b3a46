"""Addresses found by looking for them, in pages and sitemaps that are written plainly."""

import gzip
import re
from collections.abc import Iterable
from html import unescape
from urllib.parse import urldefrag, urljoin

from application.ports.site_reader import (
    ADDRESSES_MAX,
    PAGE_MAX_BYTES,
    SITEMAP_MAX_BYTES,
    Sitemap,
    SiteReader,
)
from domain.urls import WebUrl

_LOCATION = re.compile(r"<loc>\s*([^<\s]+)\s*</loc>")
_LINK = re.compile(r"<a ([^>]*)>")
_TARGET = re.compile(r"""href=["']?([^"'\s>]+)""")


class InMemorySiteReader(SiteReader):
    """Reads UTF-8."""

    def sitemap(self, data: bytes) -> Sitemap:
        """Return what a sitemap or sitemap index names."""
        if data.startswith(b"\x1f\x8b"):
            data = gzip.decompress(data)
        text = data.decode("utf-8", "replace")
        if len(data) > SITEMAP_MAX_BYTES or "<!DOCTYPE" in text:
            return Sitemap()
        found = _distinct(unescape(address) for address in _LOCATION.findall(text))
        if "<sitemapindex" in text:
            return Sitemap(sitemaps=found)
        return Sitemap(pages=found if "<urlset" in text else [])

    def links(
        self,
        data: bytes,
        charset: str,  # noqa: ARG002 - it is UTF-8
        url: WebUrl,
    ) -> list[str]:
        """Return the addresses that a page links to."""
        text = data[:PAGE_MAX_BYTES].decode("utf-8", "replace")
        tags = [tag for tag in _LINK.findall(text) if "nofollow" not in tag]
        targets = (unescape(found[1]) for tag in tags if (found := _TARGET.search(tag)))
        absolute = (urldefrag(urljoin(str(url), target)).url for target in targets)
        return _distinct(one for one in absolute if one.startswith(("http://", "https://")))


def _distinct(addresses: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(addresses))[:ADDRESSES_MAX]
