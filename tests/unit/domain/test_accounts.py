"""Accounts: addresses, and when a refresh token is worth nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts import RefreshToken, normalise_email
from domain.errors import InvalidInput

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("given_address", "expected"),
    [
        ("  Ada@Example.ORG ", "ada@example.org"),
        ("a+b@mail.example.co.uk", "a+b@mail.example.co.uk"),
        ("é@exämple.de", "é@exämple.de"),
    ],
)
def test_an_address_is_kept_in_lower_case(given_address: str, expected: str) -> None:
    assert normalise_email(given_address) == expected


@pytest.mark.parametrize(
    "address",
    ["", "ada", "ada@", "@b.org", "a@b", "a@b.", "a b@c.org", "a@b@c.org", "a\n@b.org",
     "a\x00@b.org", "a@b.org\x00", "x" * 65 + "@b.org", "a@" + "x" * 251 + ".org"],
)  # fmt: skip
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        normalise_email(address)
    assert caught.value.pointer == "/email"


@given(st.emails())
def test_an_address_stays_as_it_was_kept(address: str) -> None:
    try:
        kept = normalise_email(address)
    except InvalidInput:
        return
    assert normalise_email(kept) == kept


def test_a_refresh_token_expires_on_time() -> None:
    token = RefreshToken("hash", "ses_1", "usr_1", NOW)
    assert not token.is_expired(NOW - timedelta(microseconds=1))
    assert token.is_expired(NOW)
