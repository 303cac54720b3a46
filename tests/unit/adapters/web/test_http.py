"""The last look before a connection is made."""

import socket

import pytest

from adapters.web._http import _Pinned


async def test_no_socket_is_made_for_an_address_that_was_not_checked() -> None:
    pinned = _Pinned(["192.0.2.1", "2001:db8::1"])
    for address in ("192.0.2.2", "127.0.0.1"):
        with pytest.raises(OSError, match="not checked"):
            pinned.socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", (address, 80)))
    with pinned.socket((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("192.0.2.1", 80))) as made:
        assert made.family == socket.AF_INET


async def test_whatever_name_is_looked_up_the_checked_addresses_are_the_answer() -> None:
    found = await _Pinned(["192.0.2.1", "2001:db8::1"]).resolve("anything", 443)
    assert [(one["host"], one["port"], one["family"]) for one in found] == [
        ("192.0.2.1", 443, socket.AF_INET),
        ("2001:db8::1", 443, socket.AF_INET6),
    ]
