"""What Pinecone's failures mean in the words of the port."""

import math

from application.ports.vector_index import (
    VectorIndexDeclined,
    VectorIndexRefused,
    VectorIndexUnavailable,
)

RATE_LIMITED = "vector_index_rate_limited"
_MAX_MESSAGE = 200
_LONGEST_WAIT = 3600.0  # seconds
_KEY_WRONG = (401, 403)
_NOT_FOUND = 404
_NOT_FOUND_IN_GRPC = 5
_RATE_LIMITED = 429
_SERVER_ERRORS = 500
_TRANSIENT = frozenset({408, 409, 425})


def misconfigured(detail: str) -> VectorIndexDeclined:
    """Return that nothing will do until an operator has changed the settings or the index."""
    return VectorIndexDeclined(detail, retry_after=60.0)


def is_transient(error: VectorIndexUnavailable) -> bool:
    """Tell whether the same request may succeed soon."""
    return error.code in (VectorIndexUnavailable.code, RATE_LIMITED)


def port_error(error: Exception, api_key: str) -> Exception:
    """Return an error of the SDK (or of the HTTP client below it) as one of the port.

    The key is struck out of what Pinecone says.
    """
    from pinecone.errors import ApiError, PineconeTimeoutError, ResponseParsingError

    if isinstance(error, ApiError):
        return _of_status(error.status_code, _said(error.message, api_key), error.headers or {})
    if isinstance(error, PineconeTimeoutError):
        return VectorIndexUnavailable("Pinecone did not answer in time.")
    if isinstance(error, ResponseParsingError):
        return VectorIndexUnavailable("Pinecone sent an answer that cannot be read.")
    if isinstance(error, ValueError | TypeError):
        return ValueError(_said(str(error), api_key))
    return VectorIndexUnavailable("Pinecone cannot be reached.")


def is_missing_namespace(error: Exception) -> bool:
    """Tell whether this is Pinecone's answer for a namespace that does not exist.

    A 404 of something else (a proxy, a deleted index) is not.
    """
    from pinecone.errors import NotFoundError

    if not isinstance(error, NotFoundError) or not isinstance(error.body, dict):
        return False
    return error.body.get("code") == _NOT_FOUND_IN_GRPC or "namespace" in error.message.lower()


def _of_status(status: int, said: str, headers: dict[str, str]) -> Exception:
    if status == _RATE_LIMITED:
        wait = _retry_after(headers.get("retry-after"))
        detail = f"Pinecone allows no more requests at the moment: {said}"
        return VectorIndexDeclined(detail, code=RATE_LIMITED, retry_after=wait)
    if status >= _SERVER_ERRORS or status in _TRANSIENT:
        wait = _retry_after(headers.get("retry-after"))
        return VectorIndexUnavailable(f"Pinecone answered {status}: {said}", retry_after=wait)
    if status in _KEY_WRONG:
        return misconfigured(f"Pinecone refuses the key or what it asks for ({status}): {said}")
    if status == _NOT_FOUND:
        return misconfigured(f"Pinecone knows no such index: {said}")
    return VectorIndexRefused(f"Pinecone refused the request ({status}): {said}")


def _retry_after(value: str | None) -> float:
    try:
        seconds = float(value or "")
    except ValueError:
        return 1.0
    return min(max(seconds, 0.0), _LONGEST_WAIT) if math.isfinite(seconds) else 1.0


def _said(message: str, api_key: str) -> str:
    message = " ".join(message.replace(api_key, "***").split())
    return message if len(message) <= _MAX_MESSAGE else f"{message[: _MAX_MESSAGE - 1]}…"
