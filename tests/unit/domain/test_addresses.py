"""IP addresses are counted as who comes from them."""

import pytest

from domain.addresses import counted_as


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("somebody", "somebody"),
    ],
)
def test_an_address_is_counted_as_its_customer(address: str, counted: str) -> None:
    assert counted_as(address) == counted
