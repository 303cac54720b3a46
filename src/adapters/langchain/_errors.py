"""What the failures of any LangChain integration mean in the words of our ports.

Integrations raise what their vendor's SDK raises: told apart by status, by the names of its classes
(langchain-core's own ModelError family among them), then by kind. None of them is imported.
"""

import re
from collections.abc import Iterator, Mapping

from adapters._providers.errors import ProviderError, retry_after
from adapters.langchain._secrets import Redactor

_CHAIN = 5  # how many causes are looked at
_QUOTA_PAUSE = 3600.0
_RATE_LIMITED = 429
_SERVER_ERRORS = 500
_STATUSES = range(400, 600)
_TRANSIENT = frozenset({408, 409, 425, 499})
_ABOUT_CONTENT = frozenset({400, 413, 422})
_SPENT = re.compile(
    r"insufficient.quota|quota_?exceeded|current quota|per.?day|spending cap|credits? (?:is|are)|billing",
    re.IGNORECASE,
)
_FILTERED = re.compile(r"content[ _]?(?:filter|policy)|responsible.?ai", re.IGNORECASE)
_NAMES = (
    (re.compile(r"ContentFilter|ContentPolicy|Blocked|Safety|Refusal|Guardrail"), "blocked"),
    (re.compile(r"RateLimit|Throttl|TooManyRequests|ResourceExhausted|Quota"), "rate_limited"),
    (re.compile(r"Timeout|Connect|Unavailable|InternalServer|ModelAPIError"), "unavailable"),
    (
        re.compile(
            r"Authenticat|Unauthori[sz]ed|PermissionDenied|Forbidden|AccessDenied|BadRequest"
            r"|NotFoundError|InvalidRequest|InvalidArgument|Unprocessable|ContextOverflow"
        ),
        "rejected",
    ),
    (re.compile(r"OutputParser"), "malformed"),
)
_OF_THE_CALL = (TypeError, ValueError, LookupError, AttributeError, NotImplementedError)
_TEXTS = {
    "blocked": "The provider blocked this",
    "rate_limited": "The provider allows no more requests at the moment",
    "quota_exceeded": "The provider's quota is used up",
    "rejected": "The request was refused",
    "malformed": "The answer cannot be read",
    "unavailable": "There is no answer",
}


def failure_of(error: BaseException, redact: Redactor, *, begun: bool = False) -> ProviderError:
    """Return what an integration's exception means; `begun`: part of the answer has come."""
    if isinstance(error, ProviderError):
        return error
    chain = list(_causes(error))
    status = next((found for each in chain if (found := _status(each))), 0)
    code = _code_of_status(status, str(error)) or _code_of_kind(chain, begun=begun)
    if code == "rate_limited" and _SPENT.search(str(error)):
        code = "quota_exceeded"
    about = f"{type(error).__name__}, {status}" if status else type(error).__name__
    by_kind = code == "rejected" and not status and isinstance(error, _OF_THE_CALL)
    text = f"{_TEXTS[code]} ({about}): {redact(str(error))}".rstrip(": ")
    wait = _QUOTA_PAUSE if code == "quota_exceeded" else _retry_after(chain)
    return ProviderError(
        text,
        code=code,
        status=status,
        retry_after=wait,
        about_content=by_kind or status in _ABOUT_CONTENT,
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(_CHAIN):
        if error is None:
            return
        yield error
        error = error.__cause__


def _code_of_status(status: int, said: str) -> str | None:
    if not status:
        return None
    if status == _RATE_LIMITED:
        return "rate_limited"
    if status >= _SERVER_ERRORS or status in _TRANSIENT:
        return "unavailable"
    return "blocked" if _FILTERED.search(said) else "rejected"


def _code_of_kind(chain: list[BaseException], *, begun: bool) -> str:
    if isinstance(chain[0], OSError):  # a TimeoutError too
        return "unavailable"
    names = " ".join(kind.__name__ for each in chain for kind in type(each).__mro__)
    for pattern, code in _NAMES:
        if pattern.search(names):
            return code
    # Wrong in the same way next time, unless it is what came that could not be read.
    of_the_call = isinstance(chain[0], _OF_THE_CALL) and not begun
    is_garbled = "DecodeError" in names
    return "rejected" if of_the_call and not is_garbled else "unavailable"


def _status(error: BaseException) -> int:
    """Return the HTTP status an SDK's exception tells of, wherever that SDK keeps it; else 0."""
    response = getattr(error, "response", None)
    places = [
        getattr(error, name, None) for name in ("status_code", "http_status", "code", "status")
    ]
    places += [getattr(response, name, None) for name in ("status_code", "status")]
    if isinstance(response, dict):  # botocore's
        places.append((response.get("ResponseMetadata") or {}).get("HTTPStatusCode"))
    return next((int(one) for one in places if isinstance(one, int) and one in _STATUSES), 0)


def _retry_after(chain: list[BaseException]) -> float | None:
    for error in chain:
        headers = getattr(getattr(error, "response", None), "headers", None)
        if isinstance(headers, Mapping) and (wait := retry_after(headers)) is not None:
            return wait
    return None
