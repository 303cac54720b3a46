"""What every reader of pages and sitemaps promises of those that are as they should be."""

import gzip

import pytest

from application.ports.site_reader import (
    ADDRESSES_MAX,
    PAGE_MAX_BYTES,
    SITEMAP_MAX_BYTES,
    SiteReader,
)
from application.testing.contract import Contract
from domain.urls import parse_url

PAGE = parse_url("https://example.org/docs/a.html")


def sitemap_of(*addresses: str, root: str = "urlset", item: str = "url") -> bytes:
    """Return a sitemap, or an index of sitemaps."""
    inner = "".join(f"<{item}><loc> {a} </loc><x>1</x></{item}>" for a in addresses)
    name = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
    return f'<?xml version="1.0"?><{root} {name}>{inner}</{root}>'.encode()


class SiteReaderContract(Contract):
    """A subclass gives the fixture `reader`."""

    def test_a_sitemap_names_pages_each_once(self, reader: SiteReader) -> None:
        first, second = "https://example.org/", "https://example.org/a?b=1&amp;c=ü"
        data = sitemap_of(first, second, first)
        found = reader.sitemap(data)
        assert found.pages == [first, "https://example.org/a?b=1&c=ü"]
        assert not found.sitemaps
        assert reader.sitemap(gzip.compress(data)) == found

    def test_an_index_names_sitemaps(self, reader: SiteReader) -> None:
        address = "https://example.org/1.xml"
        found = reader.sitemap(sitemap_of(address, root="sitemapindex", item="sitemap"))
        assert found.sitemaps == [address]
        assert not found.pages

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"plain text",
            b"<html><loc>https://example.org/</loc></html>",
            b"<!DOCTYPE urlset><urlset><url><loc>https://example.org/</loc></url></urlset>",
            sitemap_of("https://example.org/") + b" " * SITEMAP_MAX_BYTES,
        ],
        ids=["empty", "text", "html", "doctype", "large"],
    )
    def test_what_is_no_sitemap_names_nothing(self, reader: SiteReader, data: bytes) -> None:
        found = reader.sitemap(data)
        assert [*found.pages, *found.sitemaps] == []

    def test_no_more_is_named_than_a_crawler_can_use(self, reader: SiteReader) -> None:
        addresses = [f"https://example.org/{number}" for number in range(ADDRESSES_MAX + 5)]
        assert reader.sitemap(sitemap_of(*addresses)).pages == addresses[:ADDRESSES_MAX]
        page = "".join(f"<a href='{address}'>x</a>" for address in addresses)
        assert reader.links(page.encode(), "utf-8", PAGE) == addresses[:ADDRESSES_MAX]

    def test_links_are_absolute_without_fragments_each_once_in_order(
        self, reader: SiteReader
    ) -> None:
        page = """<p><a href="b.html#top">b</a><a href="/c?x=1&amp;y=2">c</a>
        <a class=x href="b.html">again</a><a href="//other.org/d">d</a><a href="#here">here</a>"""
        assert reader.links(page.encode(), "utf-8", PAGE) == [
            "https://example.org/docs/b.html",
            "https://example.org/c?x=1&y=2",
            "https://other.org/d",
            "https://example.org/docs/a.html",
        ]

    def test_what_is_not_to_be_followed_is_left_out(self, reader: SiteReader) -> None:
        page = """<a href="mailto:a@b.org">x</a><a href="javascript:x()">x</a>
        <a rel="nofollow" href="/x">x</a><a>x</a>"""
        assert reader.links(page.encode(), "utf-8", PAGE) == []

    def test_only_the_beginning_of_a_page_is_read(self, reader: SiteReader) -> None:
        page = b"<a href='/1'>1</a>" + b" " * PAGE_MAX_BYTES + b"<a href='/2'>2</a>"
        assert reader.links(page, "utf-8", PAGE) == ["https://example.org/1"]
