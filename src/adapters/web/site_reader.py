"""Reads sitemaps with lxml, which loads and expands nothing, and pages with a scan of our own."""

import codecs
import re
import zlib
from collections.abc import Iterable
from itertools import islice
from urllib.parse import urldefrag, urljoin

from adapters.web._links import tags
from application.ports.site_reader import (
    ADDRESSES_MAX,
    PAGE_MAX_BYTES,
    SITEMAP_MAX_BYTES,
    Sitemap,
    SiteReader,
)
from domain.urls import URL_MAX, WebUrl

_GZIP = 16 + zlib.MAX_WBITS
_BLOCK = 64 * 1024
_ELEMENTS_MAX = (
    60 * ADDRESSES_MAX
)  # of a sitemap, begun and ended, whether or not they say anything
_TAGS_MAX = 2 * ADDRESSES_MAX  # of a page, whether or not they lead anywhere
# Python decodes these too, but no page is written in them, and punycode takes the square of its length.
_NO_CHARSETS = {"punycode", "idna", "unicode-escape", "raw-unicode-escape", "undefined", "utf-7"}


class ScanningSiteReader(SiteReader):
    """Keeps to what a crawler needs: `loc` of sitemaps, `a` and `area` of pages."""

    def sitemap(self, data: bytes) -> Sitemap:
        """Return what a sitemap or sitemap index names."""
        text = _plain_xml(data)
        if text is None:
            return Sitemap()
        root, addresses = _locations(text)
        found = _distinct(address for address in addresses if len(address) <= URL_MAX)
        return Sitemap(sitemaps=found) if root == "sitemapindex" else Sitemap(pages=found)

    def links(self, data: bytes, charset: str, url: WebUrl) -> list[str]:
        """Return the absolute http(s) addresses that a page links to."""
        base, found = "", dict[str, None]()
        for name, attributes in islice(tags(_decoded(data[:PAGE_MAX_BYTES], charset)), _TAGS_MAX):
            target = attributes.get("href")
            if name == "meta":
                is_robots = attributes.get("name", "").lower() == "robots"
                if is_robots and _has(attributes.get("content"), "nofollow", "none"):
                    return []
            elif name == "base":
                base = base or _absolute(str(url), target)
            elif target is not None and not _has(attributes.get("rel"), "nofollow"):
                found[_absolute(base or str(url), target)] = None
            if len(found) > ADDRESSES_MAX:
                break
        found.pop("", None)
        return list(found)[:ADDRESSES_MAX]


def _plain_xml(data: bytes) -> bytes | None:
    """Return a sitemap's UTF-8 without a document type, in which all bombs and references stand."""
    if data.startswith(b"\x1f\x8b"):
        data = _gunzip(data)
    if not data or len(data) > SITEMAP_MAX_BYTES or b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return None
    return data.lstrip()


def _gunzip(data: bytes) -> bytes:
    """Return the first member of a gzip, "" where it is damaged or larger than a sitemap may be."""
    unpack = zlib.decompressobj(_GZIP)
    try:
        plain = unpack.decompress(data, SITEMAP_MAX_BYTES + 1)
    except zlib.error:
        return b""
    return plain if len(plain) <= SITEMAP_MAX_BYTES else b""


def _locations(text: bytes) -> tuple[str, list[str]]:
    """Return the root's name and the text of each `loc`; what stands before damage counts."""
    from lxml import etree

    parser = etree.XMLPullParser(
        events=("start", "end"),
        encoding="utf-8",  # whatever it claims: in another encoding a document type could hide
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    root, found, seen = "", [], 0
    try:
        for start in range(0, len(text), _BLOCK):
            parser.feed(text[start : start + _BLOCK])
            for event, element in parser.read_events():
                name = etree.QName(element).localname
                root = root or name
                if root not in ("urlset", "sitemapindex"):
                    return "", []
                if event == "end" and name == "loc" and element.text:
                    found.append(element.text.strip())
                elif event == "end" and name in ("url", "sitemap"):
                    element.clear()
                seen += 1
            if len(found) > ADDRESSES_MAX or seen > _ELEMENTS_MAX:
                break
    except etree.XMLSyntaxError:
        pass
    return root, found


def _decoded(data: bytes, charset: str) -> str:
    head = data[:2048]
    stated = re.search(rb"charset\s*=\s*[\"']?([A-Za-z0-9_:.-]{1,40})", head)
    for name in (charset, stated[1].decode() if stated else "", "utf-8"):
        try:
            if codecs.lookup(name).name not in _NO_CHARSETS:
                return data.decode(name, "replace")
        except (LookupError, ValueError):
            continue
    return data.decode("utf-8", "replace")


def _absolute(base: str, reference: str | None) -> str:
    """Return an absolute http(s) address, "" where the reference is something else."""
    try:
        address = urldefrag(urljoin(base, (reference or "").strip())).url
    except ValueError:
        return ""
    is_web = address.startswith(("http://", "https://"))
    return address if is_web and len(address) <= URL_MAX else ""


def _has(value: str | None, *words: str) -> bool:
    return bool(set(re.split(r"[\s,]+", (value or "").lower())) & set(words))


def _distinct(addresses: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(addresses))[:ADDRESSES_MAX]
