"""Settings of the edge are checked when they are read."""

import pytest
from pydantic import ValidationError

from application.ports.rate_limiter import Limit
from entrypoints.edge_settings import EdgeSettings, parse_rate


@pytest.mark.parametrize(
    ("text", "quota", "seconds"),
    [
        ("300/minute", 300, 60),
        ("10/15 minutes", 10, 900),
        ("10/15minutes", 10, 900),
        (" 5 / second ", 5, 1),
        ("1000/HOUR", 1000, 3600),
        ("1/7 days", 1, 604800),
    ],
)
def test_a_rate_is_written_as_one_says_it(text: str, quota: int, seconds: int) -> None:
    assert parse_rate("any", text) == Limit("any", quota, seconds)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("rate_limit_ip", rate) for rate in ("", "300", "0/minute", "-1/minute", "5/0 minutes")),
        *(("rate_limit_ip", rate) for rate in ("5/week", "x/day", "1.5/second", "5/day/hour", "٣/day")),
        *((f"rate_limit_{of}", "many") for of in ("account", "key", "workspace", "login", "login_ip")),
        ("redis_url", "host:6379"),
        ("trusted_proxies", "proxy.example"),
        ("trusted_proxies", "10.0.0.0/33"),
        ("trusted_proxies", "10.0.0.1, 0.0.0.0/0"),
        ("trusted_proxies", "::/0"),
        ("allowed_hosts", "*"),
        ("allowed_hosts", "*.example.com"),
        ("allowed_hosts", "https://a.example"),
        ("allowed_hosts", "a.example:8000"),
        ("cors_origins", "*"),
        ("cors_origins", "https://a.example, *"),
        ("cors_origins", "https://*.example.com"),
        ("cors_origins", "a.example"),
        ("cors_origins", "https://a.example/"),
        ("cors_origins", "https://a.example/x"),
        ("cors_origins", "null"),
        ("cors_origins", "https://me@a.example"),
        ("environment", "staging"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ValidationError) as caught:
        EdgeSettings(**{name: value})  # type: ignore[arg-type]  # wrong on purpose
    [error] = caught.value.errors()
    assert error["loc"] == (name,)


def test_lists_are_comma_separated() -> None:
    settings = EdgeSettings(
        trusted_proxies="10.0.0.0/8, ::1,",
        allowed_hosts="A.example,b",
        cors_origins="https://App.example.com, http://[::1]:3000",
    )
    assert [str(network) for network in settings.trusted_networks] == ["10.0.0.0/8", "::1/128"]
    assert settings.named_hosts == {"a.example", "b"}
    assert settings.origins == {"https://app.example.com", "http://[::1]:3000"}


def test_by_default_nobody_is_trusted_and_no_page_may_call() -> None:
    settings = EdgeSettings()
    assert (settings.trusted_networks, settings.named_hosts, settings.origins) == ((), set(), set())
    assert settings.environment == "development"
