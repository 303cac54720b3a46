"""Accounts: addresses, passwords, and when a refresh token is worth nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accounts import (
    PASSWORD_MAX,
    PASSWORD_MIN,
    RefreshToken,
    check_password,
    normalise_email,
)
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


# With a sign that stands in no common password.
@given(st.text(min_size=PASSWORD_MIN - 1, max_size=PASSWORD_MAX - 1).map(lambda text: f"{text}字"))
def test_any_characters_make_a_password_but_few_different_ones_do_not(password: str) -> None:
    if len(set(password.casefold())) >= 4:
        check_password(password, "a@b.org")
    else:
        with pytest.raises(InvalidInput):
            check_password(password, "a@b.org")


@pytest.mark.parametrize(
    "password",
    ["", "x", "fourteen chars", "y" * PASSWORD_MIN, "ab" * 20, "a1B!" * 33, "PasswordPassword",
     "Ada.Lovelace@Example.org"],
)  # fmt: skip
def test_a_password_that_is_short_long_or_guessed_is_refused(password: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_password(password, "ada.lovelace@example.org")
    assert caught.value.pointer == "/password"


def test_a_refresh_token_expires_on_time() -> None:
    token = RefreshToken("hash", "ses_1", "usr_1", NOW)
    assert not token.is_expired(NOW - timedelta(microseconds=1))
    assert token.is_expired(NOW)
