"""The errors of the product: one root, few classes, each with a stable `code`."""


class ChatSphereError(Exception):
    """Something was refused or failed, for a reason the caller can be told."""

    code = "internal_error"

    def __init__(self, detail: str = "", *, code: str | None = None) -> None:
        super().__init__(detail or (type(self).__doc__ or "").strip())
        if code is not None:
            self.code = code

    @property
    def detail(self) -> str:
        """The sentence for the person who asked."""
        return str(self)


class NotFound(ChatSphereError):
    """There is no such thing, or it is not yours."""

    code = "not_found"


class InvalidInput(ChatSphereError):
    """The input does not fit."""

    code = "invalid_request"

    def __init__(self, detail: str = "", *, pointer: str = "", code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.pointer = pointer


class InvalidToken(ChatSphereError):
    """This link or code is not valid any more: ask for another."""

    code = "invalid_token"


class Unauthenticated(ChatSphereError):
    """The credentials are missing, wrong or expired."""

    code = "unauthenticated"


class SecondFactorRequired(Unauthenticated):
    """The password is right; now send a code with this challenge to /auth/login/second_factor."""

    code = "second_factor_required"

    def __init__(self, challenge: str) -> None:
        super().__init__()
        self.challenge = challenge


class Forbidden(ChatSphereError):
    """Your role does not allow this."""

    code = "forbidden"


class Conflict(ChatSphereError):
    """This does not fit with what already stands."""

    code = "conflict"


class IdempotencyConflict(ChatSphereError):
    """This Idempotency-Key was used before with another request."""

    code = "idempotency_conflict"


class PreconditionFailed(ChatSphereError):
    """The thing has changed since you read it: read it again, then repeat the change."""

    code = "precondition_failed"


class PayloadTooLarge(ChatSphereError):
    """The body is larger than this server accepts."""

    code = "payload_too_large"


class UnsupportedMediaType(ChatSphereError):
    """The body's media type is not one that this address takes."""

    code = "unsupported_media_type"


class RateLimited(ChatSphereError):
    """Too many requests: wait, then try again."""

    code = "rate_limited"

    def __init__(self, detail: str = "", *, retry_after: float = 1.0) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class QuotaExceeded(ChatSphereError):
    """Your plan does not allow more."""

    code = "quota_exceeded"

    def __init__(self, detail: str = "", *, limit: str) -> None:
        super().__init__(detail)
        self.limit = limit


class DependencyUnavailable(ChatSphereError):
    """Something this needs does not answer at the moment."""

    code = "dependency_unavailable"
    # The same work will do once it is back: a job that met it waits, and is not blamed. False where
    # the work itself may be the reason: it took too long, or met a lock.
    is_outage = True
    # It is there, and said no for now (a bad key, too many requests): no reason to let it alone.
    is_refusal = False

    def __init__(
        self, detail: str = "", *, retry_after: float = 1.0, code: str | None = None
    ) -> None:
        super().__init__(detail, code=code)
        self.retry_after = retry_after


class Overloaded(DependencyUnavailable):
    """More is asked for at the moment than there is room for."""

    code = "overloaded"


class StorageFull(DependencyUnavailable):
    """There is no room left to store anything: free some, then try again."""

    code = "storage_full"


class DatabaseBusy(DependencyUnavailable):
    """The database did not come to this in time, or others were changing the same."""

    code = "database_busy"
    is_outage = False
