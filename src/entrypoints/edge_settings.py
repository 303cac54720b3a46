"""Settings of the edge: who is believed, who may ask from where, and how often."""

import re
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from application.ports.rate_limiter import Limit

_RATE = re.compile(r"(\d{1,9}) ?/ ?(\d{1,4})? ?(second|minute|hour|day)s?\Z", re.ASCII)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}
_HOST = re.compile(r"(?:[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*|\[[0-9a-f:.]+\])\Z")
_ORIGIN = re.compile(r"https?://(?P<host>[^/?#@:\s]+|\[[0-9a-f:.]+\])(?::\d{1,5})?\Z")
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class RateLimits:
    """How often whom."""

    ip: Limit
    account: Limit
    key: Limit
    workspace: Limit
    login: Limit
    login_ip: Limit


class EdgeSettings(BaseSettings):
    """The part of the settings that the edge of the API works by."""

    model_config = SettingsConfigDict(env_prefix="CHATSPHERE_", frozen=True)

    environment: Annotated[
        Literal["development", "production"],
        Field(description="`production` refuses to start with settings that are not safe there."),
    ] = "development"
    trusted_proxies: Annotated[
        str,
        Field(
            description="Addresses or networks whose X-Forwarded-* headers are believed, comma "
            "separated; empty: nobody's."
        ),
    ] = ""
    allowed_hosts: Annotated[
        str,
        Field(
            description="Host names by which this may be asked, besides PUBLIC_URL's, comma separated."
        ),
    ] = ""
    cors_origins: Annotated[
        str,
        Field(
            description="Origins whose pages may call the API, such as https://app.example.com, "
            "comma separated; empty: none."
        ),
    ] = ""
    redis_url: Annotated[
        SecretStr | None,
        Field(
            description="A Redis where all processes count rates together; absent: each by itself."
        ),
    ] = None
    rate_limit_ip: Annotated[str, Field(description="Requests of one IP address.")] = (
        "5000/10 seconds"
    )
    rate_limit_account: Annotated[
        str, Field(description="Requests and socket frames of one person.")
    ] = "3000/10 seconds"
    rate_limit_key: Annotated[str, Field(description="Requests of one API key.")] = (
        "3000/10 seconds"
    )
    rate_limit_workspace: Annotated[
        str, Field(description="Requests of one workspace, whoever makes them.")
    ] = "5000/10 seconds"
    rate_limit_login: Annotated[
        str, Field(description="Log-ins tried at one account from one IP address.")
    ] = "10/15 minutes"
    rate_limit_login_ip: Annotated[
        str,
        Field(description="Log-ins, registrations and the like from one IP address, of each kind."),
    ] = "300/minute"

    metrics_token: Annotated[
        SecretStr | None,
        Field(
            min_length=16,
            description="Opens /metrics to who sends it (Authorization: Bearer …), 16 characters or "
            "more; absent: there is no /metrics, and nothing is counted.",
        ),
    ] = None

    @field_validator(
        "rate_limit_ip",
        "rate_limit_account",
        "rate_limit_key",
        "rate_limit_workspace",
        "rate_limit_login",
        "rate_limit_login_ip",
    )
    @classmethod
    def _is_a_rate(cls, value: str) -> str:
        parse_rate("", value)
        return value

    @field_validator("redis_url")
    @classmethod
    def _is_a_redis(cls, value: SecretStr | None) -> SecretStr | None:
        schemes = ("redis://", "rediss://", "unix://")
        if value is not None and not value.get_secret_value().startswith(schemes):
            raise ValueError("write an address such as redis://host:6379/0")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, value: str) -> str:
        if any(network.prefixlen == 0 for network in _networks(value)):
            raise ValueError("TRUSTED_PROXIES must not trust everyone")
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _are_hosts(cls, value: str) -> str:
        for host in listed(value):
            if not _HOST.match(host.lower()):
                raise ValueError("write host names without scheme, port or wildcard")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _are_origins(cls, value: str) -> str:
        for origin in listed(value):
            if "*" in origin:
                raise ValueError("name each origin: * would open the API to every page")
            if not _ORIGIN.match(origin.lower()):
                raise ValueError("write origins such as https://app.example.com, without a path")
        return value

    @property
    def trusted_networks(self) -> tuple[Network, ...]:
        """Whose X-Forwarded-* headers are believed."""
        return _networks(self.trusted_proxies)

    @property
    def origins(self) -> frozenset[str]:
        """Whose pages may call the API."""
        return frozenset(origin.lower() for origin in listed(self.cors_origins))

    @property
    def named_hosts(self) -> frozenset[str]:
        """What ALLOWED_HOSTS lists."""
        return frozenset(host.lower() for host in listed(self.allowed_hosts))

    @cached_property
    def rate_limits(self) -> RateLimits:
        """How often whom."""
        return RateLimits(
            ip=parse_rate("ip", self.rate_limit_ip),
            account=parse_rate("account", self.rate_limit_account),
            key=parse_rate("key", self.rate_limit_key),
            workspace=parse_rate("workspace", self.rate_limit_workspace),
            login=parse_rate("login", self.rate_limit_login),
            login_ip=parse_rate("login-ip", self.rate_limit_login_ip),
        )


def parse_rate(name: str, text: str) -> Limit:
    """Return the limit that a text such as `300/minute` or `10/15 minutes` tells. Raises ValueError."""
    found = _RATE.match(text.strip().lower())
    if found is None or int(found[1]) == 0 or found[2] == "0":
        raise ValueError("write a rate such as 300/minute or 10/15 minutes")
    return Limit(name, int(found[1]), int(found[2] or 1) * _SECONDS[found[3]])


def listed(value: str) -> list[str]:
    """Return the items of a comma separated list."""
    return [item.strip() for item in value.split(",") if item.strip()]


def _networks(value: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(item, strict=False) for item in listed(value))
    except ValueError:
        raise ValueError("write addresses or networks such as 10.0.0.0/8") from None
