"""Addresses are found in pages and sitemaps of any quality, and nothing else happens."""

import gzip
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.web.site_reader import ScanningSiteReader
from application.ports.site_reader import PAGE_MAX_BYTES, SITEMAP_MAX_BYTES, Sitemap
from application.testing.site_reader import PAGE, sitemap_of

READER = ScanningSiteReader()


def _links(markup: str, charset: str = "utf-8") -> list[str]:
    return READER.links(markup.encode(), charset, PAGE)


def test_a_damaged_sitemap_names_what_stands_before_the_damage() -> None:
    data = sitemap_of("https://example.org/1", "https://example.org/2")
    assert READER.sitemap(data[:-30]).pages[:1] == ["https://example.org/1"]


BOMB = b'<!DOCTYPE u [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
OUTSIDE = b'<!DOCTYPE u [<!ENTITY x SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"plain text",
        b"<html><loc>https://example.org/</loc></html>",
        BOMB + b"<urlset><url><loc>&b;</loc></url></urlset>",
        OUTSIDE + b"<urlset><url><loc>&x;</loc></url></urlset>",
        (OUTSIDE + b"<urlset><url><loc>&x;</loc></url></urlset>").decode().encode("utf-16"),
        (OUTSIDE + b"<urlset><url><loc>&x;</loc></url></urlset>").decode().encode("utf-7"),
        b'<?xml version="1.0" encoding="utf-7"?>+ADwAIQ-DOCTYPE u+AD4-<urlset/>',
        b"<!DOCTYPE urlset><urlset><url><loc>https://example.org/</loc></url></urlset>",
        gzip.compress(sitemap_of("https://example.org/") + b" " * SITEMAP_MAX_BYTES),
        sitemap_of("https://example.org/") + b" " * SITEMAP_MAX_BYTES,
        b"\x1f\x8bdamaged",
        b"<a>" * 100_000,
    ],
)
def test_what_is_no_sitemap_names_nothing(data: bytes) -> None:
    found = READER.sitemap(data)
    assert [*found.pages, *found.sitemaps] == []


@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(data: bytes) -> None:
    for sitemap in (data, b"<urlset>" + data):
        found = READER.sitemap(sitemap)
        assert all(url.startswith(("http://", "https://")) for url in map(str, found.pages))
    for page in (data, b"<a href='" + data):
        links = map(str, READER.links(page, "", PAGE))
        assert all(link.startswith(("http://", "https://")) for link in links)


def test_links_are_absolute_without_fragments_each_once_in_order() -> None:
    markup = """<a href="b.html#top">b</a><a href=/c>c</a> <a href="b.html">again</a>
    <map><area href="//other.org/d"></map><a>no</a><a href="">self</a><a href=" e ">e</a>"""
    assert _links(markup) == [
        "https://example.org/docs/b.html",
        "https://example.org/c",
        "https://other.org/d",
        "https://example.org/docs/a.html",
        "https://example.org/docs/e",
    ]


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="mailto:a@b.org">x</a>',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="data:text/html,x">x</a>',
        '<a href="file:///etc/passwd">x</a>',
        '<a href="http://[::1">x</a>',
        '<a rel="noopener NoFollow" href="/x">x</a>',
        '<meta name="Robots" content="noindex, nofollow"><a href="/x">x</a>',
        '<meta name="robots" content="none"><a href="/x">x</a>',
        '<!-- <a href="/x">x</a> -->',
        '<script>"<a href=/x>"</script>',
    ],
)
def test_what_is_not_to_be_followed_is_left_out(markup: str) -> None:
    assert _links(markup) == []


def test_the_base_of_a_page_counts() -> None:
    assert _links('<base href="/other/"><a href="x">x</a>') == ["https://example.org/other/x"]
    assert _links('<base href="mailto:x"><a href="x">x</a>') == ["https://example.org/docs/x"]


@pytest.mark.parametrize("charset", ["", "latin-1", "no-such", "punycode", "zlib", "undefined"])
def test_an_unknown_or_absurd_charset_does_no_harm(charset: str) -> None:
    began = time.monotonic()
    markup = '<meta charset="latin-1"><a href="/x">x</a>' + "é" * 100_000
    assert READER.links(markup.encode("latin-1"), charset, PAGE) == ["https://example.org/x"]
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    "piece",
    ["<div>", "<b></i>", "<a ", "<a href=x>", "<a href='", '<a x="', "<!--", "<", "<script>", "<base "],
)  # fmt: skip
def test_a_page_made_to_be_slow_is_read_in_no_time(piece: str) -> None:
    markup = piece * (PAGE_MAX_BYTES // 8 // len(piece))
    began = time.process_time()
    READER.links(markup.encode(), "utf-8", PAGE)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "data",
    [
        b"<urlset>" + b"<url>" * 400_000,
        b"<urlset><url " + b" ".join(b"a%d='1'" % n for n in range(100_000)) + b"></url></urlset>",
        b"<urlset " + b" ".join(b"xmlns:a%d='u'" % n for n in range(60_000)) + b"><url/></urlset>",
        b"<urlset><url><loc>" + b"x" * 9_000_000 + b"</loc></url></urlset>",
        b"<urlset>" + b"<!---->" * 200_000 + b"</urlset>",
        b"<urlset>" + b"<url><loc>&#120;</loc></url>" * 60_000 + b"</urlset>",
    ],
    ids=["deep", "attributes", "namespaces", "long", "comments", "many"],
)
def test_a_sitemap_made_to_be_slow_is_read_in_no_time(data: bytes) -> None:
    began = time.process_time()
    READER.sitemap(data)
    assert time.process_time() - began < 2


def test_addresses_longer_than_any_that_is_fetched_are_left_out() -> None:
    base = f"<base href='https://other.example/{'x' * 3000}/'>"
    assert _links(base + "<a href='/a'>x</a>") == ["https://example.org/a"]
    assert _links(f"<a href='{'x' * 3000}'>x</a><a href='/b'>x</a>") == ["https://example.org/b"]


def test_a_sitemap_of_millions_of_empty_elements_is_given_up() -> None:
    empty = b"<url/>" * 400_000
    end = sitemap_of("https://example.org/1").partition(b"<url>")[2]
    assert READER.sitemap(b"<urlset>" + empty + b"<url>" + end) == Sitemap(pages=[])


def test_markup_is_read_as_people_write_it() -> None:
    markup = """<A class=big HREF = '/1' >x</A><a href=/2/>x</a><a\nhref="/3?a=1&amp;b=2" href="/no">x</a>
    <a title="a > b" href="/4">x</a><a disabled href=/5>x</a><abbr href="/no">x</abbr><!-- a -->
    <a href="/6">x</a>
    <title><a href="/no"></title><script>var x = "<a href='/no'>"</script><STYLE></STYLE>
    <a href="/7"><img></a>
    <a data-href="/no">x</a><textarea><a href="/no"></textarea><a href="/8">x"""
    expected = ["/1", "/2/", "/3?a=1&b=2", "/4", "/5", "/6", "/7", "/8"]
    assert _links(markup) == [f"https://example.org{path}" for path in expected]
