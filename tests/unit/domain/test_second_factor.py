"""The second factor: steps, recovery codes, and what an authenticator is told."""

from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote, urlsplit

from domain.second_factor import (
    SecondFactor,
    otpauth_url,
    recovery_code,
    recovery_hash,
    steps_around,
)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_step_lasts_thirty_seconds_and_its_neighbours_count() -> None:
    at = int(NOW.timestamp()) // 30
    assert list(steps_around(NOW)) == [at - 1, at, at + 1]
    assert list(steps_around(NOW.replace(second=29))) == [at - 1, at, at + 1]
    assert list(steps_around(NOW.replace(second=30))) == [at, at + 1, at + 2]


def test_a_step_is_used_once_and_never_after_a_later_one() -> None:
    factor = SecondFactor("sealed", NOW, last_step=10)
    assert factor.after_code(None) is None
    assert factor.after_code(9) is None
    assert factor.after_code(10) is None
    used = factor.after_code(11)
    assert used is not None
    assert used.last_step == 11


def test_recovery_codes_have_eighty_bits_and_each_is_used_up() -> None:
    codes = [recovery_code(bytes([n]) * 10) for n in range(3)]
    assert all(len(code.replace("-", "")) * 5 == 80 for code in codes)
    factor = SecondFactor("sealed").confirmed(5, NOW, codes)
    assert factor.is_active
    used = factor.after_recovery_code(codes[1].upper().replace("-", " "))
    assert used is not None
    assert used.recovery_hashes == (recovery_hash(codes[0]), recovery_hash(codes[2]))
    assert used.after_recovery_code(codes[1]) is None
    assert factor.after_recovery_code("") is None


def test_an_authenticator_is_told_everything() -> None:
    url = urlsplit(otpauth_url("ABC234", "ada+x@example.org"))
    assert (url.scheme, url.netloc) == ("otpauth", "totp")
    assert unquote(url.path) == "/ChatSphere:ada+x@example.org"
    assert parse_qs(url.query) == {
        "secret": ["ABC234"],
        "issuer": ["ChatSphere"],
        "algorithm": ["SHA1"],
        "digits": ["6"],
        "period": ["30"],
    }
