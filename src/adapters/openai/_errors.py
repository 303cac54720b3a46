"""What a provider's failures mean in the words of our ports."""

import math
import re
from collections.abc import Mapping
from typing import Any, TypeGuard

import orjson

from domain.errors import DependencyUnavailable

_MAX_MESSAGE = 200
_MAX_RETRY_AFTER = 3600.0
_KEY_LIKE = re.compile(r"\b(?:sk|pk|key|gsk|xai|hf|AIza)[-_A-Za-z0-9*]{8,}|Bearer\s+\S+")
_RATE_LIMITED = 429
_SERVER_ERRORS = 500
_TRANSIENT = frozenset({408, 409, 425})


class ProviderError(Exception):
    """A request that failed, before it is known whose error it becomes.

    `status` is the HTTP status (0: no answer, or an error inside the stream); `code` one of
    `unavailable`, `rejected`, `blocked`, `rate_limited`; `retry_after` the seconds it asks for.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "unavailable",
        status: int = 0,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.status, self.retry_after = code, status, retry_after

    @property
    def is_transient(self) -> bool:
        """Whether the same request may succeed soon."""
        return self.code in ("unavailable", "rate_limited")

    def as_error(
        self,
        unavailable: type[DependencyUnavailable],
        refused: type[DependencyUnavailable],
        prefix: str = "model",
    ) -> DependencyUnavailable:
        """Return it as an error of a port."""
        wait = 1.0 if self.retry_after is None else self.retry_after
        if self.code == "unavailable":
            return unavailable(str(self), retry_after=wait)
        return refused(str(self), retry_after=wait, code=f"{prefix}_{self.code}")


class Redactor:
    """Makes a provider's message fit to show: short, one line, without the key."""

    def __init__(self, api_key: str | None) -> None:
        self._api_key = api_key

    def __call__(self, message: str) -> str:
        if self._api_key:
            message = message.replace(self._api_key, "***")
        message = " ".join(_KEY_LIKE.sub("***", message).split())
        return message if len(message) <= _MAX_MESSAGE else f"{message[: _MAX_MESSAGE - 1]}…"


def failure_of_status(
    status: int, headers: Mapping[str, str], body: bytes, redact: Redactor
) -> ProviderError:
    """Return what an HTTP answer other than 200 means."""
    said = redact(provider_message(body))
    wait = retry_after(headers.get("Retry-After"))
    if status == _RATE_LIMITED:
        return ProviderError(
            f"The provider allows no more requests at the moment: {said}".rstrip(": "),
            code="rate_limited",
            status=status,
            retry_after=wait,
        )
    text = f"The provider answered {status}: {said}".rstrip(": ")
    if status >= _SERVER_ERRORS or status in _TRANSIENT:
        return ProviderError(text, status=status, retry_after=wait)
    blocked = b"content_filter" in body or b"content_policy" in body
    return ProviderError(text, code="blocked" if blocked else "rejected", status=status)


def failure_of_event(error: object, redact: Redactor) -> ProviderError:
    """Return what an error object in the middle of a stream means."""
    kind = " ".join(str(error.get(key, "")) for key in ("code", "type")) if _is(error) else ""
    text = f"The provider broke off: {redact(_message(error))}".rstrip(": ")
    for words, code in (
        (("rate_limit", "429", "insufficient_quota"), "rate_limited"),
        (("content_filter", "content_policy"), "blocked"),
        (("invalid_request", "context_length", "400", "401", "403", "404"), "rejected"),
    ):
        if any(word in kind for word in words):
            return ProviderError(text, code=code)
    return ProviderError(text)


def provider_message(body: bytes) -> str:
    """Return the sentence in an error body; of one that is no JSON, nothing (it may be a page)."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    return _message(value.get("error", value) if isinstance(value, dict) else value)


def _message(error: object) -> str:
    if _is(error):
        error = error.get("message") or error.get("detail") or error.get("code") or ""
    return error if isinstance(error, str) else ""


def _is(error: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(error, dict)


def retry_after(value: str | None) -> float | None:
    """Return the seconds that a Retry-After header asks for; None where it holds no number."""
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    return min(max(seconds, 0.0), _MAX_RETRY_AFTER) if math.isfinite(seconds) else None
