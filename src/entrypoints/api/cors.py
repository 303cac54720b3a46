"""Which pages of other origins may call the API: those that are listed, and by default none."""

from starlette.types import Scope

Headers = list[tuple[bytes, bytes]]
_ALLOWED_HEADERS = (
    "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "Last-Event-ID", "traceparent",
    "X-Auth-Mode", "X-Request-Id", "X-Workspace-Id",
)  # fmt: skip
_PREFLIGHT: Headers = [
    (b"access-control-allow-methods", b"GET, POST, PUT, PATCH, DELETE"),
    (b"access-control-allow-headers", ", ".join(_ALLOWED_HEADERS).encode()),
    (b"access-control-max-age", b"600"),
]
_EXPOSED = (
    b"access-control-expose-headers",
    b"ETag, Idempotent-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id",
)
_VARY = (b"vary", b"Origin")


class Cors:
    """Answers preflights, and marks responses for the origins that are listed."""

    def __init__(self, origins: frozenset[str]) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)

    def headers(self, scope: Scope) -> Headers:
        """Return what a response to this request carries."""
        if not self._origins:
            return []
        allowed = self._allowed(scope)
        return [_VARY] if allowed is None else [*_marks(allowed), _EXPOSED, _VARY]

    def preflight(self, scope: Scope) -> Headers | None:
        """Return what else the answer to a preflight of a listed origin carries; None: it is none."""
        if scope["method"] != "OPTIONS" or self._allowed(scope) is None:
            return None
        if not any(name == b"access-control-request-method" for name, _ in scope["headers"]):
            return None
        return _PREFLIGHT

    def _allowed(self, scope: Scope) -> bytes | None:
        given = [value for name, value in scope["headers"] if name == b"origin"]
        return given[0] if len(given) == 1 and given[0] in self._origins else None


def _marks(origin: bytes) -> Headers:
    return [
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
    ]
