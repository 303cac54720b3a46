"""What Chroma's failures mean in the words of the port."""

from application.ports.vector_index import (
    VectorIndexDeclined,
    VectorIndexRefused,
    VectorIndexUnavailable,
)
from domain.errors import DependencyUnavailable, StorageFull

_MAX_MESSAGE = 200
_LONGEST_WAIT = 3600.0  # seconds
_KEY_WRONG = (401, 403)
_NOT_FOUND = 404
_CONFLICT = 409
_RATE_LIMITED = 429
_SERVER_ERRORS = 500
_FULL = ("disk is full", "no space left")
_OTHER_LENGTH = "expecting embedding with dimension"


class CollectionMissing(VectorIndexUnavailable):
    """There is no such collection, or no more."""


class OtherLength(ValueError):
    """A vector is not as long as those of its namespace."""


def port_error(status: int, message: str, retry_after: str = "") -> Exception:
    """Return what an answer that is no success stands for.

    `message` is Chroma's own; `retry_after` is the header, in seconds.
    """
    said = _shortened(message)
    if _OTHER_LENGTH in said:
        return OtherLength(said)
    if any(sign in said.lower() for sign in _FULL):
        return StorageFull(f"Chroma has no room left: {said}")
    return _of_status(status, said, retry_after)


def _of_status(status: int, said: str, retry_after: str) -> DependencyUnavailable:
    if status == _RATE_LIMITED:
        return VectorIndexDeclined(
            "Chroma allows no more requests at the moment.",
            code="vector_index_rate_limited",
            retry_after=_seconds(retry_after),
        )
    if status in _KEY_WRONG:
        return VectorIndexDeclined(f"Chroma refuses the key ({status}).", retry_after=60.0)
    if status == _NOT_FOUND:
        return CollectionMissing(f"Chroma does not find it: {said}")
    if status >= _SERVER_ERRORS or status == _CONFLICT:
        return VectorIndexUnavailable(f"Chroma answered {status}: {said}")
    return VectorIndexRefused(f"Chroma refused the request ({status}): {said}")


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        return 1.0
    return min(max(seconds, 0.0), _LONGEST_WAIT) if seconds == seconds else 1.0  # noqa: PLR0124


def _shortened(message: str) -> str:
    message = " ".join(message.split()) or "no reason given"
    return message if len(message) <= _MAX_MESSAGE else f"{message[: _MAX_MESSAGE - 1]}…"
