"""Proxies are believed where they are trusted, and nobody else is."""

from typing import Any

import pytest

from entrypoints.api.forwarded import Forwarding
from entrypoints.edge_settings import EdgeSettings

PROXIES = "10.0.0.0/8, ::1, 192.0.2.1"


def settled(
    peer: str | None, trusted: str = PROXIES, scheme: str = "http", **headers: str
) -> dict[str, Any]:
    """Return a request's scope as the edge hands it on."""
    given = [(n.replace("_", "-").encode(), v.encode("latin-1")) for n, v in headers.items()]
    scope: dict[str, Any] = {
        "type": "http",
        "scheme": scheme,
        "client": (peer, 5) if peer is not None else None,
        "headers": [(b"host", b"here"), *given],
    }
    Forwarding(EdgeSettings(trusted_proxies=trusted).trusted_networks).apply(scope)
    return scope


@pytest.mark.parametrize("trusted", ["", "10.0.0.0/8"])
def test_a_stranger_claims_no_other_address_scheme_or_host(trusted: str) -> None:
    scope = settled(
        "203.0.113.9",
        trusted,
        x_forwarded_for="127.0.0.1",
        forwarded="for=127.0.0.1;proto=https",
        x_forwarded_proto="https",
        x_forwarded_host="admin.internal",
    )
    assert (scope["client_ip"], scope["client"][0]) == ("203.0.113.9", "203.0.113.9")
    assert scope["scheme"] == "http"
    assert dict(scope["headers"])[b"host"] == b"here"


def test_a_trusted_proxy_tells_client_scheme_and_host() -> None:
    scope = settled(
        "10.1.2.3",
        x_forwarded_for="203.0.113.9",
        x_forwarded_proto="https",
        x_forwarded_host="chat.example.org",
    )
    assert (scope["client_ip"], scope["client"][0]) == ("203.0.113.9", "203.0.113.9")
    assert scope["scheme"] == "https"
    assert [v for n, v in scope["headers"] if n == b"host"] == [b"chat.example.org"]


def test_a_socket_behind_tls_is_wss() -> None:
    assert settled("10.1.2.3", scheme="ws", x_forwarded_proto="https")["scheme"] == "wss"
    assert settled("10.1.2.3", scheme="ws", x_forwarded_proto="http")["scheme"] == "ws"


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("127.0.0.1, 203.0.113.9", "203.0.113.9"),  # the client's own invention stands left
        ("1.2.3.4, 203.0.113.9, 10.9.9.9", "203.0.113.9"),
        ("203.0.113.9:4711", "203.0.113.9"),
        ("[2001:db8::5]:4711", "2001:db8::5"),
        ("2001:db8::5", "2001:db8::5"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("10.0.0.1, 10.0.0.2", "10.0.0.1"),  # inside all the way
        ("1.2.3.4, unknown, 10.0.0.2", "10.0.0.2"),  # what is no address ends the chain
        ("1.2.3.4, ", "10.1.2.3"),
        ("", "10.1.2.3"),
        ("é", "10.1.2.3"),
        (", ".join(["1.2.3.4", *["10.0.0.1"] * 5000]), "10.0.0.1"),
    ],
)
def test_the_client_is_the_nearest_hop_that_is_not_trusted(hops: str, client: str) -> None:
    assert settled("10.1.2.3", x_forwarded_for=hops)["client_ip"] == client


@pytest.mark.parametrize(
    ("hops", "client"),
    [
        ("for=203.0.113.9;proto=https;by=10.0.0.1", "203.0.113.9"),
        ('For="[2001:db8::5]:4711"', "2001:db8::5"),
        ("for=1.2.3.4, for=203.0.113.9, for=10.0.0.1", "203.0.113.9"),
        ("for=_hidden, for=10.0.0.1", "10.0.0.1"),
        ("proto=https", "10.1.2.3"),
    ],
)
def test_the_standard_header_is_understood_too(hops: str, client: str) -> None:
    assert settled("10.1.2.3", forwarded=hops)["client_ip"] == client


def test_where_the_two_headers_differ_one_is_invented_and_neither_is_believed() -> None:
    told = {"x_forwarded_for": "203.0.113.9", "forwarded": "for=127.0.0.1"}
    assert settled("10.1.2.3", **told)["client_ip"] == "10.1.2.3"
    told["forwarded"] = "for=203.0.113.9"
    assert settled("10.1.2.3", **told)["client_ip"] == "203.0.113.9"


def test_the_last_proxy_speaks_for_scheme_and_host() -> None:
    scope = settled("10.1.2.3", x_forwarded_proto="https, http", x_forwarded_host="evil, good")
    assert scope["scheme"] == "http"
    assert dict(scope["headers"])[b"host"] == b"good"


def test_a_connection_without_an_address_is_nobodys() -> None:
    assert settled(None, x_forwarded_for="127.0.0.1")["client_ip"] == ""
    assert settled("::ffff:10.1.2.3", x_forwarded_for="203.0.113.9")["client_ip"] == "203.0.113.9"


def test_a_proxy_that_nobody_listed_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    def ask(peer: str) -> None:
        headers = [(b"x-forwarded-for", b"203.0.113.9")]
        forwarding.apply({"type": "http", "client": (peer, 1), "headers": headers})

    forwarding = Forwarding(())
    ask("8.8.8.8")  # a stranger may send what it likes
    assert caplog.records == []
    for _ in range(3):
        ask("127.0.0.1")
    [record] = caplog.records
    assert "CHATSPHERE_TRUSTED_PROXIES" in record.getMessage()
