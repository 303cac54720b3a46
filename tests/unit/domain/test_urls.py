"""Which URLs and addresses this server may be asked to fetch."""

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.urls import UrlNotAllowed, UrlRules, WebUrl, is_public_address, parse_url, same_site

PRIVATE_NETWORKS = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15",
    "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    "::/128", "::1/128", "::ffff:0:0/96", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64",
    "2001::/32", "2001:10::/28", "2001:20::/28", "2001:db8::/32", "2002::/16", "3fff::/20",
    "5f00::/16", "fc00::/7", "fd00:ec2::/32", "fe80::/10", "fec0::/10", "ff00::/8",
]  # fmt: skip
PUBLIC = [
    "1.1.1.1", "8.8.8.8", "93.184.215.14", "100.63.255.255", "100.128.0.0", "172.15.255.255",
    "172.32.0.0", "192.167.255.255", "192.169.0.0", "169.253.255.255", "169.255.0.0", "126.255.255.255",
    "128.0.0.0", "223.255.255.255", "2606:4700:4700::1111", "2001:4860:4860::8888", "2a00:1450:4001::1",
]  # fmt: skip


@pytest.mark.parametrize("network", PRIVATE_NETWORKS)
def test_both_ends_of_a_network_that_is_not_public_are_refused(network: str) -> None:
    ends = ip_network(network)
    assert not is_public_address(ends[0])
    assert not is_public_address(ends[-1])


@pytest.mark.parametrize("address", PUBLIC)
def test_addresses_of_the_public_internet_are_let_through(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fd00:ec2::254", "100.100.100.200", "192.0.0.192", "168.63.129.16"],
)
def test_metadata_services_of_clouds_are_refused(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "", "example.org", "127.1", "0x7f.0.0.1",
        "2606:4700::1%eth0", "2606:4700::5efe:7f00:1", "::ffff:8.8.8.8",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused(address: str) -> None:
    assert not is_public_address(address)


@given(st.ip_addresses(v=4))
def test_no_public_ipv4_address_is_one_that_the_standard_library_calls_private(
    address: IPv4Address,
) -> None:
    if is_public_address(address):
        assert address.is_global
        assert not address.is_multicast


@given(st.ip_addresses(v=6))
def test_no_public_ipv6_address_is_private_or_wraps_an_ipv4_address(address: IPv6Address) -> None:
    if is_public_address(address):
        assert address.is_global
        assert not address.is_multicast
        assert address.ipv4_mapped is None
        assert address.sixtofour is None
        assert address.teredo is None


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_wrapped_in_an_ipv6_one_is_never_public(address: IPv4Address) -> None:
    number = int(address)
    for wrapped in (
        number,  # compatible
        0xFFFF << 32 | number,  # mapped
        0x64_FF9B << 96 | number,  # NAT64
        0x2002 << 112 | number << 80,  # 6to4
        0x2001 << 112 | (number ^ 0xFFFFFFFF),  # Teredo
        0x2A00_1450 << 96 | 0x5EFE << 32 | number,  # ISATAP
    ):
        assert not is_public_address(IPv6Address(wrapped))


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "example.org", "//example.org/",
        "/path", "http:", "http://", "http:///x", "http:example.org",
        "ftp://example.org/", "file:///etc/passwd", "gopher://example.org/", "data:text/html,x",
        "javascript:alert(1)", "jar:http://example.org!/", "https+x://example.org",
        "http://user@example.org/", "http://user:pw@example.org/",  # pragma: allowlist secret
        "http://@example.org/", "http://:@example.org/",
        "http://example.org:pw@10.0.0.1/",  # pragma: allowlist secret
        "http://example.org#@10.0.0.1\\",
        "http://example.org\\@10.0.0.1/",
        "http://example.org:81/", "http://example.org:22/",
        "http://example.org:0/", "http://example.org:65536/",
        "http://example.org:x/", "http://example.org:-80/", "https://example.org:8443/",
        "http://exa mple.org/", "http://example.org/\n",
        "http://exam\tple.org/", "http://example.org/\x00",
        "http://example.org/\u00a0", "http://example.org/\u2028",
        "http://[::1", "http://[::1]]/", "http://[v1.x]/",
        "http://[fe80::1%25eth0]/", "http://[2606:4700::1%25lo]/",
        "http://exa%6dple.org/", "http://127.0.0.1%2f@example.org/",
        "http://a..example.org/", "http://.example.org/",
        "http://-example.org/", "http://example-.org/",
        "http://" + "a" * 64 + ".org/", "http://" + "a." * 130 + "org/",
        "http://example.org/" + "x" * 2048, "http://example.org../",
        "http://exa$mple.org/", "http://\u00ad.org/",
        "http://example.org／@10.0.0.1/", "http://℀.example.org/",
    ],
)  # fmt: skip
def test_what_is_not_a_plain_web_address_is_refused(text: str) -> None:
    with pytest.raises(UrlNotAllowed) as raised:
        parse_url(text)
    assert raised.value.code == "url_not_allowed"
    assert raised.value.pointer == "/url"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "127.0.0.1.", "10.1.2.3", "192.168.0.1",
        "169.254.169.254", "0.0.0.0", "255.255.255.255",
        "127.1", "127.0.1", "1", "0", "2130706433",
        "017700000001", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1",
        "127.0.0.01", "127.0.0.0x1", "0X7F.1", "8.8.8.8.8",
        "8.8.8", "256.256.256.256", "example.0x", "1.2.3.04",
        "１２７.０.０.１", "127。0。0。1", "①②⑦.⓪.⓪.①",
        "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:8.8.8.8]",
        "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
        "[fd00:ec2::254]", "[fe80::1]", "[ff02::1]",
        "[0:0:0:0:0:0:0:1]", "localhost", "localhost.",
        "LOCALHOST", "ｌｏｃａｌｈｏｓｔ", "a.localhost", "metadata",
        "metadata.google.internal", "printer.local", "router.home.arpa", "x.onion", "intranet",
    ],
)  # fmt: skip
def test_hosts_that_are_not_public_are_refused_however_they_are_written(host: str) -> None:
    with pytest.raises(UrlNotAllowed):
        parse_url(f"http://{host}/")


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("http://example.org", "http://example.org/"),
        ("HTTP://EXAMPLE.ORG:80/A", "http://example.org/A"),
        ("https://example.org:443", "https://example.org/"),
        ("https://example.org:80/", "https://example.org:80/"),
        ("http://example.org./x", "http://example.org/x"),
        ("http://bücher.example/ü?q=ö", "http://xn--bcher-kva.example/%C3%BC?q=%C3%B6"),
        ("http://example.org/a/../b/./c#part", "http://example.org/b/c"),
        ("http://example.org/a/..", "http://example.org/"),
        ("http://example.org/../../etc", "http://example.org/etc"),
        ("http://example.org/%7euser/%2f%zz%c3%a9", "http://example.org/~user/%2F%25zz%C3%A9"),
        ("http://example.org/%2e%2e/x", "http://example.org/x"),
        ("http://example.org//a//b/", "http://example.org//a//b/"),
        ("http://example.org?q=1", "http://example.org/?q=1"),
        ("http://example.org/?", "http://example.org/"),
        ("http://8.8.8.8/", "http://8.8.8.8/"),
        ("http://[2606:4700:0:0::1111]/", "http://[2606:4700::1111]/"),
        ("http://1.2.3.4.nip.io/", "http://1.2.3.4.nip.io/"),
    ],
)  # fmt: skip
def test_equal_urls_become_one_string(text: str, normal: str) -> None:
    assert str(parse_url(text)) == normal


HOSTS = st.sampled_from(["example.org", "WWW.Example.Org.", "bücher.example", "8.8.4.4"])
TAILS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=40)


@given(st.sampled_from(["http://", "HTTPS://"]), HOSTS, TAILS)
def test_a_normal_url_stays_as_it_is(scheme: str, host: str, tail: str) -> None:
    try:
        url = parse_url(f"{scheme}{host}/{tail}")
    except UrlNotAllowed:
        return
    assert parse_url(str(url)) == url
    assert str(url).isascii()


@given(st.text(max_size=60))
def test_whatever_is_given_is_parsed_or_refused(text: str) -> None:
    for candidate in (text, f"http://{text}", f"http://example.org/{text}", f"http://[{text}]/"):
        try:
            url = parse_url(candidate)
        except UrlNotAllowed:
            continue
        assert url.port in (80, 443)
        assert url.host.isascii()


@given(st.ip_addresses())
def test_a_literal_address_is_let_through_exactly_when_it_is_public(
    address: IPv4Address | IPv6Address,
) -> None:
    host = f"[{address}]" if address.version == 6 else str(address)
    if is_public_address(address):
        assert parse_url(f"http://{host}/").host == str(address)
    else:
        with pytest.raises(UrlNotAllowed):
            parse_url(f"http://{host}/")


def test_the_operator_can_vouch_for_a_host_and_port_and_nothing_else_follows() -> None:
    rules = UrlRules(trusted=frozenset({"wiki", "127.0.0.1:8000", "[::1]:8000"}))
    for fine in ("http://wiki/", "https://WIKI/", "http://127.0.0.1:8000/", "http://[::1]:8000/x"):
        parse_url(fine, rules)
    for refused in (
        "http://wiki:8000/",
        "http://127.0.0.1/",
        "http://127.0.0.1:8001/",
        "http://127.0.0.2:8000/",
        "http://2130706433:8000/",
        "http://a@wiki/",
        "ftp://wiki/",
    ):
        with pytest.raises(UrlNotAllowed):
            parse_url(refused, rules)


def _url(text: str) -> WebUrl:
    return parse_url(text, UrlRules(ports=frozenset({80, 443, 8080})))


@pytest.mark.parametrize(
    ("other", "same"),
    [
        ("http://example.org/x", True),
        ("https://example.org/", True),
        ("https://www.example.org/", True),
        ("https://docs.example.org/", False),
        ("https://example.org:8080/", False),
        ("https://example.com/", False),
        ("https://example.org.evil.com/", False),
    ],
)
def test_a_site_is_one_host_with_or_without_www(other: str, same: bool) -> None:
    assert same_site(_url("https://example.org/"), _url(other)) is same
    assert same_site(_url(other), _url("https://example.org/")) is same


def test_links_are_read_relative_to_where_they_stand() -> None:
    page = _url("https://example.org/docs/a?x=1")
    assert page.joined(" ../b#c ") == "https://example.org/b#c"
    assert page.joined("//other.org/x") == "https://other.org/x"
    assert page.joined("?y=2") == "https://example.org/docs/a?y=2"
    with pytest.raises(UrlNotAllowed):
        page.joined("http://[::1")
