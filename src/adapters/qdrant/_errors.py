"""What Qdrant's failures mean in the words of the port."""

import json

from application.ports.vector_index import (
    VectorIndexDeclined,
    VectorIndexRefused,
    VectorIndexUnavailable,
)
from domain.errors import DependencyUnavailable, StorageFull

RATE_LIMITED = "vector_index_rate_limited"
_MAX_MESSAGE = 200
_LONGEST_WAIT = 3600.0  # seconds
_KEY_WRONG = (401, 403)
_NOT_FOUND = 404
_RATE_LIMITED = 429
_SERVER_ERRORS = 500
_FULL = "no space left"


class CollectionMissing(VectorIndexUnavailable):
    """Qdrant has lost the collection: it is made again by the next call."""


def port_error(error: Exception) -> DependencyUnavailable:
    """Return an error of the client as one of the port."""
    from qdrant_client.common.client_exceptions import QdrantException, ResourceExhaustedResponse
    from qdrant_client.http.exceptions import UnexpectedResponse

    if isinstance(error, ResourceExhaustedResponse):
        return _rate_limited(min(max(float(error.retry_after_s), 0.0), _LONGEST_WAIT))
    if isinstance(error, QdrantException):  # a 429 whose Retry-After is not a whole number
        return _rate_limited(1.0)
    if isinstance(error, UnexpectedResponse):
        return _of_status(error.status_code or 0, _said(error.content))
    return VectorIndexUnavailable("Qdrant cannot be reached, or its answer cannot be read.")


def _of_status(status: int, said: str) -> DependencyUnavailable:
    if status == _RATE_LIMITED:
        return _rate_limited(1.0)
    if _FULL in said.lower():
        return StorageFull(f"Qdrant has no room left: {said}")
    if status >= _SERVER_ERRORS:
        return VectorIndexUnavailable(f"Qdrant answered {status}: {said}")
    if status in _KEY_WRONG:
        return VectorIndexDeclined(f"Qdrant refuses the key ({status}).", retry_after=60.0)
    if status == _NOT_FOUND:
        return CollectionMissing(f"Qdrant does not find it: {said}")
    return VectorIndexRefused(f"Qdrant refused the request ({status}): {said}")


def _rate_limited(wait: float) -> VectorIndexDeclined:
    detail = "Qdrant allows no more requests at the moment."
    return VectorIndexDeclined(detail, code=RATE_LIMITED, retry_after=wait)


def _said(content: bytes) -> str:
    try:
        message = json.loads(content)["status"]["error"]
    except (ValueError, LookupError, TypeError):
        return "no reason given"
    message = " ".join(str(message).split())
    return message if len(message) <= _MAX_MESSAGE else f"{message[: _MAX_MESSAGE - 1]}…"
