"""What a workspace may give as its own key for a provider."""

import pytest

from domain.credentials import FIELDS, Credentials, sealing_context
from domain.errors import InvalidInput
from domain.urls import UrlRules

KEY = "sk-proj-0123456789abcdef"  # pragma: allowlist secret
OURS = UrlRules(trusted=frozenset({"127.0.0.1:9090", "ollama"}))


def test_a_key_is_taken_as_it_is_and_told_by_its_end() -> None:
    given = Credentials.of("openai", {"api_key": KEY, "base_url": None})
    assert given.values == {"api_key": KEY}
    assert given.hint == "…cdef"
    assert given.shown == {}


@pytest.mark.parametrize("length", [8, 12, 19])
def test_of_a_short_key_nothing_is_told(length: int) -> None:
    assert Credentials.of("openai", {"api_key": "k" * length}).hint == "…"


def test_a_key_is_not_in_the_repr() -> None:
    given = Credentials.of("openai", {"api_key": KEY})
    assert KEY not in repr(given)


@pytest.mark.parametrize(
    "key",
    ["", "short", "k" * 513, "with space in it", "line\nfeed-key", "umlaut-ä-key", "nul\x00-key"],
)
def test_what_no_header_can_carry_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        Credentials.of("openai", {"api_key": key})
    assert raised.value.pointer == "/api_key"
    assert not key or key not in raised.value.detail


def test_a_missing_key_and_a_field_that_the_provider_lacks_are_refused() -> None:
    with pytest.raises(InvalidInput) as missing:
        Credentials.of("openai", {"base_url": "https://models.example.com/v1"})
    assert missing.value.pointer == "/api_key"
    with pytest.raises(InvalidInput) as unknown:
        Credentials.of("openai", {"api_key": KEY, "tenant_id": "ws_other"})
    assert unknown.value.pointer == "/tenant_id"
    given = {"api_key": KEY, "base_url": "https://models.example.com/v1"}
    with pytest.raises(InvalidInput) as untaken:
        Credentials.of("openai", given, takes={"api_key"})
    assert untaken.value.pointer == "/base_url"


def test_a_base_url_is_kept_in_its_normal_form_and_shown() -> None:
    given = Credentials.of(
        "openai", {"api_key": KEY, "base_url": "https://Models.Example.COM:443/v1/"}
    )
    assert given.shown == {"base_url": "https://models.example.com/v1"}


@pytest.mark.parametrize(
    "url",
    [
        "http://models.example.com/v1",
        "https://127.0.0.1/v1",
        "https://localhost/v1",
        "https://10.0.0.5/v1",
        "https://169.254.169.254/latest",
        "https://[::1]/v1",
        "https://[::ffff:127.0.0.1]/v1",
        "https://2130706433/v1",
        "https://0x7f.1/v1",
        "https://models.internal/v1",
        "https://models.example.com:8443/v1",
        "https://user:pass@models.example.com/v1",  # pragma: allowlist secret
        "https://models.example.com/v1?key=1",
        "ftp://models.example.com",
        "file:///etc/passwd",
        "",
        "nonsense",
    ],
)
def test_a_base_url_that_is_not_public_https_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        Credentials.of("openai", {"api_key": KEY, "base_url": url})
    assert (raised.value.pointer, raised.value.code) == ("/base_url", "url_not_allowed")


@pytest.mark.parametrize("url", ["http://127.0.0.1:9090/v1", "http://ollama/v1"])
def test_a_host_that_the_operator_vouches_for_may_be_private_and_plain(url: str) -> None:
    assert (
        Credentials.of("openai", {"api_key": KEY, "base_url": url}, OURS).shown["base_url"] == url
    )
    with pytest.raises(InvalidInput):
        Credentials.of("openai", {"api_key": KEY, "base_url": "http://127.0.0.1:9091/v1"}, OURS)


def test_every_row_has_a_context_of_its_own() -> None:
    places = [(tenant, provider) for tenant in ("ws_a", "ws_b") for provider in ("openai", "x")]
    assert len({sealing_context(*place) for place in places}) == len(places)


def test_the_key_is_secret_and_required() -> None:
    assert FIELDS["api_key"].is_secret
    assert FIELDS["api_key"].is_required
