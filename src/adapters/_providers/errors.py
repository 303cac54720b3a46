"""What a provider's failures mean in the words of our ports."""

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, TypeGuard

import orjson

from domain.errors import DependencyUnavailable

_MAX_MESSAGE = 200
_MAX_RETRY_AFTER = 3600.0
_KEY_LIKE = re.compile(r"\b(?:sk|pk|key|gsk|xai|hf|AIza)[-_A-Za-z0-9*]{8,}|Bearer\s+\S+")
_PAYMENT_REQUIRED = 402
_RATE_LIMITED = 429
_SERVER_ERRORS = 500
_TRANSIENT = frozenset({408, 409, 425})
_ABOUT_CONTENT = frozenset({400, 413, 422})
# Words of an error's type and code, in the order in which they decide.
_KINDS = (
    (("insufficient_quota", "billing", "spend_limit"), "quota_exceeded"),
    (("rate_limit", "429"), "rate_limited"),
    (("content_filter", "content_policy"), "blocked"),
    (
        ("invalid_request", "context_length", "authentication", "permission", "not_found"),
        "rejected",
    ),
    (("too_large", "400", "401", "403", "404"), "rejected"),
)
_SPENT = "credit balance is too low"  # Anthropic says so in a plain invalid_request_error


class ProviderError(Exception):
    """A request that failed, before it is known whose error it becomes.

    `status` is the HTTP status (0: no answer, or an error inside the stream); `code` one of
    `unavailable`, `rejected`, `blocked`, `rate_limited`, `quota_exceeded`, `empty`, `malformed`;
    `retry_after` the seconds it asks for; `field` the part of the request that it names;
    `about_content`: what was sent may be at fault, not the key or the model.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "unavailable",
        status: int = 0,
        retry_after: float | None = None,
        field: str = "",
        about_content: bool = False,
    ) -> None:
        super().__init__(message)
        self.code, self.status, self.retry_after = code, status, retry_after
        self.field, self.about_content = field, about_content

    @property
    def is_transient(self) -> bool:
        """Whether the same request may succeed soon."""
        return self.code in ("unavailable", "rate_limited")

    def is_about(self, *names: str) -> bool:
        """Tell whether it names one of these, as the field at fault or in its message."""
        message = str(self).casefold()
        return self.field in names or any(name in message for name in names)

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
    error = _error_of(body)
    said, kind = redact(_message(error)), _kind(error)
    wait, name = retry_after(headers), str(error.get("param") or "") if _is(error) else ""
    if status == _PAYMENT_REQUIRED or kind == "quota_exceeded":
        return ProviderError(
            f"The provider's quota is used up: {said}".rstrip(": "),
            code="quota_exceeded",
            status=status,
            retry_after=_MAX_RETRY_AFTER,
        )
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
    code = "blocked" if kind == "blocked" else "rejected"
    about_content = status in _ABOUT_CONTENT
    return ProviderError(text, code=code, status=status, field=name, about_content=about_content)


def failure_of_event(error: object, redact: Redactor) -> ProviderError:
    """Return what an error object in the middle of a stream means."""
    text = f"The provider broke off: {redact(_message(error))}".rstrip(": ")
    code = _kind(error)
    wait = _MAX_RETRY_AFTER if code == "quota_exceeded" else None
    return ProviderError(text, code=code, retry_after=wait)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that the headers of an answer ask to wait; None where they do not say.

    A date counts from the answer's own. Source: RFC 9110, section 10.2.3; `retry-after-ms` is what
    OpenAI and Azure send beside it.
    """
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return _within(milliseconds / 1000)
    given = headers.get("Retry-After")
    if (seconds := _number(given)) is not None:
        return _within(seconds)
    try:
        wait = parsedate_to_datetime(given or "") - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError):
        return None
    return _within(wait.total_seconds())


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _within(seconds: float) -> float:
    return min(max(seconds, 0.0), _MAX_RETRY_AFTER)


def _error_of(body: bytes) -> object:
    """Return the error in a body; of one that is no JSON, nothing (it may be a page)."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        return ""
    return value.get("error", value) if isinstance(value, dict) else value


def _message(error: object) -> str:
    if _is(error):
        error = error.get("message") or error.get("detail") or error.get("code") or ""
    if isinstance(error, list) and error:  # FastAPI's: which field, and what is wrong with it
        error = orjson.dumps(error).decode()
    return error if isinstance(error, str) else ""


def _kind(error: object) -> str:
    """Return the code of an error by its type and code; `unavailable` where they say nothing."""
    if not _is(error):
        return "unavailable"
    if _SPENT in str(error.get("message")):
        return "quota_exceeded"
    words = f"{error.get('code', '')} {error.get('type', '')} {error.get('details', '')}"
    return next((code for kinds, code in _KINDS if any(k in words for k in kinds)), "unavailable")


def _is(error: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(error, dict)
