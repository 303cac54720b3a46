"""API keys: what a secret looks like, what a key may be asked for, and when it is good."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from domain.access import SCOPES
from domain.api_keys import ApiKey, hash_secret, is_secret, make_secret
from domain.errors import Forbidden, InvalidInput

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECRET, OTHER = make_secret("a" * 43), make_secret("_-9Z" * 10 + "xyz")


def made(**changes: object) -> ApiKey:
    given = {"name": "Import", "scopes": ["chat"], "expires_at": None, **changes}
    return ApiKey.make("key_1", "ws_1", "usr_1", SECRET, NOW, **given)  # type: ignore[arg-type]


def test_a_secret_has_a_prefix_256_random_bits_and_a_checksum() -> None:
    for secret in (SECRET, OTHER):
        assert re.fullmatch(r"csk_[A-Za-z0-9_-]{43}[0-9a-z]{6}", secret)
        assert is_secret(secret)


def test_a_typing_error_is_told_from_a_secret() -> None:
    swapped = "csk_" + OTHER[5] + OTHER[4] + OTHER[6:]
    for wrong in (OTHER[:-1], OTHER + "a", OTHER.upper(), "csk_" + "b" * 49, swapped, f"{OTHER}\n"):
        assert not is_secret(wrong), wrong
    for place in range(4, len(OTHER)):
        assert not is_secret(OTHER[:place] + "§" + OTHER[place + 1 :])
        assert not is_secret(
            OTHER[:place] + ("0" if OTHER[place] != "0" else "1") + OTHER[place + 1 :]
        )


def test_a_secret_is_made_of_enough_randomness_only() -> None:
    for randomness in ("a" * 42, "a" * 44, "ä" * 43, ""):
        with pytest.raises(ValueError, match="43"):
            make_secret(randomness)


def test_a_key_keeps_the_hash_and_the_beginning_of_its_secret() -> None:
    key = made()
    assert (key.secret_hash, key.hint) == (hash_secret(SECRET), SECRET[:8])
    assert SECRET[8:] not in repr(key)


def test_scopes_are_those_of_the_access_table_each_once_and_in_order() -> None:
    assert made(scopes=["chat", "bots:read", "chat"]).scopes == ("bots:read", "chat")
    assert made(scopes=list(SCOPES)).scopes == SCOPES
    for place, scopes in enumerate((["admin"], ["chat", "Chat"], ["chat", "chat", "*"])):
        with pytest.raises(InvalidInput) as caught:
            made(scopes=scopes)
        assert caught.value.pointer == f"/scopes/{place}"
    with pytest.raises(InvalidInput):
        made(scopes=[])


@pytest.mark.parametrize(
    "expires_at",
    [NOW, NOW - timedelta(days=1), NOW + timedelta(days=731), datetime.max.replace(tzinfo=UTC)],
)
def test_a_key_expires_in_the_future_and_in_two_years_at_most(expires_at: datetime) -> None:
    with pytest.raises(InvalidInput) as caught:
        made(expires_at=expires_at)
    assert caught.value.pointer == "/expires_at"


def test_a_time_of_any_zone_is_kept_in_utc() -> None:
    given = datetime(2027, 1, 1, 2, tzinfo=timezone(timedelta(hours=2)))
    assert made(expires_at=given).expires_at == datetime(2027, 1, 1, tzinfo=UTC)
    far = datetime.max.replace(tzinfo=timezone(-timedelta(hours=23)))
    with pytest.raises(InvalidInput):
        made(expires_at=far)


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_name_has_1_to_100_characters(name: str) -> None:
    with pytest.raises(InvalidInput):
        made(name=name)
    with pytest.raises(InvalidInput):
        made().rename(name)
    assert made(name="  x  y ").name == "x y"


def test_a_key_is_good_until_it_expires_or_is_revoked() -> None:
    key = made(expires_at=NOW + timedelta(hours=1))
    assert key.opens_with(hash_secret(SECRET), NOW)
    assert not key.opens_with(hash_secret(OTHER), NOW)
    assert not key.opens_with(hash_secret(SECRET), NOW + timedelta(hours=1))
    key.revoke(NOW)
    assert not key.opens_with(hash_secret(SECRET), NOW)


def test_the_secret_before_is_good_for_the_grace_time_and_older_ones_are_not() -> None:
    third, grace = make_secret("c" * 43), timedelta(hours=1)
    key = made()
    key.rotate("usr_1", OTHER, NOW, grace)
    assert key.hint == OTHER[:8]
    assert key.opens_with(hash_secret(OTHER), NOW + timedelta(days=900))
    assert key.opens_with(hash_secret(SECRET), NOW + grace - timedelta(seconds=1))
    assert not key.opens_with(hash_secret(SECRET), NOW + grace)
    key.rotate("usr_1", third, NOW, grace)
    assert [key.opens_with(hash_secret(s), NOW) for s in (SECRET, OTHER, third)] == [
        False,
        True,
        True,
    ]
    key.revoke(NOW)
    assert not key.opens_with(hash_secret(OTHER), NOW)


def test_without_grace_the_secret_before_is_worthless_at_once() -> None:
    key = made()
    key.rotate("usr_1", OTHER, NOW, timedelta(0))
    assert not key.opens_with(hash_secret(SECRET), NOW)


def test_nobody_rotates_a_key_that_acts_as_somebody_else() -> None:
    key = made()
    with pytest.raises(Forbidden):
        key.rotate("usr_2", OTHER, NOW, timedelta(0))
    assert key.opens_with(hash_secret(SECRET), NOW)
