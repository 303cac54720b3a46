"""What the failures of the SDK, the transport and the service mean in the words of our ports."""

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from adapters._providers.errors import ProviderError

_MAX_MESSAGE = 200
_MAX_RETRY_AFTER = 3600.0
_RATE_LIMITED = 429
_BAD_REQUEST = (400, 413)
_SERVER_ERRORS = 500
_TRANSIENT = frozenset({408, 409, 425, 499})
_REDIRECTS = range(300, 400)
_KEY_LIKE = re.compile(r"\bAIza[-_A-Za-z0-9]{8,}|\bAQ\.[-_A-Za-z0-9]{8,}|Bearer\s+\S+")
_HEADER_SAFE = re.compile(r"[\x21-\x7e]+\Z")
_SPENT = re.compile(r"spending cap|credits? (?:is|are) depleted|per.?day", re.IGNORECASE)


class ApiKey:
    """A key, and what must be done so that nobody reads it in a message."""

    def __init__(self, value: str) -> None:
        """Raises ValueError where no header can carry it."""
        if not _HEADER_SAFE.match(value):
            raise ValueError("the API key is empty or holds characters that no header can carry")
        self._value = value

    def headers(self) -> dict[str, str]:
        """Return the headers that show it."""
        return {"x-goog-api-key": self._value}

    def redact(self, message: str) -> str:
        """Return a provider's message as it may be shown: short, one line, without a key."""
        message = _KEY_LIKE.sub("***", message.replace(self._value, "***"))
        message = " ".join(message.split())
        return message if len(message) <= _MAX_MESSAGE else f"{message[: _MAX_MESSAGE - 1]}…"


@contextmanager
def provider_errors(host: str, key: ApiKey) -> Iterator[None]:
    """Raise ProviderError for whatever the SDK lets through."""
    import httpx2
    from google.genai import errors

    try:
        yield
    except errors.APIError as error:
        headers = getattr(error.response, "headers", {})
        raise failure_of(error.code, error.details, key, headers.get("retry-after")) from error
    except (httpx2.HTTPError, OSError) as error:
        raise loss(error, host, begun=False) from error
    except (ValueError, TypeError, AttributeError, LookupError, RecursionError) as error:
        raise ProviderError("The provider sent something unreadable.") from error


def loss(error: Exception, host: str, *, begun: bool) -> ProviderError:
    """Return what a lost or late answer means; `begun`: some of it has come."""
    if isinstance(error, TimeoutError):
        text = "stopped in the middle of the answer" if begun else "did not answer in time"
        return ProviderError(f"{host} {text}.")
    text = f"The connection to {host} was lost." if begun else f"{host} cannot be reached."
    return ProviderError(text)


def failure_of(
    code: int | None, details: object, key: ApiKey, retry_after: str | None = None
) -> ProviderError:
    """Return what an answer of the service other than 200 means, or an error in a stream.

    `details` is its body. Source: google.rpc error_details.proto, the Gemini API's page on errors.
    """
    status, body = code or 0, _error_body(details)
    said = key.redact(str(body.get("message") or ""))
    details = _objects(body.get("details"))
    wait = _retry_delay(details)
    if wait is None:
        wait = _seconds(retry_after)
    if status == _RATE_LIMITED:
        return _limited(said, details, wait)
    text = f"The provider answered {status or 'an error'}: {said}".rstrip(": ")
    if status in _REDIRECTS:
        text = "The provider redirects: the base URL is not that of the API."
    elif status >= _SERVER_ERRORS or status in _TRANSIENT or not status:
        return ProviderError(text, status=status, retry_after=wait)
    about_key = any("API_KEY" in str(each.get("reason")) for each in details)
    about_content = (
        status in _BAD_REQUEST and not about_key and body.get("status") != "FAILED_PRECONDITION"
    )
    return ProviderError(text, code="rejected", status=status, about_content=about_content)


def _limited(said: str, details: list[dict[str, Any]], wait: float | None) -> ProviderError:
    """Tell a limit that passes in a minute from a quota that is spent: its RetryInfo is no help."""
    violations = [found for each in details for found in _objects(each.get("violations"))]
    spent = _SPENT.search(said) or any(
        "perday" in str(violation.get("quotaId")).lower() or violation.get("quotaValue") == "0"
        for violation in violations
    )
    if spent:
        return ProviderError(
            f"The provider's quota is used up: {said}".rstrip(": "),
            code="quota_exceeded",
            status=_RATE_LIMITED,
            retry_after=_MAX_RETRY_AFTER,
        )
    return ProviderError(
        f"The provider allows no more requests at the moment: {said}".rstrip(": "),
        code="rate_limited",
        status=_RATE_LIMITED,
        retry_after=wait,
    )


def _objects(value: object) -> list[dict[str, Any]]:
    """Return the objects in a list; of what is none, nothing."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _error_body(details: object) -> Mapping[str, Any]:
    """Return the error in a body; nothing of one that is a page."""
    if isinstance(details, list) and details:
        details = details[0]
    body = details.get("error") if isinstance(details, dict) else None
    return body if isinstance(body, dict) else {}


def _retry_delay(details: list[dict[str, Any]]) -> float | None:
    for each in details:
        if str(each.get("@type", "")).endswith("google.rpc.RetryInfo"):
            return _seconds(str(each.get("retryDelay", "")).removesuffix("s"))
    return None


def _seconds(value: str | None) -> float | None:
    try:
        seconds = float(value or "")
    except ValueError:
        return None
    return min(max(seconds, 0.0), _MAX_RETRY_AFTER) if math.isfinite(seconds) else None
