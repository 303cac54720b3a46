"""A workspace's own keys for providers: which there are, what they hold, and what may be shown."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime

from domain.errors import InvalidInput
from domain.urls import UrlNotAllowed, UrlRules, parse_url

_KEY = re.compile(r"[\x21-\x7e]{8,512}\Z")
_HINT_LENGTH = 4
_HINT_FROM = 20  # characters that a secret must have for its end to be shown
_HTTPS_PORT = 443


@dataclass(frozen=True, slots=True)
class Field:
    """One part of a provider's credentials. A secret one is never shown again."""

    is_secret: bool = False
    is_required: bool = False


# `api_key` is the secret that the hint is of; `base_url` the server, where it is not the provider's own.
FIELDS: Mapping[str, Field] = {
    "api_key": Field(is_secret=True, is_required=True),
    "base_url": Field(),
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """Checked credentials, in the clear: for the moment between the request and the secret box."""

    provider: str
    values: Mapping[str, str] = field(repr=False)

    @property
    def shown(self) -> dict[str, str]:
        """What may be shown to whoever manages the workspace."""
        return {name: value for name, value in self.values.items() if not FIELDS[name].is_secret}

    @property
    def hint(self) -> str:
        """The end of the key, by which people tell keys apart; of a short key nothing."""
        key = self.values["api_key"]
        return f"…{key[-_HINT_LENGTH:]}" if len(key) >= _HINT_FROM else "…"

    @classmethod
    def of(
        cls,
        provider: str,
        values: Mapping[str, str | None],
        rules: UrlRules | None = None,
        takes: AbstractSet[str] = FIELDS.keys(),
    ) -> "Credentials":
        """Check what a workspace gives; None stands for absent.

        `rules` say which base URLs it may name, `takes` which fields the provider has: only what an
        adapter uses may be stored, for a secret that nobody needs is only there to be lost. Raises
        InvalidInput with the field's pointer, which never holds the value.
        """
        given = {name: value for name, value in values.items() if value is not None}
        for name in given.keys() - takes:
            raise InvalidInput(f"{provider} has no field {name[:60]!r}.", pointer=f"/{name[:60]}")
        for name, rule in FIELDS.items():
            if rule.is_required and name not in given:
                raise InvalidInput("This is required.", pointer=f"/{name}")
        if not _KEY.match(given["api_key"]):
            raise InvalidInput(
                "A key has 8 to 512 printable ASCII characters without spaces.", pointer="/api_key"
            )
        if "base_url" in given:
            given["base_url"] = checked_base_url(given["base_url"], rules)
        return cls(provider, given)


@dataclass(frozen=True, slots=True)
class StoredCredentials:
    """Credentials as they are kept. `sealed` holds all fields; `shown` and `hint` are for people.

    Requests are made by what is sealed alone: who could change `shown` would not change where a key is
    sent.
    """

    tenant_id: str
    provider: str
    shown: Mapping[str, str]
    sealed: str = field(repr=False)
    key_id: str
    hint: str
    updated_by: str
    created_at: datetime
    updated_at: datetime

    @property
    def context(self) -> str:
        """The context under which `sealed` opens: this row and no other."""
        return sealing_context(self.tenant_id, self.provider)


def sealing_context(tenant_id: str, provider: str) -> str:
    """Return the context of the credentials of a tenant for a provider."""
    return f"provider_credentials.sealed:{tenant_id}:{provider}"


def checked_base_url(text: str, rules: UrlRules | None = None) -> str:
    """Return the base URL in its normal form.

    It is our server that connects to it: https, on the public internet, unless the operator vouches
    for the host. Raises InvalidInput (`url_not_allowed`).
    """
    rules = rules or UrlRules()
    try:
        url = parse_url(text, rules)
    except UrlNotAllowed as error:
        problem = f"{error.detail} Whoever runs this installation can vouch for a server."
        raise InvalidInput(problem, pointer="/base_url", code=error.code) from error
    problem = ""
    safe = url.scheme == "https" and url.port == _HTTPS_PORT
    if not safe and not rules.trusts(url.host, url.port):
        problem = "A base URL begins with https, on port 443: a key is sent there."
    elif url.query:
        problem = "A base URL has no query."
    if problem:
        raise InvalidInput(problem, pointer="/base_url", code=UrlNotAllowed.code)
    return str(url).rstrip("/")
